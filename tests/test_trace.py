"""Traces: the terms are the ones that make the number, and the text never claims more than it shows."""

import re

import numpy as np
import pytest
from checks import native, refusal, unchanged
from hypothesis import given
from strategies import DTYPES, MODES, cases, examples, seeded_cases

from conv_lib import Conv2d, conv2d, pad, trace

X36 = np.arange(36).reshape(1, 1, 6, 6)
ONES = np.ones((1, 1, 3, 3), int)


def at_of(case, shape):
    """A position in the output of a case: the last of the first image."""
    return tuple(min(size - 1, 1) if axis == 0 else size - 1 for axis, size in enumerate(shape))


def filled_cases(seed, count, **limits):
    return (case for case in seeded_cases(seed, count, **limits) if len(case.x))


def output(case):
    """The output of a case in its padding mode."""
    C_out, channels, *kernel_size = case.weight.shape
    options = case.options
    layer = Conv2d(channels * int(options["groups"]), C_out, kernel_size, **options, padding_mode=case.padding_mode)
    layer.weight, layer.bias = case.weight, case.bias
    return layer(case.x)


# The terms.


def test_a_padding_that_no_memory_holds_is_read_at_its_positions():
    x, weight = np.arange(35).reshape(1, 1, 5, 7), np.arange(1, 7).reshape(1, 1, 2, 3)
    for number in (10**12, 2**62):
        options = {"padding": (number, 1), "stride": (number, 2), "dilation": (number, 1)}
        told = trace(x, weight, **options, at=(0, 0, 0, 1))
        assert told.value == conv2d(x, weight, **options)[0, 0, 0, 1] == 1 * 4 + 2 * 5 + 3 * 6
        assert [term.row for term in told.terms[::3]] == [-number, 0] and told.padded_zeros == 3
        g = np.ones(conv2d(x, weight, **options).shape, int)
        for of, at in (("x", (0, 0, 0, 3)), ("weight", (0, 0, 1, 2))):
            assert sum(term.product for term in trace(x, weight, **options, of=of, at=at, grad_output=g).terms) > 0


