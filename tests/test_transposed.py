"""conv_transpose2d and ConvTranspose2d against torch, and what a transposed convolution is."""

import copy
import math
import pickle
import random
from collections import Counter

import numpy as np
import pytest
import torch
from checks import absolute, assert_close, native, plain, refusal, tensor, unchanged
from strategies import DTYPES, LAYOUTS, laid_out, spelled, values

from conv_lib import Axis, Conv2d, ConvTranspose2d, conv2d, conv_transpose2d, cost, explain, grad

pytestmark = pytest.mark.filterwarnings("ignore:Complex modules")
LOW = 2**20  # of whole numbers the low bits are compared, which are exact in double precision


def random_case(seed, dtype):
    """(x, weight, bias, options) of a legal transposed convolution."""
    pick = random.Random(seed).choice
    rng = np.random.default_rng(pick(range(10**6)))
    while True:
        kernel, stride, dilation = ([pick(range(1, top)), pick(range(1, top))] for top in (5, 5, 4))
        size, padding = [pick(range(1, 6)), pick(range(1, 6))], [pick(range(4)), pick(range(4))]
        extra = [pick(range(max(s, d))) for s, d in zip(stride, dilation)]
        full = [(n - 1) * s + d * (k - 1) + 1 + e - 2 * p for n, s, d, k, e, p in zip(size, stride, dilation, kernel, extra, padding)]
        if min(full) > 0:
            break
    groups = pick((1, 1, 2, 3))
    channels, outputs = groups * pick((1, 2, 3)), pick((1, 2, 3))
    shapes = (*pick(((), (0,), (1,), (2,))), channels, *size), (channels, outputs, *kernel), (outputs * groups,)
    x, weight, bias = (laid_out(values(rng, shape, dtype), pick(LAYOUTS)) for shape in shapes)
    options = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation}
    return x, weight, pick((bias, None)), {name: spelled(pick, tuple(pair)) for name, pair in options.items()} | {"groups": groups}


def torch_transposed(x, weight, bias, **options):
    """torch.nn.functional.conv_transpose2d in double precision; of whole numbers the low bits."""
    wide = np.complex128 if np.iscomplexobj(x) else np.float64
    low = [None if a is None else native(a) % LOW if a.dtype.kind in "iu" else a for a in (x, weight, bias)]
    arrays = [None if a is None else tensor(a.astype(wide)) for a in low]
    return torch.nn.functional.conv_transpose2d(*arrays, **{name: plain(value) for name, value in options.items()}).numpy()


@pytest.mark.parametrize("dtype", DTYPES)
def test_equals_torch_on_120_random_layers(dtype):
    for n in range(120):
        x, weight, bias, options = random_case(f"{dtype} {n}", dtype)
        with unchanged(x, weight, bias):
            y = conv_transpose2d(x, weight, bias, **options)
        what = (x.shape, weight.shape, options)
        if x.dtype.kind in "iu":
            x, weight, bias = (None if a is None else a.astype(np.int64) for a in (x, weight, bias))
        expected = torch_transposed(x, weight, bias, **options)
        assert y.dtype == np.dtype(dtype) and y.shape == expected.shape, what
        if y.dtype.kind in "iu":
            low = min(LOW, 256**y.dtype.itemsize)
            np.testing.assert_array_equal(y.astype(np.int64) % low, expected.astype(np.int64) % low, str(what))
        else:
            assert_close(y, expected.astype(dtype), torch_transposed(*map(absolute, (x, weight, bias)), **options), what)


def test_int64_wraps_as_torch():
    for n in range(60):
        x, weight, bias, options = random_case(f"wrap {n}", "int64")
        options = {name: plain(value) for name, value in options.items()}
        expected = torch.nn.functional.conv_transpose2d(*map(tensor, (x, weight, bias)), **options)
        np.testing.assert_array_equal(conv_transpose2d(x, weight, bias, **options), expected)


