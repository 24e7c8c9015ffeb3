"""conv2d against torch, its identities, and the special numbers."""

import math
import warnings

import numpy as np
import pytest
import torch
from checks import absolute, assert_close, refusal, torch_conv2d, unchanged
from hypothesis import given
from hypothesis import strategies as st
from strategies import DTYPES, LAYOUTS, MODES, cases, examples, laid_out, numbers, pairs, seeded_cases, values

from conv_lib import Conv2d, conv2d, conv_transpose2d, effective_kernel_size, grad, pad, reference_conv2d, trace

RNG = np.random.default_rng
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")  # torch tells how it pads even kernels


# Equal to torch, on 2,500 random layers and what hypothesis finds.


def assert_equals_torch(case):
    with unchanged(*case.arrays):
        y = conv2d(*case.arrays, **case.options)
    scale = torch_conv2d(*map(absolute, case.arrays), **case.options)
    assert_close(y, torch_conv2d(*case.arrays, **case.options), scale, case)
    assert y.dtype.isnative and not np.shares_memory(y, case.x), case


@pytest.mark.parametrize("dtype", DTYPES)
def test_equals_torch_on_250_random_layers(dtype):
    different = set()
    for case in seeded_cases(dtype, 250, dtypes=(dtype,)):
        assert_equals_torch(case)
        different.add(repr(case))
    assert len(different) == 250


@examples(100)
@given(cases())
def test_equals_torch_on_what_hypothesis_finds(case):
    assert_equals_torch(case)


def test_equals_the_definition():
    for case in seeded_cases("definition", 250, largest=2):
        expected = reference_conv2d(*case.arrays, **case.options)
        scale = torch_conv2d(*map(absolute, case.arrays), **case.options)
        assert_close(conv2d(*case.arrays, **case.options), expected, scale, case)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "int32", "float16"])
@pytest.mark.parametrize(("shape", "weight_shape", "options"), [
    ((1, 3, 64, 65), (32, 3, 7, 7), {"stride": 2, "padding": 3}),
    ((2, 32, 28, 30), (48, 32, 3, 3), {"padding": 1}),
    ((1, 1, 40, 40), (456, 1, 3, 3), {}),
    ((1, 64, 14, 15), (64, 2, 3, 3), {"padding": 1, "groups": 32}),
    ((2, 96, 20, 20), (96, 1, 5, 5), {"padding": 2, "groups": 96}),
    ((3, 64, 12, 12), (80, 64, 1, 1), {}),
    ((1, 64, 9, 9), (32, 64, 3, 3), {"padding": 4, "dilation": 4}),
    ((8, 16, 4, 4), (16, 16, 3, 5), {"padding": (1, 2), "stride": (1, 2)}),
])  # fmt: skip
def test_equals_torch_on_sizes_of_real_networks(shape, weight_shape, options, dtype):
    x, weight, bias = (values(RNG(k), sizes, dtype) for k, sizes in enumerate((shape, weight_shape, weight_shape[:1])))
    scale = torch_conv2d(*map(absolute, (x, weight, bias)), **options)
    assert_close(conv2d(x, weight, bias, **options), torch_conv2d(x, weight, bias, **options), scale)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_memory_layout_changes_no_bit(layout):
    x, weight = values(RNG(1), (2, 4, 9, 8), "float32"), values(RNG(2), (6, 2, 3, 4), "float32")
    y = conv2d(laid_out(x, layout), laid_out(weight, layout), groups=2, padding=1)
    np.testing.assert_array_equal(y, conv2d(x, weight, groups=2, padding=1))


# What a convolution is.


def test_the_kernel_is_not_flipped():
    x = np.zeros((1, 3, 3), int)
    x[0, 1, 1] = 1
    weight = np.arange(9).reshape(1, 1, 3, 3)
    np.testing.assert_array_equal(conv2d(x, weight, padding=1)[0], weight[0, 0, ::-1, ::-1])


@st.composite
def whole_numbers(draw, in_channels=None, kernel=None):
    """(rng, x, weight) of small whole numbers, without groups."""
    rng = RNG(draw(st.integers(0, 2**32 - 1)))
    C_in, C_out = in_channels or draw(numbers(4)), draw(numbers(4))
    size = draw(pairs(9, 5))
    x = rng.integers(-9, 10, (draw(numbers(2)), C_in, *size))
    return rng, x, rng.integers(-9, 10, (C_out, C_in, *(kernel or draw(pairs(4)))))


