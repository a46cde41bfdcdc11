"""Time series drawn as bars: SVG that scales, without scripts and styles of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meishi.core.analytics.contract import Point

WIDTH, HEIGHT = 640, 160
#: Room for the numbers below the bars and beside them.
_BELOW, _BESIDE = 20, 44
_GAP = 0.2
#: So many days are named below the bars at most.
_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar in units of the picture, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    point: Point
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a template draws: bars, and the number at the top of the scale."""

    bars: tuple[Bar, ...]
    top: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _BESIDE
    bottom: int = HEIGHT - _BELOW


def chart_of(points: Sequence[Point]) -> Chart:
    """Return the bars of points, the highest of them at most as high as the picture."""
    top = _round(max((point.count for point in points), default=0))
    return Chart(bars=tuple(_bars(points, top)), top=top)


def _bars(points: Sequence[Point], top: int) -> Iterator[Bar]:
    if not points:
        return
    step = (WIDTH - _BESIDE) / len(points)
    every = -(-len(points) // _NAMED)
    room = HEIGHT - _BELOW
    for place, point in enumerate(points):
        height = room * point.count / top
        yield Bar(
            x=round(_BESIDE + place * step + step * _GAP / 2, 2),
            y=round(room - height, 2),
            width=round(step * (1 - _GAP), 2),
            height=round(height, 2),
            point=point,
            named=place % every == 0,
        )


def _round(highest: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … that is not below a number."""
    scale = 1
    while True:
        for part in (1, 2, 5):
            if part * scale >= highest:
                return part * scale
        scale *= 10
