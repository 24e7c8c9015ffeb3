"""Conv2d against torch.nn.Conv2d: numbers, names, printed form, initial values; and the bugs of torch that it has not."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from checks import absolute, assert_close, plain, refusal, tensor, unchanged
from hypothesis import given
from hypothesis import strategies as st
from strategies import MODES, Case, cases, examples, seeded_cases

from conv_lib import Conv2d, ConvTranspose2d, conv2d, pad

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'", "ignore:Complex modules")
FLOATS = ("float16", "float32", "float64", "complex64", "complex128")
SETTINGS = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")


def settings_of(case):
    """A case as the arguments of a layer."""
    C_out, channels, *kernel_size = case.weight.shape
    options = {name: plain(value) for name, value in case.options.items()}
    for name in ("stride", "padding", "dilation"):  # torch mishandles a sequence of one
        if isinstance(options[name], (tuple, list)) and len(options[name]) == 1:
            options[name] = options[name][0]
    first = (channels * options["groups"], C_out, tuple(kernel_size))
    return first, {**options, "bias": case.bias is not None, "padding_mode": case.padding_mode}


def torch_layer(case):
    """torch's layer for a case, with the numbers of the case."""
    first, options = settings_of(case)
    layer = torch.nn.Conv2d(*first, **options, dtype=tensor(case.x).dtype)
    with torch.no_grad():
        layer.weight.copy_(tensor(case.weight))
        if case.bias is not None:
            layer.bias.copy_(tensor(case.bias))
    return layer


def numbers_of(layer, x):
    """What torch's layer gives; in half precision summed in single precision and rounded once, as the dtype is meant."""
    x = tensor(x)
    with torch.no_grad():
        if x.dtype == torch.float16:
            return copy.deepcopy(layer).float()(x.float()).half().numpy()
        return layer(x).numpy()


def absolute_sums(case):
    """The sum of the absolute terms of every output: the scale of its rounding error."""
    positive = Case(*map(absolute, case.arrays), case.options, case.padding_mode)
    return torch_layer(positive)(tensor(positive.x)).detach().numpy()


# Numbers.


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_equals_torch_in_every_padding_mode(dtype, mode):
    for case in seeded_cases(f"{dtype} {mode}", 40, dtypes=(dtype,), modes=(mode,)):
        in_torch = torch_layer(case)
        layer = Conv2d.from_torch(in_torch)
        with unchanged(*case.arrays):
            y = layer(case.x)
        assert_close(y, numbers_of(in_torch, case.x), absolute_sums(case), case)
        assert repr(layer) == repr(in_torch) and not np.shares_memory(y, case.x)
        assert {name: getattr(layer, name) for name in SETTINGS} == {name: getattr(in_torch, name) for name in SETTINGS}


def test_every_padding_mode_is_pad_and_then_convolve():
    for case in seeded_cases("modes", 200, modes=MODES, dtypes=("int64", "uint8")):
        first, options = settings_of(case)
        layer = Conv2d(*first, **options)
        layer.weight, layer.bias = case.weight, case.bias
        y = layer(case.x)
        sides = same_sides(layer) if layer.padding == "same" else (0 if layer.padding == "valid" else layer.padding)
        expected = conv2d(pad(case.x, sides, case.padding_mode), *case.arrays[1:], **{**case.options, "padding": 0})
        np.testing.assert_array_equal(y, expected, str(case))


