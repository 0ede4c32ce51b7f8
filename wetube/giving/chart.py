"""A bar for each day, drawn by the server; the table behind it says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from wetube.cloudcoin.income import DayIncome

WIDTH, HEIGHT = 600, 120
GAP = 0.25  # of a day's width


@dataclass(frozen=True)
class Bar:
    """One day's rectangle, in the units of the drawing."""

    day: DayIncome
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """The bars, and the drops that the tallest stands for."""

    bars: tuple[Bar, ...]
    most: int

    @property
    def total(self) -> int:
        return sum(bar.day.amount for bar in self.bars)


def draw(days: Sequence[DayIncome]) -> Chart:
    """Bars from the ground up; a day with any income shows at least a line."""
    most = max((day.amount for day in days), default=0)
    step = WIDTH / max(1, len(days))
    bars = []
    for number, day in enumerate(days):
        height = round(max(2.0, HEIGHT * day.amount / most), 2) if day.amount else 0.0
        x, width = number * step + step * GAP / 2, step * (1 - GAP)
        bars.append(Bar(day, round(x, 2), round(HEIGHT - height, 2), round(width, 2), height))
    return Chart(tuple(bars), most)
