"""Where coin may be sent: an address as a person types it, checked before coin goes for ever."""

from django.utils.translation import gettext as _

from wetube.chain import addresses, deployment
from wetube.chain.addresses import ZERO, BadAddress


class NotAnAddress(ValueError):
    """Coin sent there would be lost; the message says what is wrong."""


def parse(text: str) -> str:
    """The address with its checksum (EIP-55). Raises NotAnAddress.

    All small or all capital letters carry no checksum and are accepted; mixed ones must be right.
    """
    try:
        addresses.raw(text.strip())
    except BadAddress as error:
        raise NotAnAddress(_("An address is 0x and 40 digits or letters from a to f.")) from error
    try:
        address = addresses.normal(text.strip())
    except BadAddress as error:
        raise NotAnAddress(
            _("There is a typing mistake in this address: its capitals do not fit.")
        ) from error
    if address == ZERO:
        raise NotAnAddress(_("Nobody has this address; coin sent there would be lost."))
    if address in _ours():
        raise NotAnAddress(_("This is a contract of the coin; coin sent there would be lost."))
    return address


def _ours() -> set[str]:
    place = deployment.current()
    if place is None:
        return set()
    return {place.token, place.mint, place.vault, place.channels, place.collector}
