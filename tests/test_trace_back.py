"""Traces of the way back: the terms make the number, each names its place, and they are all."""

import random

import numpy as np
import pytest
from checks import native, refusal, unchanged
from strategies import DTYPES, MODES, seeded_cases
from test_grad import gradient_of, layers_of
from test_transposed import random_case

from conv_lib import conv2d, conv_transpose2d, pad, trace, trace_transpose2d


def assert_adds_up(told, value, dtype):
    total = sum(term.product for term in told.terms) + (told.bias or 0)
    assert told.value == value or value != value
    if np.dtype(dtype).kind in "iu":
        assert (total - value) % 256 ** np.dtype(dtype).itemsize == 0
    else:
        scale = sum(abs(term.product) for term in told.terms) + abs(told.bias or 0)
        assert abs(total - value) <= 16 * np.finfo(dtype).eps * scale + np.finfo(dtype).smallest_subnormal


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_terms_of_a_gradient_make_it(dtype):
    for seed, case in enumerate(seeded_cases(f"back {dtype}", 25, dtypes=(dtype,), modes=MODES, largest=3)):
        if not len(case.x):
            continue
        layer, _ = layers_of(case)
        g, pick = gradient_of(case, layer, seed), random.Random(seed).randrange
        gradients = layer.backward(case.x, g)
        for name, gradient in zip(("x", "weight", "bias"), gradients):
            if gradient is None:
                continue
            at = tuple(pick(size) for size in gradient.shape)
            with unchanged(*case.arrays, g):
                told = trace(*case.arrays, **case.options, padding_mode=case.padding_mode, grad_output=g, of=name, at=at)
            assert told.at == at and told.of == f"gradient of {name}", case
            assert_adds_up(told, gradient[at].item(), dtype)


def test_the_terms_of_an_input_are_all_the_taps_on_it():
    for seed, case in enumerate(seeded_cases("all taps", 60, dtypes=("int16",), modes=MODES, largest=4)):
        if not len(case.x):
            continue
        layer, _ = layers_of(case)
        g, pick = gradient_of(case, layer, seed), random.Random(seed).randrange
        at = tuple(pick(size) for size in case.x.shape)
        told = trace(*case.arrays, **case.options, padding_mode=case.padding_mode, grad_output=g, of="x", at=at)
        n, c, row, column = (0, *at)[-4:]
        forward = {}  # every output that has this input among its terms
        images = g.reshape(-1, *g.shape[-3:])
        for place in np.ndindex(g.shape):
            for term in trace(*case.arrays, **case.options, padding_mode=case.padding_mode, at=place).terms:
                if (term.channel, term.source) == (c, (row, column)) and (0, *place)[-4] == n:
                    tap = (term.kernel_row, term.kernel_column)
                    forward[(0, *place)[-4:], tap, (term.row, term.column)] = term.weight
        assert {(t.output, t.tap, t.position): t.weight for t in told.terms} == forward, case
        assert all(t.value == images[t.output] and t.product == t.value * t.weight for t in told.terms)
        assert list(told.terms) == sorted(told.terms, key=lambda term: term.output)


def test_the_terms_of_a_weight_are_the_inputs_that_it_met():
    x, weight = np.arange(96).reshape(2, 1, 6, 8), np.ones((1, 1, 3, 5), int)
    options = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 1)}
    g = np.arange(1, 25).reshape(2, 1, 4, 3)
    told = trace(x, weight, **options, grad_output=g, of="weight", at=(0, 0, 2, 0))
    met = pad(x, (0, 1))[:, :, 2:6, 0:6:2]  # tap (2, 0) under each window
    assert [term.value for term in told.terms] == met.ravel().tolist() and [term.weight for term in told.terms] == g.ravel().tolist()
    assert [term.output for term in told.terms] == list(np.ndindex(g.shape))
    assert told.padded_zeros == 8 and str(told).endswith("(8 of 24 taps on the zero padding)")


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_terms_of_a_transposed_output_make_it(dtype):
    for seed in range(40):
        x, weight, bias, options = random_case(f"told {seed}", dtype)
        if not len(x):
            continue
        y = conv_transpose2d(x, weight, bias, **options)
        at = tuple(random.Random(seed).randrange(size) for size in y.shape)
        told = trace_transpose2d(x, weight, bias, **options, at=at)
        assert_adds_up(told, y[at].item(), dtype)
        images = native(x).reshape(-1, *x.shape[-3:])
        for term in told.terms:
            assert term.value == images[term.output] and term.product == term.weight * term.value


