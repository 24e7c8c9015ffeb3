"""Random convolutions for hypothesis: legal ones, in every spelling and memory layout that callers use."""

import random
from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

DTYPES = ("int8", "uint8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128")
MODES = ("zeros", "reflect", "replicate", "circular")
LAYOUTS = ("plain", "transposed", "fortran", "backwards", "gaps", "read-only", "big-endian")


def examples(count):
    """Settings of a test: the same `count` examples on every run and every machine."""
    return settings(max_examples=count, derandomize=True, deadline=None)


@dataclass
class Case:
    """One legal convolution, as a caller spells it."""

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None
    options: dict
    padding_mode: str

    @property
    def arrays(self):
        return self.x, self.weight, self.bias

    def __repr__(self):
        bias = None if self.bias is None else self.bias.shape
        return f"Case(x={self.x.dtype}{self.x.shape}, weight={self.weight.shape}, {bias=}, {self.options}, {self.padding_mode})"


def values(rng, shape, dtype):
    """Whole numbers over the full range of the dtype, so that sums wrap; others standard normal."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    if dtype.kind == "c":
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype)
    return rng.standard_normal(shape).astype(dtype)


def laid_out(a, layout):
    """The same numbers in another memory layout."""
    if layout == "transposed" and a.ndim > 1:
        return a.swapaxes(-1, -2).copy().swapaxes(-1, -2)
    if layout == "fortran":
        return np.asfortranarray(a)
    if layout == "backwards":
        return np.flip(np.flip(a).copy())
    if layout == "gaps":
        wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
        wide[..., ::2] = a
        return wide[..., ::2]
    if layout == "big-endian":
        return a.astype(a.dtype.newbyteorder(">"))
    a = a.copy()
    a.flags.writeable = layout != "read-only"
    return a


def numbers(largest):
    return st.integers(1, largest)


def pairs(largest, smallest=1):
    return st.tuples(st.integers(smallest, largest), st.integers(smallest, largest))


def spelled(pick, pair):
    """A pair as callers write it: a tuple or a list, and if both are equal also one number, or a sequence of one."""
    forms = [pair, list(pair), tuple(map(np.int64, pair))]
    if pair[0] == pair[1]:
        forms += [pair[0], np.int32(pair[0]), pair[:1], [pair[0]]]
    return pick(forms)


def make_case(pick, dtypes=DTYPES, modes=MODES[:1], largest=6):
    """A legal convolution. `pick` chooses one of a sequence; `largest` bounds the room that the windows have to move in."""
    dtype, mode, groups = pick(dtypes), pick(modes), pick((1, 1, 2, 3))
    channels, outputs = pick(range(1, 4)), groups * pick(range(1, 4))
    kernel, stride, dilation = ((pick(range(1, top)), pick(range(1, top))) for top in (5, 4, 4))
    effective = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    padding = pick(("numbers", "numbers", "same", "valid"))
    sides = least = (0, 0)
    if padding == "same":
        stride, sides = (1, 1), [e // 2 for e in effective]
    else:
        if padding == "numbers":
            padding = sides = pick(range(5)), pick(range(5))
        least = [e - 2 * p for e, p in zip(effective, sides)]
    room = {"reflect": 1, "circular": 0}.get(mode, -99)  # beyond the padding
    size = [max(1, fit, room + side) + pick(range(largest + 1)) for fit, side in zip(least, sides)]
    batch = pick(((), (0,), (1,), (2,)))
    rng = np.random.default_rng(pick(range(10**6)))
    shapes = (*batch, channels * groups, *size), (outputs, channels, *kernel), (outputs,)
    x, weight, bias = (laid_out(values(rng, shape, dtype), pick(LAYOUTS)) for shape in shapes)
    options = {
        "stride": spelled(pick, stride),
        "padding": padding if isinstance(padding, str) else spelled(pick, padding),
        "dilation": spelled(pick, dilation),
        "groups": pick((groups, np.int64(groups))),
    }
    return Case(x, weight, pick((bias, None)), options, mode)


def seeded_cases(seed, count, **limits):
    """`count` legal convolutions, the same for the same seed: quicker than hypothesis, which finds smaller failures."""
    pick = random.Random(seed).choice
    return (make_case(pick, **limits) for _ in range(count))


@st.composite
def cases(draw, **limits):
    """A legal convolution, as a strategy of hypothesis."""
    return make_case(lambda options: draw(st.sampled_from(options)), **limits)


@st.composite
def axis_arguments(draw):
    """The arguments of one legal axis, as a dict."""
    kernel_size, stride, dilation = draw(numbers(5)), draw(numbers(5)), draw(numbers(4))
    padding = draw(pairs(6, 0))
    least = max(1, dilation * (kernel_size - 1) + 1 - sum(padding))
    size = least + draw(st.integers(0, 12))
    return {"size": size, "kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
