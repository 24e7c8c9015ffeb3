"""The browser's twin of the way back (static/core_back.js) gives the same gradients, stamps and terms as conv_lib."""

import random

import figures_engine
import numpy as np
import pytest
from conv_lib import conv_transpose2d, trace, trace_transpose2d
from conv_lib.backward import bias_gradient, input_gradient, weight_gradient
from conv_lib.plan import make_plan
from test_figures_core import OPTIONS, random_state

LAYERS = 2900
MODULES = ["core", "core_back"]
TERM = "const term = (t) => [t.output, t.tap, t.position, t.weight, t.value, t.product, t.source];"

BACK = f"""(state) => {{ {TERM}
  const layer = core.plan(state);
  const g = state.grad;
  return {{
    x: core_back.inputGradient(layer, g), weight: core_back.weightGradient(layer, g), bias: core_back.biasGradient(g),
    inputTerms: core_back.inputTerms(layer, g, ...state.pixel).map(term),
    weightTerms: core_back.weightTerms(layer, g, ...state.tap).map(term),
  }};
}}"""

STAMPS = f"""(state) => {{ {TERM}
  let layer;
  try {{ layer = core_back.transposedPlan(state); }} catch {{ return "refused"; }}
  return {{ y: core_back.convTranspose2d(layer), terms: core_back.inputTerms(layer, state.x, ...state.at).map(term) }};
}}"""

FAULTS = {
    "the tap of the other axis": ("[u, v], [y, x], weight[o][c % perGroup][u][v]", "[u, v], [y, x], weight[o][c % perGroup][v]?.[u] ?? 0"),
    "a group too far": ("const o = group * outputs + index;", "const o = (group * outputs + index + 1) % outChannels;"),
    "the first channel of every group": ("layer.x[firstChannel(o) + c][row]", "layer.x[c][row]"),
    "copies in the padding forgotten": ("return from === place ?", "return from === place && position === place ?"),
    "the taps of the first window": ("axis.reads(output)[tap]", "axis.reads(0)[tap]"),
    "the gradient of the last tap": ("acrosses[j][v] >= 0 &&", "acrosses[j][v] > 0 &&"),
    "the weight of another kernel": ("+= layer.weight[o][c][u][v]", "+= layer.weight[0][c][u][v]"),
    "the input of another channel": ("+= layer.x[channel]", "+= layer.x[c]"),
    "the bias of one row": ("map.flat().reduce", "map[0].reduce"),
    "terms in the order of the taps": ("[...a.output, ...a.tap]", "[...a.tap, ...a.output]"),
}
STAMP_FAULTS = {
    "padding that adds": ("stride - 2 * padding + dilation", "stride + 2 * padding + dilation"),
    "a limit one too far": ("Math.max(stride[i], dilation[i]) - 1", "Math.max(stride[i], dilation[i])"),
    "output_padding on both sides": ("outputPadding + 1", "2 * outputPadding + 1"),
    "the bias lost": ("layer.stampBias[c] : 0", "0 : 0"),
}


def arrays_of(state):
    arrays = [None if state[name] is None else np.array(state[name], np.float64) for name in ("x", "weight", "bias")]
    return arrays, [tuple(value) if isinstance(value, list) else value for value in (state[name] for name in OPTIONS)]


def told(terms):
    return [[list(t.output[1:]), list(t.tap), list(t.position), t.weight, t.value, t.product, t.source and list(t.source)] for t in terms]


@pytest.fixture(scope="module")
def layers():
    rng = random.Random(13)
    states, wanted = [], []
    while len(states) < 2000:
        state = random_state(rng)
        arrays, options = arrays_of(state)
        try:
            plan = make_plan(*arrays, *options)
        except (TypeError, ValueError):
            continue
        g = np.array([rng.randint(-9, 9) for _ in range(np.prod(plan.result_shape))], np.float64).reshape(plan.result_shape)
        o, c, *kernel = plan.weight.shape
        state |= {"grad": g.tolist(), "tap": [rng.randrange(o), rng.randrange(c), *map(rng.randrange, kernel)]}
        numbers = dict(zip(("x", "weight", "bias"), arrays)) | dict(zip(OPTIONS, options)) | {"grad_output": g}
        states.append(state)
        wanted.append({
            "x": input_gradient(plan, g).tolist(), "weight": weight_gradient(plan, g).tolist(), "bias": bias_gradient(g).tolist(),
            "inputTerms": told(trace(**numbers, of="x", at=tuple(state["pixel"])).terms),
            "weightTerms": told(trace(**numbers, of="weight", at=tuple(state["tap"])).terms),
        })  # fmt: skip
    return states, wanted


def test_the_twin_goes_back_as_conv_lib(layers):
    for state, answer, want in zip(layers[0], figures_engine.run(MODULES, BACK, layers[0]), layers[1]):
        assert answer == want, state


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_twin_is_seen(layers, fault):
    states, wanted = (part[:300] for part in layers)
    assert figures_engine.run(MODULES, BACK, states, FAULTS[fault]) != wanted


@pytest.fixture(scope="module")
def stamps():
    rng = random.Random(31)
    states, wanted = [], []
    for _ in range(LAYERS):
        groups = rng.choice((1, 1, 2, 3))
        inputs, outputs = groups * rng.randint(1, 2), rng.randint(1, 2)
        size, kernel = (rng.randint(1, 4), rng.randint(2, 5)), (rng.randint(1, 4), rng.randint(1, 3))
        block = lambda *shape: np.array([rng.randint(-9, 9) for _ in range(np.prod(shape))], np.float64).reshape(shape)  # noqa: E731
        x, weight = block(inputs, *size), block(inputs, outputs, *kernel)
        bias = rng.choice((None, block(outputs * groups)))
        options = {name: [rng.randint(low, 3), rng.randint(low, 3)] for name, low in (("stride", 1), ("padding", 0), ("dilation", 1))}
        limits = [max(pair) - (rng.random() < 0.95) for pair in zip(options["stride"], options["dilation"])]
        options["output_padding"] = [rng.randint(0, limit) for limit in limits]
        arrays = {"x": x.tolist(), "weight": weight.tolist(), "bias": None if bias is None else bias.tolist()}
        state = {**arrays, **options, "groups": groups}
        settings = {name: tuple(pair) for name, pair in options.items()} | {"groups": groups}
        try:
            y = conv_transpose2d(x, weight, bias, **settings)
        except ValueError:
            states.append(state | {"at": [0, 0, 0]})
            wanted.append("refused")
            continue
        at = [rng.randrange(n) for n in y.shape]
        states.append(state | {"at": at})
        wanted.append({"y": y.tolist(), "terms": told(trace_transpose2d(x, weight, bias, **settings, at=at).terms)})
    return states, wanted


def test_the_twin_stamps_as_conv_lib(stamps):
    legal = 0
    for state, answer, want in zip(stamps[0], figures_engine.run(MODULES, STAMPS, stamps[0]), stamps[1]):
        assert answer == want, state
        legal += want != "refused"
    assert 2000 <= legal <= LAYERS - 200, legal


@pytest.mark.parametrize("fault", STAMP_FAULTS)
def test_a_fault_in_the_stamps_is_seen(stamps, fault):
    states, wanted = (part[:300] for part in stamps)
    assert figures_engine.run(MODULES, STAMPS, states, STAMP_FAULTS[fault]) != wanted
