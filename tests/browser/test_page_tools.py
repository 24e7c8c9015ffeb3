"""What the theme gives to every page (book/_theme): with a script, without one, on a phone and on paper."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import expect
from site_of_book import visit

PAGE = "book/groups.html"
THEME = "document.documentElement.dataset.theme"


@pytest.fixture(scope="module")
def wide(browser, site):
    with visit(browser, site + PAGE, width=1440, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]) as seen:
        yield seen.page


@pytest.fixture(scope="module")
def phone(browser, site):
    with visit(browser, site + PAGE, width=390, height=844, has_touch=True, reduced_motion="reduce") as seen:
        yield seen.page


def test_colours_are_chosen_told_and_kept(wide):
    button = wide.locator("#theme")
    seen = []
    for _ in range(3):
        button.click()
        seen.append((wide.evaluate(THEME), button.get_attribute("aria-label")))
    assert seen == [("dark", "Colours: dark"), ("light", "Colours: light"), ("light", "Colours: as your system")]
    button.click()
    wide.reload()
    assert wide.evaluate(THEME) == "dark"
    wide.evaluate("localStorage.removeItem('mode')")
    wide.reload()
    wide.emulate_media(color_scheme="dark")
    wide.wait_for_function(f"{THEME} === 'dark'")
    wide.emulate_media(color_scheme="light")


def test_the_list_of_pages_can_be_hidden_and_stays_so(wide):
    pages, button = wide.get_by_role("navigation", name="Pages of the book"), wide.locator("#hide-sidebar")
    expect(pages.locator("[aria-current=page]")).to_have_text("Grouped convolution")
    high = "links => links.map(link => { link.style.fontWeight = 600; return link.offsetHeight; })"  # as where it is the present page
    heights = pages.locator("li a").evaluate_all(high)
    assert set(heights) == {min(heights)}, "an entry takes two lines"
    button.click()
    expect(pages).to_be_hidden()
    wide.reload()
    expect(pages).to_be_hidden()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    expect(pages).to_be_visible()


def test_the_contents_follow_the_reader(wide):
    contents = wide.get_by_role("navigation", name="Contents of this page")
    for link in (contents.locator("> ul > li > a").nth(2), contents.locator("> ul > li > a").last):
        link.click()
        expect(link).to_have_attribute("aria-current", "true")
        assert contents.locator("[aria-current]").count() == 1
    wide.evaluate("scrollTo(0, 0)")  # a jump, over headings that never come into the window
    expect(contents.locator("[aria-current]")).to_have_count(0)


def test_code_is_copied_without_prompts(wide, site):
    code = wide.locator(".cell_input .highlight:visible").first
    code.hover()
    code.get_by_role("button", name="Copy this code").click()
    expect(code.get_by_role("button")).to_have_attribute("aria-label", "Copied")
    assert wide.evaluate("navigator.clipboard.readText()") == code.locator("pre").inner_text().strip("\n")
    assert wide.locator(".cell_output .copy").count() == 0
    wide.goto(f"{site}book/api.html")
    example = wide.locator(".highlight", has=wide.locator(".gp")).first
    example.scroll_into_view_if_needed()
    example.hover()
    example.get_by_role("button").click()
    expect(example.get_by_role("button")).to_have_attribute("aria-label", "Copied")
    copied = wide.evaluate("navigator.clipboard.readText()")
    typed = [line[4:] for line in example.locator("pre").inner_text().splitlines() if re.match(r">>> |\.\.\. ", line)]
    assert copied.split() == "\n".join(typed).split() and ">>>" not in copied
    wide.goto(site + PAGE)


def test_search_opens_by_keys_and_marks_what_it_found(wide, site):
    wide.keyboard.press("Control+k")
    field = wide.get_by_role("dialog").get_by_role("searchbox")
    expect(field).to_be_focused()
    wide.keyboard.press("Escape")
    expect(field).to_be_hidden()
    wide.locator("#sidebar .search-button").click()
    field.fill("checkerboard one")
    field.press("Enter")
    wide.locator("#search-results a").first.click()
    wide.wait_for_function("CSS.highlights.get('found')?.size > 0")
    text_of = "range => range.startContainer.data.slice(range.startOffset, range.endOffset)"
    marked = wide.evaluate(f"[...CSS.highlights.get('found')].map({text_of})")
    assert {word.lower() for word in marked} == {"checkerboard", "one"}
    before = "range => range.startContainer.data[range.startOffset - 1] ?? ' '"
    assert not any(letter.isalnum() for letter in wide.evaluate(f"[...CSS.highlights.get('found')].map({before})"))  # as in "none"
    wide.keyboard.press("Escape")
    assert wide.evaluate("CSS.highlights.get('found').size") == 0
    wide.goto(site + PAGE)
    assert not wide.evaluate("CSS.highlights.has('found')")


def test_whoever_scrolls_back_up_is_taken_to_the_top(wide):
    button = wide.locator("#to-top")
    wide.mouse.wheel(0, 4000)
    wide.wait_for_function("scrollY > 2000")
    expect(button).to_be_hidden()
    for _ in range(20):  # what is laid out meanwhile moves the page too, and is no scrolling of the reader's
        wide.mouse.wheel(0, -200)
        with suppress(AssertionError):
            expect(button).to_be_visible(timeout=500)
            break
    button.click()
    wide.wait_for_function("scrollY === 0")


def test_a_menu_closes_by_escape_and_by_a_click_beside_it(wide):
    menu = wide.locator("details.menu").last
    for leave in (lambda: wide.keyboard.press("Escape"), lambda: wide.locator("h1").click()):
        menu.locator("summary").click()
        expect(menu.get_by_role("link", name="The whole course")).to_be_visible()
        leave()
        expect(menu.get_by_role("link")).to_have_count(0)


def test_on_paper_everything_is_open_and_nothing_surrounds_the_text(wide):
    assert wide.locator("article details:not([open])").count()
    wide.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert wide.locator("article details:not([open])").count() == 0
    wide.emulate_media(media="print")
    for part in ("header", "#sidebar", "#contents", "footer", ".neighbours", ".fold > summary"):
        assert wide.locator(part).first.is_hidden(), part
    wide.emulate_media(media="screen")
    wide.evaluate("dispatchEvent(new Event('afterprint'))")
    assert wide.locator("article details:not([open])").count()


def test_where_colours_are_forced_the_present_page_and_the_buttons_stand_out(wide):
    wide.emulate_media(forced_colors="active")
    edge = "link => getComputedStyle(link).borderLeftColor"
    here, other = (wide.locator(f"#sidebar li a{which}").first.evaluate(edge) for which in ("[aria-current]", ":not([aria-current])"))
    assert here != other == wide.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert wide.locator("header .icon:visible").evaluate_all("all => all.every(one => getComputedStyle(one).borderStyle === 'solid')")
    wide.emulate_media(forced_colors="none")


def test_a_phone_opens_pages_and_contents_over_the_text(phone):
    for name in ("Pages of the book", "Contents of this page"):
        phone.get_by_role("button", name=name).tap()
        over = phone.get_by_role("navigation", name=name)
        expect(over).to_be_visible()
        phone.keyboard.press("Escape")
        expect(over).to_be_hidden()
    phone.get_by_role("button", name="Contents of this page").tap()
    phone.locator("#contents > ul > li > a").nth(1).tap()
    expect(phone.locator("#contents")).to_be_hidden()
    phone.get_by_role("link", name="Search", exact=True).tap()
    expect(phone.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    phone.keyboard.press("Escape")


def test_a_finger_sees_the_button_that_copies(phone):
    code = phone.locator(".cell_input .highlight:visible").first
    code.scroll_into_view_if_needed()
    expect(code.get_by_role("button")).to_have_css("opacity", "1")


def test_nothing_moves_for_those_who_ask_for_it(phone):
    moving = "[...document.querySelectorAll('body *')].filter(one => parseFloat(getComputedStyle(one).transitionDuration) > 0.01)"
    assert phone.evaluate(f"{moving}.filter(one => !one.closest('.cl-live')).map(one => one.outerHTML.slice(0, 80))") == []


def test_without_a_script_menus_open_and_buttons_that_need_one_are_not_shown(browser, site):
    with visit(browser, site + PAGE, width=390, height=844, java_script_enabled=False) as seen:
        assert seen.page.locator(".scripted").count() and not any(one.is_visible() for one in seen.page.locator(".scripted").all())
        seen.page.get_by_role("button", name="Pages of the book").click()
        expect(seen.page.get_by_role("link", name="Strided convolution")).to_be_visible()
        seen.page.keyboard.press("Escape")
        seen.page.locator("details.menu summary").last.click()
        expect(seen.page.get_by_role("link", name="The whole course")).to_be_visible()


OLD = """delete HTMLElement.prototype.hidePopover;
const matches = Element.prototype.matches;
Element.prototype.matches = function (selector) {
  if (selector.includes("popover-open")) throw new SyntaxError(selector);
  return matches.call(this, selector);
};"""


def test_a_browser_without_popover_searches_and_follows_the_contents(browser, site):
    with visit(browser, site + PAGE, width=1440, height=300) as seen:
        seen.page.add_init_script(OLD)
        seen.page.reload()
        seen.page.locator("#sidebar .search-button").click()
        expect(seen.page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
        seen.page.keyboard.press("Escape")
        seen.page.locator("#contents > ul > li > a").nth(1).click()
        seen.page.wait_for_url("**#*")
        assert seen.page.locator("body > header").evaluate("bar => getComputedStyle(bar).position") == "static"  # 300 px are for the text
        assert seen.console == []
