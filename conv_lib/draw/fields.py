"""The figures of what an output sees: the taps of a dilated kernel, the receptive field of a stack of layers."""

from dataclasses import dataclass, replace

from conv_lib import arguments
from conv_lib.draw.board import board
from conv_lib.draw.svg import NARROW, SMALL, WIDE, Panel, box, digits_width, line, paragraph, path, still, words
from conv_lib.geometry import Axis, effective_kernel_size
from conv_lib.geometry import receptive_field as fields

LEFT = 92  # room for the names of the layers
LEVEL = 62  # from one layer to the next
MOST = 48  # pixels of a field that can be told apart


def taps(kernel_size, dilation=1, caption=""):
    """Draw a dilated kernel as the larger kernel that it equals: its taps, with zeros between. Returns a `Still`.

    ``kernel_size`` and ``dilation``: int or (height, width), at least 1. A tap holds its index in the kernel, row and
    column. Raises TypeError and ValueError as `conv2d` does, and ValueError for a span over 32 pixels.

    >>> taps(3, dilation=2)
    A 3x3 kernel with dilation 2 spans 5x5 pixels and reads 9 of them: rows 0, 2, 4 and columns 0, 2, 4; the others
    are zeros.
    """
    sizes, dilations = arguments.pair("kernel_size", kernel_size, 1), arguments.pair("dilation", dilation, 1)
    spans = list(map(effective_kernel_size, sizes, dilations))
    arguments.drawn("kernel_size", max(spans), "pixels from first to last tap")
    rows, columns = (Axis(*axis).taps(0) for axis in zip(spans, sizes, (1, 1), (0, 0), dilations, strict=True))
    index = {(r, c): f"{u},{v}" for u, r in enumerate(rows) for v, c in enumerate(columns)}
    cells = [(r, c) for r in range(spans[0]) for c in range(spans[1])]
    values = [[index.get((r, c), "0") for c in range(spans[1])] for r in range(spans[0])]
    name, span = ("x".join(map(str, both)) for both in (sizes, spans))
    gap = dilations[0] if len(set(dilations)) == 1 else dilations
    panel = board(values, f"{name} kernel, dilation {gap}", f"spans {span}", "kernel", padding=set(cells) - set(index))
    sums = [f"{d}·({k} - 1) + 1 = {s}" for d, k, s in zip(dilations, sizes, spans, strict=True)]
    note = f"Height and width: {sums[0]}" if sums[0] == sums[1] else f"Height: {sums[0]}; width: {sums[1]}"
    reads = f"rows {', '.join(map(str, rows))} and columns {', '.join(map(str, columns))}"
    others = "; the others are zeros" * (len(index) < len(cells))
    alt = f"A {name} kernel with dilation {gap} spans {span} pixels and reads {len(index)} of them: {reads}{others}."
    return still([[panel], [paragraph([note])]], alt, caption)


