"""The browser's twin of conv_lib (static/core.js) gives the same sizes, values, terms and unread rows as conv_lib itself."""

import json
import random

import figures_engine
import numpy as np
import pytest
import torch
from conv_lib import Conv2d, cost, trace
from conv_lib.arguments import PADDING_MODES
from conv_lib.figures.bundle import joined
from conv_lib.figures.convolution import MOST_CELLS, cells
from conv_lib.geometry import Axis
from conv_lib.padding import pad_index
from conv_lib.plan import make_plan

LAYERS = 3400
OPTIONS = ("stride", "padding", "dilation", "groups", "padding_mode")

# What the browser says of one layer, or the word "refused".
ANSWER = """(state) => {
  const ends = (axis) => [axis.outputSize, axis.unread, axis.leftOver, [axis.before, axis.after], axis.taps(axis.outputSize - 1)];
  const term = (t) => [t.channel, t.kernelRow, t.kernelColumn, t.row, t.column, t.weight, t.value, t.product, t.isPadding, t.source];
  const user = (u) => [u.o, u.i, u.j, u.weight];
  const told = (layer, o, i, j) => {
    const inside = o < layer.outChannels && i < layer.rows.outputSize && j < layer.columns.outputSize;
    const list = inside ? core.terms(layer, o, i, j) : null;
    return {
      rows: ends(layer.rows), columns: ends(layer.columns), sources: [layer.rows.sources, layer.columns.sources],
      cells: core.cells(layer), values: core.conv2d(layer), parameters: core.parameters(layer), macs: core.macs(layer),
      terms: list && list.map(term), sum: list && core.resultText(list, layer.bias && layer.bias[o]),
      users: core.usersOf(layer, ...state.pixel).map(user),
    };
  };
  let layer;
  try { layer = core.plan(state); } catch { return "refused"; }
  try { return told(layer, ...state.at); } catch (error) { return `failed: ${error.message}`; }
}"""

FAULTS = {
    "the kernel flipped": ("sum += kernel[u][v] *", "sum += kernel[kernel.length - 1 - u][v] *"),
    "padding off by one": ("output * stride - before + tap * dilation", "output * stride - before + 1 + tap * dilation"),
    "the wrong group": ("Math.floor(o / (outChannels / groups))", "(o % groups)"),
    "floor turned to ceil": ("Math.floor((paddedSize - effective) / stride)", "Math.ceil((paddedSize - effective) / stride)"),
    "dilation off by one": ("dilation * (kernelSize - 1) + 1", "dilation * kernelSize"),
    "'same' on the wrong side": ("[Math.floor(total / 2), Math.ceil(total / 2)]", "[Math.ceil(total / 2), Math.floor(total / 2)]"),
    "stride of the other axis": ("pair(stride)[i]", "pair(stride)[1 - i]"),
    "reflect repeats the edge": ("size - 1 - Math.abs(position))", "size - 1 - Math.abs(position + 0.5) + 0.5)"),
    "the bias lost": ("bias ? bias[o] : 0;", "0;"),
    "the users' weight of another kernel": ("weight[o][c - group * layer.perGroup]", "weight[o][0]"),
    "MACs halved": ("perGroup * rows.kernelSize * columns.kernelSize;", "perGroup * rows.kernelSize * columns.kernelSize / 2;"),
}


def random_state(rng):
    """A layer as a figure holds it; about one in six is illegal."""
    groups = rng.choice((1, 1, 1, 2, 3))
    per_group, outputs = rng.randint(1, 2), groups * rng.randint(1, 2)
    kernel = rng.randint(1, 4), rng.randint(1, 4)
    size = rng.randint(2, 7), rng.randint(2, 7)
    either = lambda low, high: rng.choice((rng.randint(low, high), [rng.randint(low, high), rng.randint(low, high)]))  # noqa: E731
    padding = rng.choice(("same", "valid", either(0, 3), either(0, 3), either(0, 3)))
    number = rng.choice((lambda: rng.randint(-9, 9), lambda: rng.randint(-99, 99) / 8))
    block = lambda *shape: number() if not shape else [block(*shape[1:]) for _ in range(shape[0])]  # noqa: E731
    x = block(per_group * groups, *size)
    return {
        "x": x,
        "weight": block(outputs, per_group, *kernel),
        "bias": rng.choice((None, block(outputs))),
        "stride": 1 if padding == "same" and rng.random() < 0.9 else either(1, 3),
        "padding": padding,
        "dilation": either(1, 3),
        "groups": groups if rng.random() < 0.95 else rng.randint(1, 4),
        "padding_mode": rng.choice(PADDING_MODES),
        "at": [rng.randrange(outputs), rng.randrange(4), rng.randrange(4)],
        "pixel": [rng.randrange(len(x)), rng.randrange(size[0]), rng.randrange(size[1])],
    }


