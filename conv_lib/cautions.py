"""What is easily missed in a layer that fits its input: pixels that nothing reads, outputs that read nothing, stamps that overlap."""

from collections import Counter

from conv_lib.arguments import count


def cautions(settings, shape, both):
    """Sentences on `Settings` on an input of this shape, whose axes are `both`."""
    if len(shape) == 3:
        yield f"three sizes are read as one image (C, H, W) = {shape} without a batch axis, not as a batch of {shape[0]}."
    if shape[-1] in (1, 3, 4) and min(shape[-3:-1]) > shape[-1]:
        batch = "N, " * (len(shape) == 4)
        yield f"the last axis is {shape[-1]}: is this array channels-last ({batch}H, W, C)? the layer takes ({batch}C, H, W)."
    if settings.transposed:
        for axis, line in zip(both, ("row", "column")):
            yield from _of_stamps(axis, line)
    else:
        yield from _of_windows(settings, both)


def _of_windows(settings, both):
    if not isinstance(settings.padding, str) and len(set(settings.padding)) == 2:
        height, width = settings.padding
        order = f"(left, right, top, bottom) = ({width}, {width}, {height}, {height})"
        yield f"padding={settings.padding} is (height, width), per side; torch.nn.functional.pad takes {order}."
    for axis, line in zip(both, ("row", "column")):
        yield from _of_unread(axis, line)
        if axis.padding[0] != axis.padding[1]:
            yield f"{axis.name}: 'same' pads {axis.padding[0]} before and {axis.padding[1]} after; the extra {line} goes last."
    if settings.padding_mode == "zeros":
        yield from _of_zeros(settings, both)
    elif not any(sum(axis.padding) for axis in both):
        yield f"padding_mode={settings.padding_mode!r} does nothing: the padding is 0."


def _of_unread(axis, line):
    unread, last = axis.unread, axis.taps(axis.output_size - 1)[-1]
    end = tuple(position for position in unread if position > last)
    inner = len(unread) - len(end)
    if end:
        what = f"{line} {end[0]} is" if len(end) == 1 else f"{line}s {end[0]} to {end[-1]} are"
        early = f"{count(axis.left_over, 'pixel')} early" + ", padding included" * (axis.padding[1] > 0)
        yield f"{axis.name}: the last window ends {early}, so {what} never read."
    if inner:
        what = f"1 {line} lies between the taps and is" if inner == 1 else f"{inner} {line}s lie between the taps and are"
        yield f"{axis.name}: {what} never read (stride {axis.stride}, dilation {axis.dilation})."


def _of_zeros(settings, both):
    """Outputs that are nothing but the bias, and taps that meet nothing but padded zeros."""
    met = [[axis.meets(tap) for tap in range(axis.kernel_size)] for axis in both]
    outputs, seeing = both[0].output_size * both[1].output_size, _union(met[0]) * _union(met[1])
    if seeing < outputs:
        value = "their bias" if settings.bias else "0"
        verb = "sees" if outputs - seeing == 1 else "see"
        many = f"{outputs - seeing:,} of {outputs:,} output{'s' * (outputs != 1)}"
        yield f"{many} {verb} padding only, and are {value}, whatever the input holds."
    taps, alive = settings.kernel_size[0] * settings.kernel_size[1], [sum(map(bool, outputs)) for outputs in met]
    useful = alive[0] * alive[1]
    real = sum(map(len, met[0])) * sum(map(len, met[1]))
    if useful < taps:
        yield f"{taps - useful} of {count(taps, 'tap')} of the kernel meet padded zeros only, so their weights change nothing."
    elif 2 * real < taps * outputs:
        yield f"{100 * (taps * outputs - real) // (taps * outputs)} % of the products multiply a padded zero."


def _union(ranges):
    """How many outputs are in at least one of the ranges."""
    total, end = 0, 0
    for one in sorted(filter(None, ranges), key=lambda outputs: outputs.start):
        total += max(0, one.stop - max(one.start, end))
        end = max(end, one.stop)
    return total


def _of_stamps(axis, line):
    """Where the stamps of a transposed layer are cropped, do not reach, or overlap unevenly."""
    crop = axis.padding[0]
    if crop:
        yield f"{axis.name}: `padding` cuts {count(crop, line)} off each side, it adds none."
    phases = Counter(tap * axis.dilation % axis.stride for tap in range(axis.kernel_size))
    counts = sorted({phases[phase] for phase in range(axis.stride)})
    if counts[0] == 0:
        numbers = f"stride {axis.stride}, kernel {axis.kernel_size}, dilation {axis.dilation}"
        yield f"{axis.name}: some {line}s between the stamps get nothing but the bias ({numbers})."
    elif len(counts) > 1:
        many = " or ".join(map(str, counts))
        yield (
            f"{axis.name}: kernel {axis.kernel_size} is not divisible by stride {axis.stride}, so the {line}s get {many} taps in turn: "
            "a checkerboard."
        )