def test_a_trace_of_more_than_a_million_terms_is_refused():
    x, weight = np.zeros((1, 1, 1, 10**6 + 3), np.int8), np.ones((1, 1, 1, 3), np.int8)
    refusal(lambda: trace(x, weight, at=(0, 0, 0, 2), of="weight", grad_output=x[..., 2:]), "`trace`", 10**6 + 1, 10**6)
    refusal(lambda: trace(x, x, at=(0, 0, 0, 0)), "`trace`", 10**6 + 3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_products_sum_to_the_value(dtype):
    for case in filled_cases(f"trace {dtype}", 40, dtypes=(dtype,), modes=MODES):
        y = output(case)
        at = at_of(case, y.shape)
        with unchanged(*case.arrays):
            told = trace(*case.arrays, **case.options, padding_mode=case.padding_mode, at=at)
        assert told.at == at and told.value == y[at].item(), case
        total = sum(term.product for term in told.terms) + (told.bias or 0)
        if y.dtype.kind in "iu":
            assert (total - told.value) % 256 ** y.dtype.itemsize == 0, case
        else:
            scale = sum(abs(term.product) for term in told.terms) + abs(told.bias or 0)
            assert abs(total - told.value) <= 8 * np.finfo(dtype).eps * scale, case


@examples(80)
@given(cases(dtypes=("int16",), modes=MODES))
def test_every_term_names_its_own_weight_and_value(case):
    if not len(case.x):
        return
    at = at_of(case, output(case).shape)
    n, o = ((0,) + at)[-4:-2]
    image = native(case.x).reshape(-1, *case.x.shape[-3:])[n]
    height, width = image.shape[1:]
    told = trace(*case.arrays, **case.options, padding_mode=case.padding_mode, at=at)
    taps = [(term.channel, term.kernel_row, term.kernel_column) for term in told.terms]
    channels = case.weight.shape[1]
    first = o // (len(case.weight) // int(case.options["groups"])) * channels
    assert taps == [(first + c, u, v) for c, u, v in np.ndindex(case.weight.shape[1:])]
    for term in told.terms:
        assert term.weight == case.weight[o, term.channel - first, term.kernel_row, term.kernel_column]
        assert term.product == term.weight * term.value
        inside = 0 <= term.row < height and 0 <= term.column < width
        assert term.is_padding == (not inside)
        if inside:
            assert term.source == (term.row, term.column)
        assert (term.source is None) == (term.is_padding and case.padding_mode == "zeros")
        assert term.value == (0 if term.source is None else image[term.channel, *term.source])


@pytest.mark.parametrize("mode", MODES)
def test_padding_is_taken_from_where_the_mode_says(mode):
    x = np.arange(1, 10).reshape(1, 3, 3)
    told = trace(x, ONES, padding=1, padding_mode=mode, at=(0, 0, 0))
    assert [term.value for term in told.terms] == pad(x, 1, mode)[0, :3, :3].ravel().tolist()
    assert [term.is_padding for term in told.terms] == [True] * 4 + [False] * 2 + [True] + [False] * 2
    corner = {"zeros": None, "reflect": (1, 1), "replicate": (0, 0), "circular": (2, 2)}[mode]
    assert told.terms[0].source == corner and (told.terms[0].row, told.terms[0].column) == (-1, -1)


@pytest.mark.parametrize("mode", MODES)
def test_only_padded_zeros_are_counted_as_such(mode):
    weight = np.arange(1, 16).reshape(1, 1, 3, 5)
    told = trace(X36[..., :5, :], weight, None, (1, 2), (1, 2), (1, 2), padding_mode=mode, at=(0, 0, 0, 0))
    assert sum(term.is_padding for term in told.terms) == 9 and told.padded_zeros == (9 if mode == "zeros" else 0)
    assert ("of 15 taps on the zero padding" in str(told)) == (mode == "zeros")


def test_the_numbers_of_a_trace_are_those_of_python():
    told = trace(X36.astype(np.float32), ONES.astype(np.float32), np.ones(1, np.float32), padding=1, at=(0, 0, 0, 0))
    assert {type(term.value) for term in told.terms} | {type(told.value), type(told.bias)} == {float}


def test_an_image_without_a_batch_has_three_indices():
    assert trace(X36[0], ONES, at=(0, 0, 0)) == trace(X36, ONES, at=(0, 0, 0, 0))._replace(at=(0, 0, 0))
    assert trace(X36, ONES, at=[0, np.int64(0), 0, 1]).value == 72


# The text.


@pytest.mark.parametrize(("call", "text"), [
    (lambda: trace(X36, ONES, padding=1, at=(0, 0, 0, 0)), "0 + 1 + 6 + 7 = 14  (5 of 9 taps on the zero padding)"),
    (lambda: trace(X36, ONES, stride=2, at=(0, 0, 1, 0)), "12 + 13 + 14 + 18 + 19 + 20 + 24 + 25 + 26 = 171"),
    (lambda: trace(X36, -ONES[..., :1, :2], at=(0, 0, 0, 0)), "0·(-1) + 1·(-1) = -1"),
    (lambda: trace(-X36, ONES[..., :1, :2], at=(0, 0, 0, 1)), "-1 - 2 = -3"),
    (lambda: trace(X36, 2 * ONES[..., :1, :2], np.array([-5]), at=(0, 0, 0, 1)), "1·2 + 2·2 - 5 (bias) = 1"),
    (lambda: trace(X36 / 2, ONES[..., :1, :2] / 1, at=(0, 0, 0, 1)), "0.5 + 1 = 1.5"),
    (lambda: trace(X36[..., :1, :1], ONES[..., :1, :1], np.array([7]), padding=2, at=(0, 0, 0, 0)),
     "7 (bias) = 7  (1 of 1 tap on the zero padding)"),
    (lambda: trace(X36[..., :1, :1], ONES[..., :1, :1], padding=2, at=(0, 0, 0, 0)),
     "0 = 0  (1 of 1 tap on the zero padding)"),
    (lambda: trace(np.array([[[123.456, 100.25]]]), np.array([[[[1.0, 999.5]]]]), at=(0, 0, 0)), "123.456·1 + 100.25·999.5 ≈ 100323"),
    (lambda: trace(np.array([[[123.5, 100.25]]]), np.ones((1, 1, 1, 2)), np.array([-0.125]), at=(0, 0, 0)),
     "123.5 + 100.25 - 0.125 (bias) = 223.625"),
    (lambda: trace(np.full((1, 1, 1), 1e6), np.ones((1, 1, 1, 1)), at=(0, 0, 0)), "1000000 = 1000000"),
    (lambda: trace(np.full((1, 1, 1), 2**60 + 1), ONES[..., :1, :1], at=(0, 0, 0)), f"{2**60 + 1} = {2**60 + 1}"),
    (lambda: trace(np.full((1, 1, 1), 1 + 2j), np.full((1, 1, 1, 1), 1j), at=(0, 0, 0)), "(1+2j)·(0+1j) = (-2+1j)"),
])  # fmt: skip
def test_the_sum_is_written_as_a_person_would(call, text):
    assert str(call()) == repr(call()) == text


def test_a_long_sum_has_a_gap_and_its_true_result():
    x = np.arange(1, 65).reshape(1, 8, 8)
    told = trace(x, np.ones((1, 1, 8, 8), int), np.array([1]), at=(0, 0, 0))
    assert told.sum(most=6) == "1 + 2 + 3 + 4 + … + 64 + 1 (bias) = 2081"
    assert told.sum(most=64).count("+") == 64 and "…" not in told.sum(most=64)
    assert len(str(told)) < 200


def test_a_wrapped_sum_says_so():
    told = trace(np.full((1, 1, 4), 100, np.int8), np.ones((1, 1, 1, 4), np.int8), at=(0, 0, 0))
    assert str(told) == "100 + 100 + 100 + 100 = 400 (wraps to -112)" and told.value == -112
    assert [term.product for term in told.terms] == [100] * 4


def test_a_rounded_sum_says_so():
    tenth = np.full((1, 1, 3), 0.1)
    for dtype in ("float16", "float32", "float64"):
        assert str(trace(tenth.astype(dtype), np.ones((1, 1, 1, 3), dtype), at=(0, 0, 0))) == "0.1 + 0.1 + 0.1 ≈ 0.3" or dtype == "float16"
    lost = trace(np.array([[[2**24, 1.0]]], np.float32), np.ones((1, 1, 1, 2), np.float32), at=(0, 0, 0))
    assert str(lost) == "16777216 + 1 ≈ 16777216"


def test_special_numbers_are_told():
    ones = np.ones((1, 1, 1, 2))
    assert str(trace(np.array([[[np.nan, 1]]]), ones, at=(0, 0, 0))) == "nan + 1 = nan"
    assert str(trace(np.array([[[np.inf, 1]]]), ones, at=(0, 0, 0))) == "inf + 1 = inf"
    told = trace(np.ones((1, 1, 1)), np.array([[[[np.inf, 1, 2]]]]), padding=(0, 1), at=(0, 0, 0))
    assert np.isnan(told.value) and str(told) == "0·inf + 1·1 = nan  (2 of 3 taps on the zero padding)"


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_equals_sign_is_only_written_where_the_shown_numbers_add_up(dtype):
    exact = 0
    for case in filled_cases(f"text {dtype}", 30, dtypes=(dtype,), modes=MODES):
        told = trace(*case.arrays, **case.options, padding_mode=case.padding_mode, at=at_of(case, output(case).shape))
        text = told.sum(most=10**6)
        if "=" not in text:
            assert "≈" in text
            continue
        exact += 1
        left, right = text.replace("·", "*").replace(" (bias)", "").split(" = ")
        shown, *wrapped = re.findall(r"[-+.\w()]+", right.replace("(wraps to", "").rstrip(")") if "wraps" in right else right)
        assert eval(left) == eval(shown), text
        assert told.value == eval(wrapped[0] if wrapped else shown), text
    assert exact > 10 or np.dtype(dtype).kind not in "iu"  # whole numbers are always shown in full


def test_the_table_shows_every_term_and_the_padding():
    html = trace(X36, ONES, np.array([3]), padding=1, at=(0, 0, 0, 0))._repr_html_()
    assert html.count("<tr") == 1 + 9 + 1 and html.count('class="cl-padding"') == 5
    assert "<caption>Output (0, 0, 0, 0): 0 + 1 + 6 + 7 + 3 (bias) = 17" in html
    assert "(-1, -1) padding<" in html and html.count('scope="col"') == 6
    circular = trace(X36, ONES, padding=1, padding_mode="circular", at=(0, 0, 0, 0))._repr_html_()
    assert "(-1, -1) padding, taken from (5, 5)<" in circular
    wide = trace(np.arange(8).reshape(2, 1, 4), np.array([[[[3, 5]], [[7, 9]]]]), at=(0, 0, 1))._repr_html_()
    cells = [re.findall("<td>(.*?)</td>", row) for row in re.findall("<tr>(.*?)</tr>", wide)]
    wanted = [["0", "(0, 0)", "(0, 1)", "3", "1", "3"], ["0", "(0, 1)", "(0, 2)", "5", "2", "10"]]
    assert [row for row in cells if row][:2] == wanted


def test_the_value_is_that_of_conv2d():
    y = conv2d(X36, ONES, stride=2, padding=1)
    told = {at: trace(X36, ONES, stride=2, padding=1, at=at).value for at in np.ndindex(y.shape)}
    assert told == {at: y[at] for at in np.ndindex(y.shape)}
