"""The pictures of the race: each layer's time against torch's, and the roofline with the measured layers."""

import math

from benchmarks.report import KINDS, means, ratio
from conv_lib.draw.svg import NARROW, SMALL, WIDE, Panel, line, path, still, words

LEFT, RIGHT, ROW = 92, 52, 26
CIRCLE, SQUARE, DIAMOND = "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", "m-4 -4h8v8h-8z", "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z"

# What the roofline shows: the kinds of layers, and their mark, colour and place in the line of the keys.
GROUPS = {
    "depthwise and photo": (("depthwise", "photo"), CIRCLE, "output", 0),
    "grouped": (("grouped",), SQUARE, "accent", 140),
    "dense": (("1x1", "3x3", "strided", "dilated", "odd"), DIAMOND, "input", 216),
}


def pictures(found):
    """The stills by file name."""
    return {"race": race(found["results"]), "roofline": roofline(found["results"], found["limits"])}


def marks(points, mark, colour):
    """A mark at each point (x, y)."""
    return path("".join(f"M{x:.1f} {y:.1f}{mark}" for x, y in points), fill=colour, stroke="paper")


def race(results):
    """A row per kind: a dot per layer at its ratio of times to torch, a bar at their geometric mean."""
    wide, narrow = (race_panel(results, width) for width in (WIDE, NARROW))
    found = {kind: value for kind, value in means(results).items() if value}
    story = "; ".join(f"{kind}: {value:.2f}" for kind, value in found.items())
    alt = f"Time of conv_lib over time of torch, one thread, geometric means: {story}. Below 1 conv_lib is faster."
    return still([[Panel(wide.width, wide.height, wide.body, narrow)]], alt, "Time of conv_lib divided by time of torch, one thread")


def race_panel(results, width):
    """The race, drawn to a width."""
    low, high = 0.125, 8

    def place(value):
        return LEFT + (width - LEFT - RIGHT) * math.log(min(max(value, low), high) / low) / math.log(high / low)

    bottom = ROW * len(KINDS) + 8
    ticks = [low * 2**n for n in range(0, 7, 1 if width > 400 else 2)]
    body = path([line((place(t), 0), (place(t), bottom)) for t in ticks], stroke="line")
    body += path(line((place(1), 0), (place(1), bottom)), stroke="ink", width=2)
    body += words([(place(t), bottom + 16, f"{t:g}") for t in ticks], "muted", SMALL)
    body += words([(place(1), bottom + 34, "← conv_lib faster   |   torch faster →")], "muted", SMALL)
    found = means(results)
    for k, kind in enumerate(KINDS):
        y = ROW * k + ROW / 2 + 4
        values = [ratio(r, "conv_lib") for r in results if r["kind"] == kind]
        body += words([(LEFT - 10, y + 5, kind)], anchor="end")
        body += path(line((place(found[kind]), y - 10), (place(found[kind]), y + 10)), stroke="kernel", width=4)
        body += marks([(place(value), y) for value in values], CIRCLE, "input")
        body += words([(width, y + 5, f"{found[kind]:.2f}")], "kernel", anchor="end", bold=True)
    return Panel(width, bottom + 40, body)


def roofline(results, limits):
    """Multiply-adds a second against multiply-adds per byte, of conv_lib, under the two limits of the machine."""
    wide, narrow = (roofline_panel(results, limits, width) for width in (WIDE, NARROW))
    peak, speed = limits["macs_per_second"] / 1e9, limits["bytes_per_second"] / 1e9
    alt = (
        f"The roof: {speed:.0f} GB/s of copied memory times the multiply-adds per byte, up to {peak:.0f} billion multiply-adds a second. "
        "Depthwise layers have few multiply-adds per byte and lie low; dense layers lie near the flat roof."
    )
    caption = "Work against what has to be read and written, conv_lib, one thread"
    return still([[Panel(wide.width, wide.height, wide.body, narrow)]], alt, caption)


def roofline_panel(results, limits, width):
    """The roofline, drawn to a width."""
    height, left, low, high = 260, 46, (0.25, 0.5), (1024, 256)

    def place(intensity, speed):
        x = left + (width - left - 14) * math.log(min(max(intensity, low[0]), high[0]) / low[0]) / math.log(high[0] / low[0])
        y = height - height * math.log(min(max(speed, low[1]), high[1]) / low[1]) / math.log(high[1] / low[1])
        return x, y

    peak, copied = limits["macs_per_second"] / 1e9, limits["bytes_per_second"] / 1e9
    knee = peak / copied
    across, up = [0.25, 1, 4, 16, 64, 256, 1024], [1, 4, 16, 64, 256]
    upright = [line(place(t, low[1]), place(t, high[1])) for t in across]
    level = [line(place(low[0], t), place(high[0], t)) for t in up]
    body = path(upright + level, stroke="line")
    body += path(line(place(low[0], low[0] * copied), place(knee, peak), place(high[0], peak)), stroke="ink", width=2)
    body += words([(place(t, low[1])[0], height + 16, f"{t:g}") for t in across], "muted", SMALL)
    body += words([(left - 6, place(low[0], t)[1] + 4, f"{t:g}") for t in up], "muted", SMALL, anchor="end")
    body += words([(left + (width - left) / 2, height + 34, "multiply-adds per byte of input, weights and output")], "muted", SMALL)
    body += words([(left, -8, "billion multiply-adds a second")], "muted", SMALL, anchor="start")
    for label, (kinds, mark, colour, x) in GROUPS.items():
        chosen = [r for r in results if r["kind"] in kinds]
        points = [place(r["macs"] / r["bytes"], r["macs"] / r["seconds"]["conv_lib"][0] / 1e9) for r in chosen]
        body += marks([*points, (left + x + 5, height + 52)], mark, colour)
        body += words([(left + x + 14, height + 56, label)], anchor="start", size=SMALL)
    return Panel(width, height + 84, f'<g transform="translate(0 20)">{body}</g>')
