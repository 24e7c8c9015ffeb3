"""What is easily missed in a layer that fits its input: pixels that nothing reads, outputs that read nothing, stamps that overlap."""

import math
import operator
from dataclasses import replace

from conv_lib.arguments import LARGEST_SIZE, count


def cautions(settings, shape, both):
    """Sentences on `Settings` on an input of this shape, whose axes are `both`."""
    if len(shape) == 3:
        yield f"three sizes are read as one image (C, H, W) = {shape} without a batch axis, not as a batch of {shape[0]}."
    if shape[-1] in (1, 3, 4) and min(shape[-3:-1]) > shape[-1]:
        batch = "N, " * (len(shape) == 4)
        yield f"the last axis is {shape[-1]}: is this array channels-last ({batch}H, W, C)? the layer takes ({batch}C, H, W)."
    if settings.transposed:
        for axis, line in zip(both, ("row", "column")):
            yield from _of_stamps(settings, axis, line)
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
    unread, last = axis.unread, axis.window(axis.output_size - 1)[-1]
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
    real, seeing, useful = map(operator.mul, *(axis.met for axis in both))
    outputs = both[0].output_size * both[1].output_size
    if seeing < outputs:
        value = "their bias" if settings.bias else "0"
        verb = "sees" if outputs - seeing == 1 else "see"
        many = f"{outputs - seeing:,} of {outputs:,} output{'s' * (outputs != 1)}"
        yield f"{many} {verb} padding only, and are {value}, whatever the input holds."
    taps = settings.kernel_size[0] * settings.kernel_size[1]
    if useful < taps:
        yield f"{taps - useful} of {count(taps, 'tap')} of the kernel meet padded zeros only, so their weights change nothing."
    elif 2 * real < taps * outputs:
        yield f"{100 * (taps * outputs - real) // (taps * outputs)} % of the products multiply a padded zero."


def _of_stamps(settings, axis, line):
    """Where the stamps of a transposed layer are cropped, do not reach, or overlap unevenly."""
    crop, (fewest, rest) = axis.padding[0], divmod(axis.kernel_size, axis.stride)
    nothing = f"nothing but {'the bias' if settings.bias else 'zeros'}"
    if crop:
        yield f"{axis.name}: `padding` cuts {count(crop, line)} off each side, it adds none."
    extra = settings.output_padding[axis.name == "width"]  # it gives back what is cropped, and then goes on behind the last stamp
    behind = min(axis.size, max(0, extra - crop))
    apart = fewest == 0 or math.gcd(axis.stride, axis.dilation) > 1
    stamped = [replace(axis, size=axis.size - behind, padding=(crop, max(0, crop - extra)))] if behind < axis.size else []
    if apart if axis.size > LARGEST_SIZE else any(one.unread for one in stamped):
        where = "between the stamps" if apart else "near the edges"
        numbers = f"stride {axis.stride}, kernel {axis.kernel_size}, dilation {axis.dilation}"
        yield f"{axis.name}: some {line}s {where} get {nothing} ({numbers})."
    if rest and not apart and any(one.output_size > fewest * axis.dilation for one in stamped):
        taps = f"{fewest} or {fewest + 1}"
        yield (
            f"{axis.name}: kernel {axis.kernel_size} is not divisible by stride {axis.stride}, so the {line}s get {taps} taps in turn: "
            "a checkerboard."
        )
    if behind > 0:
        yield f"{axis.name}: `output_padding` adds {count(behind, line)} behind the last stamp, with {nothing}."
