"""Whether tokens were spent (NUT-07), asked by the points their secrets hash to."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from wetube.tokens import curve
from wetube.tokens.models import SpentToken
from wetube.tokens.refusals import Malformed

MOST = 500


def check(ys: Sequence[object]) -> dict[str, str]:
    """SPENT or UNSPENT for each, in the order asked. Raises Malformed."""
    if len(ys) > MOST:
        raise Malformed(_("At most %(most)d at once.") % {"most": MOST})
    try:
        asked = [curve.written(curve.point(y)) for y in ys]
    except curve.NotAPoint as error:
        raise Malformed(str(error)) from error
    spent = set(SpentToken.objects.filter(y__in=asked).values_list("y", flat=True))
    return {y: "SPENT" if y in spent else "UNSPENT" for y in asked}
