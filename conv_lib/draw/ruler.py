"""Figures of one spatial axis: the windows on a ruler, the taps of a dilated kernel, the receptive field of a stack of layers."""

from conv_lib import arguments
from conv_lib.draw.board import board
from conv_lib.draw.svg import SMALL, Panel, box, hatching, line, paragraph, path, still, words
from conv_lib.geometry import Axis, effective_kernel_size
from conv_lib.geometry import receptive_field as fields

LEFT = 64  # room for the names of the rows


def axis(axis, caption=""):
    """Draw one `Axis` as a ruler: its positions with the padding, below them every window with its taps. Returns a `Still`.

    A filled square is a tap, with the number of the kernel tap in it. Positions that no window touches are hatched.
    Raises TypeError for anything but an `Axis`, ValueError for more than 32 padded positions.

    >>> axis(Axis(6, 3, stride=2))
    Input of 6 positions, kernel 3, stride 2: 2 outputs. Output 0 reads 0, 1, 2; output 1 reads 2, 3, 4. Never read: 5.
    """
    arguments.instance("axis", axis, Axis)
    arguments.drawn("axis", axis.padded_size, "padded positions")
    positions = range(-axis.padding[0], axis.size + axis.padding[1])
    side, step = 26, 26
    place = {p: LEFT + (p + axis.padding[0]) * side for p in positions}
    inside = range(axis.size)
    blind = [p for p in positions if not axis.users(p)]
    tall = 26 + (axis.output_size + 1) * step
    body = path([box(place[p], 0, side, 24) for p in inside], "input-soft", "line")
    body += path([box(place[p], 0, side, 24) for p in positions if p not in inside], "pad-soft", "pad", dash="2 3")
    body += path([hatching(place[p], 0, side, 24) for p in blind], stroke="warn", opacity=0.55)
    body += words([(place[p] + side / 2, 17, p) for p in inside])
    body += words([(place[p] + side / 2, 17, p) for p in positions if p not in inside], "muted", italic=True)
    rails, taps, numbers = [], [], []
    for i in range(axis.output_size):
        y = 34 + i * step
        reads = axis.taps(i)
        rails.append(line((place[reads[0]] + 4, y + 10), (place[reads[-1]] + side - 4, y + 10)))
        taps += [box(place[p] + 3, y, side - 6, 20) for p in reads]
        numbers += [(place[p] + side / 2, y + 14, k) for k, p in enumerate(reads)]
    body += path(rails, stroke="kernel", width=2) + path(taps, "kernel-soft", "kernel") + words(numbers, size=SMALL)
    names = [(0, 17, "input")] + [(0, 48 + i * step, f"output {i}") for i in range(axis.output_size)]
    body += words(names, "muted", anchor="start")
    never = f"Never read: {', '.join(map(str, blind))}." if blind else "Every position is read."
    ruler = Panel(LEFT + len(positions) * side + 2, tall, body)
    return still([[ruler], [paragraph([_formula(axis), never])]], _axis_alt(axis), caption)


def taps(kernel_size, dilation=1, caption=""):
    """Draw a dilated kernel stuffed with zeros: its taps, and the pixels it spans. Returns a `Still`.

    ``kernel_size`` and ``dilation``: int or (height, width), at least 1. Raises TypeError and ValueError as `conv2d` does.

    >>> taps(3, dilation=2)
    A 3x3 kernel with dilation 2 spans 5x5 pixels and reads 9 of them: rows 0, 2, 4 and columns 0, 2, 4.
    """
    kernel_size, dilation = arguments.pair("kernel_size", kernel_size, 1), arguments.pair("dilation", dilation, 1)
    spans = [effective_kernel_size(k, d) for k, d in zip(kernel_size, dilation)]
    rows, columns = (Axis(span, k, dilation=d).taps(0) for span, k, d in zip(spans, kernel_size, dilation))
    arguments.drawn("kernel_size", max(spans), "pixels from first to last tap")
    values = [["0"] * spans[1] for _ in range(spans[0])]
    for u, row in enumerate(rows):
        for v, column in enumerate(columns):
            values[row][column] = f"{u},{v}"
    zeros = {(r, c) for r in range(spans[0]) for c in range(spans[1])} - {(r, c) for r in rows for c in columns}
    size, span = ("x".join(map(str, both)) for both in (kernel_size, spans))
    d = dilation[0] if dilation[0] == dilation[1] else dilation
    panel = board(values, f"{span} with dilation {d}", role="kernel", padding=zeros)
    lines = ", ".join(map(str, rows)), ", ".join(map(str, columns))
    alt = f"A {size} kernel with dilation {d} spans {span} pixels and reads {len(rows) * len(columns)} of them: rows {lines[0]} and columns {lines[1]}."
    return still([[panel], [paragraph([f"{spans[1]} = {dilation[1]}·({kernel_size[1]} − 1) + 1"])]], alt, caption)


def receptive_field(layers, caption=""):
    """Draw, along one axis, the inputs that one output of a stack of layers reads. Returns a `Still`.

    ``layers``: as for `conv_lib.receptive_field`, first layer first.

    >>> receptive_field([(3, 1, 2)] * 2)
    Receptive field of one output after 2 layers (3, 1, 2), (3, 1, 2): 9 pixels, of which 5 are read: 0, 2, 4, 6, 8.
    """
    found = fields(layers)[-1]
    arguments.drawn("layers", found.size, "pixels in their receptive field")
    counts = _paths(layers)
    side = 26
    read = set(found.offsets)
    values = [[counts.get(p, 0) for p in range(found.size)]]
    panel = board(values, "Ways to the output, per pixel", side=side, unread={(0, p) for p in range(found.size) if p not in read})
    offsets = ", ".join(map(str, found.offsets))
    names = ", ".join(str(tuple(layer)) for layer in layers)
    alt = f"Receptive field of one output after {len(layers)} layers {names}: {found.size} pixels, of which {len(read)} are read: {offsets}."
    return still([[panel]], alt, caption)


def _paths(layers):
    """In how many ways each pixel of the receptive field reaches the output: {position: ways}."""
    ways = {0: 1}
    for kernel_size, stride, dilation in ((*layer, 1, 1)[:3] for layer in reversed(layers)):
        size = (max(ways)) * stride + effective_kernel_size(kernel_size, dilation)
        level = Axis(size, kernel_size, stride, 0, dilation)
        below = {}
        for output, count in ways.items():
            for p in level.taps(output):
                below[p] = below.get(p, 0) + count
        ways = below
    return ways


def _formula(axis):
    before, after = axis.padding
    return f"floor(({axis.size} + {before} + {after} − {axis.effective_kernel_size}) / {axis.stride}) + 1 = {axis.output_size} outputs"


def _axis_alt(axis):
    settings = [f"kernel {axis.kernel_size}"]
    if axis.stride > 1:
        settings.append(f"stride {axis.stride}")
    if any(axis.padding):
        settings.append(f"padding {axis.padding[0]} before and {axis.padding[1]} after")
    if axis.dilation > 1:
        settings.append(f"dilation {axis.dilation}")
    reads = "; ".join(f"output {i} reads {', '.join(map(str, axis.taps(i)))}" for i in range(axis.output_size))
    never = f"Never read: {', '.join(map(str, axis.unread))}." if axis.unread else "Every position is read."
    outputs = f"{axis.output_size} output{'s' * (axis.output_size > 1)}"
    return f"Input of {axis.size} positions, {', '.join(settings)}: {outputs}. {reads[0].upper()}{reads[1:]}. {never}"
