"""The Lab in a real browser: used by keyboard, on a phone, from disk, with a link; every case through the page."""

from __future__ import annotations

import re

import pytest
from accessibility import violations
from conv_lib.figures import LabFigure
from playwright.sync_api import Page, expect
from test_lab import CASES

BROKEN = "nn.Conv2d(3, 8, 3, stride=2)\nnn.ReLU()\nnn.Conv2d(9, 4, (3, 5), padding=(0, 1), dilation=(1, 2))"


@pytest.fixture
def page(opened) -> Page:
    return opened(LabFigure(title="The Lab"))


def paste(page: Page, text: str, shape: str = "", given: dict | None = None) -> None:
    page.get_by_role("textbox", name="Layer, model or message").fill(text)
    page.get_by_role("textbox", name="Input shape").fill(shape)
    page.get_by_role("textbox", name="Input shape").blur()
    for name, value in (given or {}).items():
        read(page)
        page.get_by_role("textbox", name=name, exact=True).fill(value)
    page.get_by_role("textbox", name="Layer, model or message").blur()
    read(page)


def read(page: Page) -> None:
    """Waits until what stands in the box has been read."""
    expect(page.locator(".cl-lab-table")).to_have_attribute("aria-busy", "false")


def table(page: Page) -> list[list[str]]:
    rows = page.get_by_role("table", name="Layers").get_by_role("row")
    return rows.evaluate_all("(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent.trim()))")


def test_every_case_through_the_page(page):
    for case in CASES.values():
        paste(page, case["text"], case.get("shape", ""), case.get("given"))
        said = page.get_by_role("status")
        expect(said).not_to_be_empty()
        if "parameters" in case:
            expect(page.get_by_role("table", name="Layers").get_by_role("row").last).to_contain_text(f"{case['parameters']:,}")
        if case.get("macs") and not case.get("failure"):
            expect(page.get_by_role("table", name="Layers").get_by_role("row").last).to_contain_text(f"{case['macs']:,}")
        if case.get("failure"):
            expect(page.get_by_text(case["failure"], exact=False).first).to_be_visible()
        if case["kind"] in ("constructor", "sequential", "class") and case.get("rows"):
            made = [row for row in table(page)[1:-1] if row[1].lstrip("~ ").startswith("(")]
            assert [row[1].lstrip("~ ") for row in made] == [f"({', '.join(map(str, row['output']))})" for row in case["rows"]], case[
                "name"
            ]


def test_by_keyboard_from_the_text_to_the_figure_of_a_layer(page):
    page.get_by_role("textbox", name="Layer, model or message").focus()
    page.keyboard.insert_text(BROKEN)
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Input shape")).to_be_focused()
    page.keyboard.type("2, 3, 32, 30")
    cause = "layer 2 takes 9 channels, and layer 0 makes 8"
    expect(page.get_by_role("status")).to_have_text(re.compile(f"3 layers read; layer 2 does not fit: {cause}"))
    expect(page.get_by_text("to have 9 channels, but got 8 channels instead")).to_be_visible()
    expect(page.get_by_text("out_channels=9 in layer 0 (tried: then everything fits)")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="0", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="0", exact=True)).to_have_attribute("aria-expanded", "true")
    figure = page.get_by_role("group", name="0: Sizes, height", exact=True)
    expect(figure.get_by_role("slider", name="Input size")).to_have_value("32")
    expect(figure.get_by_role("slider", name="Stride")).to_have_value("2")
    page.keyboard.press("Enter")
    expect(figure).to_have_count(0)


def test_names_that_the_text_leaves_open_are_asked_for(page):
    layer = "nn.Conv2d(c_in, c_out, (3, 5), stride=(1, 2), groups=c_in)"
    paste(page, layer, "2, 4, 6, 8")
    expect(page.get_by_role("img", name="unknown")).to_have_count(4)  # output, parameters and MACs, and those of the whole
    paste(page, layer, "2, 4, 6, 8", {"c_in": "4", "c_out": "8"})
    expect(page.get_by_role("table", name="Layers").get_by_role("row").nth(1)).to_contain_text("depthwise, multiplier 2")
    assert table(page)[1][1:4] == ["(2, 8, 4, 2)", "128", "1,920"]
    expect(page.get_by_text("No output reads column 7 of your picture.")).to_be_visible()
    assert table(page)[0] == ["layer", "output", "parameters", "MACs", "unread", "field", "note"]


