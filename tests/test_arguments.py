"""Refusals: wherever torch refuses conv_lib does, on purpose, in the caller's numbers, with nothing changed."""

import decimal
import fractions
import math
import random
import re

import numpy as np
import pytest
import torch
from checks import refusal, tensor, unchanged
from strategies import DTYPES, seeded_cases

from conv_lib import (
    Axis,
    Conv2d,
    conv2d,
    cost,
    effective_kernel_size,
    explain,
    output_size,
    pad,
    receptive_field,
    reference_conv2d,
    same_padding,
    trace,
)
from conv_lib.figures import ConvolutionFigure
from conv_lib.geometry import axes

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")
RNG = random.Random("refusals")

# One fault each: (case) -> (what to change in the call, the numbers that the message must hold).


def fault_number_too_small(case):
    name, least = RNG.choice((("stride", 1), ("dilation", 1), ("padding", 0)))
    wrong = least - RNG.randint(1, 9)
    value = RNG.choice((wrong, (wrong,), (wrong, 2), [2, wrong], np.int64(wrong)))
    return {"stride": 1, name: value}, (f"`{name}", wrong)


def fault_number_of_another_kind(case):
    name = RNG.choice(("stride", "dilation", "padding"))
    wrong = RNG.choice((True, False, 1.0, 2.5, None, 1j, b"1", {1}))
    return {name: RNG.choice((wrong, (wrong, 1), [wrong]))}, (f"`{name}", type(wrong).__name__)


def fault_wrong_length(case):
    name, length = RNG.choice(("stride", "dilation", "padding")), RNG.choice((0, 3, 4))
    return {name: RNG.choice((tuple, list))([1] * length)}, (f"`{name}`", length)


def fault_too_large_a_number(case):
    name, wrong = RNG.choice(("stride", "dilation", "padding", "groups")), RNG.choice((2**63, 10**30, 10**5000))
    return {name: wrong}, (f"`{name}`",)


def fault_unknown_padding_word(case):
    word = RNG.choice(("SAME", "Same", "valid ", "full", "", "0"))
    return {"padding": word}, ("`padding`", repr(word))


def fault_same_with_stride(case):
    stride = RNG.choice((2, (1, 2), [3, 1]))
    return {"padding": "same", "stride": stride}, ("'same'", "`stride`", max(np.atleast_1d(stride)))


def fault_groups_of_another_kind(case):
    groups = RNG.choice((True, 1.0, (1,), None, "1"))
    return {"groups": groups}, ("`groups`", type(groups).__name__)


def fault_groups_too_small(case):
    groups = RNG.choice((0, -1, -7))
    return {"groups": groups}, ("`groups`", groups)


def fault_groups_that_do_not_divide(case):
    groups = len(case.weight) + RNG.randint(1, 3)
    return {"groups": groups}, ("`groups`", groups, len(case.weight))


def fault_channels(case):
    channels = case.x.shape[-3] + RNG.choice((1, 2))
    x = np.zeros((*case.x.shape[:-3], channels, *case.x.shape[-2:]), case.x.dtype)
    return {"x": x}, (x.shape, channels, case.x.shape[-3])


def fault_one_channel_is_not_broadcast(case):
    weight = np.concatenate([case.weight] * 2, axis=1)
    return {"weight": weight}, (weight.shape, case.x.shape[-3], 2 * case.x.shape[-3])


def fault_axes_of_the_input(case):
    size = RNG.choice(((), (3,), (3, 3), (1, 1, 1, 3, 3)))
    x = np.ones(size, case.x.dtype)
    return {"x": x}, ("`x`", f"{x.ndim}-D", x.shape)


def fault_axes_of_the_weight(case):
    weight = RNG.choice((case.weight[0], case.weight[None], case.weight.ravel()))
    return {"weight": weight}, ("`weight`", f"{weight.ndim}-D", weight.shape)


