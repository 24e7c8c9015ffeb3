"""TransposedFigure: what it keeps, refuses and shows is conv_lib's."""

import figures_engine
import numpy as np
import pytest
import torch
from conv_lib import conv_transpose2d, explain
from conv_lib.figures import ConvolutionFigure, TransposedFigure
from conv_lib.layer import Conv2d

RNG = np.random.default_rng(7)


def test_the_output_is_that_of_conv_transpose2d():
    x, weight = RNG.integers(-5, 6, (4, 3, 4)), RNG.integers(-5, 6, (4, 2, 2, 3))
    options = {"stride": [1, 2], "padding": [0, 1], "output_padding": [0, 1], "dilation": [1, 2], "groups": 2}
    figure = TransposedFigure(x, weight, **options)
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    np.testing.assert_array_equal(figure.output, conv_transpose2d(x, weight, **settings))
    assert figure.output.dtype == np.int64 and "6x5x13" not in repr(figure)
    assert "<svg" in figure.fallback()["image/svg+xml"]


def test_fractions_stay_and_the_still_is_that_of_the_first_output():
    x, weight = np.arange(1, 7).reshape(1, 2, 3), np.array([[[[1.5, 2, -1]], [[4, 0.25, 3]]]])
    figure = TransposedFigure(x, weight, stride=1, title="Two")
    np.testing.assert_array_equal(figure.output, conv_transpose2d(x.astype(float), weight))
    told = figure.fallback()["text/plain"] if "text/plain" in figure.fallback() else figure.still().alt
    assert "kernel: 1x3 numbers: 1.50 2 -1;" in told and f"output: 2x5 numbers: {figure.output[0, 0, 0]:.2f} " in told


@pytest.mark.parametrize("wrong", [{"output_padding": 2}, {"padding": 5}, {"stride": 0}, {"groups": 2}, {"view": "map"},
                                   {"x": np.ones((9, 9))}, {"weight": np.ones((8, 8))}, {"x": np.ones((2, 3, 3))}, {"stride": 16},
                                   {"padding": "same"}, {"dilation": 1.5},
                                   {"x": np.ones((5, 2, 2)), "weight": np.ones((5, 1, 2, 2))}])  # fmt: skip
def test_what_cannot_be_shown_is_refused(wrong):
    with pytest.raises((ValueError, TypeError)):
        TransposedFigure(**wrong)


def test_the_checkerboard_is_told_as_explain_tells_it():
    cases = [{"rows": {"kernelSize": k, "stride": s, "dilation": d}} for k in range(1, 6) for s in range(1, 5) for d in range(1, 4)]
    for case in cases:
        case["columns"] = case["rows"]
    for case, text in zip(cases, figures_engine.run(["transposed"], "transposed.checkerText", cases)):
        axis = case["rows"]
        layer = torch.nn.ConvTranspose2d(1, 1, axis["kernelSize"], axis["stride"], dilation=axis["dilation"])
        warned = any("checkerboard" in warning or "between the stamps" in warning for warning in explain(layer, (1, 1, 24, 24)).warnings)
        assert ("no checkerboard" not in text) == warned, (axis, text)


def test_a_convolution_figure_tells_the_gradients_of_its_layer():
    x, weight = RNG.integers(-5, 6, (2, 6, 8)), RNG.integers(-5, 6, (4, 1, 3, 5))
    options = {"stride": (1, 2), "padding": (0, 1), "groups": 2}
    layer = Conv2d(2, 4, (3, 5), **options)
    layer.weight, layer.bias = weight, np.arange(4)
    g = RNG.integers(-5, 6, (4, 4, 3))
    for given, used in ((g, g), (None, np.ones_like(g)), (g[:, :1], np.ones_like(g))):
        figure = ConvolutionFigure(x, weight, np.arange(4), **options, direction="backward", grad_output=given)
        for found, wanted in zip(figure.gradients, layer.backward(x, used)):
            np.testing.assert_array_equal(found, wanted)
    half = ConvolutionFigure(x, weight, **options, grad_output=g / 2)
    np.testing.assert_array_equal(half.gradients.x * 2, layer.backward(x, g).x)
    for wrong in ({"direction": "back"}, {"direction": None}, {"grad_output": [[1, 2]]}, {"grad_output": "ones"}):
        with pytest.raises((ValueError, TypeError)):
            ConvolutionFigure(**wrong)