def test_a_layer_equals_torch():
    for n in range(150):
        x, weight, bias, options = random_case(f"layer {n}", "float64")
        settings = (len(weight), weight.shape[1] * options["groups"], weight.shape[2:])
        options = {name: plain(value) for name, value in options.items()} | {"bias": bias is not None}
        theirs = torch.nn.ConvTranspose2d(*settings, **{name: fixed(value) for name, value in options.items()}, dtype=torch.float64)
        ours = ConvTranspose2d.from_torch(theirs)
        assert repr(ours) == repr(theirs) == repr(ConvTranspose2d(*settings, **options))
        extra = random.Random(n).choice((None, [random.Random(n + k).randrange(s) for k, s in enumerate(theirs.stride)]))
        if extra and len(x):
            least = torch.nn.ConvTranspose2d(*settings, theirs.stride, theirs.padding, 0, theirs.groups, True, theirs.dilation)
            try:
                extra = [size + more for size, more in zip(least(tensor(x).float()).shape[-2:], extra)]
            except RuntimeError:  # without output_padding nothing is left
                extra = None
        else:
            extra = None
        expected = theirs(tensor(x), output_size=extra).detach().numpy()
        np.testing.assert_allclose(ours(x, extra), expected, atol=1e-12, err_msg=f"{ours!r} {x.shape} {extra}")


def fixed(value):
    """A pair as torch reads it: of a sequence of one it makes nonsense."""
    return value[0] if isinstance(value, (tuple, list)) and len(value) == 1 else tuple(value) if isinstance(value, list) else value


# What it is.


def test_it_is_the_input_gradient_of_a_convolution():
    rng = np.random.default_rng(1)
    g, weight = rng.integers(-9, 10, (2, 6, 4, 3)), rng.integers(-9, 10, (6, 2, 3, 5))
    options = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "groups": 2}
    y = conv_transpose2d(g, weight, **options, output_padding=(0, 1))
    np.testing.assert_array_equal(y, grad.conv2d_input((2, 4, 6, 12), weight, g, **options))


def test_it_is_the_transpose_of_the_matrix():
    rng = np.random.default_rng(2)
    x, y, weight = rng.integers(-9, 10, (1, 4, 6)), rng.integers(-9, 10, (1, 2, 3)), rng.integers(-9, 10, (1, 1, 3, 3))
    options = {"stride": (1, 2), "padding": (0, 1)}
    assert (conv2d(x, weight, **options) * y).sum() == (x * conv_transpose2d(y, weight, **options, output_padding=(0, 1))).sum()


def test_every_pixel_is_a_stamp():
    x, weight = np.zeros((1, 3, 4), int), np.arange(1, 16).reshape(1, 1, 3, 5)
    x[0, 1, 2] = 2
    y = conv_transpose2d(x, weight, stride=(1, 2), dilation=(1, 2))
    np.testing.assert_array_equal(y[0, 1:4, 4:13:2], 2 * weight[0, 0])
    assert np.count_nonzero(y) == 15


