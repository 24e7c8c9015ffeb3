"""The way back in a browser: gradients, stamps and a kernel that learns, by pointer, touch and keyboard."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import numpy as np
import pytest
from accessibility import violations
from conv_lib import conv_transpose2d, trace, trace_transpose2d
from conv_lib.figures import ConvolutionFigure, LearningFigure, TransposedFigure
from figure_page import tap
from playwright.sync_api import Page, expect

X, WEIGHT = np.arange(96).reshape(2, 6, 8) % 7, np.arange(60).reshape(4, 1, 3, 5) % 5 - 2
OPTIONS = {"stride": (1, 2), "padding": (0, 1), "groups": 2}


def backward(**more) -> ConvolutionFigure:
    return ConvolutionFigure(
        X, WEIGHT, np.arange(4), **OPTIONS, controls=["direction", "stride", "padding"], direction="backward", **more
    )


def status(page: Page) -> str:
    return page.get_by_role("status").inner_text().strip()


def cell(page: Page, grid: str, index: int):
    return page.get_by_role("grid", name=grid, exact=True).get_by_role("gridcell").nth(index)


def in_the_browser(text: str) -> str:
    """A sum as the browser writes it: what lies on the zero padding is not told at the end."""
    return text.partition("  (")[0]


def told(of: str, at: tuple[int, ...]) -> str:
    return in_the_browser(str(trace(X, WEIGHT, np.arange(4), **OPTIONS, of=of, grad_output=np.ones((4, 4, 3), int), at=at)))


def test_a_switch_shows_the_gradients(opened):
    page = opened(ConvolutionFigure(X, WEIGHT, np.arange(4), **OPTIONS, controls=["direction"]))
    expect(page.get_by_role("grid", name="Input channel 1", exact=True)).to_be_visible()
    page.get_by_role("button", name="Backward", exact=True).click()
    figure = backward()
    for c, maps in enumerate(figure.gradients.x):
        cells = page.get_by_role("grid", name=f"Input gradient channel {c}", exact=True).get_by_role("gridcell").all_inner_texts()
        assert cells == [str(number) for number in maps.ravel()]
    expect(page.get_by_text("Bias gradient")).to_be_visible()
    page.get_by_role("button", name="Forward", exact=True).click()
    assert cell(page, "Input channel 0", 3).inner_text() == "3"


def test_a_gradient_is_told_as_its_sum_by_pointer_touch_and_keyboard(opened):
    page = opened(backward(), has_touch=True)
    cell(page, "Input gradient channel 1", 2 * 8 + 3).hover()
    assert told("x", (1, 2, 3)) in status(page)
    lit = page.get_by_role("grid", name="Output gradient channel 2", exact=True).locator(".cl-used")
    met = trace(X, WEIGHT, np.arange(4), **OPTIONS, of="x", grad_output=np.ones((4, 4, 3), int), at=(1, 2, 3)).terms
    assert lit.evaluate_all("cells => cells.map(cell => cell.dataset.weight)") == [f"×{term.weight}" for term in met if term.output[1] == 2]
    tap(cell(page, "Kernel gradient", 7))
    assert re.search(r"Gradient of kernel \d, weight row 1, column 2", status(page))
    page.get_by_role("grid", name="Input gradient channel 0", exact=True).locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert told("x", (0, 1, 0)) in status(page)


def test_a_weight_tells_every_pair(opened):
    page = opened(backward())
    cell(page, "Output gradient channel 2", 0).hover()
    cell(page, "Kernel gradient", 1).hover()
    assert "Gradient of kernel 2, weight row 0, column 1" in status(page)
    assert told("weight", (2, 0, 0, 1)) in status(page)


def test_where_the_padding_repeats_a_pixel_its_weights_add_up(opened):
    kernel = WEIGHT[0, 0, :, :3]
    page = opened(ConvolutionFigure(np.arange(16).reshape(4, 4), kernel, padding=2, padding_mode="replicate", direction="backward"))
    cell(page, "Input gradient", 0).hover()
    at_the_corner = page.get_by_role("grid", name="Output gradient", exact=True).locator(".cl-used")
    assert at_the_corner.first.get_attribute("data-weight") == f"×{kernel.sum()}"
    cell(page, "Output gradient", 0).hover()
    sent = page.get_by_role("grid", name="Input gradient", exact=True).locator(".cl-used")
    assert sent.evaluate_all("cells => cells.map(cell => cell.dataset.weight)") == [f"×{kernel.sum()}"]


def test_an_output_gradient_can_be_changed_and_linked(opened):
    page = opened(backward())
    place = cell(page, "Output gradient channel 3", 4)
    place.dblclick()
    page.get_by_role("textbox", name="Output gradient channel 3, row 1, column 1").fill("-5")
    page.keyboard.press("Enter")
    expect(place).to_have_text("-5")
    g = np.ones((4, 4, 3), int)
    g[3, 1, 1] = -5
    assert cell(page, "Input gradient channel 1", 8 + 3).inner_text() == str(backward(grad_output=g).gradients.x[1, 1, 3])
    cell(page, "Input gradient channel 0", 0).dblclick()
    expect(page.locator(".cl-edit")).to_have_count(0)  # a gradient of an input follows, and is not typed


def test_what_no_window_reads_says_so(opened):
    page = opened(ConvolutionFigure(stride=2, direction="backward", controls=["direction"]))
    cell(page, "Input gradient", 35).hover()
    assert "no window reads this input" in status(page) and cell(page, "Input gradient", 35).inner_text() == "0"


def test_a_stamp_and_the_overlap_of_stamps(opened):
    x, weight = np.arange(1, 7).reshape(2, 3), np.arange(1, 10).reshape(3, 3)
    page = opened(TransposedFigure(x, weight, padding=1, output_padding=(0, 1)), has_touch=True)
    figure = TransposedFigure(x, weight, padding=1, output_padding=(0, 1))
    cells = page.get_by_role("grid", name="Output", exact=True).get_by_role("gridcell").all_inner_texts()
    assert cells == [str(number) for number in figure.output.ravel()]
    cell(page, "Output", 8).hover()
    told = trace_transpose2d(x[None], weight[None, None], stride=2, padding=1, output_padding=(0, 1), at=(0, 1, 2))
    assert str(told) in status(page) and "2 products overlap" in status(page)
    tap(cell(page, "Input", 4))
    assert "5 times the kernel: its stamp begins at row 1·2 − 1 = 1, column 1·2 − 1 = 1." in status(page)
    assert page.get_by_role("grid", name="Output", exact=True).locator(".cl-used").count() == 9
    tap(page.get_by_role("button", name="Overlap", exact=True))
    assert cell(page, "Output", 8).inner_text() == "2"
    page.get_by_role("grid", name="Input", exact=True).locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    assert "Input row" in status(page)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("Output padding", 2, "output_padding 2 along the height must be smaller than stride 2 or dilation 1: at most 1."),
     ("Padding", 4, "Padding 4 leaves nothing"),
     ("Groups", 3, "Groups 3 must divide the 1 input and the 1 output channels; 1 does.")],
)  # fmt: skip
def test_an_illegal_number_has_its_reason(opened, name, value, reason):
    page = opened(TransposedFigure([[1, 2], [3, 4]]))
    page.get_by_role("slider", name=name, exact=True).fill(str(value))
    expect(page.get_by_role("alert")).to_contain_text(reason)
    expect(page.get_by_role("slider", name=name, exact=True)).not_to_have_value(str(value))


def test_what_no_stamp_reaches_is_hatched_and_told(opened):
    x, weight = np.arange(1, 7).reshape(2, 3), np.arange(1, 10).reshape(3, 3)
    page = opened(TransposedFigure(x, weight, stride=1, dilation=(3, 2), output_padding=(2, 1), padding=(0, 1)))
    reached = conv_transpose2d(x[None] * 0 + 1, weight[None, None], stride=1, dilation=(3, 2), output_padding=(2, 1), padding=(0, 1))[0]
    hatched = page.get_by_role("grid", name="Output", exact=True).get_by_role("gridcell")
    marks = hatched.evaluate_all("cells => cells.map(cell => cell.matches('.cl-hatched'))")
    assert marks == (reached == 0).ravel().tolist()
    expect(page.get_by_text("Hatched: no stamp reaches rows 2, 5, 8, 9 and column 6.")).to_be_visible()
    page.get_by_role("grid", name="Output", exact=True).locator(".cl-pad").nth(8).hover()  # row 4, column -1
    whole = conv_transpose2d(x[None], weight[None, None], stride=1, dilation=(3, 2), output_padding=(2, 1))[0]
    assert f"Its sum would have been {whole[4, 0]}." in status(page) and "row 4, column -1" in status(page)


def test_a_kernel_learns_step_by_step(opened):
    page = opened(LearningFigure(seed=1, rate=0.01))
    cell(page, "Kernel now", 4).hover()
    assert "= 33" in status(page) and "2 − 0.01 · 33 = 1.67" in status(page)
    for steps in (1, 2):
        page.get_by_role("button", name="Step", exact=True).press("Enter")
        expect(page.locator(".cl-loss")).to_have_text(f"Step {steps}: loss {LearningFigure(steps=steps).losses[-1]:.2f}")
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".cl-loss")).to_have_text("Step 1: loss 202.56")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".cl-loss")).to_have_text(re.compile(r"Step ([2-9]|\d\d+):"))
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("slider", name="Learning rate").press("End")
    while "diverges" not in page.locator(".cl-loss").inner_text():
        page.get_by_role("button", name="Step", exact=True).click()
    assert page.get_by_role("button", name="Step", exact=True).is_disabled()
    page.get_by_role("button", name="Reset", exact=True).click()
    page.get_by_role("button", name="your own", exact=True).click()
    cell(page, "Hidden kernel", 0).dblclick()
    page.get_by_role("textbox", name="Hidden kernel, row 0, column 0").fill("4")
    page.keyboard.press("Enter")
    own = LearningFigure(hidden=[[4, -2, -1], [0, 0, 0], [1, 2, 1]])
    assert cell(page, "Target", 0).inner_text() == str(int(own.target[0, 0, 0]))


HOSTILE = [{"x": "<b>"}, {"weight": [[1]]}, {"direction": {"a": 1}}, {"rate": 7}, {"steps": -1}, {"stride": 1e9}]
HOSTILE += [{"grad_output": [[[1, [2]]]]}]


@pytest.mark.parametrize("figure", [backward, TransposedFigure, LearningFigure], ids=["backward", "transposed", "learning"])
def test_a_hostile_link_leaves_the_figure_as_it_is(opened, figure):
    made = figure(title="A link")
    page = opened(made)
    for patch in (patch for patch in HOSTILE if set(patch) <= set(made.told)):
        page.evaluate("hash => { location.hash = ''; location.hash = hash; }", f"a-link={quote(json.dumps(patch))}")
        expect(page.get_by_role("alert")).to_contain_text("The link could not be read")
        page.evaluate("location.hash = 'a-link=%7B%7D'")
        expect(page.get_by_role("alert")).to_be_empty()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_it_is_accessible_and_fits(opened, width, dark):
    grouped = TransposedFigure(X[:, :3, :4], np.ones((2, 1, 3, 3), int), groups=2)
    page = opened(backward(), TransposedFigure(), grouped, LearningFigure(steps=3), width=width, dark=dark)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
