"""What became of the films of a drill."""

from pathlib import Path

from bench.report import note, report
from script.drills import watching
from script.drills.rig import Rig


def films(rig: Rig, keys: list[str], *, like: Path) -> list[bool]:
    """Every film is whole, and there once; `like` is what each was made of."""
    failed = [key for key in keys if rig.state(key) == "failed"]
    for key in failed:
        note(f"film {key} failed", str(rig.client.film(key)["failure"]))
    silent = [key for key in failed if not rig.client.film(key)["failure"]]
    broken = [
        key for key in keys if key not in failed and not watching.is_whole(rig, key, like=like)
    ]
    held = rig.rows("SELECT holder FROM content_pin WHERE holder LIKE 'video:%'")
    rows = rig.rows("SELECT count(*) FROM video_video")[0][0]
    return [
        report("films lost or doubled", abs(rows - len(keys)), 0, "lower"),
        report("films published", len(keys) - len(failed), len(keys)),
        report("failures without a sentence", len(silent), 0, "lower"),
        report("published films that do not play", len(broken), 0, "lower"),
        report("contents kept twice", len(held) - len(set(held)), 0, "lower"),
    ]
