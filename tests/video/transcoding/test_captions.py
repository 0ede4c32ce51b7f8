"""Captions of strangers become plain WebVTT, or a sentence that names the line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wetube.video.transcoding import captions
from wetube.video.transcoding.captions import BadCaptions

VTT = """WEBVTT - a title

STYLE
::cue { background: url(https://tracker.example/x.png) }

REGION
id:r1 width:40%

NOTE a remark --> with an arrow

intro
00:01.000 --> 00:04.000 align:start region:r1 position:10%
<v Fred>Hello <b>you</b> & me

1:00:05.500 --> 1:00:06.000
<c.loud>Boo</c> <script>alert(1)</script>
"""

SRT = (
    "\ufeff1\r\n00:00:01,5 --> 00:00:02,250\r\n"
    "{\\an8}<font color=red><i>Ol\u00e1</i></font>\r\n\r\n"
)


def test_webvtt_keeps_its_cues_and_nothing_else() -> None:
    assert captions.clean(VTT.encode()) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:04.000 align:start position:10%\n"
        "<v Fred>Hello <b>you</b> &amp; me</v>\n\n"
        "01:00:05.500 --> 01:00:06.000\n"
        "<c.loud>Boo</c> alert(1)\n"
    )


def test_srt_becomes_webvtt() -> None:
    expected = "WEBVTT\n\n00:00:01.500 --> 00:00:02.250\n<i>Olá</i>\n"
    assert captions.clean(SRT.encode()) == expected
    assert captions.clean(SRT.removeprefix("\ufeff").encode("utf-16")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>bold <i>both</b> plain</i>", "<b>bold <i>both</i></b> plain"),
        ("<b>open", "<b>open</b>"),
        ("closed</u>", "closed"),
        ("<b onclick=x>hi</b>", "<b>hi</b>"),
        ("<img src=x onerror=alert(1)>hi", "hi"),
        ("&lt;script&gt; &amp; 1 < 2", "&lt;script&gt; &amp; 1 &lt; 2"),
        ("I <3 <00:01.500>you", "I &lt;3 you"),
        ("<v Eve\"onload='x'>hi", "<v Eve&quot;onload=&#x27;x&#x27;>hi</v>"),
        ("a\u202eb\x00c", "abc"),
    ],
)
def test_tags(text: str, expected: str) -> None:
    made = captions.clean(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n".encode())

    assert made.split("\n", 3)[3].strip() == expected


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not one caption"),
        (b"WEBVTT\n\n", "not one caption"),
        (b"\x80\x81 00:01.000 --> 00:02.000\nx", "UTF-8"),
        (b"WEBVTT\n\n00:01.000 --> soon\nhi\n", "Line 3"),
        (b"WEBVTT\n\n00:04.000 --> 00:02.000\nhi\n", "ends before it begins"),
        (b"1\n\n2\n00:00:01,000 --> 00:00:02,000\nhi\n\n\n3\n00:61:00,000 --> x\n", "Line 9"),
        (b"a" * (2 << 20) + b"b", "2 MB"),
        (b"00:01.000 --> 00:02.000\n" + b"x" * 3000, "2000 characters"),
        (b"00:01.000 --> 00:02.000\nx\n\n" * 20_001, "more than 20000"),
        (b"9999:00:00.000 --> 9999:00:01.000\nx\n", "9999 hours"),
    ],
)
def test_refusals(data: bytes, says: str) -> None:
    with pytest.raises(BadCaptions, match=says):
        captions.clean(data)


@settings(deadline=None)
@given(text=st.text(max_size=300))
def test_no_text_gets_a_tag_or_an_arrow_past(text: str) -> None:
    data = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n".encode(errors="ignore")
    try:
        made = captions.clean(data)
    except BadCaptions:
        return
    assert "<s" not in made.lower()
    assert all(line.count("-->") == 0 or line.startswith("0") for line in made.splitlines())
    assert captions.clean(made.encode()) == made
