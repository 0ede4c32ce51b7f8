"""What the health page says of the coin: whether the books are right, and what does not go on."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.core.health import Finding, Verdict
from wetube.settlement import reconciling
from wetube.settlement.models import Credited, InvariantRun, PayoutRoot

OLD = timedelta(hours=26)
SLOW = timedelta(hours=1)


def books() -> Finding:
    """By the newest results; looking them up costs one query."""
    runs = reconciling.newest()
    broken = [run.invariant for run in runs if run.result == InvariantRun.Result.BROKEN]
    if broken:
        says = _("They are wrong: %(which)s. Look at the coin’s page.")
        return Finding(Verdict.BAD, says % {"which": ", ".join(broken)})
    if not runs or max(run.at for run in runs) < timezone.now() - OLD:
        return Finding(Verdict.WEAK, _("They were not checked for a day. Is beat running?"))
    return Finding(Verdict.GOOD, _("They are right."))


def work() -> Finding:
    """Events nobody could answer, and a payout that does not get to the chain."""
    if not settings.CLOUDCOIN_RPC:
        return Finding(Verdict.WEAK, _("There is no chain: nothing comes in or goes out."))
    if Credited.objects.exclude(error="").exists():
        says = _("The books could not answer all that the chain said. Look at the coin’s page.")
        return Finding(Verdict.BAD, says)
    if PayoutRoot.objects.filter(posted_at=None, made_at__lt=timezone.now() - SLOW).exists():
        return Finding(Verdict.BAD, _("A payout has not come to the chain for an hour."))
    return Finding(Verdict.GOOD, _("Everything goes on."))
