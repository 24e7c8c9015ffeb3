"""What all live figures share: the state that they carry, what a reader's notebook may set, and how it is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from conv_lib import Conv2d, cost, figures, receptive_field
from conv_lib.figures import (
    ConnectivityFigure,
    ConvolutionFigure,
    CostFigure,
    LabFigure,
    LearningFigure,
    PhotoFigure,
    Question,
    ReceptiveFieldFigure,
    ShapeFigure,
)
from conv_lib.figures.base import WIDGET_VIEW, Refused, RefusedType

UNEVEN = {"x": np.arange(96).reshape(2, 6, 8), "weight": np.ones((4, 1, 3, 5), int), "stride": (1, 2), "padding": (0, 1), "groups": 2}
# A figure, a trait with a value out of its range, and the same trait with the wrong kind of thing.
FIGURES = [
    (lambda **traits: ConvolutionFigure(**UNEVEN, **traits), ("stride", (0, 1)), ("groups", 2.0)),
    (lambda **traits: ConnectivityFigure(6, 4, groups=2, **traits), ("kernel_size", 8), ("in_channels", True)),
    (lambda **traits: CostFigure(32, 24, groups=8, **traits), ("size", 513), ("out_channels", "24")),
    (lambda **traits: PhotoFigure("blur", stride=3, **traits), ("dilation", 7), ("stride", None)),
    (lambda **traits: ReceptiveFieldFigure([(3, 2, 1), (5, 1, 2)], **traits), ("layers", [(99, 1, 1)]), ("layers", [(3, 1.5)])),
    (lambda **traits: ShapeFigure(9, 4, stride=2, **traits), ("size", 0), ("padding", 1.5)),
]


@pytest.mark.parametrize(("make", "beyond", "kind"), FIGURES, ids=lambda value: "")
def test_a_figure_carries_its_title_and_refuses_by_the_kind_of_fault(make, beyond, kind):
    figure = make(title="Named")
    view = figure._repr_mimebundle_()[0][WIDGET_VIEW]
    assert view["state"]["title"] == "Named" and set(view["state"]) == {*figure.told, "title"}
    before = figure.state
    with pytest.raises(Refused) as refused:
        setattr(figure, *beyond)
    assert not isinstance(refused.value, TypeError)
    with pytest.raises(RefusedType):
        setattr(figure, *kind)
    assert figure.state == before and isinstance(RefusedType(""), (TypeError, ValueError))


def test_a_question_refuses_by_the_kind_of_fault():
    with pytest.raises(RefusedType, match="`prompt` \\(=3\\) must be text, not int."):
        Question(3, answer=1)
    with pytest.raises(Refused, match="`explanation` must not be empty."):
        Question("?", answer=1, explanation=" ")
    with pytest.raises(RefusedType, match="must hold whole numbers"):
        Question("?", answer=(1, 2.5))


@pytest.mark.parametrize(
    ("make", "trait", "value", "words"),
    [
        (ConvolutionFigure, "title", 3, "`title` (=3) must be text, not int"),
        (ConvolutionFigure, "title", "half \ud83d", "lone surrogate"),
        (ConvolutionFigure, "controls", None, "`controls` (=None) must be a list or tuple"),
        (ConvolutionFigure, "x", torch.ones(3, 4, requires_grad=True), "not torch.Tensor; x.detach().cpu().numpy() is one"),
        (ConvolutionFigure, "bias", torch.ones(1, device="meta"), "`bias` must hold numbers as an array does"),
        (ConvolutionFigure, "bias", [-(10**6) - 1], "`bias` holds -1000001: it must hold numbers from -1000000 to 1000000"),
        (lambda: ConvolutionFigure(np.ones((4, 4, 16)), np.ones((4, 4, 1, 1))), "padding", (3, 8), "would show 2564 numbers"),
        (lambda: ShapeFigure(9, 4, padding="same"), "size", 999, "`size` (=999) must be at most"),
        (LabFigure, "examples", [3], "`examples` (=3) must be a list or tuple"),
        (LearningFigure, "rate", np.array([0.01, 0.02]), "`rate` (=array("),
        (lambda: Question("?", answer=1), "wrong", [(2, "a", "b")], "`len(wrong)` (=3)"),
        (lambda: Question("?", answer=1), "wrong", 2, "`wrong` (=2) must be a list or tuple"),
        (lambda: Question("?", answer=1), "choices", 2, "`choices` (=2) must be a list or tuple"),
        (lambda: Question("?", answer=1), "explanation", np.ones(2), "`explanation` (=array([1., 1.])) must be text"),
        (lambda: Question("?", answer=1), "answer", [[1, 2], [3]], "rows of equal length"),
    ],
)
def test_a_figure_refuses_in_words_of_its_own(make, trait, value, words):
    figure = make()
    before = repr(figure)
    with pytest.raises(Refused, match=re.escape(words)):
        setattr(figure, trait, value)
    assert repr(figure) == before


def test_what_figures_compute_is_what_conv_lib_computes():
    layer = Conv2d(2, 4, (3, 5), (1, 2), (0, 1), groups=2, bias=False)
    layer.weight = UNEVEN["weight"]
    assert np.array_equal(ConvolutionFigure(**UNEVEN).output, layer(UNEVEN["x"]))
    assert ConnectivityFigure(6, 4, groups=2, kernel_size=5).weight_shape == (4, 3, 5, 5)
    assert ShapeFigure(9, 4, stride=2, padding=3, dilation=2).axis.padding == (3, 3)
    assert ReceptiveFieldFigure([(3, 2, 1), (5, 1, 2)]).fields == receptive_field([(3, 2, 1), (5, 1, 2)])
    found = CostFigure(32, 24, size=9, kernel_size=5, groups=8).costs["grouped"]
    wanted = cost(Conv2d(32, 24, 5, padding="same", groups=8, bias=False), (1, 32, 9, 9))
    assert (found["parameters"], found["macs"]) == (wanted.parameters, wanted.macs)
    assert found["bytes"] == wanted.input_bytes + wanted.weight_bytes + wanted.output_bytes


def test_every_figure_names_a_module_with_a_script():
    assert all(cls._esm and cls._css for cls in map(figures.__dict__.get, figures.__all__))
