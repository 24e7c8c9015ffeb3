"""A board: a grid of numbers in cells, with what can be marked on it."""

from conv_lib.draw.svg import SMALL, TEXT, Panel, box, hatching, path, text_width, words

HEAD = 22  # the title
LABELS = 18  # row and column numbers


def text(value):
    """A number as it stands in a cell: integers whole, floats to three digits."""
    value = value.item() if hasattr(value, "item") else value
    return str(value) if isinstance(value, (int, str)) else f"{value:.3g}"


def board(values, title, role="input", first=(0, 0), padding=(), unread=(), taps=(), window=None, chosen=None, side=30, labels=True):
    """The panel of a grid of numbers.

    ``values`` are rows of numbers or texts; ``role`` names their colour; ``first`` is the number of the first row and column.
    Cells are sets of (row, column), counted from 0 in `values`: ``padding`` is dashed and italic, ``unread`` hatched, ``taps``
    filled; ``window`` = (row, column, height, width) is framed, and so is the one cell ``chosen``.
    """
    values = [[text(value) for value in row] for row in values]
    height, width = len(values), len(values[0])
    across = max(side, max(text_width(cell) for row in values for cell in row) + 6)
    left, top = LABELS * labels, HEAD + LABELS * labels
    place = {(r, c): (left + c * across, top + r * side) for r in range(height) for c in range(width)}

    def boxes(cells):
        return [box(*place[cell], across, side) for cell in sorted(cells)]

    padding, unread, taps = set(padding), set(unread), set(taps)
    data = set(place) - padding
    body = words([(0, 14, title)], anchor="start", bold=True)
    body += path(boxes(data - taps), f"{role}-soft") + path(boxes(padding - taps), "pad-soft") + path(boxes(taps), "accent-soft")
    body += path([hatching(*place[cell], across, side) for cell in sorted(unread)], stroke="warn", opacity=0.55)
    body += path(boxes(padding), stroke="pad", dash="2 3") + path(boxes(data), stroke=role if role == "accent" else "line")
    for cells, style in ((data, {}), (padding, {"fill": "muted", "italic": True})):
        body += words([_middle(place[r, c], across, side, values[r][c]) for r, c in sorted(cells)], **style)
    if labels:
        columns = [(left + (c + 0.5) * across, top - 5, first[1] + c) for c in range(width)]
        rows = [(left - 9, top + (r + 0.5) * side + 4, first[0] + r) for r in range(height)]
        body += words(columns + rows, "muted", SMALL)
    if window:
        row, column, tall, wide = window
        body += path(box(*place[row, column], wide * across, tall * side), stroke="accent", width=3)
    if chosen:
        body += path(box(*place[chosen], across, side), stroke="accent", width=3)
    return Panel(max(left + width * across, text_width(title)) + 2, top + height * side + 2, body)


def _middle(corner, across, side, word):
    return corner[0] + across / 2, corner[1] + side / 2 + 0.36 * TEXT, word
