"""What one number of a map sees of the picture, along one axis; and which positions of the picture reach an output.

The browser's twin is ``figures/static/lab_fields.js``; a test holds the two together.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MOST = 4096  # positions of one period, and runs of one field, that are followed

Run = tuple[int, int, int]  # first, count, step


@dataclass(frozen=True)
class Way:
    """How the outputs of a layer read its input along an axis: output i + `period` reads the positions of output i, moved by `advance`.

    ``runs(output)`` gives what it reads as (first, count, step); positions outside the input are led by ``source`` to the one that
    they are copied from, or to -1. ``whole``: each output reads all of the axis, whatever its size. ``lost``: without a period.
    """

    size: int
    outputs: int
    runs: Callable[[int], Iterable[Run]]
    period: int = 1
    advance: int = 1
    whole: bool = False
    lost: bool = False
    source: Callable[[int], int] | None = None
    kernel: int = 1
    _missed: list = field(default_factory=list, compare=False, repr=False)

    def reached(self, used: Sequence[bool]) -> list[bool]:
        """Which inputs the outputs marked in `used` read."""
        marks = [False] * self.size
        for output in range(self.outputs):
            if used[output]:
                for first, count, step in self.runs(output):
                    for at in range(first, first + count * step, step):
                        found = at if 0 <= at < self.size else self.source(at) if self.source else -1
                        if found >= 0:
                            marks[found] = True
        return marks

    @property
    def missed(self) -> tuple[int, ...]:
        """The inputs that no output reads."""
        if not self._missed:
            self._missed.append(tuple(i for i, on in enumerate(self.reached([True] * self.outputs)) if not on))
        return self._missed[0]


class Reads(NamedTuple):
    """The sorted runs (first, last) that the outputs 0 to period - 1 read; output i + period reads the same, moved by `advance`."""

    period: int
    advance: int
    sets: tuple[tuple[tuple[int, int], ...], ...]


class Whole:
    """All of the axis."""


WHOLE = Whole()
START = Reads(1, 1, (((0, 0),),))
Field = Reads | Whole | None  # None: too involved to be told


def through(seen: Field, way: Way) -> Field:
    """The field behind a layer that reads a map of this field in this way."""
    if seen is None or way.lost:
        return None
    if way.whole or isinstance(seen, Whole):
        return WHOLE
    times = seen.period // math.gcd(seen.period, way.advance)
    if times * way.period > MOST:
        return None
    sets = []
    for output in range(times * way.period):
        found = []
        for first, count, step in way.runs(output):
            only = seen.sets[0]
            if seen.period == 1 and len(only) == 1 and seen.advance * step <= only[0][1] - only[0][0] + 1:
                found.append((only[0][0] + first * seen.advance, only[0][1] + (first + (count - 1) * step) * seen.advance))
                continue
            if count * len(only) > 16 * MOST:
                return None
            for at in range(first, first + count * step, step):
                turn, phase = divmod(at, seen.period)
                found += [(low + turn * seen.advance, high + turn * seen.advance) for low, high in seen.sets[phase]]
        merged = _united(found)
        if len(merged) > MOST:
            return None
        sets.append(merged)
    return _settled(Reads(times * way.period, times * way.advance * seen.advance // seen.period, tuple(sets)))


def together(fields: Sequence[Field]) -> Field:
    """What is read through either of several branches."""
    if None in fields:
        return None
    if WHOLE in fields:
        return WHOLE
    first = fields[0]
    period = math.lcm(*(seen.period for seen in fields))
    if period > MOST or any(seen.advance * first.period != first.advance * seen.period for seen in fields):
        return None
    sets = []
    for output in range(period):
        moved = []
        for seen in fields:
            turn, phase = divmod(output, seen.period)
            moved += [(low + turn * seen.advance, high + turn * seen.advance) for low, high in seen.sets[phase]]
        sets.append(_united(moved))
    return _settled(Reads(period, first.advance * period // first.period, tuple(sets)))


def measured(seen: Reads) -> tuple[int, tuple[int, int], int]:
    """The pixels from the first to the last one read, the jump as (over, under), and how many are read: the largest over all outputs."""
    size = max(runs[-1][1] - runs[0][0] + 1 if runs else 0 for runs in seen.sets)
    read = max(sum(high - low + 1 for low, high in runs) for runs in seen.sets)
    shared = math.gcd(seen.advance, seen.period)
    return size, (seen.advance // shared, seen.period // shared), read


def _settled(seen):
    """The shortest period that says the same: a field behind an upsampling often forgets it."""
    for period in range(1, seen.period):
        if seen.period % period or seen.advance * period % seen.period:
            continue
        advance = seen.advance * period // seen.period
        moved = (
            tuple((low + i // period * advance, high + i // period * advance) for low, high in seen.sets[i % period])
            for i in range(seen.period)
        )
        if tuple(moved) == seen.sets:
            return Reads(period, advance, seen.sets[:period])
    return seen


def _united(runs):
    merged = []
    for low, high in sorted(runs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    return tuple(map(tuple, merged))