def fault_bias(case):
    count = len(case.weight)
    bias = RNG.choice((np.zeros(count + 1), np.zeros(()), np.zeros((count, 1)), np.zeros(0))).astype(case.weight.dtype)
    return {"bias": bias}, ("`bias`", bias.shape)


def fault_a_bias_is_not_broadcast(case):
    weight = np.concatenate([case.weight] * 2)
    return {"weight": weight, "bias": np.zeros(1, weight.dtype)}, ("`bias`", "(1,)", len(weight))


def fault_unlike_dtypes(case):
    other = RNG.choice([dtype for dtype in DTYPES if np.dtype(dtype) != case.x.dtype.newbyteorder("=")])
    return {"x": filled(case.x), "weight": case.weight.real.astype(other)}, ("`x`", "`weight`", other)


def fault_unsupported_dtype(case):
    dtype = RNG.choice((bool, np.uint16, np.uint32, np.uint64))
    arrays = {name: np.ones(array.shape, dtype) for name, array in (("x", case.x), ("weight", case.weight))}
    return {**arrays, "x": filled(arrays["x"]), "bias": None}, ("`x`", np.dtype(dtype).name)


def fault_kernel_beyond_the_padded_input(case):
    size = RNG.randint(2, 5)
    weight = np.ones((*case.weight.shape[:2], *RNG.choice(((size, 1), (1, size)))), case.weight.dtype)
    x = np.ones((*case.x.shape[:-2], size, size), case.x.dtype)
    dilation, padding = RNG.choice(((2, 0), (5, 1), ((3, 4), (0, 0))))
    return {"x": x, "weight": weight, "dilation": dilation, "padding": padding}, ("does not fit along the", size)


def fault_size_zero(case):
    shape = list(filled(case.x).shape)
    shape[RNG.choice((-1, -2))] = 0
    return {"x": np.zeros(shape, case.x.dtype), "padding": 9}, ("`x`", tuple(shape))


def fault_empty_weight(case):
    shape = list(case.weight.shape)
    shape[RNG.choice((0, 2, 3))] = 0
    change = {"x": filled(case.x), "weight": np.zeros(shape, case.weight.dtype), "padding": 0}
    return {**change, "bias": None if case.bias is None else np.zeros(shape[0], case.bias.dtype)}, ("`weight`", tuple(shape))


def filled(x):
    """An input whose batch is not empty: for an empty one torch leaves out some of its checks, conv_lib none."""
    return x if len(x) else np.ones((1, *x.shape[1:]), x.dtype)


