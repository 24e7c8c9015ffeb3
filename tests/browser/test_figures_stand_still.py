"""What figures do while a pointer rests on them, a number is being typed, or the page is loaded with a link."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import numpy as np
import pytest
from conv_lib import conv2d
from conv_lib.figures import (
    ConnectivityFigure,
    ConvolutionFigure,
    CostFigure,
    LearningFigure,
    PhotoFigure,
    ReceptiveFieldFigure,
    ShapeFigure,
    TransposedFigure,
)
from conv_lib.figures.convolution import CONTROLS
from playwright.sync_api import Locator, Page, expect

FOUR = np.arange(144).reshape(4, 6, 6)
GROUPS = np.arange(36).reshape(2, 2, 3, 3) % 5
UNEVEN = {"x": np.arange(96).reshape(2, 6, 8), "weight": np.arange(60).reshape(2, 2, 3, 5) % 4, "padding": (0, 1), "dilation": (1, 2)}
TWO_GROUPS = {"x": FOUR, "weight": GROUPS, "groups": 2, "padding": 1, "at": (1, 0, 0), "title": "F"}
ALL = {"controls": list(CONTROLS), "title": "F"}
BACK = {"direction": "backward"}
# A figure, what a pointer rests on in it, and the beginning of what is told of that for as long as it is there.
RESTING = {
    "convolution": (lambda: ConvolutionFigure(padding=1, **ALL), ("Output", 7), "Output row 1, column 1"),
    "groups": (lambda: ConvolutionFigure(**TWO_GROUPS | ALL), ("Input channel 2", 7), "Input channel 2, row 1, column 1"),
    "uneven": (lambda: ConvolutionFigure(**UNEVEN, **ALL), ("Kernel channel 1", 6), "Weight, row 1, column 1"),
    "backward": (lambda: ConvolutionFigure(**TWO_GROUPS | BACK), ("Kernel gradient channel 1", 4), "Gradient of kernel 1,"),
    "transposed": (lambda: TransposedFigure(title="F"), ("Output", 9), "Output row 1, column 2"),
    "learning": (lambda: LearningFigure(steps=2, title="F"), ("Kernel now", 5), "Weight row 1, column 2"),
    "connectivity": (lambda: ConnectivityFigure(6, 4, groups=2, title="F"), ("Input channels", 2), "Input 2 "),
    "receptive_field": (lambda: ReceptiveFieldFigure([(3, 1, 2), (5, 2, 1)], title="F"), ("Layer 1", 1), "Output 1 of layer 1 "),
}


def settled(page: Page) -> Page:
    """The page two frames later: layout is done, and the browser has seen what lies beneath the pointer."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))")
    return page


def told(page: Page) -> str:
    return " ".join(settled(page).get_by_role("status").inner_text().split())


def cells(page: Page, name: str) -> Locator:
    return page.get_by_role("grid", name=name, exact=True).get_by_role("gridcell")


def numbers(page: Page, name: str) -> list[int]:
    return [int(text) for text in cells(page, name).all_inner_texts()]


def stands(page: Page, *parts: Locator) -> list:
    """Where the window and these parts are."""
    return [page.evaluate("scrollY"), *(round(part.bounding_box()["y"]) for part in parts)]


def slide(page: Page, name: str, key: str) -> None:
    page.get_by_role("slider", name=name, exact=True).press(key)


# What is told, and where the window and the slider are, when layout is done and the browser has seen what lies beneath the pointer.
LOOK = """async (slider) => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))));
  const status = slider.closest('.cl-figure').querySelector('[role=status]').innerText.trim().replace(/\\s+/g, ' ');
  return [status, scrollY, Math.round(slider.getBoundingClientRect().y)];
}"""


