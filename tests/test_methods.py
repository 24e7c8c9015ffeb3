"""Every method computes the convolution that the definition states, and a fault in any of them is seen."""

import itertools
import tracemalloc
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from checks import absolute, assert_close, refusal, torch_conv2d, unchanged
from strategies import DTYPES, laid_out, seeded_cases, values

from conv_lib import conv2d, reference_conv2d
from conv_lib.geometry import axes
from conv_lib.methods import METHODS, blocks, choose, fitting
from conv_lib.methods import winograd as rows_of_four

MB = 2**20
# What Winograd's constants add to the rounding, measured against the sum of the absolute terms of the whole tile.
WINOGRAD = 64

# (N, C_in, H, W), C_out, (K_h, K_w), options: odd sizes, flat and tall kernels, wide dilation, stride, several images
LAYERS = [
    ((1, 8, 37, 53), 12, (3, 3), {"padding": 1}),
    ((8, 16, 7, 7), 16, (3, 3), {"padding": 1}),
    ((8, 6, 5, 9), 4, (1, 7), {"padding": (0, 3)}),
    ((1, 6, 37, 53), 4, (7, 1), {"padding": (3, 0), "stride": 2}),
    ((2, 9, 13, 11), 5, (1, 1), {}),
    ((2, 9, 13, 11), 5, (1, 1), {"stride": (3, 2)}),
    ((1, 4, 17, 19), 8, (3, 3), {"padding": 6, "dilation": 6}),
    ((2, 4, 17, 19), 8, (3, 2), {"padding": (4, 1), "dilation": (4, 3)}),
    ((1, 3, 64, 65), 7, (7, 7), {"padding": 3, "stride": 2}),
    ((2, 8, 37, 53), 8, (3, 3), {"padding": 1, "groups": 4}),
    ((2, 64, 9, 9), 64, (3, 3), {"padding": 1, "groups": 16, "stride": 2}),
    ((1, 128, 14, 14), 128, (3, 3), {"padding": 1, "groups": 32}),
    ((2, 5, 37, 53), 5, (5, 5), {"padding": 2, "groups": 5}),
    ((2, 5, 37, 53), 5, (5, 5), {"padding": 2, "groups": 5, "stride": 2}),
    ((1, 5, 30, 31), 10, (3, 4), {"padding": 2, "groups": 5, "stride": (2, 3), "dilation": (3, 2)}),
    ((2, 130, 7, 7), 130, (7, 7), {"padding": 3, "groups": 130}),
    ((1, 2, 300, 140), 2, (3, 3), {"padding": 1, "groups": 2}),
    ((1, 1, 200, 210), 1, (3, 3), {"padding": 1}),
    ((1, 1, 4, 2000), 2, (3, 3), {"padding": 1}),
    ((3, 4, 3, 3), 4, (3, 3), {"padding": 5}),
    ((2, 3, 6, 6), 4, (6, 6), {}),
    ((1, 4, 9, 9), 4, (3, 3), {"padding": 20}),
]


def layer(x, weight, stride=1, padding=0, dilation=1, groups=1):
    """The arguments of a method."""
    return x, weight, *axes(x.shape[-2:], weight.shape[-2:], stride, padding, dilation), groups


