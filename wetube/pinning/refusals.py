"""How a wish to pin is refused: a reason for programs, a sentence for people, an HTTP status."""

from typing import ClassVar


class Refused(Exception):
    """Nothing was changed. The message is the sentence."""

    status: ClassVar[int] = 400
    reason: ClassVar[str] = "BAD_REQUEST"


class BadRequest(Refused):
    """The request is not what the Pinning Services API describes."""


class Unauthorized(Refused):
    """No token came along, or one that is not known here."""

    status = 401
    reason = "UNAUTHORIZED"


class NotAllowed(Refused):
    """The token is good, but not for pins."""

    status = 403
    reason = "FORBIDDEN"


class NoSuchPin(Refused):
    """This person has no such request."""

    status = 404
    reason = "NOT_FOUND"


class MethodNotAllowed(Refused):
    status = 405
    reason = "METHOD_NOT_ALLOWED"


class QuotaExceeded(Refused):
    """What this person keeps has used up what they may keep."""

    status = 409
    reason = "QUOTA_EXCEEDED"


class Declined(Refused):
    """This gateway declines the content, on its public list and with the reason."""

    status = 451
    reason = "DECLINED"


class TooLarge(Refused):
    """The body is larger than any wish."""

    status = 413
    reason = "TOO_LARGE"
