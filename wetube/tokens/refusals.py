"""Why the mint says no. `code` is Cashu's (error_codes.md of the NUTs), `status` HTTP's."""

from django.utils.translation import gettext as _

from wetube.cloudcoin.amounts import coins


class TokenRefused(Exception):
    """Nothing was signed, spent or moved."""

    code = 10000
    status = 400


class Malformed(TokenRefused):
    """What was sent is not of the form it should have."""

    def __init__(self, what: str) -> None:
        super().__init__(what)


class BadProof(TokenRefused):
    """A token that this mint did not sign."""

    code = 10001

    def __init__(self) -> None:
        super().__init__(_("This mint did not sign that token."))


class AlreadySpent(TokenRefused):
    """A token that was spent before."""

    code = 11001

    def __init__(self) -> None:
        super().__init__(_("Token already spent."))


class AlreadySigned(TokenRefused):
    """A blinded message that was signed before."""

    code = 11003

    def __init__(self) -> None:
        super().__init__(_("This output was signed already; ask for it to be restored."))


class Unbalanced(TokenRefused):
    """What comes in is not what is to go out."""

    code = 11005

    def __init__(self, *, given: int, wanted: int) -> None:
        self.given, self.wanted = given, wanted
        super().__init__(
            _("%(given)s was given and %(wanted)s is asked for; they must be the same.")
            % {"given": coins(given), "wanted": coins(wanted)}
        )


class OutOfRange(TokenRefused):
    """An amount that cannot be bought or turned back at once."""

    code = 11006

    def __init__(self, *, least: int, most: int) -> None:
        super().__init__(
            _("An amount from %(least)s to %(most)s, in whole drops.")
            % {"least": coins(least), "most": coins(most)}
        )


class DoubledInput(TokenRefused):
    """The same token twice in one request."""

    code = 11007

    def __init__(self) -> None:
        super().__init__(_("The same token was sent twice."))


class DoubledOutput(TokenRefused):
    """The same blinded message twice in one request."""

    code = 11008

    def __init__(self) -> None:
        super().__init__(_("The same output was sent twice."))


class WrongUnit(TokenRefused):
    """Another unit than this mint's."""

    code = 11013

    def __init__(self) -> None:
        super().__init__(_("This mint knows the unit “cld” only: drops of Cloudcoin."))


class TooManyInputs(TokenRefused):
    code = 11014

    def __init__(self, most: int) -> None:
        super().__init__(_("At most %(most)d tokens at once.") % {"most": most})


class TooManyOutputs(TokenRefused):
    code = 11015

    def __init__(self, most: int) -> None:
        super().__init__(_("At most %(most)d outputs at once.") % {"most": most})


class UnknownKeyset(TokenRefused):
    """Keys this mint never had."""

    code = 12001

    def __init__(self) -> None:
        super().__init__(_("This mint has no such keyset."))


class InactiveKeyset(TokenRefused):
    """Keys that still redeem, but sign no more."""

    code = 12002

    def __init__(self) -> None:
        super().__init__(_("This keyset signs no more; ask for the current keys."))


class NotPaid(TokenRefused):
    """The quote still waits for whoever pays it."""

    code = 20001

    def __init__(self) -> None:
        super().__init__(_("This quote is not paid yet."))


class AlreadyIssued(TokenRefused):
    """The quote's tokens were signed already."""

    code = 20002

    def __init__(self) -> None:
        super().__init__(_("The tokens of this quote were issued already."))


class AlreadyPaid(TokenRefused):
    """The quote was paid before, with other tokens."""

    code = 20006

    def __init__(self) -> None:
        super().__init__(_("This quote was paid already."))


class QuoteExpired(TokenRefused):
    """Nobody paid in time."""

    code = 20007

    def __init__(self) -> None:
        super().__init__(_("This quote has expired."))


class UnknownQuote(TokenRefused):
    """No such quote, or one nobody paid in time."""

    code = 20007
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such quote."))


class UnknownPayee(TokenRefused):
    """The place to pay to is no account of this gateway."""

    def __init__(self) -> None:
        super().__init__(_("There is no such account to pay to."))


class OtherMint(TokenRefused):
    """A token of another mint."""

    def __init__(self) -> None:
        super().__init__(_("This token is of another mint."))


class WrongAmount(TokenRefused):
    """The token is not worth the price, and there are no outputs to give change on."""

    code = 11005

    def __init__(self, *, given: int, price: int) -> None:
        self.given, self.price = given, price
        super().__init__(
            _("This costs %(price)s, the token is worth %(given)s; swap it for that amount.")
            % {"price": coins(price), "given": coins(given)}
        )
