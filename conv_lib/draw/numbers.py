"""Figures of numbers: a grid, a convolution with one output's window and sum, the padding modes, the pixels that nothing reads."""

from conv_lib import arguments
from conv_lib.conv import compute
from conv_lib.draw.board import board, text
from conv_lib.draw.svg import paragraph, still
from conv_lib.geometry import Axis
from conv_lib.padding import pad
from conv_lib.plan import make_plan
from conv_lib.trace import Term, trace


def grid(array, caption=""):
    """Draw an array of numbers (H, W), or (C, H, W) one channel beside the other. Returns a `Still`.

    Raises TypeError or ValueError for anything but such an array, and for more than 32 rows or columns.

    >>> import numpy as np
    >>> grid(np.arange(6).reshape(2, 3))
    Grid of 2x3 numbers: 0 1 2 / 3 4 5
    """
    arguments.drawable("array", array, (2, 3))
    panels = [board(channel, title) for channel, title in _channels(array)]
    return still(panels, _grid_alt("Grid", array), caption)


def matrices(arrays, caption=""):
    """Draw several arrays (H, W) side by side, each under its title: ``{'title': array, ...}``. Returns a `Still`.

    >>> import numpy as np
    >>> matrices({"weights": np.array([[1, 2]]), "pixels": np.array([[3], [4]])})
    weights of 1x2 numbers: 1 2; pixels of 2x1 numbers: 3 / 4
    """
    arguments.titled("arrays", arrays)
    for title, array in arrays.items():
        arguments.drawable(title, array, (2,))
    roles = ("input", "kernel", "output")
    panels = [board(array, title, roles[k % 3]) for k, (title, array) in enumerate(arrays.items())]
    return still(panels, "; ".join(_grid_alt(title, array) for title, array in arrays.items()), caption)


def convolution(
    x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros", *, at=None, caption=""
):
    """Draw a convolution: input with its padding, kernel and output, and how one output came to be.

    The arguments are those of `conv2d`, ``padding_mode`` that of `Conv2d`. ``at`` is the index of an output, (n, o, i, j), or
    (o, i, j) when `x` has no batch axis: its window is framed, the pixels that the kernel's taps read are filled, and its sum is
    written below. Without ``at``, the first output channel is drawn. Shown are the channels that this output sums. Padding is
    dashed and italic; positions that no window reads are hatched. Returns a `Still`.
    Raises as `trace` does, and ValueError for more than 32 rows or columns.

    >>> import numpy as np
    >>> x = np.arange(36).reshape(1, 1, 6, 6)
    >>> convolution(x, np.ones((1, 1, 3, 3), int), padding=1, at=(0, 0, 0, 0))
    Input 6x6 with zero padding 1, kernel 3x3 of ones, output 6x6. Output row 0, column 0: 0 + 1 + 6 + 7 = 14.
    """
    plan = make_plan(x, weight, bias, stride, padding, dilation, groups, padding_mode)
    rows, columns = plan.rows, plan.columns
    arguments.drawable("x", x, (3, 4))
    arguments.drawn("x", max(rows.padded_size, columns.padded_size), "padded rows or columns")
    index = (0,) * x.ndim if at is None else at
    found = trace(x, weight, bias, stride, padding, dilation, groups, padding_mode, at=index)
    n, o, i, j = found.at if plan.batched else (0, *found.at)
    channels = sorted({term.channel for term in found.terms})
    top, left = -rows.padding[0], -columns.padding[0]
    marks = {}
    if at is not None:
        start = rows.taps(i)[0] - top, columns.taps(j)[0] - left
        marks["taps"] = {(row - top, column - left) for row in rows.taps(i) for column in columns.taps(j)}
        marks["window"] = (*start, rows.effective_kernel_size, columns.effective_kernel_size)
    padded = plan.padded()[n]
    inputs = [
        board(
            padded[c],
            "Input" if len(plan.x[0]) == 1 else f"Input, channel {c}",
            first=(top, left),
            padding=_ring(rows, columns),
            unread=_unread(rows, columns),
            **marks,
        )
        for c in channels
    ]
    kernels = [board(weight[o, c], _kernel_title(weight, o, c), "kernel") for c in range(weight.shape[1])]
    y = compute(plan)
    y = y[n, o] if plan.batched else y[o]
    output = board(y, "Output" if len(weight) == 1 else f"Output, channel {o}", "output", chosen=(i, j) if at is not None else None)
    note = [paragraph(_sum_lines(found))] if at is not None else []
    return still([*inputs, *kernels, output, *note], _alt(plan, found, at, channels, y), caption)