FAULTS = [value for name, value in globals().items() if name.startswith("fault_")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_refuses_what_torch_refuses(fault):
    for case in seeded_cases(fault.__name__, 20):
        change, words = fault(case)
        call = {**dict(zip(("x", "weight", "bias"), case.arrays, strict=True)), **case.options, **change}
        arrays = [call[name] for name in ("x", "weight", "bias")]
        with pytest.raises((RuntimeError, TypeError, ValueError, IndexError)):
            torch.nn.functional.conv2d(*map(tensor, arrays), **{name: call[name] for name in case.options})
        with unchanged(*arrays):
            message = refusal(lambda: conv2d(**call), *words)
        assert message == refusal(lambda: reference_conv2d(**call)), "the definition refuses in other words"
        assert message[0].isupper() or message[0] == "`" and message.endswith("."), message


def test_only_a_batch_may_be_empty():
    for shape in ((2, 0, 6, 8), (0, 6, 8), (2, 1, 0, 8), (2, 1, 6, 0)):
        refusal(lambda: conv2d(np.ones(shape), np.ones((1, 1, 3, 5))), f"`x` of shape {shape} has an axis of size 0")  # noqa: B023


@pytest.mark.parametrize("padding", [2**20, 2**31, 2**40, (2**31, 0), (0, 2**31), 2**62])
def test_more_memory_than_there_is_is_refused(padding):
    weight = np.ones((1, 1, 3, 3))
    most = 2 * (max(padding) if isinstance(padding, tuple) else padding)
    for batch in (1, 3):
        x = np.ones((batch, 1, 5, 5))
        refusal(lambda: conv2d(x, weight, padding=padding), "The output", "bytes", 3 + most)
        refusal(lambda: pad(x, padding), "The padded array", "bytes", 5 + most)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_bias_of_another_dtype_is_refused(dtype):  # torch does not always look: on the CPU some of its methods take any
    x, weight = np.ones((1, 1, 3, 3), dtype), np.ones((2, 1, 3, 3), dtype)
    for other in set(DTYPES) - {dtype}:
        refusal(lambda: conv2d(x, weight, np.ones(2, other)), "`x`", dtype, "`bias`", other)


def test_there_are_300_refused_calls():
    assert len(FAULTS) * 20 >= 300


# Every public function, under every kind of wrong number.

X, WEIGHT = np.ones((1, 2, 5, 5)), np.ones((2, 2, 3, 3))
LAYER, AXIS = Conv2d(2, 2, 3), Axis(6, 3)

NUMBERS = {  # all of these take one integer
    "conv2d groups": lambda v: conv2d(X, WEIGHT, groups=v),
    "effective_kernel_size": effective_kernel_size,
    "effective_kernel_size dilation": lambda v: effective_kernel_size(3, v),
    "same_padding": same_padding,
    "same_padding dilation": lambda v: same_padding(3, v),
    "output_size": lambda v: output_size(v, 3),
    "output_size kernel_size": lambda v: output_size(6, v),
    "output_size stride": lambda v: output_size(6, 3, v),
    "output_size dilation": lambda v: output_size(6, 3, dilation=v),
    "Axis": lambda v: Axis(v, 3),
    "Axis kernel_size": lambda v: Axis(6, v),
    "Axis stride": lambda v: Axis(6, 3, v),
    "Axis dilation": lambda v: Axis(6, 3, dilation=v),
    "Axis.taps": AXIS.taps,
    "Axis.users": AXIS.users,
    "Axis.reads": AXIS.reads,
    "receptive_field kernel_size": lambda v: receptive_field([(v,)]),
    "receptive_field stride": lambda v: receptive_field([(3, v)]),
    "receptive_field dilation": lambda v: receptive_field([(3, 1, v)]),
    "Conv2d in_channels": lambda v: Conv2d(v, 2, 3),
    "Conv2d out_channels": lambda v: Conv2d(2, v, 3),
    "Conv2d groups": lambda v: Conv2d(2, 2, 3, groups=v),
    "cost": lambda v: cost(LAYER, (1, 2, v, 6)),
    "explain": lambda v: explain(LAYER, (1, 2, 6, v)),
    "trace sum": lambda v: trace(X, WEIGHT, at=(0, 0, 0, 0)).sum(v),
    "trace at": lambda v: trace(X, WEIGHT, at=(0, 0, v, 0)),
}
PAIRS = {  # these take an integer or two
    "conv2d stride": lambda v: conv2d(X, WEIGHT, stride=v),
    "conv2d dilation": lambda v: conv2d(X, WEIGHT, dilation=v),
    "conv2d padding": lambda v: conv2d(X, WEIGHT, padding=v),
    "reference_conv2d stride": lambda v: reference_conv2d(X, WEIGHT, stride=v),
    "output_size padding": lambda v: output_size(6, 3, padding=v),
    "Axis padding": lambda v: Axis(6, 3, padding=v),
    "Conv2d kernel_size": lambda v: Conv2d(2, 2, v),
    "Conv2d stride": lambda v: Conv2d(2, 2, 3, stride=v),
    "Conv2d padding": lambda v: Conv2d(2, 2, 3, padding=v),
    "Conv2d dilation": lambda v: Conv2d(2, 2, 3, dilation=v),
    "pad": lambda v: pad(X, v),
    "trace stride": lambda v: trace(X, WEIGHT, stride=v, at=(0, 0, 0, 0)),
}
WRONG = [True, np.True_, 1.0, np.float64(1), None, "1", b"1", "same ", math.nan, math.inf, 1j, {}, {1}, range(1), object, print]
WRONG += [-1, -(10**30), 10**30, -(10**5000), 10**5000, 2**63, np.uint64(2**63), fractions.Fraction(1), decimal.Decimal(1)]
WRONG += [(), [], (1, 1, 1), [[1, 1], [1, 1], [1, 1]], (1, None), ((1,), "x"), (1.0, 1), [True, True], torch.tensor(1)]
WRONG += [np.array(1), np.array([1, 1]), np.ma.array([1, 1]), np.array([1, 1], object), torch.tensor([1, 1]), 1 << 63]


@pytest.mark.parametrize("name", [*NUMBERS, *PAIRS])
def test_wrong_numbers_are_refused(name):
    for value in WRONG:
        refusal(lambda: {**NUMBERS, **PAIRS}[name](value))


@pytest.mark.parametrize("name", NUMBERS)
def test_one_number_is_not_a_sequence(name):
    for value in ((1, 1), [1], (1,)):
        assert type(value).__name__ in refusal(lambda: NUMBERS[name](value))


# Every array argument, under every kind of wrong array.

ARRAYS = {
    "conv2d x": lambda a: conv2d(a, WEIGHT),
    "conv2d weight": lambda a: conv2d(X, a),
    "conv2d bias": lambda a: conv2d(X, WEIGHT, a),
    "reference_conv2d x": lambda a: reference_conv2d(a, WEIGHT),
    "trace x": lambda a: trace(a, WEIGHT, at=(0, 0, 0, 0)),
    "trace weight": lambda a: trace(X, a, at=(0, 0, 0, 0)),
    "trace bias": lambda a: trace(X, WEIGHT, a, at=(0, 0, 0, 0)),
    "pad x": lambda a: pad(a, 1),
    "Conv2d call": LAYER,
    "Conv2d weight": lambda a: setattr(Conv2d(2, 2, 3), "weight", a),
    "Conv2d bias": lambda a: setattr(Conv2d(2, 2, 3), "bias", a),
}
NO_ARRAYS = [1, "x", 1.0, [[1.0]], X.tolist(), torch.ones(1, 2, 5, 5), object(), iter(()), np.float64(1), memoryview(b"x")]
NO_ARRAYS += [np.ma.array(X), np.ma.array(WEIGHT), X.astype(object), X.astype(bool), X.astype(str), X.astype("M8[s]")]
NO_ARRAYS += [X.astype(np.longdouble), X.astype(np.uint16), np.zeros(X.shape, [("a", int)]), np.array(1.0), np.array(None)]
NO_ARRAYS += [np.zeros((1, 2, 0, 5)), np.zeros((1, 2, 5, 0)), np.zeros((1, 1, 1, 1, 1)), np.zeros(0)]


@pytest.mark.parametrize("name", ARRAYS)
def test_wrong_arrays_are_refused(name):
    for value in NO_ARRAYS:
        refusal(lambda: ARRAYS[name](value))
    if "bias" not in name:
        refusal(lambda: ARRAYS[name](None), "NoneType")


# The rest of the arguments.


@pytest.mark.parametrize("mode", ["constant", "symmetric", "edge", "Zeros", "", None, 0, True, ["zeros"], np.zeros(2), b"zeros"])
def test_unknown_padding_modes_are_refused(mode):
    for call in (
        lambda: Conv2d(1, 1, 3, padding_mode=mode),
        lambda: pad(X, 1, mode),
        lambda: trace(X, WEIGHT, padding_mode=mode, at=(0, 0, 0, 0)),
    ):
        refusal(call, "`padding_mode`", "'zeros', 'reflect', 'replicate', 'circular'")


@pytest.mark.parametrize(("mode", "limit"), [("reflect", 4), ("circular", 5)])
def test_padding_beyond_what_the_input_can_fill_is_refused(mode, limit):
    for padding, axis in ((limit + 1, "height"), ((0, limit + 1), "width")):
        for call in (
            lambda: pad(X, padding, mode),
            lambda: Conv2d(2, 1, 3, padding=padding, padding_mode=mode, dtype=np.float64)(X),
            lambda: cost(Conv2d(2, 1, 3, padding=padding, padding_mode=mode), X.shape),
        ):
            refusal(call, axis, f"(={limit + 1})", f"at most {limit}", mode)


@pytest.mark.parametrize("at", [(0, 0, 0), (0, 0, 0, 0, 0), (), 0, None, "0000", (0, 0, 3, 0), (1, 0, 0, 0), (0, 2, 0, 0),
                                (0, 0, 0, -1), (0, 0, 0, 0.0), (0, 0, 0, True), np.zeros(4, int), (0, 0, 0, 10**5000)])  # fmt: skip
def test_a_position_outside_the_output_is_refused(at):
    refusal(lambda: trace(X, WEIGHT, at=at), "`at")


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no name")


def test_what_cannot_be_printed_is_refused_all_the_same():
    for call in (lambda v: conv2d(X, WEIGHT, stride=v), lambda v: conv2d(v, WEIGHT), lambda v: Conv2d(1, 1, 3, padding=[v, 1]), AXIS.taps):
        refusal(lambda: call(Unprintable()), "Unprintable")


@pytest.mark.parametrize("dtype", [None, int, bool, "int32", "float128", "x", "f4,", {"a": 1}, complex, object, ">f4", torch.float32, 5,
                                   Unprintable()])  # fmt: skip
def test_a_layer_starts_with_floats_only(dtype):
    refusal(lambda: Conv2d(1, 1, 3, dtype=dtype), "`dtype`", "float16, float32 or float64")


@pytest.mark.parametrize("generator", [0, "seed", np.random, np.random.RandomState(0), torch.Generator()])
def test_a_generator_is_one_of_numpy(generator):
    refusal(lambda: Conv2d(1, 1, 3, generator=generator), "`generator`", type(generator).__name__)


@pytest.mark.parametrize("bias", [1, 0, "False", 1.0, np.zeros(1), []])
def test_the_flag_of_a_bias_is_true_or_false(bias):
    refusal(lambda: Conv2d(1, 1, 3, bias=bias), "`bias`", type(bias).__name__)


@pytest.mark.parametrize("settings", [(6, 4, 3, 1, 0, 1, 4), (6, 4, 3, 1, 0, 1, 3), (3, None, 3), (3, 4, None), (0, 4, 3),
                                      (10**9, 10**9, 3)])  # fmt: skip
def test_impossible_layers_are_refused(settings):
    refusal(lambda: Conv2d(*settings))


@pytest.mark.parametrize("method", [True, 1, "", "IM2COL", b"im2col", ["im2col"], object(), np.array("im2col")])
def test_a_method_that_there_is_not_is_refused(method):
    refusal(lambda: conv2d(X, WEIGHT, method=method), "`method`")


def test_the_divisibility_rule_is_told_in_numbers():
    assert refusal(lambda: Conv2d(6, 4, 3, groups=4)) == "`groups` (=4) must divide `in_channels` (=6)."
    assert refusal(lambda: Conv2d(6, 4, 3, groups=3)) == "`groups` (=3) must divide `out_channels` (=4)."


def test_a_weight_that_forgets_its_groups_is_told_what_its_shape_means():
    message = refusal(lambda: conv2d(np.ones((1, 4, 8, 8)), np.ones((8, 4, 3, 3)), groups=2))
    assert message == (
        "The input of shape (1, 4, 8, 8) has 4 channels; `weight` of shape (8, 4, 3, 3) with `groups` (=2), "
        "where `weight.shape[1]` is the input channels of one group, takes 8."
    )


def test_a_list_is_called_a_list():
    assert refusal(lambda: conv2d([[[1]]], WEIGHT)) == "`x` must be a NumPy array, not list; np.asarray(x) makes one."
    assert refusal(lambda: conv2d(5, WEIGHT)) == "`x` must be a NumPy array, not int."


@pytest.mark.parametrize("given", [
    torch.ones(1, 2, 5, 5, requires_grad=True), [[[1.0] * 5] * 5] * 2, np.ma.masked_array(np.ones((2, 5, 5)), mask=False),
    type("Holder", (), {"__array__": lambda self, dtype=None, copy=None: np.ones((2, 5, 5))})(),
], ids=lambda given: type(given).__name__)  # fmt: skip
def test_what_is_nearly_an_array_is_named_with_a_cure_that_works(given):
    message = refusal(lambda: conv2d(given, WEIGHT))
    x = eval(re.search(r"(?:; )(.*?) (?:is|makes) one", message)[1], {"x": given, "np": np})
    assert isinstance(x, np.ndarray) and conv2d(x.astype(WEIGHT.dtype), WEIGHT).shape[-3] == len(WEIGHT)


def test_a_shape_for_an_array_and_an_array_for_a_shape_are_told_apart():
    x = np.ones((1, 2, 6, 6), np.float32)
    for shape in (x.shape, torch.ones(2, 5, 5).shape):
        assert "the array itself is wanted, not its shape" in refusal(lambda: conv2d(shape, WEIGHT))  # noqa: B023
    for given in (x, torch.from_numpy(x)):
        for call in (cost, explain):
            assert "give its shape, tuple(x.shape)" in refusal(lambda: call(LAYER, given), "`input_shape`")  # noqa: B023
            assert call(LAYER, tuple(given.shape))
    assert "shape" not in refusal(lambda: explain(LAYER, 5)).split("input_shape")[1]


@pytest.mark.parametrize("ours", DTYPES)
def test_unlike_dtypes_are_named_with_a_cure_that_works(ours):
    """And that loses nothing: neither the fraction of a weight, nor a sign, nor 200 as a byte."""
    rng = np.random.default_rng(7)
    for theirs in set(DTYPES) - {ours}:
        x, weight = (_numbers(rng, shape, dtype) for shape, dtype in (((2, 5, 6), ours), (WEIGHT.shape, theirs)))
        message = refusal(lambda: conv2d(x, weight), f"`x` has dtype {ours}", f"`weight` has dtype {theirs}")  # noqa: B023
        made = {"x": x, "weight": weight}
        for name, cure in re.findall(r"(x|weight)(\.astype\(np\.\w+\))", message):
            made[name] = eval(name + cure, {"np": np, **made})
        assert np.array_equal(made["x"], x) and np.array_equal(made["weight"], weight), message
        assert conv2d(made["x"], made["weight"]).dtype == made["x"].dtype
    x, bias = WEIGHT[0].astype(float), np.ones(len(WEIGHT), np.float32)
    assert refusal(lambda: conv2d(x, WEIGHT.astype(float), bias)).endswith(": bias.astype(np.float64).")
    gradient = np.ones((len(WEIGHT), 1, 1), np.float64)
    assert refusal(lambda: Conv2d(2, len(WEIGHT), WEIGHT.shape[2:]).backward(WEIGHT[0].astype(np.float32), gradient)).endswith(
        ": grad_output.astype(np.float32)."
    )


def _numbers(rng, shape, dtype):
    """Numbers that each dtype holds exactly and that no dtype of a lesser kind does: -3, 200, 1.5, 2j."""
    kind = np.dtype(dtype).kind
    values = {"i": [-3, 7], "u": [200, 3], "f": [1.5, -2], "c": [2j, 1.5]}[kind]
    return rng.choice(values, shape).astype(dtype)


def test_a_dtype_of_torch_is_refused_in_words_that_do_not_contradict_themselves():
    message = refusal(lambda: Conv2d(1, 1, 3, dtype=torch.float64), "torch.float64", "NumPy's float16, float32 or float64")
    assert "(=torch.float64) must be float16, float32 or float64" not in message
    assert "(='>f8')" in refusal(lambda: Conv2d(1, 1, 3, dtype=">f8"), "byte order")


@pytest.mark.parametrize("stride", [2, (2, 1), (1, 2), (3, 2)])
def test_same_needs_stride_1_along_both_axes(stride):
    x = np.ones((1, 2, 6, 8), WEIGHT.dtype)
    for call in (
        lambda: conv2d(x, WEIGHT, None, stride, "same"),
        lambda: Conv2d(2, 2, 3, stride, "same"),
        lambda: trace(x, WEIGHT, None, stride, "same", at=(0, 0, 0, 0)),
        lambda: axes((6, 8), 3, stride, "same"),
        lambda: Axis(6, 3, max(np.ravel(stride).tolist()), "same"),
    ):
        refusal(call, "`padding` (='same') needs `stride` 1", "padding in numbers")
    assert conv2d(x, WEIGHT, None, (1, 1), "same").shape == (1, len(WEIGHT), 6, 8)


def test_sizes_and_channels_are_counted_in_words():
    assert "has 1 size;" in refusal(lambda: cost(LAYER, (6,)))
    assert "has 0 sizes; it must have 1 to 9." in refusal(lambda: explain(LAYER, ()))
    assert "has 2 sizes; it must have 3 or 4." in refusal(lambda: cost(LAYER, (6, 6)))
    assert "has 1 channel; " in refusal(lambda: cost(LAYER, (1, 6, 6)))
    assert "is 1-D; it must be 2-D, 3-D or 4-D." in refusal(lambda: pad(np.ones(3), 1))


def test_padding_beyond_the_input_names_the_larger_side():
    refusal(lambda: pad(np.ones((3, 4)), ((0, 3), (1, 0)), "reflect"), "`padding` (=3) along the height must be at most 2")
    refusal(lambda: pad(np.ones((3, 4)), ((1, 0), (5, 2)), "circular"), "`padding` (=5) along the width must be at most 4")


@pytest.mark.parametrize("value", [np.array([[2**64 - 1, 1]], np.uint64), [[1e20, 1.0]], [[10**20, 1]], [[2**53]], [[-(2**70)]]])
def test_a_figure_refuses_numbers_whose_sums_a_browser_does_not_tell_apart(value):
    with pytest.raises(ValueError, match=f"`x` holds {re.escape(str(np.ravel(value)[0]))}: it must hold numbers from -1000000 to 1000000"):
        ConvolutionFigure(x=value, weight=np.ones((1, 1, 1, 1), int))
    assert ConvolutionFigure(x=[[10**6, 1]], weight=np.full((1, 1, 1, 1), -(10**6))).output.tolist() == [[[-(10**12), -(10**6)]]]


NO_LAYERS = [None, 1, "Conv2d", object(), Conv2d, torch.nn.Conv2d, torch.nn.Linear(2, 2), torch.nn.Conv1d(2, 2, 3),
             torch.nn.Conv3d(2, 2, 3), torch.nn.ConvTranspose1d(2, 2, 3), torch.nn.LazyConv2d(2, 3), torch.nn.Conv2d(2, 2, (3,)),
             torch.nn.Sequential(), torch.nn.BatchNorm2d(2), WEIGHT]  # fmt: skip


@pytest.mark.parametrize("layer", NO_LAYERS, ids=lambda layer: type(layer).__name__)
def test_what_is_no_2d_convolution_is_refused(layer):
    for call in (Conv2d.from_torch, lambda layer: cost(layer, (1, 2, 6, 6)), lambda layer: explain(layer, (1, 2, 6, 6))):
        refusal(lambda: call(layer), "`layer`", type(layer).__name__)


def test_a_network_is_explained_and_is_no_layer_for_the_others():
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 5, (3, 1)), torch.nn.ReLU())
    assert explain(model, (1, 2, 6, 8)).rows[-1].output_shape == (1, 5, 4, 8)
    for call in (Conv2d.from_torch, lambda layer: cost(layer, (1, 2, 6, 8))):
        refusal(lambda: call(model), "`layer`", "Sequential")