@pytest.mark.parametrize("kind", RESTING)
def test_what_layout_brings_beneath_a_resting_pointer_is_not_pointed_at(opened, kind):
    figure, (grid, index), place = RESTING[kind]
    page = opened(figure(), height=700)
    cells(page, grid).nth(index).hover()
    assert told(page).startswith(place)
    for slider in page.get_by_role("slider").all():
        slider.focus()
        before = slider.evaluate(LOOK)[1:]
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
            slider.press(key)
            now, *stands = slider.evaluate(LOOK)
            assert stands == before, key
            if cells(page, grid).count() <= index:  # the place is gone
                break
            assert now.startswith(place), key
        page.get_by_role("button", name="Reset").press("Enter")
        cells(page, grid).nth(index + 1).hover()
        cells(page, grid).nth(index).hover()
    for change in ("document.documentElement.style.zoom = 1.4", "document.documentElement.style.zoom = 1"):
        page.evaluate(change)
        assert told(page).startswith(place), change
    for width in (900, 600, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert told(page).startswith(place), width
    page.mouse.move(2, 2)
    assert not told(page).startswith(place)


def test_a_slider_is_dragged_by_the_mouse_and_stays_under_it(opened):
    kinds = [ConvolutionFigure, TransposedFigure, LearningFigure, ConnectivityFigure]
    kinds += [ReceptiveFieldFigure, ShapeFigure, CostFigure, PhotoFigure]
    page = opened(*(kind(title=kind.__name__) for kind in kinds))
    for kind in kinds:
        slider = page.get_by_role("group", name=kind.__name__, exact=True).get_by_role("slider").first
        slider.scroll_into_view_if_needed()
        box = settled(page) and slider.bounding_box()
        slider.evaluate("slider => { window.seen = new Set(); slider.addEventListener('input', () => seen.add(slider.value)); }")
        at = [(box["x"] + part * box["width"], box["y"] + box["height"] / 2) for part in (0.05, 0.35, 0.95)]
        page.mouse.move(*at[0])
        page.mouse.down()
        for place in at[1:]:
            settled(page)
            page.mouse.move(*place)
        settled(page)
        assert page.evaluate("seen.size") > 1 and slider.bounding_box() == box, kind
        page.mouse.up()


# A pointer that moves to every cell of a figure, and on within it: how often each move told a sum, or asked the browser for a
# layout while it was changing the page.
DRAWS = """(figure) => {
  const [counts, undo] = [{ told: 0, layouts: 0, frames: 0 }, []];
  const status = figure.querySelector('[role=status]');
  const watch = (owner, name, what, counts_for = () => true) => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const key = own.get ? 'get' : 'value';
    undo.push(() => Object.defineProperty(owner, name, own));
    Object.defineProperty(owner, name, { ...own, [key](...given) {
      if (counts_for(this)) counts[what] += 1;
      return own[key].apply(this, given);
    } });
  };
  watch(CharacterData.prototype, 'data', 'told', (node) => node.parentNode === status.firstChild);
  for (const name of ['offsetHeight', 'offsetWidth', 'offsetTop']) watch(HTMLElement.prototype, name, 'layouts');
  for (const name of ['clientHeight', 'clientWidth', 'scrollHeight', 'getBoundingClientRect']) watch(Element.prototype, name, 'layouts');
  watch(window, 'getComputedStyle', 'layouts');
  watch(window, 'requestAnimationFrame', 'frames');
  const moves = [...figure.querySelectorAll('[role=grid] .cl-cell')].flatMap((cell, i) => [2 * i, 2 * i + 1].map((screenX) => {
    Object.assign(counts, { told: 0, layouts: 0, frames: 0 });
    cell.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, pointerType: 'mouse', screenX, screenY: -5 }));
    return Object.values(counts).join(' ');
  }));
  undo.forEach((back) => back());
  return moves;
}"""


def test_a_move_of_the_pointer_draws_once_and_asks_for_no_layout(opened):
    figures = [ConvolutionFigure(**TWO_GROUPS), ConvolutionFigure(**TWO_GROUPS | {"direction": "backward", "title": "B"})]
    page = opened(*figures, TransposedFigure(title="T"), LearningFigure(title="L"))
    for title in "FBTL":
        moves = page.get_by_role("group", name=title, exact=True).evaluate(DRAWS)
        assert len(moves) > 100 and set(moves[1::2]) == {"0 0 0"}, title  # within a cell nothing is drawn
        assert set(moves[::2]) == {"1 0 0"}, title


def test_shape_cost_and_photo_keep_what_is_told_under_a_resting_pointer(opened):
    page = opened(ShapeFigure(9, padding=2, title="F"))
    page.locator(".cl-place").nth(5).hover()
    place = "Input 3 "
    assert told(page).startswith(place)
    for name, key in (("Padding", "ArrowRight"), ("Kernel size", "ArrowRight"), ("Stride", "ArrowRight"), ("Padding", "ArrowLeft")):
        slide(page, name, key)
        assert told(page).startswith(place), name
    page.set_viewport_size({"width": 600, "height": 700})
    assert told(page).startswith(place)
    page = opened(CostFigure(title="F"))
    page.get_by_role("row").nth(2).hover()
    for width in (700, 360, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert told(page).startswith("grouped: "), width
    page = opened(PhotoFigure("blur", picture="rings", title="F"))
    page.get_by_role("img", name="Output").hover(position={"x": 20, "y": 30})
    place = told(page).partition(" · ")[0][:30]
    for width in (700, 400, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert told(page)[:30] == place, width


# Every place that is told from now on, in order, and where the parts of the figure stand at each.
WATCH = """() => {
  [window.told, window.stood] = [new Set(), new Set()];
  const parts = [...document.querySelectorAll('.cl-grid, .cl-play, dl')];
  new MutationObserver(() => {
    told.add(document.querySelector('.cl-where').textContent);
    stood.add(parts.map((part) => Math.round(part.getBoundingClientRect().top)).join());
  }).observe(document.querySelector('[role=status]'), { subtree: true, childList: true, characterData: true });
}"""


def test_walking_and_playing_tell_what_they_come_to(opened):
    page = opened(ConvolutionFigure(**TWO_GROUPS), width=700, height=760)
    outputs = page.get_by_role("grid", name="Output channel 0", exact=True)
    outputs.scroll_into_view_if_needed()
    cells(page, "Output channel 0").nth(14).hover()
    outputs.locator("[tabindex='0']").focus()
    page.keyboard.press("Control+Home")
    parts = [page.get_by_role("grid", name=f"{name} channel {c}", exact=True) for name in ("Input", "Output") for c in range(2)]
    parts += [page.get_by_role("button", name="Step forward"), page.locator("dl")]
    settled(page).wait_for_timeout(300)  # room for the sums is made when sizes have come to rest
    before = stands(page, *parts)
    for key, row, column in (("ArrowDown", 1, 0), ("ArrowRight", 1, 1), ("End", 1, 5), ("Control+End", 5, 5)):
        page.keyboard.press(key)
        assert told(page).startswith(f"Output channel 0, row {row}, column {column}"), key
        assert stands(page, *parts) == before, key
    # Over the edge to the other channel, whose kernels stand elsewhere; the pointer still rests.
    page.get_by_role("button", name="Step forward").press("Enter")
    assert told(page).startswith("Output channel 1, row 0, column 0")
    assert stands(page, *parts) == before
    page.evaluate(WATCH)
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function("told.size > 3")
    page.get_by_role("button", name="Pause").press("Enter")
    found = [place.partition(" · ")[0] for place in page.evaluate("[...told]")]
    first = found[0] == "Output channel 1, row 0, column 0"  # where room was made before the first step
    assert found[first : first + 3] == [f"Output channel 1, row 0, column {column}" for column in (1, 2, 3)]
    assert page.evaluate("stood.size") == 1


def test_pointing_at_another_group_moves_nothing(opened):
    page = opened(ConvolutionFigure(**TWO_GROUPS), width=700)
    names = ["Input channel 0", "Input channel 1", "Input channel 2", "Input channel 3", "Output channel 0", "Output channel 1"]
    parts = [page.get_by_role("grid", name=name, exact=True) for name in names]
    cells(page, "Output channel 0").nth(7).scroll_into_view_if_needed()
    settled(page).wait_for_timeout(300)
    before = stands(page, *parts)
    cells(page, "Output channel 0").nth(7).hover()
    assert told(page).startswith("Output channel 0, row 1, column 1")
    assert stands(page, *parts) == before


def test_an_edit_belongs_to_the_cell_where_it_began(opened):
    page = opened(ConvolutionFigure(**TWO_GROUPS))
    first = numbers(page, "Output channel 0")
    page.get_by_role("button", name="Play").click()
    cells(page, "Kernel channel 0").nth(0).dblclick()
    field = page.get_by_role("textbox", name="Kernel channel 0, row 0, column 0")
    page.keyboard.type("7")
    cells(page, "Output channel 0").nth(7).hover()  # where another kernel would be shown
    page.wait_for_timeout(1000)  # more than a step of Play
    expect(field).to_have_value("7")
    page.keyboard.press("Enter")
    weight = GROUPS.copy()
    weight[1, 0, 0, 0] = 7
    wanted = conv2d(FOUR, weight, padding=1, groups=2)
    assert numbers(page, "Output channel 0") == first and numbers(page, "Output channel 1") == wanted[1].ravel().tolist()


def test_a_link_that_comes_during_an_edit_is_taken_and_so_is_the_edit(opened):
    page = opened(ConvolutionFigure(**TWO_GROUPS))
    cells(page, "Kernel channel 1").nth(4).dblclick()
    page.keyboard.type("7")
    weight = GROUPS[::-1].copy()
    page.evaluate("hash => { location.hash = hash; }", "f=" + quote(json.dumps({"weight": weight.tolist(), "padding": 0})))
    expect(cells(page, "Output channel 0")).to_have_count(16)
    page.keyboard.press("Enter")
    weight[1, 1, 1, 1] = 7
    wanted = conv2d(FOUR, weight, groups=2)
    for o in range(2):
        assert numbers(page, f"Output channel {o}") == wanted[o].ravel().tolist()
    cells(page, "Output channel 1").first.hover()
    assert numbers(page, "Kernel channel 1") == weight[1, 1].ravel().tolist()
    # A cell that the link takes away takes its edit with it.
    cells(page, "Kernel channel 1").last.dblclick()
    page.keyboard.type("9")
    page.evaluate("hash => { location.hash = hash; }", "f=" + quote(json.dumps({"weight": GROUPS[..., :2].tolist(), "padding": 0})))
    expect(cells(page, "Kernel channel 1")).to_have_count(6)
    page.keyboard.press("Enter")
    wanted = conv2d(FOUR, GROUPS[..., :2].copy(), groups=2)
    for o in range(2):
        assert numbers(page, f"Output channel {o}") == wanted[o].ravel().tolist()
    assert page.get_by_role("textbox").count() == 0


HOSTILE = [
    '{"stride":[2,"<img>",2]}', '{"padding":[1,{"a":1},1]}', '{"dilation":[]}', '{"padding":[1,1,1,1]}', '{"stride":[1,null]}',
    '{"padding":{"length":2}}', '{"at":[0,1e99,0]}', '{"x":' + "[" * 3000 + "]" * 3000 + "}",
]  # fmt: skip


def test_links_of_any_kind_are_read_or_refused_in_words(opened):
    page = opened(ConvolutionFigure(title="F"))
    alert = page.get_by_role("alert")
    for text in HOSTILE:
        page.evaluate("hash => { location.hash = ''; location.hash = hash; }", f"f={quote(text)}")
        expect(alert).to_have_text("The link could not be read: the figure stands as it is in the book.")
        assert page.get_by_text("nn.Conv2d(1, 1, kernel_size=3, bias=False)").is_visible(), text
        slide(page, "Stride", "ArrowRight")
        expect(alert).to_have_text("")
    page.evaluate("hash => { location.hash = hash; }", 'f={"stride":2,"x":"' + "1" * 30_000 + '"}')
    expect(alert).to_have_text(re.compile(r"^The link has \d+ characters, and at most 20000 are read: the figure stands as it is"))




# Every target of a page in turn, by the events of a pointer; gives how high the status was.
EVERYWHERE = """() => {
  const status = document.querySelector('[role=status]');
  const targets = [...document.querySelectorAll('[role=gridcell], .cl-place, .cl-window, .cl-block, .cl-costs tr')];
  return targets.map((target, i) => {
    target.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, pointerType: 'mouse', screenX: i, screenY: -7 }));
    return status.offsetHeight;
  });
}"""
ROOM = [
    lambda: ConvolutionFigure(padding=1, title="F"),
    lambda: ConvolutionFigure(np.arange(108).reshape(3, 6, 6), np.ones((1, 3, 3, 3), int), padding=1, title="F"),
    lambda: ConvolutionFigure(**UNEVEN | {"x": UNEVEN["x"] - 40, "bias": [3, -10]}, title="F"),
    lambda: ConnectivityFigure(8, 16, groups=2, title="F"),
    lambda: CostFigure(48, 96, size=112, kernel_size=5, groups=24, title="F"),
    lambda: ShapeFigure(12, 4, padding=3, dilation=2, title="F"),
    lambda: ReceptiveFieldFigure([(3, 1, 1), (3, 2, 2), (5, 1, 1)], title="F"),
    lambda: TransposedFigure(FOUR[:2, :4, :5] - 30, GROUPS[:, :1], groups=2, padding=(1, 0), title="F"),
    lambda: LearningFigure(steps=3, title="F"),
]


@pytest.mark.parametrize("make", ROOM, ids=lambda make: type(make()).__name__)
def test_there_is_room_for_the_longest_that_is_told(opened, make):
    page = opened(make(), width=320)
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        settled(page).wait_for_timeout(400)  # room is made when sizes have come to rest
        heights = page.evaluate(EVERYWHERE)
        assert len(heights) > 4 and len(set(heights)) == 1, (width, set(heights))
