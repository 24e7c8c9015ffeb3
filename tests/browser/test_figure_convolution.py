"""ConvolutionFigure in a real browser: found by roles and names, used by pointer, touch and keyboard."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import numpy as np
import pytest
from conv_lib import conv2d
from conv_lib.figures import ConvolutionFigure
from conv_lib.figures.convolution import CONTROLS
from figure_page import tap
from playwright.sync_api import Page, expect

ALL = list(CONTROLS)
IMAGE = np.arange(36).reshape(6, 6)
SOBEL = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
THREE = np.arange(108).reshape(3, 6, 6)


def numbers(page: Page, name: str) -> list[list[str]]:
    """The texts of a grid, row by row."""
    rows = page.get_by_role("grid", name=name, exact=True).get_by_role("row").all()
    return [row.get_by_role("gridcell").all_inner_texts() for row in rows]


def cell(page: Page, name: str, row: int, column: int):
    return page.get_by_role("grid", name=name, exact=True).get_by_role("row").nth(row).get_by_role("gridcell").nth(column)


def terms(page: Page) -> str:
    return " ".join(page.get_by_role("status").inner_text().split())


def as_text(array) -> list[list[str]]:
    return [[str(value) for value in row] for row in np.asarray(array).tolist()]


def move(page: Page, name: str, value: int) -> None:
    page.get_by_role("slider", name=name, exact=True).fill(str(value))


def test_it_is_a_group_named_by_its_title_with_three_grids(opened):
    page = opened(ConvolutionFigure(IMAGE, SOBEL, title="Edges"))
    assert page.get_by_role("group", name="Edges", exact=True).is_visible()
    assert numbers(page, "Input") == as_text(IMAGE)
    assert numbers(page, "Kernel") == as_text(SOBEL)
    assert numbers(page, "Output") == as_text(conv2d(IMAGE[None], np.array(SOBEL)[None, None])[0])


def test_pointing_at_an_output_tells_its_terms(opened):
    page = opened(ConvolutionFigure(padding=1))
    assert terms(page).endswith("0 + 1 + 6 + 7 = 14")
    cell(page, "Output", 1, 1).hover()
    assert terms(page).endswith("0 + 1 + 2 + 6 + 7 + 8 + 12 + 13 + 14 = 63")
    page.mouse.move(1, 1)
    assert terms(page).endswith("0 + 1 + 6 + 7 = 14")


def test_weights_stand_in_the_terms_unless_all_are_one(opened):
    page = opened(ConvolutionFigure([[0, 75, 80], [1, 2, 3]], [[1, 2]], [7]))
    cell(page, "Output", 0, 1).click()
    assert terms(page).endswith("75·1 + 80·2 + 7 (bias) = 242")


def test_several_channels_are_summed_one_by_one(opened):
    page = opened(ConvolutionFigure(THREE, np.ones((1, 3, 3, 3), int), padding=1))
    assert re.search(r"0 \+ 1 \+ 6 \+ 7 = 14 .*= 158 .*= 302 .*14 \+ 158 \+ 302 = 474$", terms(page))
    assert numbers(page, "Input channel 2") == as_text(THREE[2])
    assert numbers(page, "Kernel channel 2") == [["1"] * 3] * 3


def test_pointing_at_an_input_lights_every_output_that_uses_it(opened):
    page = opened(ConvolutionFigure(IMAGE, SOBEL))
    cell(page, "Input", 1, 2).hover()
    outputs = {(r, c): cell(page, "Output", r, c) for r in range(4) for c in range(4)}
    used = {at: found.get_attribute("data-weight") for at, found in outputs.items() if "cl-used" in found.get_attribute("class")}
    assert used == {(0, 0): "×0", (0, 1): "×0", (0, 2): "×0", (1, 0): "×-1", (1, 1): "×-2", (1, 2): "×-1"}
    assert "goes into 6 outputs" in terms(page)


def test_the_keyboard_reaches_every_output(opened):
    page = opened(ConvolutionFigure())
    output = page.get_by_role("grid", name="Output")
    assert output.locator("[tabindex='0']").count() == 1
    output.locator("[tabindex='0']").focus()
    moves = {"ArrowRight": 72, "ArrowDown": 126, "End": 144, "Home": 117, "ArrowLeft": 117, "Control+End": 252, "Control+Home": 63}
    for key, value in moves.items():
        page.keyboard.press(key)
        assert terms(page).endswith(f"= {value}"), key
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "63"


def test_touch_selects_a_cell(opened):
    page = opened(ConvolutionFigure(), has_touch=True, width=390)
    tap(cell(page, "Output", 3, 3))
    assert terms(page).endswith("= 252")


def test_a_second_tap_changes_the_number(opened):
    page = opened(ConvolutionFigure(), has_touch=True, width=390)
    for _ in range(2):
        tap(cell(page, "Kernel", 1, 1))
    page.get_by_role("textbox", name="Kernel, row 1, column 1").fill("10")
    page.keyboard.press("Enter")
    assert numbers(page, "Output")[0][0] == "126"


def test_stepping_and_playing_go_in_the_order_of_the_window(opened):
    page = opened(ConvolutionFigure(at=(0, 0, 3)))
    page.get_by_role("button", name="Step forward").click()
    assert terms(page).startswith("Output row 1, column 0")
    page.get_by_role("button", name="Step back").click()
    assert terms(page).startswith("Output row 0, column 3")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelectorAll('[role=status]')[0].textContent.startsWith('Output row 1, column 1')")
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Play").is_visible()


@pytest.mark.parametrize(
    "name, value, options",
    [("Kernel size", 2, {}), ("Stride", 2, {"stride": 2}), ("Padding", 2, {"padding": 2}), ("Dilation", 2, {"dilation": 2})],
)
def test_a_slider_changes_the_layer(opened, name, value, options):
    page = opened(ConvolutionFigure(controls=ALL))
    move(page, name, value)
    size = value if name == "Kernel size" else 3
    assert numbers(page, "Output") == as_text(conv2d(IMAGE[None], np.ones((1, 1, size, size), int), **options)[0])


def test_height_and_width_apart(opened):
    page = opened(ConvolutionFigure(controls=ALL))
    page.get_by_role("checkbox", name="Height and width apart").check()
    move(page, "Stride height", 3)
    move(page, "Kernel size width", 2)
    assert numbers(page, "Output") == as_text(conv2d(IMAGE[None], np.ones((1, 1, 3, 2), int), stride=(3, 1))[0])
    assert page.get_by_text("nn.Conv2d(1, 1, kernel_size=(3, 2), stride=(3, 1), bias=False)").is_visible()


def test_same_keeps_the_size_and_its_rule_is_said(opened):
    page = opened(ConvolutionFigure(controls=ALL))
    page.get_by_role("button", name="'same'").click()
    assert len(numbers(page, "Output")) == 6
    move(page, "Stride", 2)
    expect(page.get_by_role("alert")).to_contain_text("needs stride 1")
    assert page.get_by_role("slider", name="Stride").input_value() == "1"
    assert len(numbers(page, "Output")) == 6


def test_padding_modes_draw_real_values_in_the_ring(opened):
    page = opened(ConvolutionFigure(controls=ALL, padding=1))
    page.get_by_role("combobox", name="Padding mode").select_option("reflect")
    ring = page.get_by_role("grid", name="Input").locator(".cl-pad").all_inner_texts()
    assert ring[:8] == ["7", "6", "7", "8", "9", "10", "11", "10"]
    assert terms(page).endswith("7 + 6 + 7 + 1 + 0 + 1 + 7 + 6 + 7 = 42")


def test_a_kernel_that_does_not_fit_is_refused_with_the_numbers(opened):
    page = opened(ConvolutionFigure(controls=ALL, dilation=2))
    move(page, "Kernel size", 5)
    expect(page.get_by_role("alert")).to_contain_text("spans 9 pixels")
    assert page.get_by_role("slider", name="Kernel size").input_value() == "3"
    move(page, "Kernel size", 2)
    expect(page.get_by_role("alert")).to_have_text("")


def test_groups_take_only_divisors_and_show_who_reads_whom(opened):
    x = np.arange(144).reshape(4, 6, 6)
    page = opened(ConvolutionFigure(x, np.ones((4, 4, 3, 3), int), controls=ALL))
    move(page, "Groups", 2)
    assert numbers(page, "Output channel 3") == as_text(conv2d(x, np.ones((4, 2, 3, 3), int), groups=2)[3])
    move(page, "Groups", 3)
    expect(page.get_by_role("alert")).to_contain_text("Groups 3 must divide the 4 input")
    assert page.get_by_role("slider", name="Groups").input_value() == "4"
    cell(page, "Output channel 2", 0, 0).click()
    assert page.get_by_text("not read by output channel 2").count() == 3


@pytest.mark.parametrize("keys", [["Enter"], ["F2"]])
def test_a_number_is_edited_in_place_by_keyboard(opened, keys):
    page = opened(ConvolutionFigure())
    page.get_by_role("grid", name="Kernel").locator("[tabindex='0']").focus()
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.type("-2")
    page.keyboard.press("Enter")
    kernel = np.ones((1, 1, 3, 3), int)
    kernel[0, 0, 0, 0] = -2
    assert numbers(page, "Kernel")[0] == ["-2", "1", "1"]
    assert numbers(page, "Output") == as_text(conv2d(IMAGE[None], kernel)[0])
    page.keyboard.press("ArrowRight")
    page.keyboard.type("5")
    page.keyboard.press("Escape")
    assert numbers(page, "Kernel")[0] == ["-2", "1", "1"]


def test_a_number_is_edited_by_pressing_it_twice(opened):
    page = opened(ConvolutionFigure())
    cell(page, "Input", 0, 0).dblclick()
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    assert numbers(page, "Output")[0][0] == "163"


@pytest.mark.parametrize("typed", ["abc", "", "NaN", "1e400", "99999999999", "<img src=x onerror=alert(1)>", "1/0"])
def test_what_is_no_number_is_said_in_place_and_changes_nothing(opened, typed):
    page = opened(ConvolutionFigure())
    cell(page, "Input", 0, 0).dblclick()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The old number stays.")
    assert numbers(page, "Input") == as_text(IMAGE)
    assert page.locator("img").count() == 0


def test_presets_and_reset(opened):
    page = opened(ConvolutionFigure(controls=ALL))
    page.get_by_role("button", name="Sobel").click()
    assert numbers(page, "Kernel") == as_text(SOBEL)
    page.get_by_role("button", name="blur").click()
    assert numbers(page, "Kernel")[1] == ["0.125", "0.25", "0.125"]
    move(page, "Stride", 2)
    page.get_by_role("button", name="Reset").click()
    assert numbers(page, "Kernel") == [["1"] * 3] * 3
    assert len(numbers(page, "Output")) == 4
    assert page.get_by_role("slider", name="Stride").input_value() == "1"


def test_unread_rows_are_hatched_and_told(opened):
    page = opened(ConvolutionFigure(stride=2))
    assert page.get_by_text("row 5 and column 5 (11 of 36 inputs) are read by no window").is_visible()
    hatched = page.get_by_role("grid", name="Input").locator(".cl-hatched").all_inner_texts()
    assert hatched == ["5", "11", "17", "23", "29", "30", "31", "32", "33", "34", "35"]


def test_the_formula_and_the_costs_carry_the_live_numbers(opened):
    page = opened(ConvolutionFigure(THREE, np.ones((1, 3, 3, 3), int), [1], padding=1))
    move(page, "Stride", 2)
    facts = " ".join(page.locator("dl").inner_text().split())
    assert "= 3 output" in facts and "1·3·3·3 + 1 = 28" in facts and "= 243" in facts


def test_floats_add_up_as_shown_or_are_marked(opened):
    page = opened(ConvolutionFigure([[0.1, 0.2], [3, 5]], [[1, 1]]))
    assert terms(page).endswith("0.1 + 0.2 = 0.3")
    page = opened(ConvolutionFigure([[1, 2], [3, 5]], [[1 / 3, 1 / 3]]))
    assert "≈ 1" in terms(page)
    assert numbers(page, "Kernel") == [["≈0.333", "≈0.333"]]


def test_predict_first_hides_the_outputs_until_answered(opened):
    page = opened(ConvolutionFigure(padding=1, predict="Which number stands at row 0, column 0?"))
    assert set(sum(numbers(page, "Output"), [])) == {"?"}
    assert terms(page).endswith("= ?")
    cell(page, "Output", 3, 3).click()  # the question stays what it was
    answer = page.get_by_role("textbox", name="Your prediction")
    answer.fill("one")
    answer.press("Enter")
    assert page.get_by_text("“one” is not a number: write 3, -2.5 or 1/16.").is_visible()
    answer.fill("15")
    page.get_by_role("button", name="Check").click()
    assert page.get_by_text("Not 15.").is_visible()
    answer.fill("14")
    answer.press("Enter")
    assert page.get_by_text("14 is right.").is_visible()
    assert numbers(page, "Output")[0][0] == "14"


def test_predict_first_can_be_shown(opened):
    page = opened(ConvolutionFigure(predict=("How many rows has the output?", 4)))
    page.get_by_role("button", name="Show").click()
    assert page.get_by_text("It is 4.").is_visible()
    assert numbers(page, "Output")[0][0] == "63"


def test_copy_link_restores_the_state(opened, browser, tmp_path):
    figure = ConvolutionFigure(controls=ALL, title="A link")
    page = opened(figure, permissions=["clipboard-read", "clipboard-write"])
    move(page, "Stride", 2)
    page.get_by_role("button", name="Sobel").click()
    shown = numbers(page, "Output")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    again = opened(figure, link=link.split("#", 1)[1])
    assert numbers(again, "Output") == shown
    assert again.get_by_role("slider", name="Stride").input_value() == "2"


def test_a_state_too_long_for_a_link_is_not_copied(opened):
    page = opened(ConvolutionFigure(np.full((5, 16, 16), -123456.15625), np.ones((1, 5, 3, 3), int), title="A link"))
    cell(page, "Input channel 0", 0, 0).dblclick()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    before = page.url
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("alert")).to_have_text(
        re.compile(r"^A link to this state would have 2\d{4} characters, and at most 20000 are read. It was not copied.$")
    )
    assert page.url == before and page.get_by_role("button", name="Copied").count() == 0


HOSTILE = [
    "{", "null", "[]", '"x"', "{}}",
    '{"stride": 0}', '{"stride": "2"}', '{"stride": {"a": 1}}', '{"padding": 1e9}', '{"padding": "<b>"}', '{"groups": 5}',
    '{"groups": null}',
    '{"x": []}', '{"x": [[["<img src=x onerror=alert(1)>"]]]}', '{"x": [[[1, 2], [3]]]}', '{"weight": [[[[1e400]]]]}', '{"weight": 3}',
    '{"at": [0, 0]}', '{"at": [0, -1, 0]}', '{"padding_mode": "<script>alert(1)</script>"}', '{"bias": [1, 2, 3]}',
    '{"x": [' + ",".join(["[[1]]"] * 500) + "]}", '{"__proto__": {"stride": 2}, "dilation": 99}',
]  # fmt: skip


def test_a_broken_or_hostile_link_falls_back_to_the_default(opened):
    page = opened(ConvolutionFigure(title="A link"), link=f"a-link={quote(HOSTILE[0])}")
    for text in [*HOSTILE, "%", "%E0%A4%A"]:
        page.evaluate("hash => { location.hash = ''; location.hash = hash; }", f"a-link={text if text[0] == '%' else quote(text)}")
        expect(page.get_by_role("alert")).to_have_text("The link could not be read: the figure stands as it is in the book.")
        assert numbers(page, "Output")[0][0] == "63", text
        move(page, "Stride", 2)
        expect(page.get_by_role("alert")).to_have_text("")
        page.get_by_role("button", name="Reset").click()
    assert page.locator("img").count() == 0


def test_a_link_may_not_rename_the_figure_or_name_what_it_does_not_have(opened):
    text = json.dumps({"title": "<b>x</b>", "controls": [], "constructor": 1, "stride": 2})
    page = opened(ConvolutionFigure(title="A link"), link=f"a-link={quote(text)}")
    assert page.get_by_role("group", name="A link", exact=True).is_visible()
    assert len(numbers(page, "Output")) == 2


def test_two_figures_of_one_title_keep_apart(opened):
    text = quote('{"stride": 3}')
    page = opened(ConvolutionFigure(title="Twin"), ConvolutionFigure(title="Twin"), link=f"twin-2={text}")
    sizes = [grid.get_by_role("row").count() for grid in page.get_by_role("grid", name="Output").all()]
    assert sizes == [4, 2]


LARGE = {"x": np.arange(432).reshape(3, 12, 12), "weight": np.ones((1, 3, 3, 3), int), "padding": 1}
MANY = {"x": np.arange(144).reshape(4, 6, 6), "weight": np.ones((4, 1, 5, 5), int), "groups": 4, "padding": "same"}


# Names of grids that stand in each other.
JOINED = """() => {
  const names = [...document.querySelectorAll('.cl-label > span')].map((name) => [name.textContent, name.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right + 4 && b.left < a.right + 4 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  return names.flatMap(([one, a]) => names.filter(([other, b]) => one < other && meet(a, b)).map(([other]) => `${one} ${other}`));
}"""


def test_nothing_scrolls_sideways_and_every_name_stands_alone(opened):
    figures = [ConvolutionFigure(**figure, controls=ALL) for figure in ({}, LARGE, MANY, MANY | {"direction": "backward"})]
    page = opened(*figures, width=320)
    for width in (320, 360, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("new Promise(done => setTimeout(() => done(document.documentElement.scrollWidth), 100))") <= width
        assert page.evaluate(JOINED) == [], width