def test_the_axis_has_as_many_windows_as_there_are_inputs():
    for n in range(300):
        pick = random.Random(n).randrange
        size, kernel, stride, dilation, padding = pick(1, 9), pick(1, 6), pick(1, 5), pick(1, 4), pick(4)
        smallest = (size - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding
        if smallest < 1:
            refusal(lambda: Axis.transposed(size, kernel, stride, padding, 0, dilation), "Nothing is left", f"= {smallest},")
            continue
        for extra in range(stride):
            axis = Axis.transposed(size, kernel, stride, padding, extra, dilation)
            assert axis.output_size == size and axis.size == smallest + extra
        assert Axis(smallest + stride, kernel, stride, padding, dilation).output_size == size + 1


def test_initial_values_are_within_the_bound_of_torch():
    ours = ConvTranspose2d(512, 6, (2, 3), groups=2, generator=np.random.default_rng(1))
    theirs = torch.nn.ConvTranspose2d(512, 6, (2, 3), groups=2)
    bound = 1 / math.sqrt(3 * 2 * 3)
    assert ours.weight.shape == tuple(theirs.weight.shape) and ours.bias.shape == (6,)
    for weight in (ours.weight, theirs.weight.detach().numpy()):
        assert 0.99 * bound < np.abs(weight).max() <= bound
    assert np.abs(ours.bias).max() <= bound


def test_a_layer_that_was_changed_is_the_layer_that_it_says():
    """Attributes are read as the constructor reads its arguments, with an `output_size` too."""
    pick, sized = random.Random("changed").choice, 0
    for _ in range(150):
        settings = {
            "stride": pick((3, (2, 3), [3, 2], (2,))),
            "padding": pick((1, (0, 1), [1, 2], (1,))),
            "output_padding": pick((1, (0, 1), [1, 0], (0,))),
            "dilation": pick((2, [1, 2], (2, 1), [2])),
        }
        changed, built = ConvTranspose2d(2, 4, (3, 2), groups=2), ConvTranspose2d(2, 4, (3, 2), groups=2, **settings)
        built.weight, built.bias = changed.weight, changed.bias
        for name, value in settings.items():
            setattr(changed, name, value)
        x = np.arange(2 * 4 * 5, dtype=np.float32).reshape(2, 4, 5)
        np.testing.assert_array_equal(changed(x), built(x))
        assert explain(changed, x.shape).facts == explain(built, x.shape).facts
        smallest = [size - extra for size, extra in zip(built(x).shape[1:], np.broadcast_to(settings["output_padding"], 2))]
        wanted = [int(size) + pick((0, 1)) for size in smallest]
        np.testing.assert_array_equal(changed(x, wanted), built(x, wanted))
        assert changed(x, wanted).shape[1:] == tuple(wanted)
        sized += wanted != smallest
    assert sized > 50
    changed.kernel_size, changed.groups, changed.bias = 7, np.int64(1), None  # the weight decides, as in torch
    assert dict(explain(changed, x.shape).facts)["output"] == str(changed(x).shape) and len(changed(x)) == 2
    for name, value, words in (("groups", 0, "at least 1"), ("groups", "2", "str"), ("padding_mode", "reflect", "'zeros'")):
        broken = ConvTranspose2d(2, 4, (3, 2), groups=2)
        setattr(broken, name, value)
        refusal(lambda: broken(x), f"`{name}` (={value!r})", words)  # noqa: B023


def test_a_layer_can_be_copied_stored_and_set():
    layer = ConvTranspose2d(2, 4, (3, 2), stride=2, groups=2)
    x = np.ones((2, 4, 4), np.float32)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), ConvTranspose2d.from_torch(layer)):
        np.testing.assert_array_equal(twin(x), layer(x))
        assert not np.shares_memory(twin.weight, layer.weight) and repr(twin) == repr(layer)
    np.testing.assert_array_equal(layer.forward(x, (9, 8)), layer(x, [9, 8]))
    refusal(lambda: setattr(layer, "weight", np.ones((4, 1, 3, 2))), (4, 1, 3, 2), (2, 2, 3, 2))
    layer.bias = None
    assert "bias=False" in repr(layer) and np.array_equal(layer(x), conv_transpose2d(x, layer.weight, stride=2, groups=2))


def test_printed_form():
    layer = ConvTranspose2d(4, 6, (2, 3), 2, 1, 1, 2, False, 2)
    assert repr(layer) == (
        "ConvTranspose2d(4, 6, kernel_size=(2, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), output_padding=(1, 1), "
        "groups=2, bias=False)"
    )
    uneven = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "output_padding": (0, 1)}
    assert repr(ConvTranspose2d(4, 6, (3, 5), **uneven)) == repr(torch.nn.ConvTranspose2d(4, 6, (3, 5), **uneven))


@pytest.mark.parametrize("special", [math.nan, math.inf])
def test_a_special_number_touches_only_its_stamp(special):
    x = np.ones((1, 1, 5, 6), np.float32)
    x[0, 0, 2, 3] = special
    weight = np.ones((1, 1, 3, 2), np.float32)
    y = conv_transpose2d(x, weight, stride=2, padding=1)
    np.testing.assert_array_equal(y, torch.nn.functional.conv_transpose2d(tensor(x), tensor(weight), stride=2, padding=1))
    assert (~np.isfinite(y)).sum() == 6


def test_a_result_never_shares_memory():
    x, weight = np.ones((1, 1, 3, 3)), np.ones((1, 1, 1, 1))
    conv_transpose2d(x, weight)[...] = 5
    assert (x == 1).all() and (weight == 1).all()


