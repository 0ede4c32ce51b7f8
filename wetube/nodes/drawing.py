"""A column for each day, in parts by task, drawn by the server; its table says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from wetube.nodes.earnings import DayEarned
from wetube.nodes.models import Earning

WIDTH, HEIGHT = 600, 120
GAP = 0.25  # of a day's width
KINDS = tuple(Earning.Kind)


@dataclass(frozen=True)
class Part:
    """One rectangle, in the units of the drawing."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """One day's parts, from the ground up."""

    day: DayEarned
    x: float
    width: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Chart:
    """The columns, and the drops that the tallest stands for."""

    columns: tuple[Column, ...]
    most: int

    @property
    def total(self) -> int:
        return sum(column.day.earned.total for column in self.columns)


def draw(days: Sequence[DayEarned]) -> Chart:
    most = max((day.earned.total for day in days), default=0)
    step = WIDTH / max(1, len(days))
    columns = []
    for number, day in enumerate(days):
        x, width = number * step + step * GAP / 2, step * (1 - GAP)
        columns.append(Column(day, round(x, 2), round(width, 2), _parts(day, most)))
    return Chart(tuple(columns), most)


def _parts(day: DayEarned, most: int) -> tuple[Part, ...]:
    parts, top = [], float(HEIGHT)
    for kind in KINDS:
        amount = getattr(day.earned, kind)
        if amount:
            height = max(1.0, HEIGHT * amount / most)
            top -= height
            parts.append(Part(str(kind), round(max(top, 0.0), 2), round(height, 2)))
    return tuple(parts)
