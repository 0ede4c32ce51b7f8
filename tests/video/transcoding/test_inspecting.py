"""Work of strangers is taken when it is as good as ours, and for no other reason."""

import json
import random
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.video.transcoding.conftest import Clips
from wetube.video.transcoding import binaries, encode, inspecting, package, plan, probe, spec
from wetube.video.transcoding.errors import BadMedia
from wetube.video.transcoding.inspecting import Case
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.shape import NotOurs

pytestmark = [pytest.mark.media, pytest.mark.timeout(300)]

Lie = Callable[["Work"], None]


class Work:
    """A piece that a node encoded, and what the gateway knows of it."""

    def __init__(self, source: Path, folder: Path, number: int) -> None:
        self.source, self.folder = source, folder
        self.plan = plan.plan(
            probe.probe(source, work=made(folder / "probe")), piece_seconds=8, may_copy=False
        )
        self.piece = self.plan.pieces[number]
        self.theirs = folder / "theirs"
        self.encode(self.source, self.ordered)

    @property
    def ordered(self) -> Plan:
        return spec.read(json.loads(json.dumps(spec.of(self.plan, self.piece))))

    def encode(self, source: Path, order: Plan) -> None:
        """As a node does it: from the order alone."""
        out = made(self.folder / "out")
        encode.encode(source, order, order.pieces[0], out)
        shutil.rmtree(self.theirs, ignore_errors=True)
        shutil.copytree(out / order.pieces[0].folder, self.theirs)
        (self.theirs / encode.DONE).unlink()

    def judge(self, seed: int = 1) -> float:
        case = Case(self.source, self.plan, self.piece, self.theirs, self.folder / "judging")
        return inspecting.inspect(case, random.Random(seed))

    def again(self, *arguments: str) -> Path:
        """A source made by other words."""
        target = self.folder / "other.mp4"
        command = [str(binaries.find().ffmpeg), "-v", "error", "-y", *arguments, str(target)]
        subprocess.run(command, check=True, timeout=120)
        return target


