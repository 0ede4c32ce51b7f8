"""Bringing alarms to their addresses, again and again until they arrive or are given up."""

import logging
import time
from datetime import timedelta
from smtplib import SMTPException

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.core import claims
from wetube.core.later import after_commit
from wetube.core.states import TransitionRefused
from wetube.nodes import webhooks
from wetube.nodes.models import AlarmAddress, AlarmSending

logger = logging.getLogger(__name__)

MOST_TRIES = 10  # about eight hours
SOONEST = timedelta(seconds=30)
State = AlarmSending.State


def sends_mail() -> bool:
    return bool(settings.EMAIL_HOST)


@shared_task
def send_alarm(*, sending_id: int) -> None:
    """One try; may be called at any time, any number of times."""
    waiting = AlarmSending.objects.filter(state=State.WAITING, next_try__lte=timezone.now())
    sending = waiting.claim(sending_id, until=claims.until())
    if sending is None:
        return
    AlarmSending.objects.filter(pk=sending.pk).update(tries=F("tries") + 1)
    try:
        _send(sending)
    except webhooks.NotWanted as error:
        _end(sending, State.FAILED, str(error))
    except (webhooks.NotTaken, webhooks.BadWebhook, SMTPException, OSError) as error:
        _put_off(sending, f"{type(error).__name__}: {error}")
    else:
        _end(sending, State.SENT, "")


@shared_task
def send_due_alarms() -> None:
    """Those whose time has come, and those that a worker dropped."""
    due = AlarmSending.objects.filter(state=State.WAITING, next_try__lte=timezone.now())
    for sending_id in due.unclaimed().values_list("pk", flat=True):
        after_commit(send_alarm, sending_id=sending_id)


@shared_task(autoretry_for=(SMTPException, OSError), retry_backoff=True, max_retries=5)
def ask_to_confirm(*, address_id: int, code: str) -> None:
    """Mail the code to whoever has the mailbox."""
    address = AlarmAddress.objects.filter(pk=address_id, is_confirmed=False).first()
    if address is None:
        return
    says = _("Type this code on your page at %(page)s to get alarms of your nodes here: %(code)s")
    text = says % {"page": _page(), "code": code}
    not_you = _("If you did not ask for this, do nothing: no more will come.")
    _mail(address.to, _("Confirm this address"), f"{text}\n\n{not_you}\n")


def _send(sending: AlarmSending) -> None:
    """Raises what the way raises."""
    alarm, address = sending.alarm, sending.address
    if address.kind == AlarmAddress.Kind.MAIL:
        lines = [f"{alarm.get_kind_display()}."]
        if alarm.node:
            lines.append(f"{alarm.node.key} {alarm.node.why}".strip())
        _mail(address.to, str(alarm.get_kind_display()), "\n".join([*lines, "", _page(), ""]))
        return
    said = {
        "type": f"node.{alarm.kind}",
        "timestamp": alarm.at.isoformat(),
        "data": {
            "node": alarm.node.key if alarm.node else None,
            "peer_id": alarm.node.peer_id if alarm.node else None,
            "why": alarm.node.why if alarm.node else "",
            "page": _page(),
        },
    }
    at = int(time.time())
    webhooks.call(address.to, secret=address.secret, key=sending.key, at=at, said=said)


def _mail(to: str, subject: str, text: str) -> None:
    send_mail(f"{settings.SITE_NAME}: {subject}", text, None, [to])


def _page() -> str:
    return f"{settings.SITE_URL}/node/alarms/"


def _put_off(sending: AlarmSending, why: str) -> None:
    sending.refresh_from_db()
    logger.info("Alarm sending %s did not arrive: %s", sending.key, why)
    if sending.tries >= MOST_TRIES:
        _end(sending, State.FAILED, why)
        return
    pause = SOONEST * 2**sending.tries
    AlarmSending.objects.filter(pk=sending.pk, state=State.WAITING).update(
        next_try=timezone.now() + pause, why=why[:200], claimed_until=None
    )


def _end(sending: AlarmSending, state: str, why: str) -> None:
    try:
        sending.move_to(state, why=why[:200])
    except TransitionRefused:
        return  # its address was removed, or another worker was first
