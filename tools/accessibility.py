"""What axe-core finds wrong with an open page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from site_of_book import looks

AXE = Axe()
# Half of a long page are the words of its code, each in an element of its own, for its colour. Those with the same classes all the
# way up have the same colours: one of each kind stays, and the others become plain text. It is one that axe-core can judge, which
# takes more than one character and more than signs.
ONE_WORD_OF_EACH_KIND = """() => {
  const kinds = new Set();
  for (const word of document.querySelectorAll('pre span:not(:has(*))')) {
    let kind = '';
    for (let part = word; part; part = part.parentElement) kind += ` > ${part.tagName}.${part.className}`;
    if (kinds.has(kind) || !/\\w/.test(word.textContent) || word.textContent.trim().length === 1) word.replaceWith(...word.childNodes);
    else kinds.add(kind);
  }
}"""


def violations(page: Page, axe: Axe = AXE) -> list[str]:
    """The rules that the page breaks as it is shown now, and where."""
    return [f"{rule['id']}: {node['html'][:150]}" for rule in axe.run(page).response["violations"] for node in rule["nodes"]]


def violations_in_all_looks(page: Page, axe: Axe = AXE) -> list[str]:
    """Those of the page on a wide screen and on a phone, in light and in dark."""
    page.evaluate(ONE_WORD_OF_EACH_KIND)
    return [f"{look}: {violation}" for look in looks(page) for violation in violations(page, axe)]
