"""The figures of shapes, channels, costs and receptive fields, and the questions, in a real browser."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from accessibility import violations
from conv_lib.figures import ConnectivityFigure, CostFigure, Question, ReceptiveFieldFigure, ShapeFigure
from figure_page import tap
from playwright.sync_api import Page, expect
from site_of_book import started


def slide(page: Page, name: str, value: int) -> None:
    page.get_by_role("slider", name=name, exact=True).fill(str(value))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def status(page: Page) -> str:
    return page.get_by_role("status").inner_text().strip()


def test_shape_tells_the_size_step_by_step(opened):
    page = opened(ShapeFigure(7, title="One axis"))
    slide(page, "Stride", 3)
    steps = page.get_by_role("listitem").all_inner_texts()
    assert [" ".join(step.split()) for step in steps] == [
        "padded input 7 + 0 + 0 = 7",
        "kernel spans 1 · (3 − 1) + 1 = 3",
        "last possible start 7 − 3 = 4",
        "steps of 3 4 / 3 = 1.333, rounded down to 1",
        "outputs 1 + 1 = 2",
        "left over 1 at the end of the padded input; input 6 is read by no window (hatched)",
    ]
    page.get_by_role("slider", name="Output", exact=True).press("ArrowRight")
    assert status(page) == "Output 1 starts at 1 · 3 − 0 = 3 and reads 3, 4, 5."
    page.locator(".cl-positions .cl-hatched").hover()
    assert status(page) == "Input 6 is read by no window: its gradient is zero."


def test_shape_tells_a_layer_that_does_not_fit(opened):
    page = opened(ShapeFigure(8, title="One axis"))
    slide(page, "Dilation", 4)
    told = page.get_by_role("group", name="One axis").locator(".cl-illegal")
    expect(told).to_contain_text("Calculated padded input size per channel: (8 x 8). Kernel size: (9 x 9).")
    expect(told).to_contain_text("padding of at least 1 per side")
    slide(page, "Padding", 1)
    expect(told).to_be_hidden()
    press(page, "'same'")
    slide(page, "Stride", 2)
    expect(told).to_contain_text("padding='same' is not supported for strided convolutions")
    press(page, "Reset")
    expect(told).to_be_hidden()


def test_connectivity_answers_to_pointer_keyboard_and_touch(opened):
    page = opened(ConnectivityFigure(4, 4, groups=2, title="Channels"), has_touch=True)
    outputs = page.get_by_role("grid", name="Output channels")
    outputs.get_by_role("gridcell").nth(3).hover()
    assert status(page) == "Output 3 (group B) sums input channels 2, 3. Its weights are weight[3], of shape (2, 3, 3): 2·3·3 = 18"
    inputs = page.get_by_role("grid", name="Input channels")
    inputs.locator("[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert status(page) == "Input 1 is read by output channels 0, 1: outputs = 2"
    tap(inputs.get_by_role("gridcell").nth(2))
    assert status(page) == "Input 2 is read by output channels 2, 3: outputs = 2"


def test_connectivity_takes_legal_groups_only_and_says_why(opened):
    page = opened(ConnectivityFigure(4, 8, groups=2, title="Channels"))
    slide(page, "Groups", 3)
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("Groups 3 must divide both 4 input and 8 output channels; 1, 2, 4 do. The figure now has 4.")
    expect(page.get_by_role("group", name="Channels")).to_contain_text("nn.Conv2d(4, 8, kernel_size=3, groups=4, bias=False)")
    slide(page, "In channels", 6)
    expect(page.get_by_role("group", name="Channels")).to_contain_text("(8, 6/2, 3, 3) = (8, 3, 3, 3)")


def test_cost_tells_what_conv_lib_computes(opened):
    page = opened(CostFigure(32, 64, size=112, title="Costs"))
    for name, found in CostFigure(32, 64, size=112).costs.items():
        press(page, name)
        told = status(page)
        assert all(f"{found[key]:,}" in told for key in ("parameters", "macs", "bytes")), told
        assert page.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed") == "true"
    slide(page, "Kernel size", 4)
    press(page, "standard")
    assert f"{CostFigure(32, 64, size=112, kernel_size=5).costs['standard']['macs']:,}" in status(page)


def test_receptive_field_follows_the_stack(opened):
    page = opened(ReceptiveFieldFigure([(3, 1, 2)] * 3, title="Field"))
    assert status(page) == "Output 0 of layer 3 reads 7 input pixels (0, 2, 4, 6, 8, 10, 12): from 0 to 12, its field = 13"
    expect(page.get_by_role("img")).to_have_accessible_name("49 of the 169 pixels of the square are read.")
    press(page, "Layer 2")
    slide(page, "Dilation", 1)
    assert "its field = 11" in status(page)
    press(page, "Add layer")
    assert "of layer 4" in status(page) and "its field = 13" in status(page)
    for dilation in range(2, 9):
        slide(page, "Dilation", dilation)
    slide(page, "Kernel size", 7)
    expect(page.get_by_role("alert")).to_have_text(re.compile("the figure shows up to 48. The last stack stays."))
    press(page, "Reset")
    page.get_by_role("grid", name="Input").locator("[tabindex='0']").focus()
    page.keyboard.press("End")
    assert status(page) == "Input 12: ways to the last output = 1"


def test_a_question_tells_right_from_wrong(opened):
    page = opened(
        Question("Which shape?", answer=(4, 8, 28, 28), wrong={(8, 28, 28): "The batch stays."}, explanation="32 - 5 + 1 = 28."),
        Question("How many?", answer=936144),
        Question("Which one?", answer="b", choices=["a", "b"], wrong={"a": "No."}),
    )
    asked = page.get_by_role("group", name="Which shape?")
    for given, told in (
        ("8, 28, 28", "Not 8, 28, 28. The batch stays."),
        ("<b>", "Write the sizes, such as 1, 8, 28, 28."),
        ("4 x 8 x 28 x 28", "Right: (4, 8, 28, 28). 32 - 5 + 1 = 28."),
        ("(1, 2)", "Not (1, 2). Try again."),
    ):
        asked.get_by_label("Your answer").fill(given)
        expect(asked.get_by_role("status")).to_be_hidden()  # what was said of another answer does not stand beside this one
        page.keyboard.press("Enter")
        expect(asked.get_by_role("status")).to_have_text(told)
    many = page.get_by_role("group", name="How many?")
    many.get_by_label("Your answer").fill("936,144")
    many.get_by_role("button", name="Check").click()
    expect(many.get_by_role("status")).to_have_text(re.compile("^Right: 936144."))
    one = page.get_by_role("group", name="Which one?")
    one.get_by_label("a", exact=True).check()
    one.get_by_role("button", name="Check").click()
    expect(one.get_by_role("status")).to_have_text("Not that. No.")
    one.get_by_label("b", exact=True).check()
    expect(one.get_by_role("status")).to_be_hidden()
    one.get_by_role("button", name="Show the answer").click()
    expect(one.get_by_role("status")).to_have_text(re.compile("^b."))


ANSWERS = {"One?": 1, "Two?": 2, "Three?": 3}
NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no storage'); } })"


@pytest.mark.parametrize("storage", [True, False])
def test_a_right_answer_is_kept_in_this_browser_until_cleared(opened, storage):
    context = {} if storage else {"storage_state": {}}  # of its own: the script stays in it
    page = opened(*(Question(prompt, answer=answer) for prompt, answer in ANSWERS.items()), **context)
    if not storage:
        page.add_init_script(NO_STORAGE)
        started(page).reload()
    kept = page.locator(".cl-progress:visible")
    for prompt, given in (("One?", 1), ("Two?", 3), ("Three?", 3)):
        started(page).get_by_role("group", name=prompt).get_by_label("Your answer").fill(str(given))
        page.keyboard.press("Enter")
    page.get_by_role("group", name="Two?").get_by_role("button", name="Show the answer").click()
    expect(kept).to_have_text(["✓ Answered. 2 of 3 answered on this page · Clear"] * 2)
    page.reload()
    expect(kept).to_have_count(2 if storage else 0)
    if storage:
        page.get_by_role("group", name="Three?").get_by_role("button", name="Clear").click()
        expect(kept).to_have_count(0)
        page.reload()
        expect(started(page).locator(".cl-progress:visible")).to_have_count(0)


LINKED = [
    (ShapeFigure(title="A link"), {"stride": 2, "padding": "valid"}, ['{"stride": 0}', '{"size": 1e9}', '{"padding": "<b>"}']),
    (ConnectivityFigure(title="A link"), {"groups": 4}, ['{"groups": 3}', '{"groups": "2"}', '{"in_channels": 99}']),
    (CostFigure(title="A link"), {"size": 28, "groups": 8}, ['{"groups": 5}', '{"size": -1}', '{"kernel_size": [3]}']),
    (ReceptiveFieldFigure(title="A link"), {"layers": [[5, 1, 1]]}, ['{"layers": []}', '{"layers": [[3, 1]]}', '{"layers": [[16, 9, 9]]}']),
]  # fmt: skip


@pytest.mark.parametrize(("figure", "state", "hostile"), LINKED, ids=lambda value: type(value).__name__)
def test_a_link_restores_the_state_and_a_hostile_one_changes_nothing(opened, figure, state, hostile):
    page = opened(figure, link=f"a-link={quote(json.dumps(state))}")
    press(page, "Copy link")
    assert page.url.endswith(quote(json.dumps(state, separators=(",", ":"))))
    for text in [*hostile, "null", "[]", "{", '{"__proto__": {"size": 1}}{']:
        page.evaluate("hash => { location.hash = ''; location.hash = hash; }", f"a-link={quote(text)}")
        expect(page.get_by_role("alert").last).to_have_text("The link could not be read: the figure stands as it is in the book.")
    press(page, "Reset")
    press(page, "Copy link")
    assert page.url.endswith(quote("{}"))


@pytest.mark.parametrize("dark", [False, True])
def test_they_are_accessible_and_fit_a_phone(opened, dark):
    figures = [ShapeFigure(title="One axis"), ShapeFigure(2, title="Illegal"), ConnectivityFigure(8, 16, groups=4, title="Channels")]
    figures += [CostFigure(title="Costs"), ReceptiveFieldFigure([(7, 2, 1), (3, 2, 1)], title="Field"), Question("How many?", answer=3)]
    page = opened(*figures, dark=dark)
    for width in (1280, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
