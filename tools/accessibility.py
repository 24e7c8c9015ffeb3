"""What axe-core finds wrong with an open page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from site_of_book import looks

AXE = Axe()
# Words whose elements have the same names, classes and colours all the way up have the same contrast, which is most of axe-core's
# work: it is asked of one of each kind that is shown. That is one which axe-core can judge, which takes more than one character and
# more than signs. Half of a long page are the words of its code, each in an element of its own: all others there become plain text.
JUDGE_ONE_OF_EACH_KIND = """() => {
  const kinds = new Map([[null, '']]);
  const kindOf = (part) => {
    if (!kinds.has(part)) {
      const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight } = getComputedStyle(part);
      const own = [part.tagName, part.getAttribute('class'), color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight];
      kinds.set(part, `${kindOf(part.parentElement)} > ${own}`);
    }
    return kinds.get(part);
  };
  const judged = new Map();
  for (const part of document.body.querySelectorAll('*')) {
    part.removeAttribute('data-judged');
    const text = [...part.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join('');
    const isClear = text.length > 1 && /\\w/.test(text);
    if (!text && !part.matches('input, select, textarea') || !part.checkVisibility()) continue;
    const kind = kindOf(part);
    if (!judged.has(kind) || isClear && !judged.get(kind).isClear) judged.set(kind, { part, isClear });
  }
  for (const { part } of judged.values()) part.setAttribute('data-judged', '');
  for (const word of document.querySelectorAll('pre span:not(:has(*), [data-judged])')) word.replaceWith(...word.childNodes);
}"""
JUDGED = "; axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-judged]' }] })"


def violations(page: Page, axe: Axe = AXE) -> list[str]:
    """The rules that the page breaks as it is shown now, and where. The page's code is plain text afterwards."""
    page.evaluate(JUDGE_ONE_OF_EACH_KIND)
    found = Axe(axe.axe_script + JUDGED).run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found for node in rule["nodes"]]


def violations_in_all_looks(page: Page, axe: Axe = AXE) -> list[str]:
    """Those of the page on a wide screen and on a phone, in light and in dark."""
    return [f"{look}: {violation}" for look in looks(page) for violation in violations(page, axe)]
