"""The gradients against torch's autograd, against finite differences, and by what they mean."""

import math
import random

import numpy as np
import pytest
import torch
from checks import absolute, assert_close, native, refusal, tensor, unchanged
from strategies import DTYPES, LAYOUTS, MODES, laid_out, seeded_cases, values
from test_layer import settings_of

from conv_lib import Conv2d, conv2d, grad
from conv_lib.backward import BYTES

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'", "ignore:Complex modules")
FLOATS = ("float16", "float32", "float64", "complex64", "complex128")
LOW = 2**20  # of whole numbers the low bits are compared: sums of their products are exact in double precision


def layers_of(case):
    """A case as a layer of conv_lib, and as one of torch in double precision."""
    first, options = settings_of(case)
    ours = Conv2d(*first, **options)
    ours.weight, ours.bias = case.weight, case.bias
    return ours, torch.nn.Conv2d(*first, **options, dtype=torch.complex128 if case.x.dtype.kind == "c" else torch.float64)


def autograd(layer, x, weight, grad_output):
    """(x, weight, bias): the gradients by torch, in double precision."""
    x, weight, grad_output = (torch.from_numpy(native(a).astype(layer.weight.detach().numpy().dtype)) for a in (x, weight, grad_output))
    layer.weight.data = weight
    y = layer(x.requires_grad_())
    wanted = [x, layer.weight] + [layer.bias] * (layer.bias is not None)
    found = [gradient.numpy() for gradient in torch.autograd.grad(y, wanted, grad_output)]
    return (*found, None)[:3]


def assert_equals_autograd(found, layer, *arrays, what=""):
    """Whole numbers by their low bits, exactly; others within the rounding of their terms."""
    dtype = arrays[0].dtype
    if dtype.kind in "iu":
        low = min(LOW, 256**dtype.itemsize)
        for ours, theirs in zip(found, autograd(layer, *(native(a).astype(np.int64) % LOW for a in arrays))):
            assert ours is theirs is None or ours.dtype == dtype.newbyteorder("="), what
            if ours is not None:
                np.testing.assert_array_equal(ours.astype(np.int64) % low, theirs.astype(np.int64) % low, str(what))
        return
    for ours, theirs, scale in zip(found, autograd(layer, *arrays), autograd(layer, *map(absolute, arrays))):
        assert (ours is None) == (theirs is None), what
        if ours is not None:
            assert_close(ours, theirs.astype(dtype.newbyteorder("=")), np.abs(scale), what)


def gradient_of(case, layer, seed=0):
    return values(np.random.default_rng(seed), layer(case.x).shape, case.x.dtype.newbyteorder("="))


# Equal to torch's autograd on 3,200 random layers.


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_functions_equal_autograd_on_120_random_layers(dtype):
    pick = random.Random(dtype).choice
    for seed, case in enumerate(seeded_cases(f"grad {dtype}", 120, dtypes=(dtype,))):
        ours, theirs = layers_of(case)
        g = laid_out(gradient_of(case, ours, seed), pick(LAYOUTS))
        with unchanged(*case.arrays, g):
            found = (
                grad.conv2d_input(pick((tuple, list))(case.x.shape), case.weight, g, **case.options),
                grad.conv2d_weight(case.x, case.weight.shape, g, **case.options),
                grad.conv2d_bias(g) if case.bias is not None else None,
            )
        assert_equals_autograd(found, theirs, case.x, case.weight, g, what=case)
        assert not any(np.shares_memory(a, b) for a in found[:2] for b in (case.x, case.weight, g))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_layer_goes_back_as_autograd_in_every_padding_mode(dtype, mode):
    for seed, case in enumerate(seeded_cases(f"back {dtype} {mode}", 50, dtypes=(dtype,), modes=(mode,))):
        ours, theirs = layers_of(case)
        g = gradient_of(case, ours, seed)
        with unchanged(*case.arrays, g):
            found = ours.backward(case.x, g)
        assert_equals_autograd(found, theirs, case.x, case.weight, g, what=case)
        assert found._fields == ("x", "weight", "bias")


