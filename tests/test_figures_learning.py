"""The kernel that learns: the browser takes the steps of Python, and Python those of PyTorch."""

import random

import figures_engine
import numpy as np
import pytest
import torch
from conv_lib.figures import LearningFigure
from conv_lib.figures.learning import RATES

LEARN = """(state) => {
  const { target, kernel, losses, diverged } = core_learn.learn(state);
  return { start: core_learn.startOf(state.seed), target, kernel, losses, diverged };
}"""


def figures(count):
    for n in range(count):
        pick = random.Random(n)
        size = pick.randint(3, 8), pick.randint(3, 8)
        own = [[pick.randint(-4, 4) for _ in range(3)] for _ in range(3)]
        x = [[pick.randint(-3, 3) for _ in range(size[1])] for _ in range(size[0])]
        hidden = pick.choice(("Sobel", "blur", own))
        yield LearningFigure(x=x, hidden=hidden, seed=pick.randrange(10000), rate=pick.choice(RATES[:4]), steps=pick.randrange(12))


def test_the_browser_learns_as_python():
    made = list(figures(120))
    answers = figures_engine.run(["core", "core_back", "core_learn"], LEARN, [figure.state for figure in made])
    for figure, answer in zip(made, answers):
        np.testing.assert_array_equal(answer["start"], figure.start)
        np.testing.assert_allclose(answer["target"], figure.target[0], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(answer["kernel"], figure.weight, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(answer["losses"], figure.losses, rtol=1e-9, atol=1e-9)


def test_python_learns_as_pytorch():
    for figure in figures(20):
        x, target = (torch.tensor(np.array(a, np.float64)) for a in ([figure.x], figure.target))
        layer = torch.nn.Conv2d(1, 1, 3, bias=False, dtype=torch.float64)
        layer.weight.data[0, 0] = torch.tensor(figure.start)
        descent = torch.optim.SGD(layer.parameters(), lr=figure.rate)
        for _ in range(figure.steps):
            descent.zero_grad()
            (0.5 * (layer(x) - target) ** 2).sum().backward()
            descent.step()
        np.testing.assert_allclose(figure.weight, layer.weight.detach()[0, 0], rtol=1e-9, atol=1e-9)


def test_a_rate_too_large_diverges_and_a_small_one_finds_the_kernel():
    assert LearningFigure(rate=0.05, steps=40).losses[-1] > 1e12 and len(LearningFigure(rate=0.05, steps=400).losses) < 60
    figure = LearningFigure(rate=0.02, steps=150)
    np.testing.assert_allclose(figure.weight, [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], atol=0.01)


@pytest.mark.parametrize("wrong", [{"rate": 0.03}, {"rate": True}, {"rate": "0.01"}, {"steps": -1}, {"steps": 401}, {"steps": 1.0},
                                   {"seed": 10**4}, {"hidden": "edge"}, {"hidden": [[1, 2], [3, 4]]}, {"hidden": None},
                                   {"x": [[1, 2], [3, 4]]}, {"x": np.ones((3, 9))}, {"x": [[1, 2, 3], [4, 5]]},
                                   {"x": np.full((3, 3), np.nan)}])  # fmt: skip
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises((ValueError, TypeError)):
        LearningFigure(**wrong)