def expected(state):
    """What conv_lib says of the same layer, in the form of ANSWER."""
    arrays = [None if state[name] is None else np.array(state[name], np.float64) for name in ("x", "weight", "bias")]
    options = [tuple(value) if isinstance(value, list) else value for value in (state[name] for name in OPTIONS)]
    try:
        plan = make_plan(*arrays, *options)
    except (TypeError, ValueError):
        return "refused"
    layer = Conv2d(plan.x.shape[1], len(plan.weight), plan.weight.shape[2:], *options[:4], bias=arrays[2] is not None)
    layer.weight, layer.bias = plan.weight, plan.bias
    values = Conv2d.__call__(_with_mode(layer, options[4]), arrays[0])
    spent = cost(layer, arrays[0].shape)
    at = tuple(state["at"])
    inside = all(index < size for index, size in zip(at, values.shape))
    told = trace(*arrays, *options, at=at) if inside else None
    ends = lambda axis: [axis.output_size, list(axis.unread), axis.left_over, list(axis.padding), list(axis.taps(axis.output_size - 1))]  # noqa: E731
    return {
        "rows": ends(plan.rows),
        "columns": ends(plan.columns),
        "sources": [pad_index(axis.size, axis.padding, options[4]).tolist() for axis in (plan.rows, plan.columns)],
        "cells": cells(plan),
        "values": values.tolist(),
        "parameters": spent.parameters,
        "macs": spent.macs,
        "terms": told and [[*term[:9], term.source and list(term.source)] for term in told.terms],
        "users": users(plan, options[4], *state["pixel"]),
        "sum": told and f"= {_plain(told.value)}",
    }


def _with_mode(layer, mode):
    layer.padding_mode = mode
    return layer


