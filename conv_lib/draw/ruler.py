"""The figure of one spatial axis: its positions as a ruler, and below them each window with its taps."""

from dataclasses import replace
from itertools import pairwise

from conv_lib import arguments
from conv_lib.draw.grids import blind, positions
from conv_lib.draw.svg import NARROW, SMALL, TEXT, WIDE, Panel, box, hatching, line, paragraph, path, still, words
from conv_lib.explain import size_formula
from conv_lib.geometry import Axis

LEFT = 62  # room for the names of the rows
TALL, STEP = 24, 27  # the height of the ruler, and of a window's row
MOST = 22  # positions shown; of a longer axis, both ends
WINDOWS = 9  # windows shown; of more, the first and the last ones


def axis(axis, caption=""):
    """Draw one `Axis` as a ruler: its positions with the padding, below them each window with its taps.

    Returns a `Still`. A square below a position is a tap that reads it, with the index of the kernel's weight in it.
    Positions that no window reads are hatched. Of an axis over 22 padded positions both ends are drawn, of more than
    9 windows the first and the last. Raises TypeError for anything but an `Axis`, ValueError for more than 1024
    padded positions.

    >>> axis(Axis(6, 3, stride=2))
    6 positions, kernel 3, stride 2. Output 0 reads 0, 1, 2; output 1 reads 2, 3, 4. No window reads position 5.
    Outputs: floor((6 + 0 + 0 - 3) / 2) + 1 = 2.
    """
    arguments.instance("axis", axis, Axis)
    arguments.drawn("axis", axis.padded_size, "padded positions", most=1024)
    ends = _ends(positions(axis), MOST)
    columns = len(ends) + (len(ends) < axis.padded_size)
    never_read = blind(axis)
    wide, narrow = (_ruler(axis, ends, never_read, _side(ends, columns, width)) for width in (WIDE, NARROW))
    never = _never(axis, never_read)
    hatched = f"Hatched: {never[0].lower()}{never[1:]}." if never_read else f"{never}."
    notes = paragraph([f"Outputs: {size_formula(axis)}.", hatched])
    shown = _ends(range(axis.output_size), WINDOWS)
    reads = "; ".join(f"output {i} reads {_reads(axis.taps(i))}" for i in shown)
    alt = f"{_setting(axis)}. {reads[0].upper()}{reads[1:]}. {never}. Outputs: {size_formula(axis)}."
    return still([[replace(wide, narrow=narrow)], [notes]], alt, caption)


def _side(ends, columns, width):
    """The width of a position: as much as the page allows, up to 28 pixels and at least what its number needs."""
    least = 18 if ends[-1] < 100 else 24
    return max(least, min(28, (width - LEFT) // columns))


def _reads(taps):
    """Positions in words: some by name, many by the first, the second and the last."""
    return ", ".join(map(str, taps)) if len(taps) < 6 else f"{taps[0]}, {taps[1]}, … {taps[-1]}"


def _ends(items, most):
    """All items, or as many from both ends as make up `most`."""
    items = tuple(items)
    return items if len(items) <= most else items[: most - most // 2] + items[-(most // 2) :]


def _ruler(axis, ends, never_read, side):
    size = SMALL if side < 24 or max(map(len, map(str, ends))) > 2 else TEXT
    place, x = {}, LEFT
    for before, p in pairwise((ends[0] - 1, *ends)):
        x += side * (p != before + 1)  # room for the dots where positions are left out
        place[p] = x
        x += side
    inside = [p for p in ends if 0 <= p < axis.size]
    padding = [p for p in ends if p not in inside]
    baseline = TALL / 2 + 0.36 * size
    body = path([box(place[p], 0, side, TALL) for p in inside], "input-soft", "line")
    body += path([box(place[p], 0, side, TALL) for p in padding], "pad-soft", "pad", dash="2 3")
    body += path([hatching(place[p], 0, side, TALL) for p in ends if p in never_read], stroke="warn", opacity=0.8)
    body += words([(place[p] + side / 2, baseline, p) for p in inside], size=size)
    body += words([(place[p] + side / 2, baseline, p) for p in padding], "muted", size, italic=True)
    names, dots, y = [(0, baseline, "input")], [], TALL + 8
    gaps = [place[p] - side / 2 for before, p in pairwise(ends) if p != before + 1]
    windows = [i for i in _ends(range(axis.output_size), WINDOWS) if not place.keys().isdisjoint(axis.taps(i))]
    for before, i in pairwise((-1, *windows)):
        if i != before + 1:
            dots.append((LEFT / 2, y + 14, "⋮"))
            y += STEP
        names.append((0, y + 15, f"output {i}"))
        body += _window(axis.taps(i), place, side, y)
        y += STEP
    body += words(names, "muted", SMALL + 1, anchor="start") + words([(gap, baseline, "⋯") for gap in gaps] + dots, "muted")
    return Panel(x + 1, y, body)


def _window(taps, place, side, y):
    """One row: the taps as squares, and a rail that holds them together."""
    middle = y + 10
    centres = [place[p] + side / 2 for p in taps if p in place]
    start, end = centres[0] - side * (taps[0] not in place), centres[-1] + side * (taps[-1] not in place)
    rail = path(line((start, middle), (end, middle)), stroke="kernel", width=2)
    squares = path([box(place[p] + 2, y, side - 4, 20) for p in taps if p in place], "kernel-soft", "kernel")
    indices = [(place[p] + side / 2, y + 14, k) for k, p in enumerate(taps) if p in place]
    return rail + squares + words(indices, size=SMALL)


def _setting(axis):
    parts = [f"{arguments.count(axis.size, 'position')}, kernel {axis.kernel_size}"]
    parts += [f"stride {axis.stride}"] * (axis.stride > 1)
    mode = f"{axis.padding_mode} " * (axis.padding_mode != "zeros")
    parts += [f"{mode}padding {axis.padding[0]} before and {axis.padding[1]} after"] * any(axis.padding)
    parts += [f"dilation {axis.dilation}"] * (axis.dilation > 1)
    return ", ".join(parts)


def _never(axis, never_read):
    """Which positions no window reads, in words; those in the padding are named apart."""
    if not never_read:
        return "Every position is read"
    parts = []
    for what, found in (
        ("position", [p for p in never_read if 0 <= p < axis.size]),
        ("padding", [p for p in never_read if not 0 <= p < axis.size]),
    ):
        if found:
            shown = ", ".join(map(str, found[:8])) + f", … ({len(found)} in all)" * (len(found) > 8)
            parts.append(f"{what}{'s' * (what == 'position' and len(found) > 1)} {shown}")
    return f"No window reads {' and '.join(parts)}"