@pytest.mark.parametrize(("name", "value"), [("stride", 0), ("padding", -1), ("dilation", 0), ("stride", 2.0), ("padding", (1, 1, 1))])
def test_a_layer_that_torch_makes_and_cannot_call_is_refused(name, value):
    layer = torch.nn.Conv2d(2, 2, 3, **{name: value})
    for call in (Conv2d.from_torch, lambda layer: cost(layer, (1, 2, 6, 6)), lambda layer: explain(layer, (1, 2, 6, 6))):
        refusal(lambda: call(layer), f"`{name}")


def test_a_layer_that_was_changed_for_the_worse_is_refused():
    for name, value in (("stride", (0, 1)), ("padding", "SAME"), ("padding_mode", "edge"), ("dilation", None)):
        layer = Conv2d(2, 2, 3)
        setattr(layer, name, value)
        for call in (layer, lambda x: cost(layer, x.shape), lambda x: explain(layer, x.shape)):
            refusal(lambda: call(np.ones((1, 2, 6, 6), np.float32)), f"`{name}")


def test_a_layer_of_a_dtype_that_numpy_has_not_is_refused():
    refusal(lambda: Conv2d.from_torch(torch.nn.Conv2d(1, 1, 3, dtype=torch.bfloat16)), "`weight`", "bfloat16")


