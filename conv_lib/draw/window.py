"""The figure of a convolution: input with its padding, kernel, output; and how one output came to be."""

from conv_lib import arguments
from conv_lib.conv import compute
from conv_lib.draw.board import board, row_of_boards
from conv_lib.draw.grids import blind, lines, positions
from conv_lib.draw.svg import NARROW, paragraph, still
from conv_lib.plan import make_plan
from conv_lib.trace import Term, added, trace


def convolution(
    x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros", *, at=None, question="", caption=""
):
    """Draw a convolution: input with its padding, kernel and output, and how one output came to be.

    The arguments are those of `conv2d`, ``padding_mode`` that of `Conv2d`. ``at`` is the index of an output, (n, o,
    i, j), or (o, i, j) when `x` has no batch axis: its window is framed, the pixels that the taps of the kernel read
    are filled, and its sum is written below, channel by channel. Without ``at`` nothing is framed, and the output
    channel is 0. Drawn are the input channels that this output channel sums. Padding is dashed and italic; positions
    that no window reads are hatched. With a ``question`` the outputs are question marks and no sum is written: the
    question stands there, for the reader to answer.

    Returns a `Still`. Raises as `trace` does, and ValueError for more than 32 rows, columns or channels.

    >>> import numpy as np
    >>> x = np.arange(36).reshape(1, 1, 6, 6)
    >>> convolution(x, np.ones((1, 1, 3, 3), int), stride=2, padding=1, at=(0, 0, 0, 0))
    Input 6x6 with zero padding 1, kernel 3x3 of ones, stride 2, output 3x3. No window reads row 6 and column 6.
    Output at row 0, column 0: 0 + 1 + 6 + 7 = 14.
    """
    plan = make_plan(x, weight, bias, stride, padding, dilation, groups, padding_mode)
    rows, columns = plan.rows, plan.columns
    arguments.word("question", question)
    arguments.drawable("x", x, (3, 4))
    arguments.drawn("x", max(rows.padded_size, columns.padded_size), "padded rows or columns")
    arguments.drawn("weight", weight.shape[1], "channels")
    index = (0,) * x.ndim if at is None else at
    found = trace(x, weight, bias, stride, padding, dilation, groups, padding_mode, at=index)
    n, o, i, j = found.at if plan.batched else (0, *found.at)
    channels = sorted({term.channel for term in found.terms})
    never_read = blind(rows), blind(columns)
    marks = {
        "first": (-rows.padding[0], -columns.padding[0]),
        "padding": _ring(rows, columns),
        "unread": _cross(rows, columns, *never_read),
    }
    if at is not None:
        marks |= _window(rows, columns, i, j)
    size = f"{rows.size}x{columns.size}" + _padding_words(plan, ", ")
    padded = plan.padded()[n]
    inputs = row_of_boards([{"values": padded[c], "title": _title("Input", c, len(padded)), "note": size, **marks} for c in channels])
    kernels = row_of_boards(
        [
            {
                "values": weight[o, k],
                "title": _kernel_title(weight, o, k),
                "note": _kernel_note(weight, c),
                "role": "kernel",
            }
            for k, c in enumerate(channels)
        ],
        NARROW,
    )
    y = compute(plan)[(n, o) if plan.batched else o]
    chosen = None if at is None else (i, j)
    numbers = [["?"] * y.shape[1]] * y.shape[0] if question else y
    output = board(numbers, _title("Output", o, len(weight)), "{}x{}".format(*y.shape), "output", chosen=chosen)
    never = [f"No window reads {lines(*never_read)}"] if any(never_read) else []
    told = [f"Predict first: {question}"] if question else [] if at is None else _sums(found)
    sentences = told + [f"Hatched: {text[0].lower()}{text[1:]}." for text in never]
    story = [_setting(plan, channels, y), *never]
    if question:
        story.append(f"{told[0]} The outputs are hidden")
    elif at is not None:
        story.append(f"Output at row {i}, column {j}: {found.sum()}")
    boards = [[*inputs, *kernels, output]] if len(channels) == 1 else [inputs, [*kernels, output]]
    notes = [[paragraph(sentences)]] if sentences else []
    return still(boards + notes, ". ".join(story) + ".", caption)


