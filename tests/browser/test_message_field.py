"""The field at the top of "I have this error", used as a reader would: pasted into, by keyboard, on a phone, from disk."""

from __future__ import annotations

import re

import freshness
import pytest
from playwright.sync_api import Page, expect
from site_of_book import started, too_wide, visit

TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 31, in forward
    x = self.fc(x)
RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x9216 and 3136x128)
"""


def status(page: Page):
    return page.locator(".cl-message-field").get_by_role("status")


def paste(page: Page, text: str) -> None:
    """As from the clipboard: all at once, into the field that has the focus."""
    page.get_by_role("textbox", name="Error message").focus()
    page.keyboard.insert_text(text)


@pytest.mark.parametrize("from_disk", [False, True])
def test_by_keyboard_a_message_leads_to_its_part_with_the_readers_numbers(browser, site, from_disk):
    page = (freshness.BUILD / "html" / "book" / "errors.html").as_uri() if from_disk else f"{site}book/errors.html"
    with visit(browser, page) as seen:
        paste(started(seen.page), TRACEBACK)
        expect(status(seen.page)).to_contain_text("9216 = 64 * 12 * 12, 3136 = 64 * 7 * 7")
        seen.page.keyboard.press("Tab")
        expect(seen.page.get_by_role("link", name="Open the part about it")).to_be_focused()
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/errors.html#error-mat1")
        part = seen.page.locator("section", has=seen.page.locator(".cl-in-place")).last
        expect(part.locator("h3")).to_contain_text("mat1 and mat2")
        expect(part.locator(".cl-in-place")).to_contain_text("nn.Linear(9216, 128)")
        expect(part.locator("h3")).to_be_in_viewport()
        assert seen.console == [] and seen.outside == []


def test_another_message_takes_the_place_of_the_first(browser, site):
    with visit(browser, f"{site}book/errors.html") as seen:
        field = started(seen.page).get_by_role("textbox", name="Error message")
        field.fill("running_mean should contain 256 elements not 128")
        expect(status(seen.page)).to_contain_text("nn.BatchNorm2d(256)")
        field.fill("non-positive stride is not supported")
        expect(status(seen.page)).to_contain_text("stride is 0 or less")
        assert seen.page.locator(".cl-in-place").count() == 1
        field.fill("")
        expect(status(seen.page)).to_be_empty()
        assert seen.page.locator(".cl-in-place").count() == 0


def test_an_unknown_text_offers_the_search_and_enters_as_text(browser, site):
    with visit(browser, f"{site}book/errors.html") as seen:
        field = started(seen.page).get_by_role("textbox", name="Error message")
        field.fill("<img src=x onerror=\"document.title='run'\"> channel shuffle")
        expect(status(seen.page)).to_contain_text("No message of this page")
        assert status(seen.page).locator("img").count() == 0
        field.fill("RuntimeError: running_mean should contain <b>7</b> elements not <script>9</script>")
        expect(status(seen.page)).to_contain_text("Batch norm")
        assert seen.page.locator(".cl-verdict :is(script, img, b b)").count() == 0
        field.fill("模型的通道数不正确")
        expect(status(seen.page)).to_contain_text("No message of this page")
        field.fill("channel shuffle")
        search = status(seen.page).get_by_role("link", name="Search the book for it")
        expect(search).to_have_attribute("href", re.compile("channel"))  # the answer to this text, and not to the one before
        search.click()
        seen.page.wait_for_url("**/search.html?q=channel*")
        expect(seen.page.locator(".search a").first).to_be_visible()
        assert seen.console == [] and seen.outside == []


def test_a_megabyte_freezes_nothing(browser, site):
    with visit(browser, f"{site}book/errors.html") as seen:
        started(seen.page)
        tail = "RuntimeError: running_mean should contain 7 elements not 9"
        seen.page.evaluate(
            """([tail]) => {
              const box = document.querySelector(".cl-message");
              box.value = "Given groups=1 (".repeat(70000) + tail;
              box.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            [tail],
        )
        expect(status(seen.page)).to_contain_text("nn.BatchNorm2d(7)")
        assert seen.console == []


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, site):
    for width in (320, 390):
        with visit(browser, f"{site}book/errors.html", width=width, height=700, has_touch=True) as seen:
            started(seen.page).get_by_role("textbox", name="Error message").tap()
            seen.page.keyboard.insert_text(TRACEBACK + "x" * 300)
            expect(status(seen.page)).to_contain_text("nn.Linear(9216, 128)")
            field = seen.page.locator(".cl-message-field").bounding_box()
            assert field["x"] >= 0 and field["x"] + field["width"] <= width
            assert too_wide(seen.page) == 0