@pytest.mark.parametrize("shape", [None, 5, "1256", (), (6,), (6, 6), (1, 1, 2, 6, 6), (1, 2, 6.0, 6), (1, 2, 0, 6), (1, -1, 6, 6),
                                   {1, 2, 6}, np.array([1, 2, 6, 6]), (1, 2, 10**7, 6), (1, 2, 10**30, 6), (1, 3, 6, 6),
                                   (1, 2, 2, 6)])  # fmt: skip
def test_shapes_that_a_cost_cannot_have_are_refused(shape):
    refusal(lambda: cost(LAYER, shape))


@pytest.mark.parametrize("shape", [None, 5, "1256", (), (1,) * 10, (1, 2, 6.0, 6), (1, 2, 0, 6), (0, 6, 6), {1, 2}, (1, 2, 10**7, 6)])
def test_shapes_that_nothing_can_have_are_refused_by_explain(shape):
    refusal(lambda: explain(LAYER, shape), "`input_shape")


@pytest.mark.parametrize("layers", [None, 3, "33", [3], [()], [(3, 1, 1, 1)], [(3, 0)], [(10**7,)], [(2, 2)] * 64, {3}, [None]])
def test_stacks_that_have_no_receptive_field_are_refused(layers):
    refusal(lambda: receptive_field(layers))


def test_a_position_beyond_the_axis_is_refused():
    refusal(lambda: AXIS.taps(4), "`output` (=4)", "at most 3")
    refusal(lambda: AXIS.users(6), "`position` (=6)", "at most 5")
    refusal(lambda: AXIS.reads(3), "`tap` (=3)", "at most 2")


# Torch accepts these, so conv_lib does.


def test_spellings_that_torch_accepts():
    expected = conv2d(X, WEIGHT, stride=(2, 2), padding=(1, 1))
    for stride in (2, (2,), [2], [2, 2], np.int8(2), (np.int64(2), 2), torch.Size([2, 2])):
        np.testing.assert_array_equal(conv2d(X, WEIGHT, stride=stride, padding=1), expected)


def test_a_failed_setting_leaves_the_layer_as_it_was():
    layer = Conv2d(2, 2, 3)
    weight, bias = layer.weight, layer.bias
    for name in ("weight", "bias"):
        refusal(lambda: setattr(layer, name, np.zeros((3, 3))))
    assert layer.weight is weight and layer.bias is bias
