"""Figures of plain grids: an array, several matrices, the padding modes, and how many windows read each pixel."""

from conv_lib import arguments
from conv_lib.draw.board import board, row_of_boards, text
from conv_lib.draw.svg import paragraph, still
from conv_lib.geometry import Axis
from conv_lib.padding import pad, pad_index


def grid(array, caption=""):
    """Draw an array of numbers (H, W), or (C, H, W) one channel beside the other. Returns a `Still`.

    Raises TypeError or ValueError for anything but such an array, and for more than 32 rows or columns.

    >>> import numpy as np
    >>> grid(np.arange(6).reshape(2, 3))
    Grid of 2x3 numbers: 0 1 2 / 3 4 5.
    """
    arguments.drawable("array", array, (2, 3))
    if array.ndim == 2:
        return still([[board(array)]], f"Grid of {_told(array)}.", caption)
    arguments.drawn("array", len(array), "channels")
    panels = row_of_boards([{"values": channel, "title": f"Channel {c}"} for c, channel in enumerate(array)])
    stories = "; ".join(f"channel {c}: {_rows(channel)}" for c, channel in enumerate(array))
    return still([panels], f"{len(array)} channels of {_size(array)} numbers. {stories}.", caption)


def matrices(arrays, caption=""):
    """Draw several arrays (H, W) side by side, each under its title: ``{'title': array, ...}``. Returns a `Still`.

    Raises TypeError or ValueError for anything but a dict of such arrays, and for more than 32 rows or columns.

    >>> import numpy as np
    >>> matrices({"weights": np.array([[1, 2]]), "pixels": np.array([[3], [4]])})
    weights: 1x2 numbers: 1 2; pixels: 2x1 numbers: 3 / 4.
    """
    arguments.titled("arrays", arrays)
    for title, array in arrays.items():
        arguments.drawable(title, array, (2,))
    roles = ("input", "kernel", "output")
    panels = row_of_boards(
        [{"values": array, "title": title, "note": _size(array), "role": roles[k % 3]} for k, (title, array) in enumerate(arrays.items())]
    )
    return still([panels], "; ".join(f"{title}: {_told(array)}" for title, array in arrays.items()) + ".", caption)


def padding_modes(x, padding, caption=""):
    """Draw an array (H, W) padded in the four ways that `Conv2d` knows. Returns a `Still`.

    ``padding``: pixels per side, an int or (height, width). Raises as `pad` does: reflect needs padding below the size,
    circular at most the size.

    >>> import numpy as np
    >>> padding_modes(np.array([[1, 2, 3]]), (0, 1))
    1x3 numbers: 1 2 3; padded by 0 rows and 1 column per side. zeros: 0 1 2 3 0. reflect: 2 1 2 3 2. replicate: 1 1 2
    3 3. circular: 3 1 2 3 1.
    """
    arguments.drawable("x", x, (2,))
    top, left = arguments.pair("padding", padding, 0)
    arguments.drawn("x", max(x.shape[0] + 2 * top, x.shape[1] + 2 * left), "padded rows or columns")
    padded = {mode: pad(x, (top, left), mode) for mode in arguments.PADDING_MODES}
    ring = {
        (r, c)
        for r in range(x.shape[0] + 2 * top)
        for c in range(x.shape[1] + 2 * left)
        if not (top <= r < top + x.shape[0] and left <= c < left + x.shape[1])
    }
    panels = row_of_boards([{"values": values, "title": mode, "first": (-top, -left), "padding": ring} for mode, values in padded.items()])
    stories = " ".join(f"{mode}: {_rows(values)}." for mode, values in padded.items())
    alt = f"{_told(x)}; padded by {_count(top, 'row')} and {_count(left, 'column')} per side. {stories}"
    return still([panels[:2], panels[2:]], alt, caption)


def unread(rows, columns, caption=""):
    """Draw how many windows read each pixel of an input; pixels that none reads are hatched. Returns a `Still`.

    ``rows`` and ``columns`` are the two `Axis` of a convolution; a pixel that their padding mode copies is read through
    its copies too. Raises TypeError for anything else, ValueError for more than 32 rows or columns, or 1024 with padding.

    >>> from conv_lib import Axis
    >>> unread(Axis(6, 3, stride=2), Axis(6, 3, stride=2))
    How many windows read each pixel of a 6x6 input: at most 4; no window reads row 5 and column 5: 11 of 36 pixels.
    """
    for name, axis in (("rows", rows), ("columns", columns)):
        arguments.instance(name, axis, Axis)
        arguments.drawn(name, axis.size, "pixels")
        arguments.drawn(name, axis.padded_size, "padded pixels", most=1024)
    counts = [[row * column for column in _windows(columns)] for row in _windows(rows)]
    zeros = {(r, c) for r, row in enumerate(counts) for c, count in enumerate(row) if count == 0}
    story = "every pixel is read."
    if zeros:
        story = f"no window reads {lines(rows.unread, columns.unread)}: {len(zeros)} of {rows.size * columns.size} pixels."
    most = max(map(max, counts))
    alt = f"How many windows read each pixel of a {rows.size}x{columns.size} input: at most {most}; {story}"
    panel = board(counts, "Windows that read each pixel", f"input {rows.size}x{columns.size}", unread=zeros)
    return still([[panel], [paragraph([f"Hatched: {story}" if zeros else story.capitalize()])]], alt, caption)


def _windows(axis):
    """How many windows read each pixel of an axis, itself or a copy of it in the padding."""
    readers = [set() for _ in range(axis.size)]
    for position, pixel in zip(positions(axis), pad_index(axis.size, axis.padding, axis.padding_mode)):
        if pixel >= 0:
            readers[pixel].update(output for output, _ in axis.users(position))
    return [len(outputs) for outputs in readers]


def positions(axis):
    """All positions of an axis, the padding's too."""
    return range(-axis.padding[0], axis.size + axis.padding[1])


def blind(axis):
    """The pixels of an axis that no window reads, and the positions of its padding that none touches."""
    unread = set(axis.unread)
    return tuple(p for p in positions(axis) if (p in unread if 0 <= p < axis.size else not axis.users(p)))


def lines(rows, columns):
    """Row and column numbers in words.

    >>> lines((5,), (4, 5))
    'row 5 and columns 4, 5'
    """
    named = ((name, numbers) for name, numbers in (("row", rows), ("column", columns)) if numbers)
    return " and ".join(f"{name}{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}" for name, numbers in named)


def _count(number, thing):
    return f"{number} {thing}{'s' * (number != 1)}"


def _size(array):
    return "x".join(map(str, array.shape[-2:]))


def _rows(array):
    return " / ".join(" ".join(map(text, row)) for row in array)


def _told(array):
    return f"{_size(array)} numbers: {_rows(array)}"
