"""Is the node all right? For the operator's health page."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from node_bridge import NodeError
from wetube.content import network
from wetube.core.disks import room_on
from wetube.core.health import Finding, Verdict


def node() -> Finding:
    """The engine names a known content as everybody else does."""
    try:
        network.engine().selftest()
    except NodeError as error:
        return Finding(Verdict.BAD, str(error))
    info = network.engine().info()
    return Finding(Verdict.GOOD, f"{info.engine}, {info.profile}")


def disk() -> Finding:
    """Room for what people bring."""
    free = room_on(settings.BLOCKS_DIR)
    says = _("%(free)s free") % {"free": filesizeformat(free)}
    if free < 2 * 1024**3:
        return Finding(Verdict.BAD, says + ". " + _("Make room: uploads are refused."))
    return Finding(Verdict.WEAK if free < 20 * 1024**3 else Verdict.GOOD, says)
