"""Why a layer and an input do not fit, all of it; and what would mend it, each cure tried on the geometry before it is told."""

import math
import operator

from conv_lib import arguments
from conv_lib.geometry import effective_kernel_size, smallest_input, tensorflow_padding
from conv_lib.settings import Settings


def problem_and_cure(settings: Settings, shape: tuple[int, ...]) -> tuple[str, str] | None:
    """What does not fit, and what would mend it; None where all fits."""
    found = problems(settings, shape)
    if not found:
        return None
    if len(shape) in (3, 4):
        cure = _first_that_fits(settings, _moves(shape, settings.in_channels))
        return " ".join(found), cure or f"{', or '.join(_cures(settings, shape))}."
    least = _least_input(settings, (1, 1))
    bring = f"bring it to (N, {settings.in_channels}, H, W) or ({settings.in_channels}, H, W)"
    if problems(settings, (settings.in_channels, *least)):  # then no input fits
        return " ".join(found), f"{bring}, use padding=0, and pad it first: by how much, this account tells for that shape."
    reshaped = _first_that_fits(settings, _reshapes(shape, settings.in_channels))
    return found[0], reshaped or f"{bring} with at least {least[0]}x{least[1]} pixels."


def problems(settings: Settings, shape: tuple[int, ...]) -> list[str]:
    """All that does not fit, as sentences."""
    if len(shape) not in (3, 4):
        return [f"the input has {arguments.count(len(shape), 'size')} {shape}; a 2-D convolution takes 4 (N, C, H, W) or 3 (C, H, W)."]
    found = []
    if shape[-3] != settings.in_channels:
        axis = len(shape) - 3
        found.append(f"axis {axis} (channels) of the input is {shape[-3]}, and the layer takes `in_channels` (={settings.in_channels}).")
    rows, columns = (_axis_problems(settings, one) for one in settings.per_axis(shape))
    if rows and [text.replace("the width", "the height") for text in columns] == rows:
        return found + [text.replace("the height", "the height and the width") for text in rows]
    return found + rows + columns


def _axis_problems(settings, one):
    """What does not fit along an axis: the kernel into the input, and the input into the padding mode."""
    found = []
    for mode in dict.fromkeys(("zeros", settings.padding_mode)):
        try:
            settings.axis(one, mode)
        except ValueError as error:
            found.append(str(error))
    return list(dict.fromkeys(found))


def _first_that_fits(settings, candidates):
    """The first change of the input, of pairs (text, new shape), that the layer would accept."""
    return next((f"{text}." for text, shape in candidates if not problems(settings, shape)), None)