def receptive_field(layers, caption=""):
    """Draw which inputs one output of a stack of layers reads: layer by layer along an axis, and as a square.

    ``layers`` is that of `conv_lib.receptive_field`: (kernel_size, stride, dilation) each, the first layer first. The
    number below a pixel counts the ways from it to the output; pixels without a way are dashed. In the square, the
    stronger the colour, the more ways. Returns a `Still`. Raises as `conv_lib.receptive_field` does, and ValueError for
    a field over 48 pixels.

    >>> receptive_field([(3, 1, 2)] * 2)
    One output after 2 layers (kernel 3, dilation 2; kernel 3, dilation 2) sees 9 pixels along an axis and reads 5 of
    them: 0, 2, 4, 6, 8. In the square it reads 25 of 81.
    """
    every = fields(layers)
    arguments.whole("len(layers)", len(every), 1)
    found = every[-1]
    arguments.drawn("layers", found.size, "pixels in their receptive field", most=MOST)
    levels = _levels(layers)
    ways = [levels[0].ways.get(p, 0) for p in range(found.size)]
    wide, narrow = (_tree(levels, ways, max(9, min(26, (width - LEFT) // found.size))) for width in (WIDE, NARROW))
    names = "; ".join(level.name for level in levels[1:])
    read = len(found.offsets)
    alt = (
        f"One output after {len(layers)} layer{'s' * (len(layers) > 1)} ({names}) sees {found.size} pixels along an "
        f"axis and reads {read} of them: {', '.join(map(str, found.offsets))}. "
        f"In the square it reads {read**2} of {found.size**2}."
    )
    note = f"Along an axis: {found.size} pixels, {read} of them read. In the square: {read**2} of {found.size**2}."
    return still([[replace(wide, narrow=narrow), _square(ways)], [paragraph([note])]], alt, caption)


@dataclass(frozen=True)
class Level:
    """One row of the tree: the input (level 0), or the output of a layer.

    ``count``: its positions inside the field; ``size`` and ``jump``: input pixels that one position sees, and from
    one to the next; ``ways``: {position: ways from it to the output}; ``axis``: the layer that reads this level, None
    for the last one.
    """

    name: str
    count: int
    size: int
    jump: int
    ways: dict
    axis: Axis | None


def _levels(layers):
    """The input and the output of each layer, in the order of the stack."""
    layers = [(*layer, 1, 1)[:3] for layer in layers]
    levels, ways = [], {0: 1}
    for depth in range(len(layers), -1, -1):
        axis = None
        if depth < len(layers):
            kernel_size, stride, dilation = layers[depth]
            axis = Axis(fields(layers[depth:])[-1].size, kernel_size, stride, 0, dilation)
            ways = _ways_below(ways, axis)
        count = axis.size if axis else 1
        size, jump = fields(layers[:depth])[-1][:2] if depth else (1, 1)
        levels.insert(0, Level(_name(*layers[depth - 1]) if depth else "input", count, size, jump, ways, axis))
    return levels


def _ways_below(ways, axis):
    """Each way to an output is a way through every input that this output reads."""
    below = {}
    for output, count in ways.items():
        for p in axis.taps(output):
            below[p] = below.get(p, 0) + count
    return below


def _name(kernel_size, stride, dilation):
    parts = [f"kernel {kernel_size}", *[f"stride {stride}"] * (stride > 1), *[f"dilation {dilation}"] * (dilation > 1)]
    return ", ".join(parts)


def _tree(levels, ways, side):
    """The output on top, the input at the bottom, lines from every position to those that it reads."""
    node = min(18, side - 3)

    def centre(level, p):
        return LEFT + (p * level.jump + level.size / 2) * side

    links, read, unread, names = [], [], [], []
    for depth, level in enumerate(levels):
        y = (len(levels) - 1 - depth) * LEVEL
        names.append((0, y + 13, f"layer {depth}" if depth else "input"))
        for p in range(level.count):
            (read if p in level.ways else unread).append(box(centre(level, p) - node / 2, y, node, node))
        if level.axis:
            above = levels[depth + 1]
            links += [
                line((centre(above, q), y - LEVEL + node), (centre(level, p), y)) for q in sorted(above.ways) for p in level.axis.taps(q)
            ]
    bottom = (len(levels) - 1) * LEVEL + node
    body = path(links, stroke="muted", width=1, opacity=0.8)
    body += path(read, "input-soft", "input") + path(unread, "pad-soft", "pad", dash="2 2")
    body += words(names, bold=True, anchor="start", size=SMALL + 1)
    for depth, level in enumerate(levels[1:], 1):
        y = (len(levels) - 1 - depth) * LEVEL
        body += words([(0, y + 27 + 13 * k, part) for k, part in enumerate(level.name.split(", "))], "muted", SMALL, "start")
    if digits_width(str(max(ways)), SMALL) < side:
        body += words([(centre(levels[0], p), bottom + 14, n) for p, n in enumerate(ways) if n], size=SMALL)
        body += words([(0, bottom + 14, "ways")], "muted", SMALL, "start")
    return Panel(LEFT + levels[0].count * side, bottom + 20, body)


def _square(ways):
    """The field in two dimensions: the ways along the rows times those along the columns."""
    side = min(16, 230 // len(ways))
    most = max(ways) ** 2
    cells = {}
    for r, down in enumerate(ways):
        for c, across in enumerate(ways):
            cells.setdefault(down * across, []).append(box(c * side, 24 + r * side, side, side))
    body = words([(0, 14, f"Pixels read, {len(ways)}x{len(ways)}")], anchor="start", bold=True)
    body += path(cells.pop(0, []), "pad-soft", "line", 0.5)
    body += "".join(path(cells[n], "input", "paper", opacity=0.25 + 0.75 * n / most) for n in sorted(cells))
    return Panel(len(ways) * side + 1, 25 + len(ways) * side, body)