# The text.

ROW, STAMP, G = np.arange(6).reshape(1, 1, 6), np.array([[[[1, 2, 3]]]]), np.array([[[10, 20]]])


def test_the_sums_are_written_as_a_person_would():
    def told(of, at, **more):
        return str(trace(ROW, STAMP, np.array([0]), stride=2, grad_output=G, of=of, at=at, **more))

    assert told("x", (0, 0, 2)) == "10·3 + 20·1 = 50"
    assert told("x", (0, 0, 5)) == "0 = 0  (no window reads it)"
    assert told("weight", (0, 0, 0, 1)) == "1·10 + 3·20 = 70"
    assert told("bias", (0,)) == "10 + 20 = 30"
    assert str(trace_transpose2d(G, STAMP, np.array([7]), stride=2, at=(0, 0, 2))) == "10·3 + 20·1 + 7 (bias) = 57"
    assert str(trace_transpose2d(G[0][None], STAMP, stride=5, at=(0, 0, 4))) == "0 = 0  (no window reads it)"


def test_the_table_names_the_places():
    html = trace(ROW, STAMP, stride=2, padding=(0, 1), grad_output=np.array([[[10, 20, 30]]]), of="weight", at=(0, 0, 0, 0))._repr_html_()
    assert "<caption>Gradient of weight (0, 0, 0, 0): 1·20 + 3·30 = 110" in html
    assert "<td>(0, 0, 0, 1)</td><td>(0, 0)</td><td>(0, 1)</td><td>20</td><td>1</td><td>20</td>" in html
    assert "(0, -1) padding<" in html and html.count('class="cl-padding"') == 1
    copied = trace(ROW, STAMP, padding=(0, 1), padding_mode="circular", grad_output=np.ones((1, 1, 6), int), of="x", at=(0, 0, 0))
    assert str(copied) == "1·2 + 1·1 + 1·3 = 6" and "(0, 6) padding, taken from (0, 0)" in copied._repr_html_()
    bias = trace(ROW, STAMP, np.array([0]), stride=2, grad_output=G, of="bias", at=(0,))._repr_html_()
    assert "<td>(0, 0, 0, 1)</td><td></td><td></td><td>1</td><td>20</td><td>20</td>" in bias
    assert "<caption>Transposed output (0, 0, 2)" in trace_transpose2d(G, STAMP, stride=2, at=(0, 0, 2))._repr_html_()


def test_wrong_questions_are_refused():
    def ask(**more):
        return trace(ROW, STAMP, **{"stride": 2, "grad_output": G, "of": "x", "at": (0, 0, 0), **more})

    for of in ("input", "X", None, 1, ["x"], ""):
        refusal(lambda: ask(of=of), "`of`", "'output', 'x', 'weight', 'bias'")
    refusal(lambda: ask(of="output"), "`grad_output`", "`of`")
    refusal(lambda: ask(of="bias", at=(0,)), "`bias`", "None")
    refusal(lambda: ask(grad_output=None), "`grad_output`", "NoneType")
    refusal(lambda: ask(grad_output=np.ones((1, 1, 3), int)), "`grad_output`", (1, 1, 2))
    for at in ((0, 0, 6), (0, 0), (0, 0, 0, 0), (0, -1, 0), None, "000"):
        refusal(lambda: ask(at=at), "`at")
        refusal(lambda: trace_transpose2d(G, STAMP, stride=2, at=at), "`at")
    refusal(lambda: ask(of="weight", at=(0, 0, 0, 3)), "`at`", "(1, 1, 1, 3)")
    assert trace(ROW, STAMP, stride=2, at=(0, 0, 1)).value == conv2d(ROW, STAMP, stride=2)[0, 0, 1]
