"""The figure of what connects to what: input channels, output channels, groups."""

from conv_lib import arguments
from conv_lib.draw.board import MEDIUM, board
from conv_lib.draw.svg import SMALL, TEXT, Panel, box, line, path, still, words

# The colours of the groups, in turn; their letters tell them apart as well.
ROLES = ("input", "kernel", "output", "accent")
LEFT, ACROSS, TOP = 34, 170, 44  # where the inputs stand, where the outputs, and where both begin


def connectivity(in_channels, out_channels, groups=1, caption=""):
    """Draw which input channels each output channel sums, and the blocks of the weight that do it. Returns a `Still`.

    Channels are counted from 0, groups are A, B, C and so on. In the weight, a row is an output channel and a column
    an input channel; dashed cells have no weight. Raises TypeError and ValueError for channels below 1 or above 32,
    and for `groups` that does not divide both.

    >>> connectivity(4, 2, groups=2)
    4 input channels to 2 output channels in 2 groups. Group A: inputs 0, 1 to output 0; group B: inputs 2, 3 to
    output 1. Weight of shape (2, 2, K_h, K_w).
    """
    in_channels = arguments.whole("in_channels", in_channels, 1)
    out_channels = arguments.whole("out_channels", out_channels, 1)
    groups = arguments.whole("groups", groups, 1)
    for name, count in (("in_channels", in_channels), ("out_channels", out_channels)):
        arguments.drawn(name, count, "channels")
        arguments.divides(groups, count, f"`{name}`")
    ins, outs = in_channels // groups, out_channels // groups
    blocks = [(range(g * ins, (g + 1) * ins), range(g * outs, (g + 1) * outs)) for g in range(groups)]
    group = {(o, i): g for g, (inputs, outputs) in enumerate(blocks) for o in outputs for i in inputs}
    cells = [(o, i) for o in range(out_channels) for i in range(in_channels)]
    shape = f"({out_channels}, {ins}, K_h, K_w)"
    matrix = board(
        [[_letter(group.get((o, i))) for i in range(in_channels)] for o in range(out_channels)],
        f"weight {shape}",
        "row: output, column: input",
        {cell: _role(group.get(cell)) for cell in cells},
        padding=set(cells) - set(group),
        side=MEDIUM,
    )
    stories = "; ".join(f"group {_letter(g)}: input{_list(inputs)} to output{_list(outputs)}" for g, (inputs, outputs) in enumerate(blocks))
    alt = (
        f"{in_channels} input channel{'s' * (in_channels > 1)} to {out_channels} output "
        f"channel{'s' * (out_channels > 1)} in {groups} group{'s' * (groups > 1)}. "
        f"{stories[0].upper()}{stories[1:]}. Weight of shape {shape}."
    )
    return still([[_lines(in_channels, out_channels, blocks), matrix]], alt, caption)


def _lines(in_channels, out_channels, blocks):
    """Both columns of channels, with a line for each weight."""
    most = max(in_channels, out_channels)
    step, side = (34, 26) if most <= 8 else (24, 20)

    def middle(channel, channels):
        return TOP + (channel + 0.5) * most * step / channels

    body = words([(LEFT + side / 2, 14, "input"), (ACROSS + side / 2, 14, "output")], bold=True)
    body += words([(LEFT + side / 2, 30, "channels"), (ACROSS + side / 2, 30, "channels")], "muted", SMALL + 1)
    letters = []
    for g, (inputs, outputs) in enumerate(blocks):
        left, right = ([middle(k, n) for k in part] for part, n in ((inputs, in_channels), (outputs, out_channels)))
        body += path([line((LEFT + side, a), (ACROSS, b)) for b in right for a in left], stroke=_role(g), width=1.5)
        nodes = [(LEFT, y) for y in left] + [(ACROSS, y) for y in right]
        body += path([box(x, y - side / 2, side, side) for x, y in nodes], f"{_role(g)}-soft", _role(g))
        for x, inner, column in ((LEFT - 14, 4, left), (ACROSS + side + 14, -4, right)):
            top, bottom = column[0] - side / 2, column[-1] + side / 2
            body += path(
                line((x + inner + inner, top), (x + inner, top), (x + inner, bottom), (x + inner + inner, bottom)),
                stroke="muted",
            )
            letters.append((x - inner - inner / 2, (top + bottom) / 2 + 4.5, _letter(g)))
    numbers = [(LEFT + side / 2, middle(k, in_channels) + 4.5, k) for k in range(in_channels)]
    numbers += [(ACROSS + side / 2, middle(k, out_channels) + 4.5, k) for k in range(out_channels)]
    body += words(numbers, size=TEXT) + words(letters, bold=True)
    return Panel(ACROSS + side + 30, TOP + most * step, body)


def _role(group):
    return "pad" if group is None else ROLES[group % len(ROLES)]


def _letter(group):
    """A, B, … Z, AA, AB, …; nothing for no group."""
    if group is None:
        return ""
    return ("" if group < 26 else "A") + chr(ord("A") + group % 26)


def _list(channels):
    return f"{'s' * (len(channels) > 1)} {', '.join(map(str, channels))}"