def _reshapes(shape, wanted):
    """Ways to bring an input of the wrong number of axes to 3 or 4."""
    if len(shape) > 4:
        merged = (math.prod(shape[:-3]), *shape[-3:])
        yield f"merge the leading axes: x.reshape{merged}", merged
        return
    side = math.isqrt(shape[-1] // wanted)
    if wanted * side * side == shape[-1]:
        flat = (*shape[:-1], wanted, side, side) if len(shape) == 2 else (1, wanted, side, side)
        yield f"undo the flattening: x.reshape{flat}", flat
    if len(shape) == 2:
        yield f"add the axes of batch and channel: x[None, None] has shape {(1, 1, *shape)}", (1, 1, *shape)


def _moves(shape, wanted):
    """Ways to bring the channels of an input to where the layer expects them."""
    if shape[-1] == wanted:
        order = (0, 3, 1, 2) if len(shape) == 4 else (2, 0, 1)
        moved = tuple(shape[axis] for axis in order)
        how = f"x.transpose{order} (torch: x.permute{order}) has shape {moved}"
        yield f"the last axis is {wanted}, so the array looks channels-last: {how}", moved
    if len(shape) == 3 and wanted == 1:
        batch = shape[0], 1, *shape[1:]
        yield f"a batch of {shape[0]} grey images needs a channel axis: x[:, None] has shape {batch}", batch


def _cures(settings, shape):
    """The cures, as texts: another layer, an input that is padded first, another input, another kernel."""
    channels = {}
    if shape[-3] != settings.in_channels:
        channels = {"in_channels": shape[-3]} | ({"groups": 1} if shape[-3] % settings.groups else {})
    built = settings._replace(**channels, ring=None if channels else settings.ring)  # a layer that is built anew pads as it says
    amiss = [text for one in settings.per_axis(shape) for text in _axis_problems(settings, one)]
    first, then = ("build the layer with ", "with ") if channels else ("use ", "")
    for change, text, size in _other_layers(built, shape) if problems(built, shape) else [({}, "", shape[-2:])]:
        if not problems(built._replace(**change, ring=None if change else built.ring), (*shape[:-2], *size)):
            yield f"{first}{_written(channels | change)}{text}"
            first = then
    larger = _least_input(settings, shape[-2:])
    if not problems(settings, (*shape[:-3], settings.in_channels, *larger)):
        pixels = f"at least {larger[0]}x{larger[1]} pixels"
        wanted = [arguments.count(settings.in_channels, "channel")] * bool(channels) + [pixels] * bool(amiss)
        yield f"give the input {' and '.join(wanted)}" if channels else f"an input of {pixels}"
    if not channels and any("does not fit" in text for text in amiss):
        yield "a smaller kernel or dilation"


def _written(changes):
    """Settings as a call writes them."""
    *most, last = [f"{name}={0 if value == (0, 0) else repr(value)}" for name, value in changes.items()]
    return f"{', '.join(most)} and {last}" if most else last


def _other_layers(settings, shape):
    """(settings to change, what is said of the input, its size then): layers with which the kernel fits and the padding is filled."""
    sizes, mode = shape[-2:], settings.padding_mode
    if settings.transposed:
        steps = map(max, settings.stride, settings.dilation)
        extra = tuple(min(most - 1, asked) for most, asked in zip(steps, settings.output_padding))
        whole = [size + more for size, more in zip(_uncropped(settings, sizes), extra)]
        padding = tuple(min(side, (size - 1) // 2) for side, size in zip(settings.padding, whole))
        changes = {"padding": padding, "output_padding": extra}
        yield {name: value for name, value in changes.items() if value != getattr(settings, name)}, "", sizes
        return
    if settings.padding == "same":
        yield from (({"padding_mode": other}, "", sizes) for other in ("zeros", "replicate"))
        numbers = zip(sizes, settings.kernel_size, settings.stride, settings.dilation)
        (top, bottom), (left, right) = sides = [tensorflow_padding(*one) for one in numbers]
        limit = min(arguments.padding_limit(mode, size) for size in sizes)
        filled = (f", mode={mode!r}", f", {mode!r}") if mode != "zeros" and max(top, bottom, left, right) <= limit else ("", "")
        padded = f" on F.pad(x, {(left, right, top, bottom)}{filled[0]}) (conv_lib.pad(x, {tuple(sides)}{filled[1]}))"
        yield {"padding": (0, 0)}, padded, [size + sum(side) for size, side in zip(sizes, sides)]
        return
    padding = [max(before, after) for before, after in settings.sides]
    if mode == "circular" and any(map(operator.gt, padding, sizes)) and max(padding) <= arguments.LARGEST_SIZE:
        (height, width), (p, q) = sizes, padding
        rows, columns = f"[[i % {height}] for i in range({-p}, {height + p})]", f"[j % {width} for j in range({-q}, {width + q})]"
        yield {"padding": (0, 0)}, f" on x[..., {rows}, {columns}], which goes round more than once", (height + 2 * p, width + 2 * q)
    spans = [effective_kernel_size(*one) for one in zip(settings.kernel_size, settings.dilation)]
    least = [max(0, math.ceil((span - size) / 2)) for span, size in zip(spans, sizes)]
    for other in dict.fromkeys((mode, "zeros")):
        limits = [arguments.padding_limit(other, size) for size in sizes]
        allowed = tuple(map(min, map(max, padding, least), limits))
        if all(map(operator.ge, allowed, least)):
            yield {"padding": allowed} | ({} if other == mode else {"padding_mode": other}), "", sizes


def _uncropped(settings, sizes):
    """The output of a transposed layer without padding."""
    numbers = zip(sizes, settings.kernel_size, settings.stride, (0, 0), settings.dilation)
    return [smallest_input(*one) for one in numbers]


def _least_input(settings, sizes):
    """The smallest input that is at least of these sizes, into which the kernel fits and from which the padding can be filled."""
    if settings.transposed:
        wanted = [2 * side + 1 - extra for side, extra in zip(settings.padding, settings.output_padding)]
        missing = [math.ceil((size - one) / step) for size, one, step in zip(wanted, _uncropped(settings, (1, 1)), settings.stride)]
        return tuple(max(size, 1 + more) for size, more in zip(sizes, missing))
    spans = [effective_kernel_size(*one) for one in zip(settings.kernel_size, settings.dilation)]
    ring = {"reflect": 1, "circular": 0}.get(settings.padding_mode)
    return tuple(
        max(size, span - sum(side), 1 if ring is None else max(side) + ring) for size, span, side in zip(sizes, spans, settings.sides)
    )