def made(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def source(clips: Clips) -> Path:
    """Two pieces of picture, the second to the end, and one of sound."""
    return clips.film("orders.mp4", size="480x360", rate="25", seconds=13)


@pytest.fixture(scope="session")
def honest(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    for number in (0, 1):
        Work(source, folder / str(number), number)
    return folder


@pytest.fixture
def work(source: Path, honest: Path, tmp_path: Path) -> Callable[[int], Work]:
    def take(number: int) -> Work:
        shutil.copytree(honest / str(number), tmp_path / "work")
        taken = Work.__new__(Work)
        taken.source, taken.folder = source, tmp_path / "work"
        taken.plan = plan.plan(
            probe.probe(source, work=made(tmp_path / "probe")), piece_seconds=8, may_copy=False
        )
        taken.piece = taken.plan.pieces[number]
        taken.theirs = taken.folder / "theirs"
        return taken

    return take


@pytest.mark.parametrize(("number", "seconds"), [(0, 8.0), (1, 5.0)])
def test_honest_work_is_taken(work: Callable[[int], Work], number: int, seconds: float) -> None:
    assert work(number).judge() == pytest.approx(seconds)


def test_honest_work_joins_with_ours(work: Callable[[int], Work]) -> None:
    theirs = work(1)
    folder = made(theirs.folder / "film")
    for piece in (theirs.plan.pieces[0], theirs.plan.pieces[2]):
        encode.encode(theirs.source, theirs.plan, piece, folder)
    target = folder / theirs.piece.folder
    theirs.theirs.rename(target)
    encode.finish(target, encode.Encoded(5.0))
    film = package.package(folder, theirs.plan)
    assert film.duration == pytest.approx(13, abs=0.05)
    assert not film.warnings


def test_noise_that_no_encoder_keeps_is_forgiven(clips: Clips, tmp_path: Path) -> None:
    noisy = clips.make(
        "noise.mp4",
        *("-f", "lavfi", "-i", "nullsrc=s=320x240:r=25:d=5,geq=random(1)*255:128:128"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"),
    )
    assert Work(noisy, tmp_path, 0).judge() == pytest.approx(5, abs=0.05)


def another_film(work: Work) -> None:
    work.encode(
        work.again("-f", "lavfi", "-i", "testsrc=size=480x360:rate=25", "-t", "13"),
        work.ordered,
    )


def black(work: Work) -> None:
    work.encode(
        work.again("-f", "lavfi", "-i", "color=black:size=480x360:rate=25", "-t", "13"),
        work.ordered,
    )


def half_a_second_black(work: Work) -> None:
    shade = "drawbox=color=black:t=fill:enable='between(t,9,9.5)'"
    work.encode(work.again("-i", str(work.source), "-vf", shade), work.ordered)


def a_word_over_it(work: Work) -> None:
    shade = "drawbox=x=60:y=150:w=360:h=60:color=red:t=fill"
    work.encode(work.again("-i", str(work.source), "-vf", shade), work.ordered)


def another_moment(work: Work) -> None:
    work.encode(work.again("-ss", "2", "-i", str(work.source)), work.ordered)


def blurred(work: Work) -> None:
    work.encode(work.again("-i", str(work.source), "-vf", "boxblur=4"), work.ordered)


def first_segment_again(work: Work) -> None:
    """Every segment shows what the first one does."""
    for path in work.theirs.iterdir():
        track = encode.index(path)
        first, second = track.fragments[0], track.fragments[1]
        data = bytearray(path.read_bytes())
        moof = bytearray(data[first.offset : first.offset + first.length])
        place = moof.index(b"tfdt") + 8
        moof[place : place + 8] = struct.pack(">Q", round(second.start * track.known.timescale))
        data[second.offset : second.offset + second.length] = moof
        path.write_bytes(data)


def one_rung_for_the_other(work: Work) -> None:
    (work.theirs / "v240.mp4").replace(work.theirs / "v360.mp4")
    shutil.copy(work.theirs / "v360.mp4", work.theirs / "v240.mp4")


def truncated(work: Work) -> None:
    for path in work.theirs.iterdir():
        last = encode.index(path).fragments[-1]
        path.write_bytes(path.read_bytes()[: last.offset])


def cut_in_the_middle(work: Work) -> None:
    path = work.theirs / "v240.mp4"
    path.write_bytes(path.read_bytes()[:-100])


def a_rung_is_missing(work: Work) -> None:
    (work.theirs / "v360.mp4").unlink()


def a_file_too_many(work: Work) -> None:
    (work.theirs / "extra.mp4").write_bytes(b"more")


def huge(work: Work) -> None:
    with (work.theirs / "v240.mp4").open("ab") as file:
        file.truncate(1 << 30)


def something_behind(work: Work) -> None:
    with (work.theirs / "v240.mp4").open("ab") as file:
        file.write(struct.pack(">I4s", 16, b"free") + b"somebody")


def no_film_at_all(work: Work) -> None:
    (work.theirs / "v240.mp4").write_bytes(b"#EXTM3U\nfile:///etc/passwd\n")


def broken_bits(work: Work) -> None:
    """The boxes are right, the pictures are rubbish."""
    path = work.theirs / "v360.mp4"
    second = encode.index(path).fragments[1]
    data = bytearray(path.read_bytes())
    inside = range(second.offset + second.key_length // 2, second.offset + second.key_length)
    for place in inside:
        data[place] ^= 0x5A
    path.write_bytes(data)


def sizes_change_on_the_way(work: Work) -> None:
    """Parameter sets among the frames: a player would change size in the middle."""
    path = work.theirs / "v240.mp4"
    data = bytearray(path.read_bytes())
    mdat = data.index(b"mdat")
    length = int.from_bytes(data[mdat + 4 : mdat + 8], "big")
    assert length > 4
    data[mdat + 8] = 0x67  # the first unit now says it is an SPS
    path.write_bytes(data)


def other_settings(work: Work) -> None:
    """Another profile: the header would not be ours."""
    path = work.theirs / "v240.mp4"
    rung = next(rung for rung in work.plan.encoded if rung.name == "240")
    subprocess.run(
        [
            *(str(binaries.find().ffmpeg), "-v", "error", "-y", "-i", str(path)),
            *("-c:v", "libx264", "-profile:v", "baseline", "-preset", "veryfast", "-crf", "20"),
            *("-g", "100", "-keyint_min", "100", "-sc_threshold", "0", "-s"),
            *(f"{rung.width}x{rung.height}", "-movflags"),
            *("+empty_moov+default_base_moof+cmaf+skip_trailer+frag_keyframe", "-copyts"),
            str(path.with_suffix(".new.mp4")),
        ],
        check=True,
    )
    path.with_suffix(".new.mp4").replace(path)


LIES: list[tuple[Lie, int]] = [
    (another_film, 0),
    (black, 1),
    (half_a_second_black, 1),
    (a_word_over_it, 0),
    (another_moment, 1),
    (blurred, 0),
    (first_segment_again, 0),
    (one_rung_for_the_other, 0),
    (truncated, 0),
    (truncated, 1),
    (cut_in_the_middle, 0),
    (a_rung_is_missing, 0),
    (a_file_too_many, 0),
    (huge, 0),
    (something_behind, 1),
    (no_film_at_all, 0),
    (broken_bits, 0),
    (sizes_change_on_the_way, 0),
    (other_settings, 0),
]


@pytest.mark.parametrize(("lie", "number"), LIES)
def test_what_is_not_the_work_is_refused(
    work: Callable[[int], Work], lie: Lie, number: int
) -> None:
    theirs = work(number)
    lie(theirs)
    with pytest.raises(NotOurs) as refusal:
        theirs.judge()
    assert str(refusal.value).endswith((".", ")."))


def test_a_source_that_is_gone_is_nobodys_lie(work: Callable[[int], Work]) -> None:
    theirs = work(0)
    theirs.source = theirs.folder / "gone"
    with pytest.raises((BadMedia, OSError)):
        theirs.judge()