@examples(60)
@given(whole_numbers())
def test_pointwise_is_a_matrix_product_per_pixel(drawn):
    _, x, weight = drawn
    expected = np.einsum("oc,nchw->nohw", weight[:, :, 0, 0], x)
    np.testing.assert_array_equal(conv2d(x, weight[:, :, :1, :1]), expected)


@examples(60)
@given(whole_numbers(), numbers(3), pairs(2, 0))
def test_depthwise_is_one_convolution_per_channel(drawn, multiplier, padding):
    rng, x, _ = drawn
    C = x.shape[1]
    weight = rng.integers(-9, 10, (C * multiplier, 1, 3, 2))
    apart = [
        conv2d(x[:, c : c + 1], weight[c * multiplier : (c + 1) * multiplier], padding=padding) for c in range(C)
    ]
    np.testing.assert_array_equal(conv2d(x, weight, padding=padding, groups=C), np.concatenate(apart, axis=1))


@examples(60)
@given(whole_numbers(in_channels=6), st.sampled_from((1, 2, 3, 6)), numbers(3))
def test_groups_are_convolutions_side_by_side(drawn, groups, outputs):
    rng, x, _ = drawn
    weight = rng.integers(-9, 10, (groups * outputs, 6 // groups, 2, 3))
    parts = zip(np.split(x, groups, axis=1), np.split(weight, groups), strict=True)
    expected = np.concatenate([conv2d(*part) for part in parts], axis=1)
    np.testing.assert_array_equal(conv2d(x, weight, groups=groups), expected)


@examples(60)
@given(whole_numbers(), pairs(3))
def test_dilation_is_a_kernel_stuffed_with_zeros(drawn, dilation):
    _, x, weight = drawn
    spans = [effective_kernel_size(k, d) for k, d in zip(weight.shape[2:], dilation)]
    stuffed = np.zeros((*weight.shape[:2], *spans), int)
    stuffed[:, :, :: dilation[0], :: dilation[1]] = weight
    y = conv2d(x, weight, dilation=dilation, padding=6)
    np.testing.assert_array_equal(y, conv2d(x, stuffed, padding=6))


@examples(60)
@given(whole_numbers(), pairs(4), pairs(3, 0))
def test_stride_keeps_every_nth_output(drawn, stride, padding):
    _, x, weight = drawn
    dense = conv2d(x, weight, padding=padding)
    expected = dense[:, :, :: stride[0], :: stride[1]]
    np.testing.assert_array_equal(conv2d(x, weight, stride=stride, padding=padding), expected)


@examples(60)
@given(whole_numbers(), st.integers(-5, 5), st.integers(-5, 5))
def test_is_linear_in_the_input_and_in_the_kernel(drawn, a, b):
    rng, x, weight = drawn
    other_x, other_weight = rng.integers(-9, 10, x.shape), rng.integers(-9, 10, weight.shape)
    y = conv2d(x, weight)
    np.testing.assert_array_equal(conv2d(a * x + b * other_x, weight), a * y + b * conv2d(other_x, weight))
    np.testing.assert_array_equal(conv2d(x, a * weight + b * other_weight), a * y + b * conv2d(x, other_weight))


def test_the_bias_is_added_once_per_output_channel():
    x, weight = np.ones((2, 3, 4, 4), int), np.ones((2, 3, 3, 3), int)
    with_bias = conv2d(x, weight, np.array([10, -10]))
    np.testing.assert_array_equal(with_bias - conv2d(x, weight), np.array([10, -10])[:, None, None] + np.zeros((2, 2, 2, 2)))


# Sizes at the edge.


def test_an_empty_batch_gives_an_empty_batch():
    assert conv2d(np.zeros((0, 2, 5, 5)), np.zeros((3, 2, 3, 3)), np.zeros(3)).shape == (0, 3, 3, 3)


def test_only_memory_that_is_taken_counts():
    x, weight = np.arange(16.0).reshape(1, 1, 4, 4), np.arange(9.0).reshape(1, 1, 3, 3)
    options = {"padding": 10**5, "dilation": 10**5}
    np.testing.assert_array_equal(conv2d(x, weight, **options), 4 * x)  # of the nine taps the middle one meets pixels, for each output
    for method in ("im2col", "taps"):
        np.testing.assert_array_equal(conv2d(x, weight, **options, method=method), 4 * x)
    wide = conv2d(x[:0], weight, padding=10**5)
    assert wide.shape == (0, 1, 200_002, 200_002) == torch_conv2d(x[:0], weight, padding=10**5).shape
    refusal(lambda: conv2d(x, weight, padding=10**5), "The output", 8 * 200_002**2)
    refusal(lambda: conv2d(x[:0], weight, padding=2**32), "The output", 8 * (2**33 + 2) ** 2)


def test_a_kernel_as_large_as_the_padded_input_gives_one_output():
    x, weight = np.arange(12).reshape(1, 3, 4), np.ones((1, 1, 5, 6), int)
    np.testing.assert_array_equal(conv2d(x, weight, padding=1), [[[66]]])


def test_padding_beyond_the_kernel_gives_a_border_of_bias():
    y = conv2d(np.ones((1, 1, 1)), np.ones((1, 1, 1, 1)), np.array([7.0]), padding=5)
    assert y.shape == (1, 11, 11) and (y == 7).sum() == 120 and y[0, 5, 5] == 8


def test_a_stride_beyond_the_input_gives_one_output():
    x, weight = np.arange(25).reshape(1, 5, 5), np.ones((1, 1, 2, 2), int)
    np.testing.assert_array_equal(conv2d(x, weight, stride=2**40), [[[12]]])


def test_same_puts_the_odd_pixel_right_and_below():
    x = np.arange(1, 10).reshape(1, 3, 3)
    y = conv2d(x, np.array([[[[1, 0], [0, 0]]]]), padding="same")  # the tap above left sees the input itself
    np.testing.assert_array_equal(y, x)


# Special numbers.


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("special", [math.nan, math.inf, -math.inf])
def test_a_special_value_touches_only_the_windows_that_hold_it(dtype, special):
    x = np.ones((2, 2, 9, 9), dtype)
    x[1, 0, 4, 5] = special
    weight = np.ones((3, 2, 3, 3), dtype)
    y = conv2d(x, weight, stride=2, padding=1)
    expected = torch_conv2d(x, weight, stride=2, padding=1)
    np.testing.assert_array_equal(y, expected)
    assert (~np.isfinite(y)).sum() == 3 * 1 * 2  # row 4 lies in one window, column 5 in two


def test_a_special_value_stays_in_its_group():
    x = np.ones((1, 4, 3, 3), np.float32)
    x[0, 3, 1, 1] = math.nan
    y = conv2d(x, np.ones((4, 2, 3, 3), np.float32), groups=2)
    assert np.isnan(y[0, 2:]).all() and (y[0, :2] == 18).all()


def test_an_infinite_weight_over_a_padded_zero_is_nan():
    x, weight = np.ones((1, 3, 3), np.float32), np.ones((1, 1, 3, 3), np.float32)
    weight[0, 0, 0, 0] = math.inf
    y = conv2d(x, weight, padding=1)
    np.testing.assert_array_equal(y, torch_conv2d(x, weight, padding=1))
    assert np.isnan(y[0, 0]).all() and np.isinf(y[0, 1:, 1:]).all()


def test_special_numbers_raise_no_warning():
    x = np.array([math.inf, -math.inf, math.nan, 3e38, 1e-40], np.float32).reshape(1, 1, 5)
    small = np.full((1, 1, 1, 1), 1e-7, np.float16)
    with np.errstate(all="raise"), warnings.catch_warnings(action="error"):
        y = conv2d(x, np.full((1, 1, 1, 2), 10, np.float32), np.zeros(1, np.float32))
        conv2d(small, small)
        nothing = conv2d(np.full((1, 1, 1), math.inf), np.ones((1, 1, 1, 1)), np.full(1, -math.inf))
    assert np.isnan(nothing).all()
    np.testing.assert_array_equal(y[0, 0], [math.nan, math.nan, math.nan, math.inf])


@pytest.mark.parametrize(("dtype", "expected"), [("int8", 32), ("uint8", 32), ("int16", 10_016), ("int32", 10_016)])
def test_integer_sums_wrap(dtype, expected):
    x, weight = np.full((1, 4, 4), 6, dtype), np.full((1, 1, 4, 4), 104, dtype)
    y = conv2d(x, weight, np.full(1, 32, dtype))  # 16 * 6 * 104 + 32 = 10016 = 39 * 256 + 32
    assert y.item() == expected == torch_conv2d(x, weight, np.full(1, 32, dtype)).item()


def test_int64_is_exact_beyond_2_to_the_53():
    x = np.full((1, 2, 2), 2**53 + 1)
    assert conv2d(x, np.ones((1, 1, 2, 2), int)).item() == 4 * (2**53 + 1)
    assert conv2d(x, np.full((1, 1, 2, 2), 2**10)).item() == 2**12  # 2**65 + 2**12 wraps


def test_float16_is_summed_in_float32_and_rounded_once():
    # In half precision 2048 + 1 = 2048, so adding one by one would stay there.
    x = np.concatenate([[2048], np.ones(101)]).astype(np.float16).reshape(1, 1, 102)
    weight, bias = np.ones((1, 1, 1, 102), np.float16), np.full(1, 0.5, np.float16)
    y = conv2d(x, weight, bias)  # 2149.5, and half precision has the even numbers there: rounded before the bias it were 2148
    assert y.dtype == np.float16 and y.item() == 2150 == torch_conv2d(x, weight, bias).item()


def test_complex_numbers_are_not_conjugated():
    assert conv2d(np.full((1, 1, 1), 1j), np.full((1, 1, 1, 1), 1j)).item() == -1


def test_results_never_share_memory_with_inputs():
    x, weight, bias = np.ones((1, 1, 4, 4)), np.ones((1, 1, 1, 1)), np.zeros(1)
    for result in (conv2d(x, weight), conv2d(x, weight, bias), conv2d(x[0], weight), reference_conv2d(x, weight)):
        result[...] = 5
    assert (x == 1).all() and (weight == 1).all() and (bias == 0).all()


class Jealous(np.ndarray):
    """Numbers in a class of their own, which does nothing as NumPy's does it."""

    def __array_ufunc__(self, *args, **options):
        raise RuntimeError("not with me")

    __array_function__ = copy = reshape = astype = __array_ufunc__


@pytest.mark.parametrize("dtype", [np.float16, np.int64])
def test_an_array_of_another_class_is_read_by_its_numbers(dtype):
    x, weight, bias = np.arange(96).reshape(2, 1, 6, 8).astype(dtype), np.ones((2, 1, 3, 5), dtype), np.array([2, 3], dtype)
    g = np.ones((2, 2, 4, 4), dtype)

    def layer(*arrays):
        made = Conv2d(1, 2, (3, 5))
        made.weight, made.bias = arrays[1:3]
        return made.weight, made.bias, made(arrays[0]), *made.backward(arrays[0], arrays[3])

    for call in (
        lambda x, w, b, g: [conv2d(x, w, b), reference_conv2d(x, w, b)],
        lambda x, w, b, g: [conv_transpose2d(g, w.swapaxes(2, 3), b[:1])],
        lambda x, w, b, g: [pad(x, 1, mode) for mode in MODES],
        lambda x, w, b, g: [grad.conv2d_input(x.shape, w, g), grad.conv2d_weight(x, w.shape, g), grad.conv2d_bias(g)],
        lambda x, w, b, g: [np.array(trace(x, w, b, at=(1, 0, 0, 2), **of).value) for of in ({}, {"of": "x", "grad_output": g})],
        layer,
    ):
        results = call(*(array.view(Jealous) for array in (x, weight, bias, g)))
        for found, expected in zip(results, call(x, weight, bias, g), strict=True):
            assert type(found) is np.ndarray
            np.testing.assert_array_equal(found, expected)


def test_torch_is_the_pinned_one():
    assert torch.__version__.startswith("2.13."), "the semantics that conv_lib follows were seen on torch 2.13"
