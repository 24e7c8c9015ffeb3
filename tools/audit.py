"""Measure every page of the built book: `python3 tools/run.py audit`, or some of them: `python3 tools/run.py audit basics search`.

Prints one line a page and ends with 1 when a target is missed. Lighthouse judges the speed of a page by the machine that it
runs on: let nothing else run meanwhile. (A busy one takes some points of performance, and times the blocking.) Its last reports
stay in _build/audit.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import chromium
import links
from accessibility import violations_in_all_looks
from axe_playwright_python.sync_playwright import Axe
from freshness import BUILD
from playwright.sync_api import sync_playwright
from site_of_book import build, built_pages, served, started, too_wide, visit

FOLDER = Path(__file__).parent / "audit"
MODULES = FOLDER / "node_modules"
REPORTS = BUILD / "audit"
HOW_TO_INSTALL = "The audit needs Node 18.20 or newer with npm. Install it from https://nodejs.org, or: apt-get install nodejs npm"
RUNS = 3
NOT_LISTED = '<meta name="robots" content="noindex"'  # a page that asks search engines to leave it out does not owe them anything

CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
COLUMNS = [*CATEGORIES, "ms blocked", "KB", "KB script", "requests", "axe", "outside", "console", "broken links", "px too wide"]
ENTRANCES = {"book/intro.html", "book/errors.html"}  # what a stranger opens first

# A number of a page, and what to say when it misses its target.
Finding = tuple[int, str]


def targets(path: str) -> dict[str, range]:
    """What is right in each column for this page. KB and requests are those of the first load."""
    page = (BUILD / "html" / path).read_text(encoding="utf-8")
    live, search = "cl-live" in page, path == "search.html"
    kilobytes = 120 if path in ENTRANCES or search else 250 if live else 60
    return {
        "performance": range(98, 101),
        **dict.fromkeys(CATEGORIES[1:], range(100, 101)),
        "ms blocked": range(151),
        "KB": range(kilobytes + 1),
        "KB script": range(kilobytes + 1),
        "requests": range(13 if live or search else 7),
        **dict.fromkeys(COLUMNS[8:], range(1)),
    }


def main(wanted: list[str]) -> int:
    _ensure_lighthouse()
    reasons = build()
    if reasons:
        sys.exit(f"The book does not build:\n{reasons}")
    paths = [path for path in built_pages() if not wanted or Path(path).stem in wanted]
    if not paths:
        sys.exit(f"No such page. The pages: {', '.join(Path(path).stem for path in built_pages())}")
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    missed = []
    width = max(map(len, paths))
    print(" " * width, *COLUMNS, sep="  ")
    with served() as address:
        for path in paths:
            found, right = dict(_measure(address, path)), targets(path)
            print(path.ljust(width), *(str(found[name][0]).rjust(len(name)) for name in COLUMNS), sep="  ", flush=True)
            missed += [f"{path}: {name} {found[name][0]}: {found[name][1]}" for name in COLUMNS if found[name][0] not in right[name]]
    print("", *missed, f"Targets missed: {len(missed)}.", sep="\n")
    return 1 if missed else 0


def _measure(address: str, path: str) -> Iterator[tuple[str, Finding]]:
    with sync_playwright() as playwright:
        executable = chromium.installed() or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=executable, args=chromium.ARGUMENTS)
        with visit(browser, address + path, reduced_motion="reduce") as seen:
            seen.page.wait_for_load_state("networkidle")
            yield "outside", _listed(seen.outside)
            yield "console", _listed(seen.console)
            axe = Axe.from_file(MODULES / "axe-core" / "axe.min.js")
            yield "axe", _listed(violations_in_all_looks(started(seen.page), axe))
        with visit(browser, address + path, width=360, has_touch=True) as seen:
            yield "px too wide", (too_wide(seen.page), "the page scrolls sideways on a phone of 360 px")
        browser.close()
    yield "broken links", _listed(links.broken(path))
    yield from _lighthouse(executable, address, path)


def _lighthouse(executable: str, address: str, path: str) -> Iterator[tuple[str, Finding]]:
    reports = [_report(executable, address, path, run) for run in range(RUNS)]
    first = reports[0]
    for category in CATEGORIES:
        scores = [report["categories"][category]["score"] or 0 for report in reports if category in report["categories"]]
        audits = [first["audits"][audit["id"]] for audit in first["categories"][category]["auditRefs"] if audit["weight"]]
        short = [f"{audit['title']} {audit.get('displayValue', '')}".strip() for audit in audits if (audit["score"] or 0) < 0.9]
        yield category, (round(100 * statistics.median(scores)), "; ".join(short))
    blocked = statistics.median(report["audits"]["total-blocking-time"]["numericValue"] for report in reports)
    yield "ms blocked", (round(blocked), "the page does not answer meanwhile")
    requests = first["audits"]["network-requests"]["details"]["items"]
    largest = sorted(requests, key=lambda request: -request["transferSize"])[:5]
    why = ", ".join(f"{request['url'].removeprefix(address)} {request['transferSize'] / 1024:.0f}" for request in largest)
    yield "requests", (len(requests), why)
    for name, kinds in (("KB", None), ("KB script", {"Script"})):
        total = sum(request["transferSize"] for request in requests if kinds is None or request.get("resourceType") in kinds)
        yield name, (math.ceil(total / 1024), why)


def _report(executable: str, address: str, path: str, run: int) -> dict:
    """What Lighthouse says of a page on its phone. Only the speed differs from run to run."""
    target = REPORTS / f"{path.replace('/', '-').removesuffix('.html')}-{run}.json"
    command = [shutil.which("node"), MODULES / "lighthouse" / "cli" / "index.js", address + path, "--quiet"]
    command += ["--output=json", f"--output-path={target}", f"--chrome-flags={' '.join(['--headless=new', *chromium.ARGUMENTS])}"]
    command += [f"--only-categories={','.join(CATEGORIES if run == 0 else CATEGORIES[:1])}"]
    if NOT_LISTED in (BUILD / "html" / path).read_text(encoding="utf-8"):
        command += ["--skip-audits=is-crawlable"]
    subprocess.run(command, env={**os.environ, "CHROME_PATH": executable}, check=True)
    return json.loads(target.read_text(encoding="utf-8"))


def _listed(faults: list[str]) -> Finding:
    return len(faults), "; ".join(faults[:5])


def _ensure_lighthouse() -> None:
    """Install what tools/audit/package-lock.json names, unless it is there."""
    npm = shutil.which("npm")
    if not (npm and shutil.which("node")):
        sys.exit(HOW_TO_INSTALL)
    installed, wanted = MODULES / "installed.json", FOLDER / "package-lock.json"
    if installed.exists() and installed.read_bytes() == wanted.read_bytes():
        return
    print("Installing Lighthouse and axe-core into tools/audit/node_modules ...", flush=True)
    if subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER).returncode:
        sys.exit(HOW_TO_INSTALL)
    shutil.copy(wanted, installed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
