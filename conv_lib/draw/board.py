"""A board: a grid of numbers in cells, with what can be marked on it."""

from conv_lib.draw.svg import (
    GAP,
    SMALL,
    TEXT,
    WIDE,
    Panel,
    box,
    digits_width,
    hatching,
    path,
    prose_width,
    words,
)

LABELS = 15  # row and column numbers
BOLD = 1.15  # how much wider bold letters are
ROOMY, MEDIUM, COMPACT = 30, 27, 24  # sides of a cell: for one board, and for several side by side


def text(value):
    """A number as it stands in a cell: whole numbers whole, others to two decimals.

    >>> [text(value) for value in (7, 7.0, -0.125, 0.004, 12345.6, "w")]
    ['7', '7', '-0.12', '0.004', '1.2e+04', 'w']
    """
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, (int, str)):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.2g}"
    if value == round(value, 0) and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.2f}" if 0.01 <= abs(value) < 1000 else f"{value:.2g}"


def board(
    values,
    title="",
    note="",
    role="input",
    first=(0, 0),
    padding=(),
    unread=(),
    taps=(),
    window=None,
    chosen=None,
    side=ROOMY,
):
    """The panel of a grid of numbers, under a title and a small note.

    ``values`` are rows of numbers or texts; ``role`` names their colour, or is a dict that does so per cell;
    ``first`` is the number of the first row and column. Cells are sets of (row, column), counted from 0 in `values`:
    ``padding`` is dashed and italic, ``unread`` hatched, ``taps`` filled; ``window`` = (row, column, height, width)
    is framed, and so is the one cell ``chosen``.
    """
    values = [[text(value) for value in row] for row in values]
    height, width = len(values), len(values[0])
    size, room = TEXT - (side < ROOMY), 0.75 * (side - 22)
    across = max(side, max(digits_width(cell, size) for row in values for cell in row) + room)
    left, top = LABELS, 20 * bool(title) + 16 * bool(note) + LABELS
    place = {(r, c): (left + c * across, top + r * side) for r in range(height) for c in range(width)}

    def boxes(cells):
        return [box(*place[cell], across, side) for cell in sorted(cells)]

    def numbers(cells, **style):
        baseline = side / 2 + 0.36 * size
        return words([(x + across / 2, y + baseline, values[r][c]) for (r, c), (x, y) in cells], size=size, **style)

    padding, unread, taps = set(padding), set(unread), set(taps)
    data = set(place) - padding
    body = words([(0, 14, title)] * bool(title), anchor="start", bold=True)
    body += words([(0, top - LABELS - 5, note)] * bool(note), "muted", SMALL + 1, anchor="start")
    columns = [(left + (c + 0.5) * across, top - 4, first[1] + c) for c in range(width)]
    rows = [(left - 4, top + side / 2 + r * side + 4, first[0] + r) for r in range(height)]
    body += words(columns, "muted", SMALL) + words(rows, "muted", SMALL, anchor="end")
    roles = role if isinstance(role, dict) else dict.fromkeys(place, role)
    for name in sorted(set(roles.values())):
        body += path(boxes(cell for cell in data - taps if roles[cell] == name), f"{name}-soft")
    body += path(boxes(padding - taps), "pad-soft")
    body += path(boxes(taps), "accent-soft")
    body += path([hatching(*place[cell], across, side) for cell in sorted(unread)], stroke="warn", opacity=0.8)
    body += path(boxes(padding), stroke="pad", dash="2 3") + path(boxes(data), stroke="line")
    body += numbers([(cell, place[cell]) for cell in sorted(data)])
    body += numbers([(cell, place[cell]) for cell in sorted(padding)], fill="muted", italic=True)
    if window:
        row, column, tall, wide = window
        body += path(box(*place[row, column], wide * across, tall * side), stroke="accent", width=3)
    if chosen:
        body += path(box(*place[chosen], across, side), stroke="accent", width=3)
    across_all = max(left + width * across + 1, BOLD * prose_width(title), prose_width(note, SMALL + 1))
    return Panel(across_all, top + height * side + 2, body)


def row_of_boards(boards, width=WIDE):
    """The panels of several boards (each a dict of arguments of `board`), with cells as large as fit in one row."""
    for side in (ROOMY, MEDIUM, COMPACT):
        panels = [board(side=side, **board_arguments) for board_arguments in boards]
        if sum(panel.width + GAP for panel in panels) - GAP <= width:
            return panels
    return [board(**board_arguments) for board_arguments in boards]  # they wrap in any case
