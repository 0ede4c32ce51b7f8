"""Cleans captions that people upload: WebVTT or SRT in, plain and harmless WebVTT out."""

import html
import re
from dataclasses import dataclass

from wetube.video.transcoding.errors import TranscodingError

MOST_BYTES = 2 << 20
MOST_CUES = 20_000
MOST_TEXT = 2_000  # characters of one cue
MOST_HOURS = 99

TIME = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
TIMING = re.compile(rf"^\s*{TIME}\s*-->\s*{TIME}(?:[ \t]+(.*))?$")
SETTING = re.compile(
    r"^(?:align:(?:start|center|end|left|right)"
    r"|(?:line|position|size):-?\d{1,3}(?:\.\d{1,3})?%?(?:,(?:start|center|end))?"
    r"|vertical:(?:rl|lr))$"
)
TAG = re.compile(r"<(/?)(b|i|u|v|c)((?:\.[\w-]+)*)(?:[ \t]+([^<>&]*))?>", re.IGNORECASE)
ANY_TAG = re.compile(r"</?[A-Za-z][^<>]*>?|<\d+:[\d:.]*>")  # "<3" and "1 < 2" are text
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class BadCaptions(TranscodingError):
    """The text is no WebVTT or SRT we can show; the message says where it goes wrong."""


@dataclass(frozen=True)
class _Cue:
    """Milliseconds, settings and cleaned text."""

    start: int
    end: int
    settings: str
    text: str


def clean(data: bytes) -> str:
    """WebVTT with the cues of a WebVTT or SRT file and nothing else.

    Kept are the times, a cue's place on the screen, and the tags b, i, u, v and c. Styles,
    regions, notes, other tags and control characters are dropped. Raises BadCaptions.
    """
    if len(data) > MOST_BYTES:
        raise BadCaptions("Captions may be 2 MB at most.")
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    cues = sorted(_cues(text), key=lambda cue: (cue.start, cue.end))
    if not cues:
        raise BadCaptions("There is not one caption in this file.")
    return "\n".join(["WEBVTT\n", *(_written(cue) for cue in cues)])


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise BadCaptions("Save the captions as UTF-8: this encoding is not understood.") from None


def _cues(text: str) -> list[_Cue]:
    cues: list[_Cue] = []
    line = 1
    for block in re.split(r"(\n{2,})", text):
        if "-->" in block and not block.startswith(("NOTE", "STYLE", "REGION")):
            if len(cues) >= MOST_CUES:
                raise BadCaptions(f"There are more than {MOST_CUES} captions.")
            cue = _cue(block, line)
            if cue:
                cues.append(cue)
        line += block.count("\n")
    return cues


def _cue(block: str, line: int) -> _Cue | None:
    """A cue of its lines; None if no text is left in it."""
    rows = block.strip("\n").split("\n")
    at = next(number for number, row in enumerate(rows) if "-->" in row)
    found = TIMING.match(rows[at])
    if found is None or at > 2:
        raise BadCaptions(f"Line {line + at}: the times must look like 00:01.000 --> 00:04.000.")
    start, end = _time(found, 1), _time(found, 5)
    if end <= start:
        raise BadCaptions(f"Line {line + at}: this caption ends before it begins.")
    settings = [each for each in (found[9] or "").split() if SETTING.match(each)]
    text = _plain("\n".join(rows[at + 1 :]))
    if not text:
        return None
    if len(text) > MOST_TEXT:
        raise BadCaptions(f"Line {line + at}: one caption may have {MOST_TEXT} characters at most.")
    return _Cue(start, end, " ".join(settings), text)


def _time(found: re.Match[str], group: int) -> int:
    hours, minutes, seconds = (int(found[group + part] or 0) for part in range(3))
    if hours > MOST_HOURS:
        raise BadCaptions(f"No video of ours lasts {hours} hours.")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(found[group + 3].ljust(3, "0"))


def _plain(text: str) -> str:
    """Escape everything, then put the few allowed tags back, closed and in order."""
    text = re.sub(r"\{\\[^{}]*\}", "", CONTROL.sub("", text))
    made, open_tags, place = "", list[str](), 0
    for tag in ANY_TAG.finditer(text):
        made += _escaped(text[place : tag.start()])
        place = tag.end()
        known = TAG.fullmatch(tag[0])
        if known and known[1]:
            made += _closed(open_tags, known[2].lower())
        elif known:
            open_tags.append(known[2].lower())
            made += _opened(known)
    made += _escaped(text[place:])
    made += "".join(f"</{name}>" for name in reversed(open_tags))
    rows = (row.strip() for row in made.split("\n"))
    return "\n".join(row for row in rows if row)


def _opened(tag: re.Match[str]) -> str:
    name, classes = tag[2].lower(), tag[3] if tag[2].lower() == "c" else ""
    spoken = " ".join((tag[4] or "").split())[:80] if name == "v" else ""
    return f"<{name}{classes} {html.escape(spoken)}>" if spoken else f"<{name}{classes}>"


def _closed(open_tags: list[str], name: str) -> str:
    """Close down to the tag that is meant; a stray end tag vanishes."""
    if name not in open_tags:
        return ""
    made = ""
    while True:
        inner = open_tags.pop()
        made += f"</{inner}>"
        if inner == name:
            return made


def _escaped(text: str) -> str:
    """Entities are read once, so that `&amp;` does not become `&amp;amp;`."""
    return html.escape(html.unescape(text), quote=False).replace("--&gt;", "→")


def _written(cue: _Cue) -> str:
    settings = f" {cue.settings}" if cue.settings else ""
    return f"{_clock(cue.start)} --> {_clock(cue.end)}{settings}\n{cue.text}\n"


def _clock(thousandths: int) -> str:
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
