"""What everybody gets to see of a film: its folder in the network and its poster."""

from collections.abc import Mapping
from pathlib import Path

from wetube.content import network
from wetube.video.models import Video

Stored = Mapping[str, Mapping[str, object]]


def store(folder: Path, names: Mapping[str, int]) -> dict[str, dict[str, object]]:
    """Put the named files of a folder (name → bytes) into the network; name → CID and size."""
    return {
        name: {"cid": network.store_file(folder / name), "size": size}
        for name, size in names.items()
    }


def assemble(video: Video, files: Stored) -> tuple[str, int]:
    """Make the film's one folder of its files and captions; its CID and size in bytes.

    Everything named must be stored already. Safe to repeat: the same files make the same CID.
    """
    parts = {name: (str(file["cid"]), int(str(file["size"]))) for name, file in files.items()}
    for caption in video.captions.all():
        parts[f"captions/{caption.language}.vtt"] = (caption.cid, caption.size)
    cid = network.store_directory({name: part[0] for name, part in parts.items()})
    return cid, sum(part[1] for part in parts.values())


def renew(video: Video, files: Stored | None = None) -> None:
    """Publish the folder anew after its files or captions changed."""
    files = files if files is not None else video.files
    cid, size = assemble(video, files)
    poster = poster_folder(files)
    _hold(video, cid, size, poster)
    Video.objects.filter(pk=video.pk).update(files=files, cid=cid, size=size, poster_cid=poster)
    video.refresh_from_db()
    _let_go_of_old(video)


def hold(video: Video) -> None:
    """Let the network keep the film and its poster, open or closed as the film is."""
    _hold(video, video.cid, video.size, video.poster_cid)


def follow_visibility(video: Video) -> None:
    """Open or close the film's content and its poster as its visibility and price say."""
    network.set_open(video.holder, is_open=video.is_open)
    network.set_open(video.preview_name, is_open=video.is_open)
    network.set_open(video.poster_holder, is_open=video.visibility == Video.Visibility.PUBLIC)


def poster_folder(files: Stored) -> str:
    """The poster in a folder of its own, readable apart from the film; "" when there is none."""
    if "poster.jpg" not in files:
        return ""
    return network.store_directory({"poster.jpg": str(files["poster.jpg"]["cid"])})


def _hold(video: Video, cid: str, size: int, poster: str) -> None:
    network.keep(cid, size=size, holder=video.holder, is_open=video.is_open)
    if poster:
        seen = video.visibility == Video.Visibility.PUBLIC
        network.keep(poster, size=0, holder=video.poster_holder, is_open=seen)


def _let_go_of_old(video: Video) -> None:
    network.let_go(video.holder, but=video.cid)
    network.let_go(video.poster_holder, but=video.poster_cid)