# Refusals.

X, WEIGHT = np.ones((2, 4, 5, 6)), np.ones((4, 3, 3, 5))
OPTIONS = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "groups": 2}


def refused(*words, x=X, weight=WEIGHT, bias=None, **changes):
    """Torch refuses it as well, and the message has the words."""
    options = {**OPTIONS, **changes}
    with pytest.raises((RuntimeError, TypeError, ValueError, IndexError)):
        arrays = [tensor(a) if isinstance(a, np.ndarray) else a for a in (x, weight, bias)]
        torch.nn.functional.conv_transpose2d(*arrays, **options)
    refusal(lambda: conv_transpose2d(x, weight, bias, **options), *words)


WRONG_NUMBERS = [("stride", 0), ("stride", (1, -1)), ("stride", 1.5), ("stride", True), ("padding", -1), ("padding", "same")]
WRONG_NUMBERS += [("padding", "valid"), ("padding", 1.0), ("dilation", 0), ("dilation", (1, 2, 3)), ("output_padding", -1)]
WRONG_NUMBERS += [("output_padding", "1"), ("output_padding", None), ("groups", 0), ("groups", 3), ("groups", -1), ("groups", True)]
WRONG_NUMBERS += [("groups", (1,))]


def test_refuses_what_torch_refuses():
    for name, wrong in WRONG_NUMBERS:
        refused(f"`{name}", **{name: wrong})
    for extra, stride, dilation in ((1, 1, 1), (2, 2, 1), (2, 1, 2), ((0, 2), (3, 2), 1), ((3, 1), (3, 2), (2, 1))):
        refused("`output_padding`", "`stride`", "at most", output_padding=extra, stride=stride, dilation=dilation)
    for x in (X[:, :3], X[:, :1], np.ones((2, 6, 5, 6)), X[0, 0], X[None], np.ones((2, 4, 0, 6)), np.ones((4, 5, 0))):
        refused(x.shape, x=x)
    refused("`weight.shape[0]` (=3)", weight=WEIGHT[:3])
    for weight in (WEIGHT[:, :0], WEIGHT[0], WEIGHT[None], np.ones((6, 2, 3, 3)), np.ones((4, 3, 0, 3))):
        refused(weight.shape, weight=weight)
    for bias in (np.ones(3), np.ones(1), np.ones((6, 1)), np.ones(()), np.ones(7)):
        refused("`bias`", bias.shape, bias=bias)
    refused("float32", "float64", weight=WEIGHT.astype(np.float32))
    refused("Nothing is left along the height", "`padding` (=4) may be at most 3", padding=(4, 0))
    refused("Nothing is left along the width", padding=(0, 10))


def test_the_last_legal_padding_is_the_one_that_the_message_names():
    for n in range(200):
        pick = random.Random(n).randrange
        size, kernel, stride, dilation, padding = pick(1, 6), pick(1, 5), pick(1, 4), pick(1, 4), pick(1, 20)
        try:
            Axis.transposed(size, kernel, stride, padding, 0, dilation)
        except ValueError as error:
            named = int(str(error).rsplit(" ", 1)[1].rstrip("."))
            assert Axis.transposed(size, kernel, stride, named, 0, dilation).size in (1, 2)


@pytest.mark.parametrize("size", [(13, 13), (11, 13), (10, 11), (11,), (1, 2, 3, 4, 5), (3, 12, 12),
                                  12, "1212", None, [11.0, 11], [True, 11],
                                  [-1, 11], {11, 12}, np.array([11, 11])])  # fmt: skip
def test_an_output_size_out_of_reach_is_refused(size):
    layer, x = ConvTranspose2d(2, 3, 3, stride=2, padding=1), np.ones((1, 2, 6, 6), np.float32)
    if size is None:
        assert layer(x, size).shape == (1, 3, 11, 11)
        return
    message = refusal(lambda: layer(x, size), "`output_size")
    assert not isinstance(size, tuple) or len(size) != 2 or "from (11, 11) to (12, 12)" in message


