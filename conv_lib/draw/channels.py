"""The figure of what connects to what: input channels, output channels, groups."""

from conv_lib import arguments
from conv_lib.draw.board import board
from conv_lib.draw.svg import Panel, box, line, path, still, words

ROLES = ("input", "kernel", "output", "accent")


def connectivity(in_channels, out_channels, groups=1, caption=""):
    """Draw which input channels each output channel sums, and the blocks of the weight. Returns a `Still`.

    Raises TypeError and ValueError for channels below 1 or above 32, and for groups that do not divide both.

    >>> connectivity(4, 2, groups=2)
    4 input channels to 2 output channels in 2 groups: group A sums inputs 0, 1 to output 0; group B sums inputs 2, 3 to output 1.
    """
    in_channels = arguments.whole("in_channels", in_channels, 1)
    out_channels = arguments.whole("out_channels", out_channels, 1)
    groups = arguments.whole("groups", groups, 1)
    for name, count in (("in_channels", in_channels), ("out_channels", out_channels)):
        arguments.drawn(name, count, "channels")
    arguments.divides(groups, in_channels, "`in_channels`")
    arguments.divides(groups, out_channels, "`out_channels`")
    ins, outs = in_channels // groups, out_channels // groups
    side, step, across = 26, 34, 150
    tall = max(in_channels, out_channels) * step
    rows = [[(k + 0.5) * tall / count for k in range(count)] for count in (in_channels, out_channels)]
    lines = [[] for _ in ROLES]
    for o in range(out_channels):
        for c in range(ins):
            i = o // outs * ins + c
            lines[o // outs % len(ROLES)].append(line((side + 20, rows[0][i]), (across, rows[1][o])))
    body = "".join(path(found, stroke=role, width=1.5) for role, found in zip(ROLES, lines))
    for at, heights, per in ((20, rows[0], ins), (across, rows[1], outs)):
        for k, y in enumerate(heights):
            body += path(box(at, y - side / 2, side, side), ROLES[k // per % len(ROLES)] + "-soft", "line")
        body += words([(at + side / 2, y + 4, k) for k, y in enumerate(heights)])
    body = f'<g transform="translate(0 24)">{body}</g>' + words([(33, 14, "input"), (across + 13, 14, "output")], "muted")
    used = [[_letter(o // outs) if o // outs == i // ins else "" for i in range(in_channels)] for o in range(out_channels)]
    empty = {(o, i) for o in range(out_channels) for i in range(in_channels) if not used[o][i]}
    matrix = board(used, f"weight: ({out_channels}, {ins}, ·, ·)", role="kernel", padding=empty)
    stories = "; ".join(
        f"group {_letter(g)} sums inputs {_list(g * ins, ins)} to output {_list(g * outs, outs)}" for g in range(groups)
    )
    alt = f"{in_channels} input channels to {out_channels} output channels in {groups} group{'s' * (groups > 1)}: {stories}."
    return still([[Panel(across + side + 2, tall + 26, body), matrix]], alt, caption)


def _letter(group):
    return chr(ord("A") + group % 26)


def _list(first, count):
    return ", ".join(str(first + k) for k in range(count))