@pytest.mark.parametrize(("shape", "weight_shape", "options"), [
    ((2, 3, 64, 65), (32, 3, 7, 7), {"stride": 2, "padding": 3}),
    ((2, 32, 28, 30), (48, 32, 3, 3), {"padding": 1}),
    ((1, 64, 14, 15), (64, 2, 3, 5), {"padding": (1, 2), "groups": 32}),
    ((2, 96, 20, 20), (96, 1, 5, 5), {"padding": 2, "groups": 96, "stride": (1, 2)}),
    ((9, 64, 12, 12), (80, 64, 1, 1), {}),
    ((1, 64, 9, 9), (32, 64, 3, 3), {"padding": 4, "dilation": 4}),
    ((1, 16, 300, 301), (8, 16, 3, 5), {"padding": (0, 1), "stride": (1, 2), "dilation": (1, 2)}),
])  # fmt: skip
def test_equals_autograd_on_sizes_of_real_networks(shape, weight_shape, options):
    rng = np.random.default_rng
    x, weight = values(rng(1), shape, "float32"), values(rng(2), weight_shape, "float32")
    kernel, groups = weight_shape[2:], options.get("groups", 1)
    settings = (weight_shape[1] * groups, weight_shape[0], kernel)
    layer = Conv2d(*settings, **options)
    layer.weight = weight
    g = values(rng(3), layer(x).shape, "float32")
    assert_equals_autograd(layer.backward(x, g), torch.nn.Conv2d(*settings, **options, dtype=torch.float64), x, weight, g)


def test_equals_torch_nn_grad():
    for seed, case in enumerate(seeded_cases("torch.nn.grad", 100, dtypes=("float64",))):
        ours, theirs = layers_of(case)
        if case.x.ndim == 3 or isinstance(theirs.padding, str):  # torch.nn.grad knows neither
            continue
        g = gradient_of(case, ours, seed)
        settings = theirs.stride, theirs.padding, theirs.dilation, theirs.groups
        expected = torch.nn.grad.conv2d_input(case.x.shape, tensor(case.weight), tensor(g), *settings)
        np.testing.assert_allclose(grad.conv2d_input(case.x.shape, case.weight, g, *settings), expected, atol=1e-12)
        expected = torch.nn.grad.conv2d_weight(tensor(case.x), case.weight.shape, tensor(g), *settings)
        np.testing.assert_allclose(grad.conv2d_weight(case.x, case.weight.shape, g, *settings), expected, atol=1e-11)


# What a gradient is.


def test_equals_central_differences_on_100_random_layers():
    filled = [case for case in seeded_cases("differences", 150, dtypes=("float64",), modes=MODES, largest=3) if len(case.x)]
    assert len(filled) >= 100
    for seed, case in enumerate(filled):
        rng, (layer, _) = np.random.default_rng(seed), layers_of(case)
        g, x = gradient_of(case, layer, seed), native(case.x)
        found = layer.backward(x, g)
        for gradient, array in zip(found, (x, layer.weight, layer.bias)):
            if array is None:
                continue
            at = tuple(rng.integers(size) for size in array.shape)
            losses = {}
            for step in (1e-3, -2e-3):
                array.setflags(write=True)
                array[at] += step  # of a layer's own array, too: it is the one that counts
                losses[step] = (layer(x) * g).sum()
            array[at] += 1e-3
            measured = (losses[1e-3] - losses[-2e-3]) / 2e-3
            assert math.isclose(measured, gradient[at], rel_tol=1e-6, abs_tol=1e-8), (case, at)


def test_scattering_and_gathering_give_the_same():
    rng = np.random.default_rng(5)
    weight, g = rng.integers(-9, 10, (4, 3, 3, 5)), rng.integers(-9, 10, (2, 4, 4, 6))
    scattered = grad.conv2d_input((2, 3, 6, 10), weight, g)
    rotated = weight[:, :, ::-1, ::-1].swapaxes(0, 1)  # by half a turn, and the channels change sides
    np.testing.assert_array_equal(scattered, conv2d(g, rotated, padding=(2, 4)))


def test_the_weight_gradient_is_a_convolution_with_the_dilated_gradient():
    rng = np.random.default_rng(6)
    x, g = rng.integers(-9, 10, (2, 3, 7, 12)), rng.integers(-9, 10, (2, 4, 3, 5))
    found = grad.conv2d_weight(x, (4, 3, 3, 5), g, stride=(1, 2), padding=(0, 1), dilation=(2, 1))
    as_images = conv2d(x.swapaxes(0, 1), g.swapaxes(0, 1), stride=(2, 1), padding=(0, 1), dilation=(1, 2))
    np.testing.assert_array_equal(found, as_images.swapaxes(0, 1)[:, :, :3, :5])