def arrays(shape, C_out, kernel, options, dtype="float32"):
    rng = np.random.default_rng(repr((shape, C_out, kernel, dtype)).encode()[-1])
    return values(rng, shape, dtype), values(rng, (C_out, shape[1] // options.get("groups", 1), *kernel), dtype)


CASES = [
    pytest.param(name, *case, dtype, id=f"{name}-{dtype}-{number}")
    for number, case in enumerate(LAYERS)
    for dtype in ("float32", "int64", "complex64")
    for name in fitting(*layer(*arrays(*case, dtype), **case[3]))
]


def assert_method_equals_torch(name, x, weight, options):
    with unchanged(x, weight):
        y = conv2d(x, weight, **options, method=name)
    scale = torch_conv2d(absolute(x), absolute(weight), **options)
    if name == "winograd":
        scale = WINOGRAD / 8 * scale.max(initial=0)
    assert_close(y, torch_conv2d(x, weight, **options), scale, (name, options))


@pytest.mark.parametrize(("name", "shape", "C_out", "kernel", "options", "dtype"), CASES)
def test_every_method_that_fits_equals_torch(name, shape, C_out, kernel, options, dtype):
    assert_method_equals_torch(name, *arrays(shape, C_out, kernel, options, dtype), options)


def test_every_method_that_fits_equals_the_definition_on_random_layers():
    computed = dict.fromkeys(METHODS, 0)
    for case in itertools.chain(*(seeded_cases(f"methods {dtype}", 40, dtypes=(dtype,), largest=2) for dtype in DTYPES)):
        expected = reference_conv2d(*case.arrays, **case.options)
        scale = torch_conv2d(*map(absolute, case.arrays), **case.options)
        for name in METHODS:
            try:
                y = conv2d(*case.arrays, **case.options, method=name)
            except ValueError as error:
                assert "does not fit" in str(error)
                continue
            computed[name] += 1
            assert_close(y, expected, WINOGRAD / 8 * scale.max(initial=0) if name == "winograd" else scale, (name, case))
    assert min(computed.values()) >= 5, computed


def test_each_method_but_winograd_is_the_choice_for_some_layer():
    layers = [
        ((1, 64, 28, 28), 32, (1, 1), {}),
        ((1, 32, 56, 56), 32, (3, 3), {"padding": 1, "groups": 32}),
        ((1, 3, 64, 64), 8, (3, 3), {"padding": 1}),
        ((1, 64, 33, 33), 64, (3, 3), {"padding": 24, "dilation": 24, "stride": 2}),
        ((1, 512, 7, 7), 512, (3, 3), {"padding": 1}),
        ((1, 64, 28, 28), 64, (3, 3), {"padding": 1}),
    ]
    chosen = [choose(*layer(*arrays(*case), **case[3])) for case in layers]
    assert chosen == [*(name for name in METHODS if name != "winograd"), "shifts"]


# What each method must not do.


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype not in ("float32", "float16")])
def test_only_single_precision_goes_through_winograd(dtype):
    x, weight = values(np.random.default_rng(0), (1, 64, 28, 28), dtype), values(np.random.default_rng(1), (64, 64, 3, 3), dtype)
    assert choose(*layer(x, weight, padding=1)) != "winograd"
    assert "'winograd') does not fit" in refusal(lambda: conv2d(x, weight, padding=1, method="winograd"))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_a_special_value_touches_only_the_windows_that_hold_it(name, special):
    kernel = 1 if name == "pointwise" else 3
    x, weight = np.ones((2, 4, 8, 9), np.float32), np.ones((4, 1, kernel, kernel), np.float32)
    options = {"groups": 4} if name in ("shifts", "bands") else {}
    weight = weight if options else np.repeat(weight, 4, axis=1)
    options["padding"] = kernel // 2
    x[1, 2, 0, 7] = special
    np.testing.assert_array_equal(conv2d(x, weight, **options, method=name), reference_conv2d(x, weight, **options))
    x[1, 2, 0, 7], weight[3, 0, 0, 0] = 1, special  # over the padding it is 0 * inf = nan; torch leaves that out in some of its methods
    np.testing.assert_array_equal(conv2d(x, weight, **options, method=name), reference_conv2d(x, weight, **options))


def test_a_tile_that_overflows_is_computed_again():
    rng = np.random.default_rng(8)
    x, weight = values(rng, (1, 4, 8, 8), "float32"), values(rng, (2, 4, 3, 3), "float32")
    weight *= np.float32(3e38) / abs(reference_conv2d(x, weight)).max()
    assert not np.isfinite(rows_of_four.OUTPUT[3].max() * weight).all()  # as the last step of a tile has it
    y, expected = conv2d(x, weight, method="winograd"), reference_conv2d(x, weight)
    assert np.isfinite(y).all()
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e33)


