"""What needs a public address appears when `_config.yml` gives one, with that address, and not before."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import addresses
import pytest
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY, ADDRESS = "https://github.com/someone/course", "https://someone.example/course"
BUILD = ["-c", "from jupyter_book.cli.main import main; main()", "build"]
PAGES = ["intro.ipynb", "references.md", "summary.ipynb"]


def build(folder: Path, repository: str, address: str) -> tuple[str, Path]:
    """A book of two chapters with these addresses, without running them. Returns what the build said, and its folder."""
    for name in ("book/_ext", "book/_theme", "book/_assets", "conv_lib"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "book/references.bib", *(f"book/{name}" for name in PAGES)):
        shutil.copy(ROOT / name, folder / name)
    config = (ROOT / "_config.yml").read_text(encoding="utf-8").replace("execute_notebooks: cache", "execute_notebooks: off")
    config, places = re.subn(r'(  url: |  baseurl: )""', lambda found: found[1] + (address if "base" in found[1] else repository), config)
    assert places == 2, "_config.yml gives an address"
    (folder / "_config.yml").write_text(config, encoding="utf-8")
    chapters = "chapters:\n  - file: book/summary\n  - file: book/references\n"
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/intro\n{chapters}", encoding="utf-8")
    run = subprocess.run([sys.executable, *BUILD, str(folder)], capture_output=True, text=True)
    return run.stdout + run.stderr, folder / "_build" / "html"


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    said, output = build(tmp_path_factory.mktemp("published"), REPOSITORY, ADDRESS)
    assert (output / "book" / "summary.html").exists(), said
    return output


@pytest.fixture(scope="module")
def page(published) -> str:
    return (published / "book" / "summary.html").read_text(encoding="utf-8")


def meta(page: str, name: str) -> str:
    return re.search(rf'<meta (?:property|name)="{name}" content="([^"]*)"', page)[1]


def test_launch_buttons_open_this_notebook(page):
    assert 'href="https://colab.research.google.com/github/someone/course/blob/main/book/summary.ipynb"' in page
    assert 'href="https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/book/summary.ipynb"' in page


def test_buttons_lead_to_the_source(page):
    assert f'href="{REPOSITORY}"' in page
    assert f'href="{REPOSITORY}/edit/main/book/summary.ipynb"' in page


def test_a_page_has_one_canonical_address_and_a_card(page, published):
    assert re.findall(r'<link rel="canonical" href="([^"]*)"', page) == [f"{ADDRESS}/book/summary.html"]
    assert meta(page, "og:url") == f"{ADDRESS}/book/summary.html"
    assert meta(page, "og:title").startswith("Summary")
    assert meta(page, "og:description") == meta(page, "description")
    assert meta(page, "twitter:card") == "summary_large_image"
    assert (published / meta(page, "og:image").removeprefix(f"{ADDRESS}/")).exists()


def test_the_sitemap_lists_every_chapter(published):
    places = [place.text for place in ElementTree.parse(published / "sitemap.xml").findall("{*}url/{*}loc")]
    assert places == [f"{ADDRESS}/book/{name}.html" for name in ("intro", "references", "summary")]
    assert f"Sitemap: {ADDRESS}/sitemap.xml" in (published / "robots.txt").read_text(encoding="utf-8")


def test_the_front_door_has_the_card_too(published):
    front = (published / "index.html").read_text(encoding="utf-8")
    assert meta(front, "og:image") == f"{ADDRESS}/_static/social-card.png"
    assert "url=book/intro.html" in front


@pytest.mark.parametrize("repository, address", [("someone/course", ""), ("", "someone.example"), ("", "https://a.example/?q=1")])
def test_what_is_no_address_is_refused(repository, address):
    config = SimpleNamespace(html_theme_options={"repository_url": repository}, html_baseurl=address)
    with pytest.raises(ExtensionError, match=r"in _config.yml must be an address such as https://host/path, not '"):
        addresses.check(None, config)


GITLAB = "https%3A%2F%2Fgitlab.com%2Fa%2Fb"


@pytest.mark.parametrize(
    "url, suggest, run",
    [
        ("https://github.com/a/b", "https://github.com/a/b/edit/dev/book/x.ipynb", ["mybinder.org/v2/gh/a/b/dev", "github/a/b/blob/dev"]),
        ("https://gitlab.com/a/b/", "https://gitlab.com/a/b/-/edit/dev/book/x.ipynb", [f"mybinder.org/v2/git/{GITLAB}/dev"]),
    ],
)
def test_the_links_to_a_source_are_those_of_its_host(url, suggest, run):
    options = {"repository_url": url, "repository_branch": "dev"}
    app = SimpleNamespace(config=SimpleNamespace(html_theme_options=options), env=SimpleNamespace(doc2path=lambda *_, **__: "book/x.ipynb"))
    context = {}
    addresses.link_source(app, "book/x", "page.html", context, object())
    assert context["repository"]["edit"] == suggest
    launchers = list(context["repository"]["launchers"].values())
    assert len(launchers) == len(run) and all(part in address for part, address in zip(run, launchers, strict=True))


def test_without_an_address_nothing_is_switched_on(tmp_path):
    config = SimpleNamespace(html_theme_options={"repository_url": ""}, html_baseurl="")
    addresses.check(None, config)
    assert config.html_baseurl == ""
    app, context = SimpleNamespace(config=config, outdir=tmp_path, builder=SimpleNamespace(name="html")), {}
    addresses.link_source(app, "book/intro", "page.html", context, object())
    addresses.list_pages(app, None)
    assert context == {} and list(tmp_path.iterdir()) == []
