"""What can go wrong with a source, each failure named for what happened."""


class TranscodingError(Exception):
    """Anything this package refuses or could not finish; the message is a sentence."""


class BadMedia(TranscodingError):
    """The source itself cannot become a video: trying again gives the same answer."""


class Cancelled(TranscodingError):
    """The caller asked to stop; what was written may be overwritten by a new call."""


class TookTooLong(TranscodingError):
    """A run went over its time or made no progress; another machine may fare better."""


class FfmpegFailed(TranscodingError):
    """ffmpeg ended without a usable result although the source had looked good."""