@pytest.mark.parametrize("method", [None, "winograd"])
def test_small_rows_do_not_drown_beside_large_ones(method):
    rng = np.random.default_rng(3)
    x, weight = values(rng, (1, 64, 24, 24), "float32"), values(rng, (64, 64, 3, 3), "float32")
    x[:, :, 11] *= 1e6
    x[:, :, 20:] = 0
    y = conv2d(x, weight, padding=1, method=method)
    assert_close(y, torch_conv2d(x, weight, padding=1), torch_conv2d(absolute(x), absolute(weight), padding=1))
    assert (y[:, :, 22:] == 0).all()


@pytest.mark.parametrize("shape", [(1, 64, 28, 28), (8, 16, 14, 15), (1, 3, 64, 65), (2, 128, 7, 7)])
def test_whole_numbers_come_out_whole(shape):
    rng = np.random.default_rng(0)
    x, weight = rng.integers(0, 256, shape), rng.integers(-8, 9, (48, shape[1], 3, 5))
    y = conv2d(x.astype(np.float32), weight.astype(np.float32), padding=(0, 1))
    np.testing.assert_array_equal(y, conv2d(x, weight, padding=(0, 1)))


def test_the_rounding_of_winograd_is_that_of_a_few_eps():
    rng = np.random.default_rng(4)
    x, weight = values(rng, (1, 128, 28, 28), "float32"), values(rng, (128, 128, 3, 3), "float32")
    scale = torch_conv2d(absolute(x), absolute(weight), padding=1)
    exact = torch_conv2d(x.astype(float), weight.astype(float), padding=1)
    error = np.abs(conv2d(x, weight, padding=1, method="winograd") - exact)
    assert (error <= 8 * np.finfo(np.float32).eps * scale).all()


@pytest.mark.parametrize("name", METHODS)
def test_the_same_call_gives_the_same_bits_in_any_thread_and_layout(name):
    case = next(case for case in LAYERS if name in fitting(*layer(*arrays(*case), **case[3])))
    x, weight = arrays(*case)
    first = conv2d(x, weight, **case[3], method=name)
    with ThreadPoolExecutor(4) as pool:
        for y in pool.map(lambda _: conv2d(x, weight, **case[3], method=name), range(12)):
            np.testing.assert_array_equal(y, first)
    y = conv2d(laid_out(x, "transposed"), laid_out(weight, "fortran"), **case[3], method=name)
    np.testing.assert_array_equal(y, first)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("batch", [(), (0,), (1,), (8,)])