def same_sides(layer):
    totals = [d * (k - 1) for k, d in zip(layer.kernel_size, layer.dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


# Names and printed form.


@examples(150)
@given(cases(dtypes=("float32",), modes=MODES), st.booleans())
def test_attributes_and_printed_form_are_those_of_torch(case, bias):
    first, options = settings_of(case)
    options["bias"] = bias
    ours, theirs = Conv2d(*first, **options), torch.nn.Conv2d(*first, **options)
    assert repr(ours) == repr(theirs)
    for name in SETTINGS:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.weight.shape == tuple(theirs.weight.shape) and (ours.bias is None) == (theirs.bias is None)


def test_printed_forms():
    assert repr(Conv2d(1, 2, 3)) == "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))"
    layer = Conv2d(4, 4, (3, 1), (2, 1), (1, 0), 2, 2, False, "reflect")
    assert repr(layer) == (
        "Conv2d(4, 4, kernel_size=(3, 1), stride=(2, 1), padding=(1, 0), dilation=(2, 2), groups=2, bias=False, padding_mode=reflect)"
    )
    assert "padding=same" in repr(Conv2d(1, 1, 3, padding="same")) and "padding=valid" in repr(Conv2d(1, 1, 3, padding="valid"))


def test_whatever_is_set_is_printed():
    layer = Conv2d(4, 6, (3, 5))
    layer.padding, layer.dilation, layer.groups = np.array([0, 1]), [1, 2], np.int64(2)
    assert repr(layer) == "Conv2d(4, 6, kernel_size=(3, 5), stride=(1, 1), padding=[0 1], dilation=[1, 2], groups=2)"


def test_numbers_of_numpy_print_as_those_of_python():
    layer = Conv2d(np.int64(2), np.int32(2), np.int8(3), [np.int64(1)], (np.uint8(1), 1), groups=np.int16(2))
    assert repr(layer) == "Conv2d(2, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2)"


# Initial values.


@pytest.mark.parametrize(("in_channels", "kernel_size", "groups"), [(16, 3, 1), (64, 1, 1), (32, (1, 5), 4), (8, 3, 8)])
def test_initial_values_are_uniform_within_the_bound(in_channels, kernel_size, groups):
    layer = Conv2d(in_channels, 640, kernel_size, groups=groups, dtype=np.float64, generator=np.random.default_rng(0))
    bound = 1 / math.sqrt(math.prod(layer.weight.shape[1:]))
    for values in (layer.weight, layer.bias):
        places = np.sort((values.ravel() / bound + 1) / 2)  # uniform in [0, 1], if the values are what they should be
        even = (np.arange(places.size) + 0.5) / places.size
        assert 0 <= places[0] and places[-1] <= 1
        assert np.abs(places - even).max() < 2 / math.sqrt(places.size)  # the Kolmogorov-Smirnov distance


def test_initial_values_have_the_bound_of_torch():
    ours = Conv2d(6, 512, 3, groups=2, generator=np.random.default_rng(1))
    theirs = torch.nn.Conv2d(6, 512, 3, groups=2)
    for mine, their in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        assert abs(np.abs(mine).max() - their.detach().abs().max().item()) < 0.01
        assert mine.dtype == np.float32


def test_a_generator_makes_the_values_again():
    first, second, other = (Conv2d(2, 3, 3, generator=np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.weight, second.weight)
    np.testing.assert_array_equal(first.bias, second.bias)
    assert (first.weight != other.weight).all() and (Conv2d(2, 3, 3).weight != Conv2d(2, 3, 3).weight).all()
    without = Conv2d(2, 3, 3, bias=False, generator=np.random.default_rng(5))
    np.testing.assert_array_equal(first.weight, without.weight)


@pytest.mark.parametrize("dtype", ["float16", np.float32, float, np.dtype("float64")])
def test_the_dtype_of_the_initial_values(dtype):
    layer = Conv2d(1, 1, 3, dtype=dtype)
    assert layer.weight.dtype == layer.bias.dtype == layer(np.zeros((1, 3, 3), dtype)).dtype == np.dtype(dtype)


def test_no_bias():
    for bias in (False, None, np.False_):
        assert Conv2d(1, 1, 3, bias=bias).bias is None


# Weight and bias can be set.


def test_what_is_set_is_copied():
    layer, weight, bias = Conv2d(1, 1, 1), np.ones((1, 1, 1, 1), int), np.ones(1, int)
    layer.weight, layer.bias = weight, bias
    weight[...] = bias[...] = 9
    assert layer.weight.item() == layer.bias.item() == 1
    layer.weight[...] = 5  # in place, as in torch
    assert layer(np.ones((1, 1, 1), int)).item() == 6
    layer.bias = None
    assert layer(np.ones((1, 1, 1), int)).item() == 5 and "bias=False" in repr(layer)


def test_what_is_set_must_have_the_shape_of_the_layer():
    layer = Conv2d(4, 6, (3, 2), groups=2)
    refusal(lambda: setattr(layer, "weight", np.ones((6, 4, 3, 2))), "`weight`", (6, 4, 3, 2), (6, 2, 3, 2))
    refusal(lambda: setattr(layer, "bias", np.ones(1)), "`bias`", "(1,)", "(6,)")


def test_an_input_of_another_dtype_is_refused():
    refusal(lambda: Conv2d(1, 1, 3)(np.ones((1, 3, 3))), "float64", "float32")


def test_a_result_never_shares_memory():
    layer, x = Conv2d(1, 1, 1), np.ones((1, 1, 3, 3), np.float32)
    layer(x)[...] = 7
    assert (x == 1).all() and (layer.weight != 7).all()


def test_a_layer_can_be_copied_and_stored():
    layer, x = Conv2d(2, 2, 3, padding="same", padding_mode="circular"), np.ones((2, 4, 4), np.float32)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), Conv2d.from_torch(layer)):
        np.testing.assert_array_equal(twin(x), layer(x))
        assert not np.shares_memory(twin.weight, layer.weight) and repr(twin) == repr(layer)
    np.testing.assert_array_equal(layer.forward(x), layer(x))


# From torch.


def test_a_copy_of_a_torch_layer_is_its_own():
    theirs = torch.nn.Conv2d(2, 2, 3)
    ours = Conv2d.from_torch(theirs)
    before = ours.weight.copy(), ours.bias.copy()
    with torch.no_grad():
        theirs.weight.zero_()
        theirs.bias.zero_()
    np.testing.assert_array_equal(ours.weight, before[0])
    np.testing.assert_array_equal(ours.bias, before[1])


def test_a_layer_in_another_memory_format_is_copied_right():
    theirs = torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    np.testing.assert_array_equal(Conv2d.from_torch(theirs).weight, theirs.weight.detach().numpy())


def test_a_subclass_of_a_torch_layer_is_copied():
    class Mine(torch.nn.Conv2d):
        pass

    assert repr(Conv2d.from_torch(Mine(1, 2, 3))) == "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))"


# What torch gets wrong, and conv_lib does not.


@pytest.mark.parametrize("mode", MODES)
def test_a_padding_of_one_number_works_in_every_mode(mode):
    x = np.ones((1, 5, 5), np.float32)
    layer = Conv2d(1, 1, 3, padding=(1,), padding_mode=mode)
    assert layer.padding == (1, 1) and layer(x).shape == (1, 5, 5)
    theirs = torch.nn.Conv2d(1, 1, 3, padding=(1,), padding_mode=mode)  # torch fails when it is called
    np.testing.assert_array_equal(Conv2d.from_torch(theirs)(x).shape, (1, 5, 5))


@pytest.mark.parametrize("mode", MODES)
def test_a_dilation_of_one_number_pads_both_axes(mode):
    x = np.ones((1, 9, 9), np.float32)
    assert Conv2d(1, 1, 5, padding="same", dilation=(1,), padding_mode=mode)(x).shape == (1, 9, 9)
    theirs = torch.nn.Conv2d(1, 1, 5, padding="same", dilation=(1,), padding_mode=mode)  # torch pads the height only
    assert Conv2d.from_torch(theirs)(x).shape == (1, 9, 9)


def test_constructor_errors_come_at_once():
    for wrong in ({"stride": 0}, {"padding": -1}, {"dilation": 0}, {"stride": 2, "padding": "same"}, {"padding_mode": "edge"}):
        refusal(lambda: Conv2d(1, 1, 3, **wrong))
    refusal(lambda: Conv2d(3, None, 3), "`out_channels`", "NoneType")


def test_more_weights_than_memory_holds_are_refused():
    for module in (Conv2d, ConvTranspose2d):
        refusal(lambda: module(70000, 5 * 10**4, (3, 5)), "`weight`", "16 GiB", 8 * 70000 * 5 * 10**4 * 15)  # noqa: B023