def test_what_no_window_reads_has_exactly_no_gradient():
    layer = Conv2d(2, 4, (3, 2), stride=(2, 3), groups=2, dtype=np.float64)
    x = np.ones((1, 2, 6, 9))
    found = layer.backward(x, np.full((1, 4, 2, 3), 1e300)).x
    assert (found[:, :, 5] == 0).all() and (found[..., 2::3] == 0).all() and (found[:, :, :5, :2] != 0).all()


def test_in_the_ring_of_a_padding_mode_the_gradient_goes_home():
    layer = Conv2d(1, 1, 1, padding=1, padding_mode="replicate", bias=False)
    layer.weight = np.ones((1, 1, 1, 1), int)
    g = np.arange(1, 21).reshape(1, 4, 5)  # of an input of 2 x 3: a corner is copied to three places of the ring
    found = layer.backward(np.zeros((1, 2, 3), int), g)
    np.testing.assert_array_equal(found.x, [[[1 + 2 + 6 + 7, 3 + 8, 4 + 5 + 9 + 10], [11 + 12 + 16 + 17, 13 + 18, 14 + 15 + 19 + 20]]])
    assert found.bias is None


# Special numbers.


def test_a_complex_gradient_is_conjugated():
    x, weight, g = (np.full((1, 1, 1), number) for number in (2 + 1j, 1 + 3j, 1j))
    assert grad.conv2d_input((1, 1, 1), weight[None], g).item() == 1j * (1 - 3j)
    assert grad.conv2d_weight(x, (1, 1, 1, 1), g).item() == 1j * (2 - 1j)
    assert grad.conv2d_bias(g).item() == 1j


@pytest.mark.parametrize("groups", [1, 2])
def test_an_infinite_weight_reaches_only_the_inputs_that_it_met(groups):
    x, weight = torch.ones(1, groups, 4, 5, requires_grad=True), torch.ones(groups, 1, 3, 3)
    weight[0, 0, 0, 0] = math.inf
    y = torch.nn.functional.conv2d(x, weight, padding=1, groups=groups)
    (expected,) = torch.autograd.grad(y, x, torch.ones_like(y))
    found = grad.conv2d_input((1, groups, 4, 5), weight.numpy(), np.ones(y.shape, np.float32), padding=1, groups=groups)
    np.testing.assert_array_equal(found, expected)
    assert np.isinf(found).sum() == 3 * 4 and not np.isnan(found).any()


def test_float16_is_summed_in_float32():
    g = np.ones((1, 1, 50, 60), np.float16)  # in half precision 2048 + 1 = 2048
    assert grad.conv2d_bias(g).item() == 3000
    assert grad.conv2d_weight(g, (1, 1, 1, 1), g).item() == 3000


def test_an_empty_batch_gives_the_weight_no_gradient():
    layer = Conv2d(2, 4, 3, groups=2)
    found = layer.backward(np.zeros((0, 2, 5, 6), np.float32), np.zeros((0, 4, 3, 4), np.float32))
    assert found.x.shape == (0, 2, 5, 6) and found.weight.shape == (4, 1, 3, 3) and not found.weight.any() and not found.bias.any()


def test_a_map_larger_than_a_block_is_cut():
    x = np.ones((1, 1, 700, 700))
    assert x.nbytes * 9 > 2 * BYTES
    found = grad.conv2d_weight(x, (1, 1, 3, 3), np.ones((1, 1, 698, 698)))
    assert (found == 698 * 698).all()
    back = grad.conv2d_input(x.shape, np.ones((1, 1, 3, 3)), np.ones((1, 1, 698, 698)))
    assert back.sum() == 9 * 698 * 698 and back[0, 0, 2:-2, 2:-2].min() == 9


# Refusals.