def test_a_long_text_is_drawn_two_hundred_rows_at_a_time(page):
    rows = page.get_by_role("table", name="Layers").get_by_role("row")
    more = page.get_by_role("button", name="Show more of 250 rows")
    paste(page, "nn.ReLU()\n" * 250, "1, 3, 8, 9")
    expect(rows).to_have_count(1 + 200 + 1)
    more.click()
    expect(rows).to_have_count(1 + 250 + 1)
    expect(more).to_be_hidden()
    expect(page.get_by_role("button", name="200", exact=True)).to_be_focused()
    assert [row[0] for row in table(page)[1:-1]] == [f"{index} ReLU" for index in range(250)]


LONG = "class Net(nn.Module):\n    def __init__(self):\n        self.a = nn.Conv2d(3, 3, (3, 5), padding=(1, 2))\n"
LONG += "    def forward(self, x):\n" + "        x = F.relu(self.a(x))\n" * 10_000 + "        return x"
COUNTED = """() => {
  const end = Worker.prototype.terminate;
  window.ended = 0;
  Worker.prototype.terminate = function () { window.ended += 1; end.call(this); };
}"""


def test_a_model_of_10_000_layers_is_read_beside_the_page_and_a_newer_text_ends_the_reading(page):
    paste(page, "nn.ReLU()", "1, 3, 8, 9")
    page.evaluate(COUNTED)
    # Both in one task of the page: nothing of the long text can be answered between them, unless it was read in that task.
    typed = """([long, short]) => {
      const box = document.querySelector(".cl-lab-box"), said = () => document.querySelector("[role=status]").textContent;
      const put = (text) => { box.value = text; box.dispatchEvent(new Event("change")); return said(); };
      return [put(long), put(short)];
    }"""
    before = page.get_by_role("status").text_content()
    assert page.evaluate(typed, [LONG, "nn.Conv2d(3, 8, (3, 5))"]) == [before, before]
    read(page)
    assert page.evaluate("window.ended") == 1 and table(page)[1][:2] == ["0 Conv2d", "(1, 8, 6, 5)"]
    page.evaluate(typed, ["nn.ReLU()", LONG])
    expect(page.get_by_role("status")).to_have_text("10,000 layers read; every size fits.")
    read(page)
    assert page.get_by_role("button", name="Show more of 20,000 rows").is_visible()


def test_a_link_brings_all_of_it_back(opened):
    page = opened(LabFigure(title="The Lab"), permissions=["clipboard-read", "clipboard-write"])
    paste(page, "nn.Conv2d(c_in, 8, 3)\n# ünïcode <b>\n" * 40, "1, 3, 8, 9", {"c_in": "3"})
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.url.split("#")[1]
    again = opened(LabFigure(title="The Lab"), link=link)
    expect(again.get_by_role("textbox", name="Input shape")).to_have_value("1, 3, 8, 9")
    expect(again.get_by_role("textbox", name="c_in", exact=True)).to_have_value("3")
    assert again.get_by_role("textbox", name="Layer, model or message").input_value().count("ünïcode <b>") == 40
    again.goto(again.url.split("#")[0] + "#the-lab=z.AAAA%%%")
    expect(again.get_by_role("alert").first).to_contain_text("The link could not be read")


def test_a_text_of_html_stays_text_and_markdown_is_copied(opened):
    page = opened(LabFigure(title="The Lab"), permissions=["clipboard-read", "clipboard-write"])
    paste(page, "a = nn.Conv2d(3, 8, 3)\nb = nn.MyLayer('<img src=x onerror=alert(1)>')\n", "1, 3, 8, 9")
    assert page.locator(".cl-lab img").count() == 0
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert (
        "| layer | output | parameters | MACs | unread | field | note |" in copied
        and "| a (Conv2d) | (1, 8, 6, 7) | 224 | 9,072 |" in copied
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 1440])
def test_on_a_phone_nothing_scrolls_sideways_and_axe_finds_nothing(opened, width, dark):
    page = opened(LabFigure(BROKEN, shape="2, 3, 32, 30", title="The Lab"), width=width, dark=dark)
    rows = page.get_by_role("table", name="Layers").get_by_role("row")
    assert [rows.nth(i).get_by_role("cell").count() for i in range(1, 5)] == [6, 6, 6, 6]  # an empty cell keeps its place under its name
    page.get_by_role("button", name="0", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
