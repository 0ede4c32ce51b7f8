"""What the making of a video says to its owner, in the reader's language.

`transcoding` knows no Django and the row keeps English, so each of its sentences is written
here once more, for translators to find; a figure in a sentence is a name in braces, and so is
the operator's reason, which stays in the words it was given in.
"""

import re
from functools import cache, partial

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

GAVE_UP = _("Something went wrong on our side, {attempts} times. You can try again.")
DISK_FULL = _("This gateway has no room left. Try again when its operator made some.")
SENTENCES = (
    # A video cannot be made of this.
    _("The uploaded file is gone. Upload it again."),
    _("This video was never looked at. Upload it again."),
    _("The file is empty."),
    _("This is a playlist that points to other files. Upload the video itself."),
    _("This is a picture, not a video."),
    _("This is a text file, not a video, whatever its name says."),
    _("This is no video or sound file that we know."),
    _("The end of this file is missing: its index was never written. Upload it again."),
    _("This file is damaged or is not what it claims to be: nothing in it can be read."),
    _("This file is damaged: its beginning could not be decoded."),
    _("This file is damaged: nothing in it could be decoded."),
    _("This file unpacks to far more than a video of its length should."),
    _("The decoder broke down on this file."),
    _("Decoding this file takes more memory than a video of its size should."),
    _("The file holds {streams} streams; {most} is the most we take."),
    _("There is neither picture nor sound in this file."),
    _("There is not one moment of picture or sound in this file."),
    _("This gateway does not show this video: {reason}"),
    _("The file describes itself at too great a length."),
    _("Looking into this file takes too long."),
    _("The picture has no size, or one larger than the 8192×4320 we take."),
    _("The picture is {width}×{height}: too small to watch."),
    _("The picture is {width}×{height}: larger than the 8192×4320 we take."),
    _("The file says it lasts {hours} hours; {most} is the most."),
    _(
        "The file says it lasts {minutes} minutes but holds only {size} bytes:"
        " its timestamps are broken."
    ),
    # A video was made, but not all of it.
    _("A part of this video is missing: {found} of {promised} were found."),
    _(
        "The file is incomplete: it promises {promised} but holds {found}."
        " What there is has been kept."
    ),
    _("The sound ends after {moment}."),
    _("This ffmpeg has no zscale filter, so the HDR colours look pale."),
    # These are no captions.
    _("Captions may be 2 MB at most."),
    _("There is not one caption in this file."),
    _("Save the captions as UTF-8: this encoding is not understood."),
    _("There are more than {most} captions."),
    _("Line {line}: the times must look like 00:01.000 --> 00:04.000."),
    _("Line {line}: this caption ends before it begins."),
    _("Line {line}: one caption may have {most} characters at most."),
    _("No video of ours lasts {hours} hours."),
    # The machine is in the way.
    GAVE_UP,
    DISK_FULL,
    _("The node of this gateway is full."),
)


def said(stored: str) -> str:
    """The sentences stored in a row, one or several, translated; unknown ones stay as they are."""
    for sentence, pattern in _patterns().items():
        stored = pattern.sub(partial(_translated, sentence), stored)
    return stored


def _translated(sentence: str, match: re.Match[str]) -> str:
    return gettext(sentence).format(**match.groupdict())


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """What finds each sentence again after its figures were filled in."""
    return {sentence: re.compile(_pattern(sentence)) for sentence in SENTENCES}


def _pattern(sentence: str) -> str:
    given = re.escape(sentence).replace(r"\{reason\}", "(?P<reason>.*)")
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[\\d:]+)", given)
