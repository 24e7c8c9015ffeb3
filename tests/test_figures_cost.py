"""CostFigure: the browser's costs are conv_lib's, and those of PyTorch's own layers."""

from __future__ import annotations

import random
from math import gcd

import figures_engine
import pytest
import torch
from conv_lib.figures import CostFigure
from torch.utils.flop_counter import FlopCounterMode


def _states(count: int) -> list[dict]:
    rng = random.Random(9)
    states = []
    for _ in range(count):
        inputs, outputs = rng.randint(1, 64), rng.randint(1, 64)
        legal = [g for g in range(1, 65) if gcd(inputs, outputs) % g == 0]
        sizes = {"size": rng.randint(1, 40), "kernel_size": rng.randint(1, 7), "groups": rng.choice(legal)}
        states.append({"in_channels": inputs, "out_channels": outputs, **sizes})
    return states


def test_the_browser_computes_the_costs_of_conv_lib():
    states = _states(60)
    found = figures_engine.run(["cost"], "(state) => cost.costs(state)", states)
    for state, costs in zip(states, found):
        assert costs == CostFigure(**state).costs


def test_costs_are_those_of_pytorch():
    figure = CostFigure(12, 8, size=9, kernel_size=3, groups=4)
    for name, layers in figure.designs.items():
        modules = [torch.nn.Conv2d(i, o, k, padding="same", groups=g, bias=False) for i, o, k, g in layers]
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            torch.nn.Sequential(*modules)(torch.zeros(1, 12, 9, 9))
        assert figure.costs[name]["macs"] == counter.get_total_flops() // 2
        assert figure.costs[name]["parameters"] == sum(m.weight.numel() for m in modules)


def test_numbers_are_told_short_without_losing_their_size():
    told = figures_engine.run(["cost"], "(n) => cost.short(n)", [864, 9408, 73728, 118013952, 1_684_000_000, 100_000])
    assert told == ["864", "9,408", "73.73 k", "118 M", "1.684 G", "100 k"]


@pytest.mark.parametrize(("name", "value", "kind"), [("groups", 3, ValueError), ("size", 0, ValueError), ("kernel_size", True, TypeError)])
def test_traits_are_checked_and_the_last_good_state_stays(name, value, kind):
    figure = CostFigure(8, 16)
    with pytest.raises(kind, match=name):
        setattr(figure, name, value)
    assert figure.groups == 4
