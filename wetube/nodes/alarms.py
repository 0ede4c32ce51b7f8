"""Alarms: noticing what an operator should know, and the addresses they go to."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.core.later import after_commit
from wetube.nodes import telling, webhooks
from wetube.nodes.models import Alarm, AlarmAddress, AlarmSending, Audit, Node, Operator
from wetube.nodes.webhooks import BadWebhook

__all__ = ["BadWebhook", "NoMail", "TooMany", "add_mail", "add_webhook", "confirm", "notice"]

MOST = 5  # addresses of one operator
LATELY = timedelta(days=2)  # what is older is no alarm any more
NEARLY = 20  # full when less than one part in so many is free
OF_STATE = {
    Node.State.SUSPECT: Alarm.Kind.SILENT,
    Node.State.LOST: Alarm.Kind.LOST,
    Node.State.REFUSED: Alarm.Kind.REFUSED,
}
WORSE = (Alarm.Kind.SILENT, Alarm.Kind.LOST)


class TooMany(Exception):
    """The operator has as many addresses as anybody may."""


class NoMail(Exception):
    """This site sends no mail."""


@transaction.atomic
def add_mail(operator: Operator, to: str) -> AlarmAddress:
    """A mailbox; alarms go there once its code came back. Raises TooMany, NoMail."""
    if not telling.sends_mail():
        raise NoMail(_("This site sends no mail."))
    code = secrets.token_hex(4)
    address = _add(operator, AlarmAddress.Kind.MAIL, to, secret=_digest(code))
    if not address.is_confirmed:
        AlarmAddress.objects.filter(pk=address.pk).update(secret=_digest(code))
        after_commit(telling.ask_to_confirm, address_id=address.pk, code=code)
    return address


@transaction.atomic
def add_webhook(operator: Operator, url: str) -> AlarmAddress:
    """A webhook, with the secret its messages are signed by. Raises TooMany, BadWebhook."""
    webhooks.parse(url)
    return _add(
        operator,
        AlarmAddress.Kind.WEBHOOK,
        url,
        secret=webhooks.new_secret(),
        is_confirmed=True,
    )


def confirm(operator: Operator, key: str, code: str) -> bool:
    """Whether this is the code that was mailed there; then alarms go there from now on."""
    mine = AlarmAddress.objects.filter(operator=operator, key=key, is_confirmed=False)
    return bool(mine.filter(secret=_digest(code.strip())).update(is_confirmed=True, secret=""))


def remove(operator: Operator, key: str) -> bool:
    return bool(AlarmAddress.objects.filter(operator=operator, key=key).delete()[0])


def sound_test(operator: Operator) -> Alarm:
    """Sound a false alarm, to see whether it arrives."""
    return _raise(Alarm(operator=operator, kind=Alarm.Kind.TEST, reference=_digest()[:40]))


def notice() -> int:
    """Look at all nodes and raise what is new; how many alarms that are."""
    found = {alarm.reference: alarm for alarm in _found()}
    known = Alarm.objects.filter(reference__in=found).values_list("reference", flat=True)
    for reference in set(known):
        del found[reference]
    for alarm in found.values():
        _raise(alarm)
    return len(found)


def _found() -> Iterator[Alarm]:
    """Everything that is worth an alarm now, raised before or not."""
    since = timezone.now() - LATELY
    today = timezone.now().date()
    fallen = Node.objects.filter(state__in=OF_STATE, state_since__gte=since)
    for node in fallen.select_related("operator"):
        yield _alarm(node, OF_STATE[Node.State(node.state)], f"{node.state_since:%Y%m%d%H%M%S}")
    told = Alarm.objects.filter(kind__in=WORSE, at__gte=since).values("node")
    risen = Node.objects.filter(state=Node.State.ACTIVE, state_since__gte=since, pk__in=told)
    for node in risen.select_related("operator"):
        yield _alarm(node, Alarm.Kind.BACK, f"{node.state_since:%Y%m%d%H%M%S}")
    wrong = (Audit.State.FAILED, Audit.State.UNANSWERED)
    failed = Audit.objects.filter(state__in=wrong, state_since__date=today).values("node")
    for node in Node.objects.filter(pk__in=failed).select_related("operator"):
        yield _alarm(node, Alarm.Kind.PROOF, f"{today:%Y%m%d}")
    for node in Node.objects.filter(state=Node.State.ACTIVE).select_related("operator"):
        if node.capacity and node.free * NEARLY < node.capacity:
            yield _alarm(node, Alarm.Kind.FULL, f"{today:%Y%m%d}")


def _alarm(node: Node, kind: Alarm.Kind, moment: str) -> Alarm:
    reference = f"{kind}:{node.key}:{moment}"
    return Alarm(operator=node.operator, node=node, kind=kind, reference=reference)


@transaction.atomic
def _raise(alarm: Alarm) -> Alarm:
    """Keep it once, and set it on its way to every address."""
    kept, is_new = Alarm.objects.get_or_create(
        reference=alarm.reference,
        defaults={"operator": alarm.operator, "node": alarm.node, "kind": alarm.kind},
    )
    if is_new:
        for address in AlarmAddress.objects.filter(operator=kept.operator, is_confirmed=True):
            sending = AlarmSending.objects.create(alarm=kept, address=address)
            after_commit(telling.send_alarm, sending_id=sending.pk)
    return kept


def _add(operator: Operator, kind: AlarmAddress.Kind, to: str, **fields: object) -> AlarmAddress:
    Operator.objects.select_for_update().get(pk=operator.pk)
    mine = AlarmAddress.objects.filter(operator=operator)
    if mine.exclude(kind=kind, to=to).count() >= MOST:
        raise TooMany(_("You have as many addresses as anyone may. Remove one first."))
    return mine.get_or_create(operator=operator, kind=kind, to=to, defaults=fields)[0]


def _digest(code: str = "") -> str:
    """Of a code with the site's secret, so that the row does not tell it; of chance for none."""
    return sha256(f"{settings.SECRET_KEY}\0{code or secrets.token_hex()}".encode()).hexdigest()
