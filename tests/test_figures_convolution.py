"""ConvolutionFigure in Python: traits that are checked, an output that conv_lib computes, and what a notebook stores of it."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import traitlets
from conv_lib import conv2d
from conv_lib.figures import ConvolutionFigure
from conv_lib.figures.base import WIDGET_VIEW
from conv_lib.layer import Conv2d

IMAGE = np.arange(36).reshape(6, 6)


def test_the_output_is_what_conv_lib_computes():
    figure = ConvolutionFigure(IMAGE, np.ones((3, 3), int), [2], stride=(2, 1), padding=(1, 0), dilation=2)
    wanted = conv2d(IMAGE[None], np.ones((1, 1, 3, 3), int), np.array([2]), (2, 1), (1, 0), 2)
    assert figure.output.dtype == np.int64
    assert np.array_equal(figure.output, wanted)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [2, (1, 0), "same"])
def test_the_output_honours_groups_and_padding_modes(mode, padding):
    x, weight = np.arange(100.0).reshape(4, 5, 5) / 7, np.arange(48.0).reshape(2, 2, 3, 4)
    layer = Conv2d(4, 2, (3, 4), padding=padding, groups=2, bias=False, padding_mode=mode)
    layer.weight = weight
    assert np.array_equal(ConvolutionFigure(x, weight, padding=padding, groups=2, padding_mode=mode).output, layer(x))


def test_traits_are_plain_lists_and_whole_numbers_stay_whole():
    figure = ConvolutionFigure(np.array([[1.0, 2.5], [3, 4]]), ((2,),), stride=(1, np.int64(2)))
    assert figure.x == [[[1, 2.5], [3, 4]]] and figure.weight == [[[[2]]]] and figure.stride == [1, 2]
    assert json.loads(json.dumps(figure.state)) == figure.state


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("stride", 0, "`stride` (=0) must be at least 1."),
        ("padding", -1, "`padding` (=-1) must be at least 0."),
        ("padding", "SAME", "`padding` (='SAME') must be an integer, a pair of integers, 'same' or 'valid'."),
        ("dilation", 9, "The kernel does not fit along the height"),
        ("groups", 2, "`groups` (=2) must divide"),
        ("padding_mode", "mirror", "`padding_mode` (='mirror') must be one of"),
        ("weight", np.ones((1, 2, 3, 3)), "has 1 channel;"),
        ("weight", np.ones((3, 3, 3)), "`weight` of shape (3, 3, 3) must be 2-D or 4-D"),
        ("bias", [1, 2], "`bias` of shape (2,)"),
        ("x", [[1, np.nan]], "`x` must hold finite numbers."),
        ("x", [[1, 2], [3]], "`x` must have rows of equal length."),
        ("x", np.zeros((6, 17)), "too large to be shown"),
        ("padding", 20, "too large to be shown"),
        ("controls", ["stride", "colour"], "`controls` (='colour') must be one of"),
        ("at", (0, 0), "`at` (=(0, 0)) must be (channel, row, column)."),
        ("at", (0, -1, 0), "`at[1]` (=-1) must be at least 0."),
    ],
)
def test_a_bad_trait_is_refused_in_the_words_of_conv_lib_and_nothing_changes(name, value, words):
    figure = ConvolutionFigure(IMAGE)
    before = figure.state
    with pytest.raises(ValueError) as refused:
        setattr(figure, name, value)
    assert words in str(refused.value)
    assert figure.state == before
    with pytest.raises(ValueError):
        ConvolutionFigure(**{name: value})


@pytest.mark.parametrize(
    "name, value",
    [("stride", 1.5), ("groups", True), ("x", [["a"]]), ("predict", 3), ("at", (0, 0.5, 0)), ("title", 3)],
)
def test_the_wrong_kind_of_thing_is_refused(name, value):
    figure = ConvolutionFigure(IMAGE)
    with pytest.raises((TypeError, traitlets.TraitError)):
        setattr(figure, name, value)


def test_traits_that_only_fit_together_are_set_together():
    figure = ConvolutionFigure()
    with pytest.raises(ValueError):
        figure.groups = 2
    with figure.hold_trait_notifications():
        figure.x, figure.weight, figure.groups = np.ones((2, 3, 3), int), np.ones((2, 1, 2, 2), int), 2
    assert figure.output.shape == (2, 2, 2)
    before = figure.state
    with pytest.raises(ValueError), figure.hold_trait_notifications():
        figure.stride, figure.dilation = 2, 5
    assert figure.state == before


def test_the_output_that_is_told_moves_to_the_last_where_its_place_is_gone():
    figure = ConvolutionFigure(np.arange(48).reshape(6, 8), np.ones((3, 5), int), at=(0, 3, 3))
    figure.stride = (1, 2)
    assert figure.output.shape == (1, 4, 2) and "Output at row 3, column 1" in figure.still().alt
    figure.dilation = (2, 1)
    assert figure.output.shape == (1, 2, 2) and "Output at row 1, column 1" in figure.still().alt


def test_the_padding_counts_among_the_numbers_that_a_figure_shows():
    x, weight = np.zeros((8, 6, 8), int), np.zeros((1, 8, 3, 5), int)
    shown = 8 * (6 + 2 * 5) * (8 + 2 * 4) + 8 * 3 * 5 + 14 * 12
    with pytest.raises(ValueError, match=f"would show {shown} numbers, padding and outputs among them; at most 1600 fit"):
        ConvolutionFigure(x, weight, padding=(5, 4))


def test_what_a_browser_sends_is_taken_or_refused_as_a_whole():
    figure = ConvolutionFigure()
    figure.set_state({"weight": [[[[1, 2], [3, 4]]]], "stride": 2})
    assert np.array_equal(figure.output, conv2d(IMAGE[None], np.array([[[[1, 2], [3, 4]]]]), stride=2))
    with pytest.raises(ValueError):
        figure.set_state({"stride": 1, "dilation": 6})
    assert (figure.stride, figure.dilation) == (2, 1)


def test_a_change_is_announced_once_in_plain_form():
    figure, seen = ConvolutionFigure(), []
    figure.observe(lambda change: seen.append(change["new"]), "x")
    figure.x = np.ones((4, 4))
    assert seen == [[[[1] * 4] * 4]]


def test_it_tells_its_traits_without_an_address():
    assert repr(ConvolutionFigure()) == "ConvolutionFigure()"
    figure = ConvolutionFigure(np.arange(108).reshape(3, 6, 6), np.ones((1, 3, 3, 3)), stride=2, title="Three")
    assert repr(figure) == "ConvolutionFigure(x=<3x6x6 from 0 to 107>, weight=<1x3x3x3 from 1 to 1>, stride=2, title='Three')"


def test_a_notebook_stores_a_live_view_a_still_and_a_text():
    figure = ConvolutionFigure(stride=2, padding=1)
    data, _ = figure._repr_mimebundle_()
    assert data["text/plain"] == repr(figure)
    assert data["image/svg+xml"].startswith("<svg") and "147" in data["image/svg+xml"]
    assert data[WIDGET_VIEW]["state"] == figure.state and data[WIDGET_VIEW]["model_id"] == figure.model_id


def test_the_still_shows_the_present_state():
    figure = ConvolutionFigure(at=(0, 3, 3))
    stills = {figure._repr_mimebundle_()[0]["image/svg+xml"]}
    figure.padding = 1
    stills.add(figure._repr_mimebundle_()[0]["image/svg+xml"])
    figure.weight = [[1, 1], [1, 2]]  # the output has shrunk: `at` is moved to its last cell
    stills.add(figure._repr_mimebundle_()[0]["image/svg+xml"])
    assert len(stills) == 3


@pytest.mark.parametrize("predict", ["Which number?", ("Which number?", 14)])
def test_the_still_of_a_question_keeps_the_answer(predict):
    still = ConvolutionFigure(padding=1, predict=predict).still()
    outputs = {str(value) for value in conv2d(IMAGE[None], np.ones((1, 1, 3, 3), int), padding=1).flat}
    assert not outputs - set(map(str, range(36))) & set(re.findall(r">([^<>]+)<", still.svg))
    assert "= 14" not in still.svg + repr(still)
    assert "Predict first: Which number?" in still.svg and "Predict first: Which number?" in repr(still)


def test_making_a_figure_loads_neither_torch_nor_matplotlib():
    made = "import sys; from conv_lib.figures import ConvolutionFigure; ConvolutionFigure();"
    code = made + "print({'torch', 'matplotlib'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "set()"
