"""How the layers of torch read their input: for each step of a network, the axes of its input that each axis of its output reads.

A link is (input, axis in, axis out, way); no way means the same place. An axis of an input without a link is read as a whole.
The browser's twin is ``figures/static/lab_layers.js``. torch is not imported: a layer is known by its class' name.
"""

import math

from conv_lib.fields import Way
from conv_lib.geometry import Axis, source

POINTWISE = frozenset(
    """
    Identity ReLU ReLU6 ELU SELU CELU GELU SiLU Mish LeakyReLU Sigmoid LogSigmoid Tanh Hardtanh Hardswish Hardsigmoid
    Softplus Softsign Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout BatchNorm1d BatchNorm2d
    BatchNorm3d SyncBatchNorm GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LocalResponseNorm Softmax
    LogSoftmax Softmax2d PReLU RReLU Threshold Softshrink Hardshrink Tanhshrink
    """.split()
)


def spread(value, n):
    """An int or a sequence of one as n numbers."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return values * n if len(values) == 1 else values


def windows(axis: Axis, outputs=None) -> Way:
    """The windows of a convolution or a pooling."""
    first = axis.window(0)[0]
    lead = None if axis.padding_mode == "zeros" else lambda at: int(source(at, axis.size, axis.padding_mode))
    return Way(
        axis.size,
        outputs or axis.output_size,
        lambda i: [(first + i * axis.stride, axis.kernel_size, axis.dilation)],
        advance=axis.stride,
        source=lead,
        kernel=axis.kernel_size,
    )


def pooled(size, kernel, stride, padding, dilation, outputs) -> Way:
    """The windows of a pooling; the last ones of ceil_mode need room behind the input."""
    after = max(padding, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - size - padding)
    return windows(Axis(size, kernel, stride, (padding, after), dilation), outputs)


def transposed(size, kernel, stride, padding, dilation, outputs) -> Way:
    """The axis the other way round: output y reads input i where y = i * stride - padding + tap * dilation."""
    shared = math.gcd(stride, dilation)
    every, back = stride // shared, dilation // shared

    def runs(output):
        for tap in range(min(every, kernel)):
            at, rest = divmod(output + padding - tap * dilation, stride)
            if rest == 0:
                count = (kernel - 1 - tap) // every + 1
                return [(at - (count - 1) * back, count, back)]
        return []

    return Way(size, outputs, runs, period=stride, advance=1, kernel=kernel)


def whole(size, outputs) -> Way:
    """Each output reads all of the axis."""
    return Way(size, outputs, lambda _: [(0, size, 1)], whole=True)


def adaptive(size, outputs) -> Way:
    """The windows of an adaptive pooling, which grow with the picture."""
    edges = [(i * size // outputs, -(-(i + 1) * size // outputs)) for i in range(outputs)]
    return Way(size, outputs, lambda i: [(edges[i][0], edges[i][1] - edges[i][0], 1)], whole=True)


def shifted(size, before, outputs, mode="zeros") -> Way:
    """A padding or a crop: output i is input i - before."""
    lead = None if mode == "zeros" else lambda at: int(source(at, size, mode))
    return Way(size, outputs, lambda i: [(i - before, 1, 1)], source=lead)


def strided(size, first, step, outputs) -> Way:
    """A slice."""
    return Way(size, outputs, lambda i: [(first + i * step, 1, 1)], advance=step)


def scaled(size, outputs, factor, mode, corners) -> Way:
    """An interpolation."""
    ratio = ((size - 1) / (outputs - 1) if outputs > 1 else 0) if corners else 1 / factor if factor else size / outputs
    reach = (-1, 4) if mode == "bicubic" else (0, 2)

    def runs(output):
        if mode == "nearest-exact":
            return [(math.floor((output + 0.5) * ratio), 1, 1)]
        if mode == "nearest":
            return [(math.floor(output * ratio + 1e-9), 1, 1)]
        at = output * ratio if corners else (output + 0.5) * ratio - 0.5
        base = math.floor(at + 1e-9)
        return [(base, 1, 1)] if abs(at - base) < 1e-6 else [(base + reach[0], reach[1], 1)]

    linear = not mode.startswith("nearest")
    period = None if corners and linear else next((p for p in range(1, 9) if (p * ratio).is_integer()), None)
    inner = {"source": lambda at: min(max(at, 0), size - 1)}
    if period is None:
        return Way(size, outputs, runs, lost=True, **inner)
    return Way(size, outputs, runs, period=period, advance=round(period * ratio), **inner)


def enlarged(size, factor) -> Way:
    """Each input makes `factor` outputs."""
    return Way(size, size * factor, lambda i: [(i // factor, 1, 1)], period=factor, advance=1)


def gathered(size, factor) -> Way:
    """`factor` inputs make one output."""
    return Way(size, size // factor, lambda i: [(i * factor, factor, 1)], advance=factor)


def same(shape, index=0):
    """Links of what keeps every place."""
    return [(index, d, d, None) for d in range(len(shape))]


def on_planes(rank, n, ways, *, channels=False):
    """Links of the batch, of the channels if they are kept apart, and of the last n axes by these ways."""
    first = rank - n
    kept = [(0, d, d, None) for d in range(first if channels else max(first - 1, 0))]
    return [*kept, *((0, first + i, first + i, way) for i, way in enumerate(ways))]


def conv(shape, out, n, kernel, stride, padding, dilation, mode="zeros"):
    """Links of a convolution; `padding` is a word or one number an axis."""
    sides = (padding,) * n if isinstance(padding, str) else spread(padding, n)
    axes = [
        Axis(size, k, s, p, d, padding_mode=mode)
        for size, k, s, p, d in zip(shape[-n:], spread(kernel, n), spread(stride, n), sides, spread(dilation, n))
    ]
    return on_planes(len(shape), n, map(windows, axes))


def conv_transposed(shape, out, n, kernel, stride, padding, dilation):
    """Links of a transposed convolution."""
    numbers = zip(shape[-n:], *(spread(value, n) for value in (kernel, stride, padding, dilation)), out[-n:])
    return on_planes(len(shape), n, [transposed(*each) for each in numbers])


def pool(shape, out, n, kernel, stride, padding=0, dilation=1):
    """Links of a pooling."""
    stride = kernel if stride is None or stride == [] else stride
    numbers = zip(shape[-n:], *(spread(value, n) for value in (kernel, stride, padding, dilation)), out[-n:])
    return on_planes(len(shape), n, [pooled(*each) for each in numbers], channels=True)


def of_layer(layer, shape, out):
    """The links of a layer of ``torch.nn`` by its class; None for one that is not known here."""
    kind = next((cls.__name__ for cls in type(layer).__mro__ if cls.__module__.startswith("torch.nn")), "")
    n = int(kind[-2]) if kind[-1:] == "d" and kind[-2:-1].isdigit() else 0
    if kind in POINTWISE:
        return same(shape)
    if kind.startswith("ConvTranspose"):
        return conv_transposed(shape, out, n, layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    if kind.startswith("Conv"):
        return conv(shape, out, n, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.padding_mode)
    if kind.startswith("MaxPool"):
        return pool(shape, out, n, layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    if kind.startswith("AvgPool"):
        return pool(shape, out, n, layer.kernel_size, layer.stride, layer.padding)
    if kind.startswith("Adaptive"):
        return on_planes(len(shape), n, [adaptive(*pair) for pair in zip(shape[-n:], out[-n:])], channels=True)
    if "Pad" in kind:
        mode = {"Refl": "reflect", "Repl": "replicate", "Circ": "circular"}.get(kind[:4], "zeros")
        return padded(shape, out, spread(layer.padding, 2 * n), mode)
    if kind == "Linear":
        return same(shape)[:-1]
    if kind == "Flatten":
        return flattened(shape, layer.start_dim, layer.end_dim)
    if kind.startswith("Upsampl"):
        return resized(shape, out, layer.scale_factor, layer.mode, layer.align_corners)
    if kind in ("PixelShuffle", "PixelUnshuffle"):
        factor = layer.upscale_factor if kind == "PixelShuffle" else layer.downscale_factor
        return on_planes(len(shape), 2, [(enlarged if kind == "PixelShuffle" else gathered)(size, factor) for size in shape[-2:]])
    if kind == "LayerNorm":
        kept = len(shape) - len(layer.normalized_shape)
        return [(0, d, d, None if d < kept else whole(size, size)) for d, size in enumerate(shape)]
    if kind == "Unflatten":
        return same(shape)[: layer.dim]
    return None


def padded(shape, out, sides, mode):
    """Links of a padding, whose order begins at the last axis: (left, right, top, bottom)."""
    n = len(sides) // 2
    before = [sides[2 * (n - 1 - i)] for i in range(n)]
    ways = [shifted(size, b, after, mode) for size, b, after in zip(shape[-n:], before, out[-n:])]
    return on_planes(len(shape), n, ways, channels=True)


def resized(shape, out, factor, mode, corners):
    """Links of an interpolation."""
    n = len(shape) - 2
    factors = spread(factor, n) if factor else (None,) * n
    ways = [scaled(*pair, f, mode, bool(corners)) for *pair, f in zip(shape[2:], out[2:], factors)]
    return on_planes(len(shape), n, ways, channels=True)


def flattened(shape, start, end):
    """Links of a flatten: those of the axes outside it."""
    start, end = start % len(shape), end % len(shape)
    kept = [(0, d, d if d < start else d - (end - start), None) for d in range(len(shape)) if d < start or d > end]
    return [*kept, (0, start, start, None)] if start == end else kept


def reshaped(shape, out):
    """Links of the axes that a reshape leaves as they are: the batch, and those at the end."""
    if tuple(shape) == tuple(out):
        return same(shape)
    links = [(0, 0, 0, None)] if shape[0] == out[0] else []
    for back in range(1, min(len(shape), len(out))):
        if shape[-back] != out[-back]:
            break
        links.append((0, len(shape) - back, len(out) - back, None))
    return links


def broadcast(shapes, out):
    """Links of an elementwise function of several tensors, the smaller ones stretched."""
    links = []
    for index, shape in enumerate(shapes):
        ahead = len(out) - len(shape)
        links += [(index, d, d + ahead, None if size == out[d + ahead] else whole(size, out[d + ahead])) for d, size in enumerate(shape)]
    return links