def test_any_batch(name, batch):
    kernel = 1 if name == "pointwise" else 3
    x = values(np.random.default_rng(5), (*batch, 4, 9, 8), "float32")
    options = {"groups": 4} if name == "shifts" else {}
    weight = values(np.random.default_rng(6), (4, 4 // options.get("groups", 1), kernel, kernel), "float32")
    assert_method_equals_torch(name, x, weight, options)


# Memory.

LARGE = [
    ((1, 64, 56, 56), 64, (3, 3), {"padding": 1}),
    ((8, 64, 56, 56), 64, (3, 3), {"padding": 1}),
    ((1, 512, 7, 7), 512, (3, 3), {"padding": 1}),
    ((1, 512, 33, 33), 256, (3, 3), {"padding": 12, "dilation": 12}),
    ((1, 3, 512, 512), 8, (7, 7), {"padding": 3, "stride": 2}),
    ((1, 256, 56, 56), 256, (3, 3), {"padding": 1, "groups": 32, "stride": 2}),
    ((1, 96, 112, 112), 96, (7, 7), {"padding": 3, "groups": 96}),
    ((1, 1, 1024, 1024), 1, (3, 3), {"padding": 1}),
    ((1, 2, 2, 100_000), 8, (1, 9), {"stride": (1, 2)}),
    ((1, 256, 56, 56), 512, (1, 1), {"stride": 2}),
]
MEMORY = [
    pytest.param(name, *case, id=f"{name}-{number}")
    for number, case in enumerate(LARGE)
    for name in fitting(*layer(*arrays(*case), **case[3]))
]


@pytest.mark.parametrize(("name", "shape", "C_out", "kernel", "options"), MEMORY)
def test_scratch_memory_is_bounded(name, shape, C_out, kernel, options, monkeypatch):
    monkeypatch.setattr(blocks, "_free", deque())  # no memory is there from the calls before
    x, weight = arrays(shape, C_out, kernel, options)
    tracemalloc.start()
    try:
        y = conv2d(x, weight, **options, method=name)
        peak = tracemalloc.get_traced_memory()[1] - y.nbytes
    finally:
        tracemalloc.stop()
    assert peak <= 2 * (x.nbytes + y.nbytes) + weight.nbytes + 8 * MB, f"{peak / MB:.1f} MB"


# Refusals.


def test_an_unknown_method_is_refused_with_those_that_there_are():
    x, weight = np.ones((1, 4, 9, 9)), np.ones((4, 1, 3, 3))
    refusal(lambda: conv2d(x, weight, groups=4, method="fft"), "`method` (='fft')", *map(repr, METHODS))
    refusal(lambda: conv2d(x, weight, groups=4, method=3), "`method` (=3)", "int")


def test_an_unfit_method_is_refused_with_the_layer_and_those_that_fit():
    x, weight = np.ones((1, 4, 9, 8)), np.ones((4, 1, 3, 3))
    message = refusal(
        lambda: conv2d(x, weight, stride=2, groups=4, method="pointwise"),
        "`method` (='pointwise')", (1, 4, 9, 8), "float64", (4, 1, 3, 3), "stride (2, 2)", "groups 4",
    )  # fmt: skip
    assert message.endswith("methods that fit: 'shifts', 'bands', 'im2col'.")


# A fault in any method turns the tests above red.

FAULTS = [
    ("pointwise", METHODS["pointwise"], "product", lambda product: lambda a, b, out: product(a[..., ::-1], b, out)),
    ("shifts", METHODS["shifts"], "taps_by_lane", lambda lanes: lambda rows: [taps[:1] for taps in lanes(rows)]),
    ("shifts", METHODS["shifts"], "starts", lambda starts: lambda axis: starts(axis)[::-1]),
    ("shifts", blocks, "overlap", lambda overlap: lambda by: overlap(-by)),
    ("bands", METHODS["bands"], "starts", lambda starts: lambda axis: starts(axis)[::-1]),
    ("winograd", rows_of_four, "OUTPUT", lambda matrix: matrix * np.array([1, 1, 1, 1, -1, 1], np.float32)),
    ("winograd", rows_of_four, "KERNEL", lambda matrix: matrix[:, ::-1]),
    ("winograd", rows_of_four, "finite", lambda finite: lambda y: True),
    ("winograd", rows_of_four, "alike", lambda alike: lambda x: True),
    ("taps", METHODS["taps"], "pixels", lambda pixels: lambda axis, tap: slice(0, pixels(axis, tap).stop - pixels(axis, tap).start)),
    ("im2col", METHODS["im2col"], "starts", lambda starts: lambda axis: (0, *starts(axis)[:-1])),
]


@pytest.mark.parametrize(("name", "module", "attribute", "broken"), FAULTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_planted_fault_is_seen(name, module, attribute, broken, monkeypatch):
    fit = (case for case in LAYERS if name in fitting(*layer(*arrays(*case), **case[3])))
    case = next(case for case in fit if name != "shifts" or case[3].get("groups") == case[0][1])  # depthwise: all its code
    monkeypatch.setattr(module, attribute, broken(getattr(module, attribute)))
    checks = [lambda: assert_method_equals_torch(name, *arrays(*case), case[3])]
    if attribute == "finite":
        special = [lambda: test_a_special_value_touches_only_the_windows_that_hold_it(name, np.inf)]
        checks = [test_a_tile_that_overflows_is_computed_again] if name == "winograd" else special
    if attribute == "alike":
        checks = [lambda: test_small_rows_do_not_drown_beside_large_ones("winograd")]
    with pytest.raises((AssertionError, ValueError)):
        for check in checks:
            check()
