"""ConnectivityFigure: legal groups, refusals, and the shape of the weight."""

from __future__ import annotations

import figures_engine
import pytest
import torch
from conv_lib.figures import ConnectivityFigure


def _torch_takes(inputs: int, outputs: int, groups: int) -> bool:
    try:
        torch.nn.Conv2d(inputs, outputs, 1, groups=groups)
    except ValueError:
        return False
    return True


def test_legal_groups_are_those_that_pytorch_takes():
    pairs = [[inputs, outputs] for inputs in range(1, 17) for outputs in range(1, 17)]
    found = figures_engine.run(["connectivity"], "([a, b]) => connectivity.legalGroups(a, b)", pairs)
    for (inputs, outputs), groups in zip(pairs, found):
        assert groups == [g for g in range(1, 17) if _torch_takes(inputs, outputs, g)]


def test_weight_shape_is_that_of_pytorch():
    figure = ConnectivityFigure(6, 12, groups=3, kernel_size=5)
    assert figure.weight_shape == tuple(torch.nn.Conv2d(6, 12, 5, groups=3).weight.shape)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [("groups", 3, ValueError), ("in_channels", 17, ValueError), ("out_channels", 0, ValueError), ("kernel_size", 2.0, TypeError)],
)
def test_traits_are_checked_and_the_last_good_state_stays(name, value, kind):
    figure = ConnectivityFigure(4, 4, groups=2)
    with pytest.raises(kind, match=name if name != "groups" else "`groups` \\(=3\\) must divide"):
        setattr(figure, name, value)
    assert figure.state == {"in_channels": 4, "out_channels": 4, "groups": 2, "kernel_size": 3, "title": ""}