def test_an_output_size_may_rescue_what_padding_took():
    theirs = torch.nn.ConvTranspose2d(1, 1, 1, stride=3, padding=1)
    x = np.ones((1, 1, 1), np.float32)
    ours = ConvTranspose2d.from_torch(theirs)
    refusal(lambda: ours(x), "Nothing is left", "= -1,")
    np.testing.assert_array_equal(ours(x, (1, 1)), theirs(tensor(x), output_size=(1, 1)).detach())


def test_impossible_layers_are_refused():
    for name, wrong, *words in (
        ("groups", 3, "`in_channels` (=4)"), ("padding", "same"), ("padding", -1), ("stride", 0), ("dilation", 0), ("bias", 1),
        ("padding_mode", "reflect", "'zeros'"), ("padding_mode", None), ("output_padding", 1, "at most 0"), ("dtype", int),
        ("generator", 1),
    ):  # fmt: skip
        refusal(lambda: ConvTranspose2d(4, 6, 3, **{name: wrong}), f"`{name}`", *words)
    refusal(lambda: ConvTranspose2d(4, 6, 3, groups=4), "`out_channels` (=6)")
    refusal(lambda: ConvTranspose2d(4, 0, 3), "`out_channels`")
    refusal(lambda: ConvTranspose2d(10**5, 10**5, 3), "bytes")


def test_another_kind_of_layer_is_refused():
    for layer in (None, 1, Conv2d(2, 2, 3), torch.nn.Conv2d(2, 2, 3), torch.nn.ConvTranspose1d(2, 2, 3), torch.nn.ConvTranspose3d(2, 2, 3),
                  torch.nn.LazyConvTranspose2d(2, 3), torch.nn.Linear(2, 2), ConvTranspose2d):  # fmt: skip
        refusal(lambda: ConvTranspose2d.from_torch(layer), "`layer`", type(layer).__name__)


def test_more_memory_than_there_is_is_refused():
    refusal(lambda: conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 1, 1)), stride=2**30), "bytes")


# What is told of a layer.


def test_the_cost_is_that_of_the_convolution_it_goes_backwards():
    for n in range(100):
        x, weight, bias, options = random_case(f"cost {n}", "float32")
        settings = (len(weight), weight.shape[1] * options["groups"], weight.shape[2:])
        layer = ConvTranspose2d(*settings, **options, bias=bias is not None)
        found = cost(layer, x.shape)
        theirs = torch.nn.ConvTranspose2d(*settings, **{k: fixed(plain(v)) for k, v in options.items()}, bias=bias is not None)
        assert found == cost(theirs, x.shape)
        assert found.output_shape == conv_transpose2d(x, weight, bias, **options).shape
        assert found.parameters == sum(parameter.numel() for parameter in theirs.parameters())
        forward = Conv2d(settings[1], settings[0], settings[2], **{k: v for k, v in options.items() if k != "output_padding"})
        if (output := forward(np.zeros(found.output_shape, np.float32))).shape == x.shape:
            assert found.macs == cost(forward, found.output_shape).macs and output.dtype == np.float32
        assert found.kind.startswith("transposed")
    assert found.backward_macs() == 2 * found.macs == found.backward_macs(x=True, weight=False) * 2
    refusal(lambda: found.backward_macs(x=1), "`x`", "int")


def test_an_account_tells_the_formula_the_crop_and_the_checkerboard():
    text = str(explain(ConvTranspose2d(4, 6, (3, 4), stride=2, padding=(1, 0), output_padding=(0, 1), groups=2), (1, 4, 5, 6)))
    assert "height      (5 - 1) * 2 + 3 - 1 - 1 + 0 = 9" in text and "width       (6 - 1) * 2 + 4 - 0 - 0 + 1 = 15" in text
    assert "(4, 3, 3, 4) = (in_channels, out_channels / groups, height, width)" in text and "MACs        4,320" in text
    assert "! height: `padding` cuts 1 row off each side" in text and "width: `padding`" not in text
    assert "! height: kernel 3 is not divisible by stride 2, so the rows get 1 or 2 taps in turn: a checkerboard." in text
    assert text.count("checkerboard") == 1
    nothing = "get nothing but the bias"
    for kernel, stride, dilation, words in ((2, 3, 1, nothing), (3, 2, 2, nothing), (4, 2, 1, ""), (3, 1, 2, "")):
        found = explain(torch.nn.ConvTranspose2d(1, 1, kernel, stride=stride, dilation=dilation), (1, 1, 4, 4))
        assert found.fits and (words in " ".join(found.warnings) if words else found.warnings == ())