def users(plan, mode, c, row, column):
    """Every output that input (c, row, column) goes into, with its weight: what each output gains when the input grows by 1."""
    x = np.zeros_like(plan.x)
    x[0, c, row, column] = 1
    touched = np.zeros(plan.output_shape[1:], int)
    gained = np.zeros(plan.output_shape[1:])
    per_group = plan.weight.shape[1]
    outputs = len(plan.weight) // plan.groups
    sources = [pad_index(axis.size, axis.padding, mode) for axis in (plan.rows, plan.columns)]
    for o in range(c // per_group * outputs, (c // per_group + 1) * outputs):
        for i, j in np.ndindex(gained.shape[1:]):
            for u, r in enumerate(plan.rows.taps(i)):
                for v, k in enumerate(plan.columns.taps(j)):
                    if (sources[0][r + plan.rows.padding[0]], sources[1][k + plan.columns.padding[0]]) == (row, column):
                        touched[o, i, j] += 1
                        gained[o, i, j] += plan.weight[o, c % per_group, u, v]
    return [[*map(int, index), float(gained[tuple(index)])] for index in np.argwhere(touched)]


@pytest.fixture(scope="module")
def layers():
    rng = random.Random(2026)
    states = [random_state(rng) for _ in range(LAYERS)]
    return states, [expected(state) for state in states]


def test_the_twin_equals_conv_lib(layers):
    states, wanted = layers
    answers = figures_engine.run(["core"], ANSWER, states)
    for state, answer, want in zip(states, answers, wanted):
        assert answer == want, state
    legal = sum(want != "refused" for want in wanted)
    assert legal >= 2000, f"only {legal} of {LAYERS} random layers were legal"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_twin_is_seen(layers, fault):
    states, wanted = (part[:300] for part in layers)
    assert figures_engine.run(["core"], ANSWER, states, FAULTS[fault]) != wanted


def unread_by_torch(size, kernel_size, stride, padding, dilation, mode):
    """The pixels of one axis whose gradient is zero, under a kernel of ones."""
    x = torch.ones(1, 1, size, requires_grad=True)
    padded = torch.nn.functional.pad(x, padding, "constant" if mode == "zeros" else mode)
    torch.nn.functional.conv1d(padded, torch.ones(1, 1, kernel_size), stride=stride, dilation=dilation).sum().backward()
    return torch.nonzero(x.grad.ravel() == 0).ravel().tolist()


def test_pixels_that_nothing_reads_are_those_without_a_gradient_in_every_padding_mode():
    rng = random.Random(15)
    axes = []
    while len(axes) < 2400:
        size, mode = rng.randint(1, 12), PADDING_MODES[len(axes) % 4]
        most = {"reflect": size - 1, "circular": size}.get(mode, 4)
        padding = [rng.randint(0, min(4, most)), rng.randint(0, min(4, most))]
        kernel_size, stride, dilation = rng.randint(1, 5), rng.randint(1, 5), rng.randint(1, 4)
        if dilation * (kernel_size - 1) < size + sum(padding):
            axes.append([size, kernel_size, stride, padding, dilation, mode])
    ask = '([s, k, d, p, l, mode]) => { const axis = core.axis(s, k, d, p, l, "axis", mode); return [axis.unread, axis.unreadRing]; }'
    for one, (unread, ring) in zip(axes, figures_engine.run(["core"], ask, axes)):
        size, kernel_size, stride, padding, dilation, mode = one
        axis = Axis(size, kernel_size, stride, tuple(padding), dilation, padding_mode=mode)
        assert unread == list(axis.unread) == unread_by_torch(*one), one
        outside = [*range(-padding[0], 0), *range(size, size + padding[1])]
        assert ring == [position for position in outside if not axis.users(position)], one


def _plain(value):
    return int(value) if value == int(value) else value


@pytest.mark.parametrize(
    "text, value",
    [("3", 3), (" -2.5 ", -2.5), ("−4", -4), ("1/16", 0.0625), (".5", 0.5), ("7.", 7), ("", None), ("abc", None), ("1/0", None),
     ("NaN", None), ("Infinity", None), ("1e9", None), ("0x10", None), ("<b>1</b>", None), ("1 2", None), ("--1", None), ("9" * 400, None),
     ("1/2/3", None), ("1.2.3", None), (".", None), ("1/", None), ("/2", None), ("+3", 3), ("-1/4", -0.25), ("1,5", None)],
)  # fmt: skip
def test_what_counts_as_a_number(text, value):
    assert figures_engine.run(["core"], "(text) => core.parseNumber(text)", [text]) == [value]


# A text that counts how many of its characters are asked for, one by one, and may not be had as a whole.
COUNTED = """(([make, read, size]) => {
  const text = { "digits": "1".repeat(size) + "a", "blanks": "1  ".repeat(size) + "!", "signs": "-(".repeat(size) }[make];
  let steps = 0;
  const counted = {
    *[Symbol.iterator]() { for (const character of text) { steps += 1; yield character; } },
    toString() { throw new Error("read as a whole"); },
  };
  const readers = {
    number: () => core.parseNumber(counted), shape: () => question.readAnswer(counted, [1, 2]), size: () => question.readAnswer(counted, 3),
  };
  return [readers[read](), steps];
})"""


@pytest.mark.parametrize("make", ["digits", "blanks", "signs"])
@pytest.mark.parametrize("read", ["number", "shape", "size"])
def test_however_long_a_text_is_few_of_its_characters_are_looked_at(make, read):
    found = figures_engine.run(["core", "question"], COUNTED, [[make, read, size] for size in (100, 10_000, 1_000_000)])
    assert {given for given, _ in found} == {None}
    assert len({steps for _, steps in found}) == 1 and found[0][1] <= 61


def test_numbers_are_written_in_full_or_as_rounded():
    cases = [14, -230, 0.5, 0.0625, 1 / 256, 1 / 9, 0.1 + 0.2, 4.6875]
    assert figures_engine.run(["core"], "(n) => core.show(n)", cases) == [
        "14", "-230", "0.5", "1/16", "1/256", "0.1111111111", "0.3", "4.6875",
    ]  # fmt: skip


def test_a_sum_adds_up_as_shown_or_says_that_it_is_rounded():
    term = lambda value, weight: {"value": value, "weight": weight, "product": value * weight, "source": [0, 0]}  # noqa: E731
    cases = [
        [[term(0, 1), term(1, 1), term(6, 1), term(7, 1)], None],
        [[term(75, -1), term(80, 2)], 3],
        [[term(0.1, 1), term(0.2, 1)], None],
        [[term(75, 1 / 16), term(-3, 1 / 8)], None],
        [[term(5, 1 / 9), term(4, 1 / 9)], None],
        [[], None],
    ]
    said = figures_engine.run(["core"], "([list, bias]) => core.sumText(list, bias) + ' ' + core.resultText(list, bias)", cases)
    assert said == [
        "0 + 1 + 6 + 7 = 14",
        "75·(-1) + 80·2 + 3 (bias) = 88",
        "0.1 + 0.2 = 0.3",
        "75·1/16 + (-3)·0.125 = 4.3125",
        "5·0.1111111111 + 4·0.1111111111 ≈ 1",
        "0 = 0",
    ]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2, "padding": 1},
        {"stride": (2, 1), "dilation": 2},
        {"padding": "same", "padding_mode": "reflect"},
        {"groups": 2, "bias": True},
    ],
)
def test_the_line_of_pytorch_makes_this_layer(options):
    from conv_lib.figures import ConvolutionFigure

    settings = {name: value for name, value in options.items() if name != "bias"}
    bias = [1, 2] if options.get("bias") else None
    weight = np.arange(36).reshape(2, 2, 3, 3) if options.get("groups") else np.ones((2, 4, 3, 3), int)
    figure = ConvolutionFigure(np.arange(4 * 49).reshape(4, 7, 7), weight, bias, **settings)
    (line,) = figures_engine.run(["core"], "core.torchLine", [figure.state])
    layer = eval(line, {"nn": torch.nn})
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        if bias:
            layer.bias.copy_(torch.tensor(bias))
        assert np.array_equal(layer(torch.tensor(figure.x, dtype=torch.float32)).numpy(), figure.output)