def padding_modes(x, padding, caption=""):
    """Draw an array (H, W) padded in the four ways that `Conv2d` knows. ``padding``: as for `pad`. Returns a `Still`.

    Raises as `pad` does: reflect needs padding below the size, circular at most the size.

    >>> import numpy as np
    >>> padding_modes(np.array([[1, 2, 3]]), (0, 1))
    The row 1 2 3 with padding 1 on each side: zeros 0 1 2 3 0; reflect 2 1 2 3 2; replicate 1 1 2 3 3; circular 3 1 2 3 1.
    """
    arguments.drawable("x", x, (2,))
    panels, stories = [], []
    for mode in arguments.PADDING_MODES:
        padded = pad(x, padding, mode)
        top, left = ((new - old) // 2 for new, old in zip(padded.shape, x.shape))
        inside = {(r + top, c + left) for r in range(x.shape[0]) for c in range(x.shape[1])}
        ring = {(r, c) for r in range(padded.shape[0]) for c in range(padded.shape[1])} - inside
        panels.append(board(padded, f"'{mode}'", first=(-top, -left), padding=ring))
        stories.append(f"{mode} {_row(padded[top])}")
    row = "row" if len(x) == 1 else "first row"
    alt = f"The {row} {_row(x[0])} with padding {left} on each side: {'; '.join(stories)}."
    return still(panels, alt, caption)


def unread(rows, columns, caption=""):
    """Draw how many windows read each pixel of an input; pixels that none reads are hatched. Returns a `Still`.

    ``rows`` and ``columns`` are the two `Axis` of a convolution. Raises TypeError for anything else, ValueError for more
    than 32 rows or columns.

    >>> from conv_lib import Axis
    >>> unread(Axis(6, 3, stride=2), Axis(6, 3, stride=2))
    How many windows read each pixel of a 6x6 input: at most 4. Never read: row 5; column 5; that is 11 of 36 pixels.
    """
    for name, axis in (("rows", rows), ("columns", columns)):
        arguments.instance(name, axis, Axis)
        arguments.drawn(name, axis.size, "pixels")
    counts = [[len(rows.users(r)) * len(columns.users(c)) for c in range(columns.size)] for r in range(rows.size)]
    zeros = {(r, c) for r, row in enumerate(counts) for c, count in enumerate(row) if count == 0}
    lines = [f"{name}{'s' * (len(axis.unread) > 1)} {', '.join(map(str, axis.unread))}" for name, axis in (("row", rows), ("column", columns)) if axis.unread]
    never = f"Never read: {'; '.join(lines)}; that is {len(zeros)} of {rows.size * columns.size} pixels." if zeros else "Every pixel is read."
    alt = f"How many windows read each pixel of a {rows.size}x{columns.size} input: at most {max(map(max, counts))}. {never}"
    return still([board(counts, "Windows that read each pixel", unread=zeros), paragraph([never])], alt, caption)


def _channels(array):
    return [(array, "")] if array.ndim == 2 else [(channel, f"channel {c}") for c, channel in enumerate(array)]


def _row(numbers):
    return " ".join(map(text, numbers))


def _grid_alt(name, array):
    size = "x".join(map(str, array.shape))
    rows = " / ".join(_row(row) for row in array.reshape(-1, array.shape[-1]))
    return f"{name} of {size} numbers: {rows}"


def _ring(rows, columns):
    """The padded positions, counted from the corner of the padded input."""
    return {
        (r, c)
        for r in range(rows.padded_size)
        for c in range(columns.padded_size)
        if not (0 <= r - rows.padding[0] < rows.size and 0 <= c - columns.padding[0] < columns.size)
    }


def _unread(rows, columns):
    """The positions of the padded input that no window touches, counted from its corner."""
    blind = [[p for p in range(axis.padded_size) if not axis.users(p - axis.padding[0])] for axis in (rows, columns)]
    return {(r, c) for r in range(rows.padded_size) for c in range(columns.padded_size) if r in blind[0] or c in blind[1]}


def _kernel_title(weight, o, c):
    if weight.shape[:2] == (1, 1):
        return "Kernel"
    return f"weight[{o}, {c}]"


def _sum_lines(found):
    """The sum of a trace as sentences: one for a single channel, or one per channel and the total."""
    zeros = f"{found.padded_zeros} of {len(found.terms)} taps read a padded zero." if found.padded_zeros else ""
    where = ", ".join(map(str, found.at[-2:]))
    channels = sorted({term.channel for term in found.terms})
    if len(channels) == 1:
        return [f"Output ({where}): {found.sum()}", zeros]
    parts, totals = [], []
    for c in channels:
        terms = tuple(term for term in found.terms if term.channel == c)
        value = sum(term.product for term in terms)
        parts.append(f"channel {c}: {found._replace(terms=terms, bias=None, value=value).sum()}")
        totals.append(Term(c, 0, 0, 0, 0, 1, value, value, False, (0, 0)))
    return [*parts, f"Output ({where}): {found._replace(terms=tuple(totals)).sum()}", zeros]


def _alt(plan, found, at, channels, y):
    rows, columns = plan.rows, plan.columns
    kernel = "{}x{}".format(*plan.weight.shape[-2:])
    story = f"Input {rows.size}x{columns.size}"
    if len(channels) > 1:
        story += f" of {len(channels)} channels"
    if len(plan.x[0]) > len(channels):
        story += f" (channels {channels[0]} to {channels[-1]} of {len(plan.x[0])})"
    if any((*rows.padding, *columns.padding)):
        sides = {*rows.padding, *columns.padding}
        amount = sides.pop() if len(sides) == 1 else f"{rows.padding} in height and {columns.padding} in width"
        story += f" with {'zero' if plan.padding_mode == 'zeros' else plan.padding_mode} padding {amount}"
    story += f", kernel {kernel}" + (" of ones" if (plan.weight == 1).all() else "")
    for name in ("stride", "dilation"):
        both = getattr(rows, name), getattr(columns, name)
        if both != (1, 1):
            story += f", {name} {both[0] if both[0] == both[1] else both}"
    story += f", output {y.shape[0]}x{y.shape[1]}"
    if at is None:
        return story + "."
    return f"{story}. Output row {found.at[-2]}, column {found.at[-1]}: {found.sum()}."
