"""A book whose text is as bad as it may be: long words, wide tables, no first sentence."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environment import ROOT
from site_of_book import visit

TITLE = "A title of many words that goes on " * 6  # 210 letters
WIDE = " | ".join(f"column {number}" for number in range(20))
PAGE = f"""# {TITLE.strip()}

## {"Long" * 50}

| {WIDE} |
|{"---|" * 20}
| {WIDE} |

```python
a = "{"x" * 400}"
```

| small | table |
|---|---|
| `{"y" * 120}` | {"z" * 120} |
"""


@pytest.fixture(scope="module")
def bad(tmp_path_factory) -> Path:
    """The page of a book that has nothing else: a title of 210 letters, 20 columns, a line of 400 letters, and no description."""
    folder = tmp_path_factory.mktemp("bad")
    for name in ("book/_ext", "book/_theme", "book/_assets", "conv_lib"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "_config.yml", "book/references.bib"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "book" / "intro.md").write_text(PAGE, encoding="utf-8")
    (folder / "book" / "references.md").write_text("# References\n\n```{bibliography}\n:all:\n:list: bullet\n```\n", encoding="utf-8")
    (folder / "book" / "take-along.md").write_text("# Take it along\n\nFiles.\n", encoding="utf-8")
    parts = "parts:\n  - caption: More\n    chapters:\n      - file: book/references\n      - file: book/take-along\n"
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/intro\n{parts}", encoding="utf-8")
    main = ["-c", "from jupyter_book.cli.main import main; main()", "build", str(folder)]
    run = subprocess.run([sys.executable, *main], capture_output=True, text=True)
    page = folder / "_build" / "html" / "book" / "intro.html"
    assert page.exists(), run.stdout + run.stderr
    return page


def test_a_page_without_a_first_sentence_is_described_by_its_title(bad):
    described = re.findall(r'<meta name="description" content="([^"]*)"', (bad.parent / "intro.html").read_text(encoding="utf-8"))
    assert len(described) == 1 and described[0].startswith("A title of many words")


@pytest.mark.parametrize("look", ["200 % letters", "no script"])
def test_bad_text_is_readable_and_whole(browser, bad, look):
    with visit(browser, bad.as_uri(), width=360, java_script_enabled=look != "no script") as seen:
        page = seen.page
        if look == "200 % letters":
            page.add_style_tag(content="html { font-size: 200% !important }")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.get_by_role("heading", level=1).inner_text().rstrip("#").split() == TITLE.split()
        scrolls = "box => box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX"
        boxes = page.locator(".wide-table, .text pre").all()
        assert [box.evaluate(scrolls) for box in boxes[:2]] == ["auto", "auto"]
