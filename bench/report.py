"""How every bench ends: a line per figure, `name  figure  goal  ok|short`."""

from typing import Literal


def report(
    name: str, figure: float, goal: float, better: Literal["higher", "lower"] = "higher"
) -> bool:
    """Print one figure against its goal; the answer is whether it was reached."""
    reached = figure >= goal if better == "higher" else figure <= goal
    sign = "≥" if better == "higher" else "≤"
    verdict = "ok" if reached else "short"
    print(f"{name:<32} {figure:>10.3f}  {sign} {goal:<8g} {verdict}", flush=True)
    return reached


def note(name: str, figure: str) -> None:
    """Print a figure that has no goal."""
    print(f"{name:<32} {figure}", flush=True)
