"""Break conv_lib in many ways, one at a time, and see that the tests notice each: the notebooks alone, and the whole command.

The faults stand in faults.py. Each is planted in a copy of the project, and who is quick to notice is asked first: nbval alone runs the
notebooks that are likely to see it; what they miss meets the module's own tests, then all tests that need no browser, and at last the
other notebooks. So the notebooks notice at least what is counted for them. What does not run at all (a kernel that died, a test that
cannot be collected) is an error and no catch. Names of faults may follow; `--nbval` asks the notebooks only. The exit code is 1 if a
fault is missed or errs, 2 if the tests are not green without one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import PROCESSES
from environment import ROOT, SAFE_KERNELS
from faults import FAULTS, Fault, broken

WORKERS = 2
FIRST = "uneven"  # the notebook that sees most
COPIED = ("conv_lib", "tests", "tools", "book", "benchmarks", "*.toml", "*.txt", "*.md", "*.yml", ".ci", ".github", "LICENSE", "Makefile")
DEAD = ("Kernel dead", "Kernel died", "DeadKernelError", "Timeout of", "Timed out")  # what nbval says then
NBVAL = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=180", "-c", os.devnull)


class BiteError(Exception):
    """A fault that cannot be planted, or tests that fail without one."""


@dataclass(frozen=True)
class Verdict:
    """What a run of pytest says: ``by`` is the test or cell that noticed, '' for none; ``error`` is why the run says nothing."""

    by: str = ""
    error: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="faults to plant; all of them if none is named")
    parser.add_argument("--nbval", action="store_true", help="ask the notebooks only")
    options = parser.parse_args()
    known = {each.name: each for each in FAULTS}
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"no such fault: {', '.join(unknown)}. There are: {', '.join(known)}.")
    chosen = [known[name] for name in options.names or known]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bite-") as folder:
        try:
            code = bite(Path(folder), chosen, options.nbval)
        except BiteError as error:
            print(error, file=sys.stderr)
            return 2
    print(f"{(time.monotonic() - begun) / 60:.0f} minutes.")
    return code


def bite(folder: Path, chosen: list[Fault], nbval_only: bool) -> int:
    sound = copy(folder / "sound")
    books = sorted(path.stem for path in (sound / "book").glob("*.ipynb"))
    print(f"{len(chosen)} faults, {len(books)} notebooks. First without a fault ...", flush=True)
    for verdict in (notebooks(sound, books, *PROCESSES), *([] if nbval_only else [tests(sound, every_test(sound), *PROCESSES)])):
        if verdict != Verdict():
            raise BiteError(f"Without any fault this fails, so a failure proves nothing: {verdict.by or verdict.error}")
    width = max(len(each.name) for each in chosen)

    def asked(number: int) -> list[tuple[str, Verdict]]:
        place = folder / str(number)
        try:
            plant(copy(place), chosen[number])
            return list(judged(place, chosen[number], books, nbval_only))
        finally:
            shutil.rmtree(place, ignore_errors=True)

    seen, erring = {"nbval": 0, "tests": 0}, 0
    with ThreadPoolExecutor(WORKERS) as pool:
        for each, verdicts in zip(chosen, pool.map(asked, range(len(chosen))), strict=True):
            who, last = verdicts[-1]
            seen[who] += bool(last.by)
            errors = [verdict.error for _, verdict in verdicts if verdict.error]
            erring += bool(errors and not last.by)
            answer = f"{who:5}  {last.by}" if last.by else "ERROR" if errors else "NO"
            print(f"{each.name:<{width}}  {answer}{''.join(f'  (error: {error})' for error in errors)}", flush=True)
    both = sum(seen.values())
    print(f"nbval alone: {'' if nbval_only else 'at least '}{seen['nbval']} of {len(chosen)} faults, {seen['nbval'] / len(chosen):.1%}.")
    if not nbval_only:
        print(f"The whole command: {both} of {len(chosen)} faults, {both / len(chosen):.1%}.")
    if erring:
        print(f"Errors, which count as missed: {erring}.")
    return 0 if both == len(chosen) else 1


def judged(place: Path, each: Fault, books: list[str], nbval_only: bool):
    """(who, verdict) of one run after the other, up to the first that notices."""
    first = [FIRST] + [each.chapter] * (each.chapter != FIRST)
    runs = [("nbval", notebooks, [name]) for name in first]
    if not nbval_only:
        own = own_tests(place, each)
        runs += [("tests", tests, own)] * bool(own) + [("tests", tests, every_test(place))]
    runs += [("nbval", notebooks, [name for name in books if name not in first])]
    for who, run, what in runs:
        verdict = run(place, what)
        yield who, verdict
        if verdict.by:
            return


def copy(place: Path) -> Path:
    """A copy of the project, without what was built."""
    left_out = shutil.ignore_patterns("__pycache__", "_build")
    for path in (path for pattern in COPIED for path in ROOT.glob(pattern)):
        if path.is_dir():
            shutil.copytree(path, place / path.name, ignore=left_out)
        else:
            place.mkdir(exist_ok=True)
            shutil.copy(path, place)
    return place


def plant(place: Path, each: Fault) -> None:
    """Break conv_lib in a copy of the project. Raises `BiteError` where the code has moved on, or does not load any more."""
    changed = set()
    for where, old, new in each.changes:
        path = place / "conv_lib" / where.partition(":")[0]
        try:
            path.write_text(broken(path.read_text(encoding="utf-8"), where, old, new), encoding="utf-8")
        except (ValueError, SyntaxError) as error:
            raise BiteError(f"{each.name}: {error}") from None
        changed.add(".".join(path.relative_to(place).with_suffix("").parts).removesuffix(".__init__"))
    code = f"import {', '.join(changed)}; print(conv_lib.__file__)"
    loaded = subprocess.run([sys.executable, "-c", code], env=environment_of(place), cwd=place, capture_output=True, text=True)
    if Path(loaded.stdout.strip()).parent != place / "conv_lib":
        raise BiteError(f"{each.name}: the broken conv_lib cannot be loaded, so nothing is compared.\n{loaded.stderr}")


def notebooks(place: Path, names: list[str], *options: str) -> Verdict:
    """What nbval says of these notebooks, with none of the project's own options."""
    return run_of_pytest(place, *NBVAL, *options, *(f"book/{name}.ipynb" for name in names))