def test_what_no_stamp_reaches_is_told_as_ones_show_it():
    pick, told = random.Random("reached").choice, Counter()
    while sum(told.values()) < 500:
        kernel, stride, dilation, padding, size = (pick(range(low, 6)) for low in (1, 1, 1, 0, 1))
        extra, bias = pick(range(max(stride, dilation))), pick((True, False))
        axis = {"stride": (1, stride), "padding": (0, padding), "output_padding": (0, extra), "dilation": (1, dilation)}
        layer = torch.nn.ConvTranspose2d(1, 1, (1, kernel), **axis, bias=bias)
        torch.nn.init.ones_(layer.weight)
        try:
            stamps = layer(torch.ones(1, 1, 1, size))
        except RuntimeError:
            continue
        met = np.rint(stamps.detach().numpy()[0, 0, 0] - (layer.bias.item() if bias else 0)).astype(int)
        last = (size - 1) * stride + (kernel - 1) * dilation - padding
        warnings = " ".join(text for text in explain(layer, (1, 1, 1, size)).warnings if text.startswith("width"))
        gaps, behind = 0 in met[: last + 1] if last >= 0 else False, len(met[max(0, last + 1) :])
        assert (" between the stamps get " in warnings or " near the edges get " in warnings) == gaps, (layer, size, met, warnings)
        assert (f"adds {behind} column" in warnings) == (behind > 0) == ("`output_padding`" in warnings), (layer, size, met, warnings)
        assert ("nothing but the bias" in warnings, "nothing but zeros" in warnings) == (
            ((gaps or behind > 0) and bias), ((gaps or behind > 0) and not bias),
        )  # fmt: skip
        if "checkerboard" in warnings and padding == 0:
            assert kernel // stride + 1 in met and f"get {kernel // stride} or {kernel // stride + 1} taps" in warnings
        told[gaps, behind > 0, "checkerboard" in warnings] += 1
    assert len(told) > 6, told


def test_an_account_of_a_layer_that_does_not_fit_has_a_cure_that_works():
    found = explain(ConvTranspose2d(2, 2, (1, 3), stride=(2, 1), padding=(2, 4)), (1, 2, 2, 5))
    assert not found.fits and dict(found.facts)["cure"] == "use padding=(1, 3), or an input of at least 3x7 pixels."
    assert explain(ConvTranspose2d(2, 2, (1, 3), stride=(2, 1), padding=(1, 3)), (1, 2, 2, 5)).fits
    cure = dict(explain(ConvTranspose2d(2, 2, (2, 3), stride=(2, 3), padding=(3, 4)), (1, 2, 2, 2)).facts)["cure"]
    assert cure.endswith("an input of at least 4x3 pixels.")
    assert "channels" in str(explain(ConvTranspose2d(2, 2, 3), (1, 3, 5, 5)))


def test_the_taps_in_turn_are_those_of_the_result():
    for kernel, stride, dilation in ((3, 2, 1), (5, 2, 1), (4, 3, 1), (5, 3, 2), (2, 3, 1), (4, 4, 1), (3, 2, 2)):
        ones = np.ones((1, 1, 1, 24), int), np.ones((1, 1, 1, kernel), int)
        inner = conv_transpose2d(*ones, stride=(1, stride), dilation=(1, dilation))[0, 0, 0, 9:-9]
        warnings = " ".join(explain(ConvTranspose2d(1, 1, (1, kernel), (1, stride), dilation=(1, dilation)), (1, 1, 1, 24)).warnings)
        assert ("between the stamps get nothing" in warnings) == (inner.min() == 0)
        assert ("checkerboard" in warnings) == (0 < inner.min() < inner.max())
        if "checkerboard" in warnings:
            assert f"get {' or '.join(map(str, sorted(set(inner.tolist()))))} taps" in warnings