def said(modules, function, *cases):
    return figures_engine.run(modules, function, list(cases))


def test_rows_that_nothing_reads_are_told_with_their_reason_in_every_mode():
    x = [[list(range(6)) for _ in range(6)]]
    layer = lambda mode="zeros", size=3, **options: {"x": x, "weight": [[[[1] * size] * size]], "padding_mode": mode, **options}  # noqa: E731
    tell = "(state) => convolution_words.unreadText(core.plan(state))"
    replicate, zeros, ring, before, none = said(
        ["convolution_words"],
        tell,
        layer("replicate", stride=[4, 1], padding=[2, 0], dilation=[2, 1]),
        layer("zeros", stride=[4, 1], padding=[2, 0], dilation=[2, 1]),
        layer("zeros", size=1, stride=[3, 1], padding=[2, 0]),
        layer("zeros", size=1, stride=[10, 1], padding=[2, 0]),
        layer(padding=1),
    )
    assert replicate.startswith("Hatched: rows 1, 3 (12 of 36 inputs) are read by no window, and the gradient there is zero.")
    assert zeros.startswith("Hatched: rows 1, 3, 5 (18 of 36 inputs) are read by no window")
    assert "Of the padding, no window reads rows -1, 7." in zeros
    assert "Windows 4 apart with taps 2 apart step over rows -1, 1, 3, 5." in zeros
    assert "Of the padding, no window reads rows -1, 6." in ring
    assert "The last window ends in the padding before row 0; the next one, 10 further, would pass the end." in before
    assert none == ""


def test_every_hatched_cell_of_a_figure_has_a_sentence():
    rng = random.Random(4)
    states = [state for state in (random_state(rng) for _ in range(600)) if expected(state) != "refused"]
    ask = """(state) => {
      const layer = core.plan(state);
      const lines = [layer.rows, layer.columns].map((axis) => [...axis.unread, ...axis.unreadRing]);
      return [lines, convolution_words.unreadText(layer)];
    }"""
    for (rows, columns), text in figures_engine.run(["convolution_words"], ask, states):
        numbers = text.partition(" Windows ")[0].partition(" The last ")[0]
        assert all(str(line) in numbers for line in [*rows, *columns]) and bool(text) == bool(rows or columns), text
        assert not any(odd in text for odd in ("ends at row -", "ends at column -", " ."))  # " .": steps over no row


def test_one_is_not_many():
    field = "(layers) => core.plural(receptive_field.levels(layers)[0].count, 'input pixel')"
    assert said(["receptive_field"], field, [[1, 1, 1]], [[3, 1, 1]]) == ["1 input pixel", "3 input pixels"]


def test_links_call_every_figure_by_a_name_of_its_own():
    cases = [["Twin", "Twin", "Twin 2"], ["Twin 2", "Twin", "Twin"], ["A", "A", "A", "A-2", "a"], ["constructor", "__proto__", "", "é"]]
    page = "globalThis.window ??= globalThis; globalThis.document ??= { currentScript: null };"
    program = f"(() => {{ {page} {joined('host')} return JSON.stringify({json.dumps(cases)}.map(host.keys)); }})()"
    names = json.loads(figures_engine.evaluate(program))
    assert names[0] == ["twin", "twin-3", "twin-2"] and names[1] == ["twin-2", "twin", "twin-3"]
    assert all(len(set(each)) == len(each) for each in names), names


def test_the_limit_of_numbers_is_the_same_in_both():
    assert said(["core"], "() => core.MOST_CELLS", None) == [MOST_CELLS]