def _kernel_title(weight, o, k):
    return "Kernel" if weight.shape[:2] == (1, 1) else f"weight[{o}, {k}]"


def _kernel_note(weight, channel):
    return "{}x{}".format(*weight.shape[-2:]) if weight.shape[1] == 1 else f"for channel {channel}"


def _cells(rows, columns):
    """All cells of the padded input: (row, column) of the cell, counted from its corner, and of its position."""
    return [((r, c), (p, q)) for r, p in enumerate(positions(rows)) for c, q in enumerate(positions(columns))]


def _ring(rows, columns):
    return {cell for cell, (p, q) in _cells(rows, columns) if not (0 <= p < rows.size and 0 <= q < columns.size)}


def _cross(rows, columns, blind_rows, blind_columns):
    return {cell for cell, (p, q) in _cells(rows, columns) if p in blind_rows or q in blind_columns}


def _window(rows, columns, i, j):
    """The frame of one window, and the cells that its taps read."""
    down, across = ([p + axis.padding[0] for p in axis.taps(k)] for axis, k in ((rows, i), (columns, j)))
    frame = down[0], across[0], rows.effective_kernel_size, columns.effective_kernel_size
    return {"window": frame, "taps": {(r, c) for r in down for c in across}}


def _title(name, channel, channels):
    return name if channels == 1 else f"{name}, channel {channel}"


def _both(rows, columns):
    """Two numbers, or one when they are the same."""
    return str(rows) if rows == columns else f"({rows}, {columns})"


def _padding_words(plan, before):
    sides = [_both(*axis.padding) for axis in (plan.rows, plan.columns)]
    if set(sides) == {"0"}:
        return ""
    mode = "zero" if plan.padding_mode == "zeros" else plan.padding_mode
    return f"{before}{mode} padding {_both(*sides)}"


def _setting(plan, channels, y):
    """The layer in words."""
    rows, columns = plan.rows, plan.columns
    words = [f"Input {rows.size}x{columns.size}"]
    if plan.x.shape[1] > 1:
        plural = "s" * (len(channels) > 1)
        all_of_them = len(channels) == plan.x.shape[1]
        some = f"channel{plural} {', '.join(map(str, channels))} of {plan.x.shape[1]}"
        words[0] += f", {len(channels)} channels" if all_of_them else f", {some}"
    words[0] += _padding_words(plan, " with ")
    words.append("kernel {}x{}".format(*plan.weight.shape[-2:]) + " of ones" * bool((plan.weight == 1).all()))
    for name in ("stride", "dilation"):
        value = _both(getattr(rows, name), getattr(columns, name))
        words += [f"{name} {value}"] * (value != "1")
    return ", ".join([*words, "output {}x{}".format(*y.shape)])


def _sums(found):
    """The sum of a trace as sentences: one per channel and the total; a single one where a channel has one term."""
    where = "Output ({}, {})".format(*found.at[-2:])
    taps = f"{found.padded_zeros} of {arguments.count(len(found.terms), 'tap')}"
    zeros = [f"{taps} {'reads' if found.padded_zeros == 1 else 'read'} a padded zero."] if found.padded_zeros else []
    channels = sorted({term.channel for term in found.terms})
    if len(channels) in (1, len(found.terms)):
        return [f"{where}: {found.sum()}", *zeros]
    sentences, totals = [], []
    for c in channels:
        terms = tuple(term for term in found.terms if term.channel == c)
        value = added(terms)
        sentences.append(f"Channel {c}: {found._replace(terms=terms, bias=None, value=value).sum()}")
        totals.append(Term(c, 0, 0, 0, 0, 1, value, value, False, (0, 0)))  # the channel's sum, with weight 1
    return [*sentences, f"{where}: {found._replace(terms=tuple(totals)).sum()}", *zeros]