X, WEIGHT = np.ones((2, 4, 6, 8)), np.ones((6, 2, 3, 5))
OPTIONS = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "groups": 2}
G = np.ones((2, 6, 4, 1))
WAYS = {
    "conv2d_input": lambda g=G, size=X.shape, weight=WEIGHT, **more: grad.conv2d_input(size, weight, g, **{**OPTIONS, **more}),
    "conv2d_weight": lambda g=G, x=X, size=WEIGHT.shape, **more: grad.conv2d_weight(x, size, g, **{**OPTIONS, **more}),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_gradient_that_no_output_has_is_refused(way):
    assert way().any()
    for shape in ((2, 6, 4, 2), (2, 6, 1, 4), (2, 6, 5, 1), (1, 6, 4, 1), (2, 3, 4, 1), (0, 6, 4, 1), (2, 6, 4, 0)):
        refusal(lambda: way(np.ones(shape)), "`grad_output`", shape, (2, 6, 4, 1))
    for shape in ((6, 4, 1), (4, 1), (1, 2, 6, 4, 1), ()):
        refusal(lambda: way(np.ones(shape)), "`grad_output`", shape, "4-D")
    for dtype in set(DTYPES) - {"float64"}:
        refusal(lambda: way(G.astype(dtype)), "`grad_output`", dtype, "float64")
    for wrong in (None, 1, G.tolist(), torch.ones(2, 6, 4, 1), G.astype(bool), np.ma.array(G)):
        refusal(lambda: way(wrong), "`grad_output`")
    for name, wrong in (("stride", 0), ("padding", -1), ("dilation", (1, 0)), ("groups", 4), ("groups", True), ("stride", 1.0),
                        ("padding", "SAME"), ("padding", None), ("dilation", (1, 2, 3)), ("dilation", 10**30)):  # fmt: skip
        refusal(lambda: way(**{name: wrong}), f"`{name}")
    refusal(lambda: way(padding="same"), "'same'", "(1, 2)")


@pytest.mark.parametrize("size", [None, 5, "2468", (), (6, 8), (2, 4, 6), (1, 2, 4, 6, 8), (2, 4, 0, 8), (2, 0, 6, 8), (2, 4, 6.0, 8),
                                  [2, 4, 6, True], (2, 3, 6, 8), (2, 4, -6, 8), {2, 4}, np.array(X.shape), (2, 4, 6, 10**7),
                                  (2, 4, 2, 8), (2, 4, 6, 6),
                                  (2, 4, 7, 8), (3, 4, 6, 8), (10**6, 4, 10**6, 8)])  # fmt: skip
def test_an_input_size_that_does_not_fit_is_refused(size):
    refusal(lambda: WAYS["conv2d_input"](size=size))


@pytest.mark.parametrize("size", [None, 5, "6235", (), (6, 2, 3), (2, 3, 5), (1, 6, 2, 3, 5), (0, 2, 3, 5), (6, 2, 0, 5), (6, 2, 3.0, 5),
                                  [6, 2, 3, True], (6, 4, 3, 5), (5, 2, 3, 5), (6, 1, 3, 5), (6, 2, -3, 5), np.array(WEIGHT.shape),
                                  (6, 2, 7, 5),
                                  (6, 2, 3, 6), (6, 2, 2, 5), (6, 2, 3, 4), (8, 2, 3, 5), (10**6, 2, 10**6, 5)])  # fmt: skip
def test_a_weight_size_that_does_not_fit_is_refused(size):
    refusal(lambda: WAYS["conv2d_weight"](size=size))


def test_a_layer_refuses_on_the_way_back_what_it_refuses_forward():
    layer = Conv2d(4, 6, (3, 5), **OPTIONS, dtype=np.float64)
    assert layer.backward(X, G).x.shape == X.shape
    for x in (X[:, :3], X[:, :, :2], X.astype(np.float32), X.tolist(), None, X[0, 0], X[:, :, :0]):
        assert refusal(lambda: layer.backward(x, G)) == refusal(lambda: layer(x))
    for g in (G[:1], G[0], G[:, :3], G.astype(np.float32), None, [1]):
        refusal(lambda: layer.backward(X, g), "`grad_output`")
    refusal(lambda: layer.backward(X[0], G), "`grad_output`", "3-D")
    for wrong in (None, 1, np.ones(3), np.ones((2, 2)), np.ones((2, 0, 3, 3)), G.astype(bool)):
        refusal(lambda: grad.conv2d_bias(wrong), "`grad_output`")