def tests(place: Path, paths: list[str], *options: str) -> Verdict:
    """What the tests and the examples in docstrings say, with the project's own options."""
    return run_of_pytest(place, *options, *paths)


def own_tests(place: Path, each: Fault) -> list[str]:
    """The examples in the broken files, and the tests that are named after them or their folder."""
    files = [where.partition(":")[0] for where, _, _ in each.changes]
    names = {part for file in files for part in Path(file).with_suffix("").parts} - {"__init__", "figures"}
    found = {path for name in names for path in (place / "tests").glob(f"test_*{name}*.py")}
    return [f"conv_lib/{file}" for file in files] + sorted(f"tests/{path.name}" for path in found)


def every_test(place: Path) -> list[str]:
    """All tests without a browser and the notebooks; not the test of the faults themselves, which are not there once in broken code."""
    return ["conv_lib", *sorted(f"tests/{path.name}" for path in (place / "tests").glob("test_*.py") if path.name != "test_bite.py")]


def run_of_pytest(place: Path, *arguments: str) -> Verdict:
    """The first failure of a run."""
    report = place / "report.xml"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *arguments]
    run = subprocess.run(command, env=environment_of(place), cwd=place, capture_output=True, text=True)
    return verdict_of(run.returncode, report.read_text(encoding="utf-8") if report.exists() else "", run.stdout[-500:] + run.stderr[-500:])


def verdict_of(code: int, report: str, output: str = "") -> Verdict:
    """What an exit code and a report in JUnit's form say."""
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:  # a module without examples and tests of its own
        return Verdict()
    if code not in (0, 1) or not report:
        return Verdict(error=f"pytest ended with {code}: {' '.join(output.split())[-200:]}")
    for case in ElementTree.fromstring(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}".removeprefix("book.").removeprefix("::")
        for found in case:
            if found.tag == "error" or found.tag == "failure" and any(word in "".join(found.itertext()) for word in DEAD):
                return Verdict(error=f"{name}: {found.get('message', '')[:200]}")
            if found.tag == "failure":
                return Verdict(by=name)
    return Verdict()


def environment_of(place: Path) -> dict[str, str]:
    """The environment in which `import conv_lib` loads the copy in `place`."""
    return os.environ | SAFE_KERNELS | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}


if __name__ == "__main__":
    sys.exit(main())
