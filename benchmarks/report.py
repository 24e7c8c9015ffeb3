"""What the race says: ratios, geometric means by kind, memory and growth, as tables of text."""

import math

KINDS = ("1x1", "3x3", "strided", "grouped", "dilated", "depthwise", "photo", "odd")


def ratio(result, name, other="torch"):
    """Time of `name` over time of `other`, by the best rounds; None where one of them did not run."""
    seconds = result["seconds"]
    return seconds[name][0] / seconds[other][0] if name in seconds and other in seconds else None


def spread(result, name, other="torch"):
    """(low, high): the ratio with the quartile of one against the best of the other, as a measure of the noise."""
    a, b = result["seconds"][name], result["seconds"][other]
    return a[0] / b[len(b) // 4], a[len(a) // 4] / b[0]


def mean(ratios):
    """The geometric mean of those that there are; None of none."""
    ratios = [value for value in ratios if value]
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def means(results, name="conv_lib", other="torch"):
    """The geometric mean of the ratio by kind, over all, and the worst layer."""
    found = {kind: mean(ratio(r, name, other) for r in results if r["kind"] == kind) for kind in KINDS}
    ratios = [ratio(r, name, other) for r in results if r["kind"] in KINDS]
    worst = max((value for value in ratios if value), default=None)
    return {**found, "all": mean(ratios), "worst": worst}


def table(results, threads):
    """All layers: the time of torch, and the ratio of each contender to it."""
    names = [name for name in results[0]["seconds"]]
    peers = [name for name in dict.fromkeys(n for r in results for n in r["seconds"]) if name != "torch"]
    lines = [f"Ratio of times, contender / torch; {threads} thread{'s' * (threads > 1)}; below 1 is faster than torch", ""]
    lines.append(f"{'layer':66}{'torch ms':>9} {'product':>8}" + "".join(f"{name:>15}" for name in peers) + "   conv_lib from..to")
    for r in results:
        cells = "".join(f"{show(ratio(r, name)):>15}" for name in peers)
        low, high = spread(r, "conv_lib")
        floor = show(r["product"] / r["seconds"]["torch"][0] if r["product"] else None)
        lines.append(f"{r['name'][:65]:66}{r['seconds'][names[0]][0] * 1e3:9.2f} {floor:>8}{cells}   {low:.2f}..{high:.2f}")
    lines += ["", "Geometric means of conv_lib / other", f"{'kind':12}" + "".join(f"{n:>15}" for n in ["torch", *peers[1:]])]
    columns = [means(results, other=name) for name in ["torch", *peers[1:]]]
    lines += [f"{key:12}" + "".join(f"{show(column[key]):>15}" for column in columns) for key in columns[0]]
    return "\n".join(lines)


def memory_table(results):
    """Peak scratch memory in MB, beyond the result."""
    peers = [name for name in dict.fromkeys(n for r in results for n in r["memory"])]
    lines = ["", "Scratch memory at the peak, MB", f"{'layer':66}" + "".join(f"{name:>15}" for name in peers)]
    for r in results:
        cells = (f"{r['memory'][name] / 2**20:.1f}" if name in r["memory"] else "" for name in peers)
        lines.append(f"{r['name'][:65]:66}" + "".join(f"{cell:>15}" for cell in cells))
    return "\n".join(lines)


def growth_table(growth):
    """How the time grows when one size doubles."""
    lines = ["", "Growth of a 3x3 layer, milliseconds (conv_lib / torch)"]
    for what, points in growth.items():
        cells = (f"{size}: {ours * 1e3:.2f} / {theirs * 1e3:.2f}" for size, ours, theirs in points)
        lines.append(f"{what:10}" + "   ".join(cells))
    return "\n".join(lines)


def show(value):
    """A ratio, or nothing."""
    return f"{value:.2f}" if value else ""
