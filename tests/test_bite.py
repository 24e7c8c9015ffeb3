"""The planted faults still fit the code, and what bite.py reads in a run of pytest."""

from collections import Counter

import bite
import faults
import pytest


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_can_be_planted(fault, root):
    texts = {}
    for place, old, new in fault.changes:
        path = root / "conv_lib" / place.partition(":")[0]
        texts[path] = faults.broken(texts.get(path) or path.read_text(encoding="utf-8"), place, old, new)


def test_faults_have_names_of_their_own():
    names = Counter(fault.name for fault in faults.FAULTS)
    assert names.most_common(1)[0][1] == 1 and len(names) >= 120


def test_every_module_with_numbers_or_words_of_its_own_has_a_fault(root):
    broken = {place.partition(":")[0] for fault in faults.FAULTS for place, _, _ in fault.changes}
    modules = {path.relative_to(root / "conv_lib").as_posix() for path in (root / "conv_lib").rglob("*.py")}
    only_names = {module for module in modules if module.endswith("__init__.py")} - {"methods/__init__.py"}
    # The one reads scripts, the other holds texts: neither has numbers to get wrong.
    assert modules - only_names - broken == {"figures/bundle.py", "figures/lab_examples.py"}


CODE = "class A:\n    def f(self):\n        return (1 +\n            2)\n\n    def g(self):\n        return 1 + 2\n"


def test_a_fault_stays_in_its_place():
    assert faults.broken(CODE, "x.py:A.f", "1 + 2", "1 - 2") == CODE.replace("1 +\n            2", "1 - 2")
    assert faults.broken(CODE, "x.py:A.g", "1 + 2", "3") == CODE.replace("1 + 2", "3")


@pytest.mark.parametrize("place, old", [("x.py", "1 + 2"), ("x.py:A.g", "1 + 3"), ("x.py:A.h", "1 + 2"), ("x.py:g", "1 + 2")])
def test_a_fault_that_is_not_there_once_is_refused(place, old):
    with pytest.raises(ValueError, match="mend tools/faults.py"):
        faults.broken(CODE, place, old, "3")


def report(inside):
    return f'<testsuites><testsuite><testcase classname="book.uneven" name="::Cell 7">{inside}</testcase></testsuite></testsuites>'


def test_only_a_failure_is_a_catch():
    caught = bite.verdict_of(1, report('<failure message="Cell outputs differ">12 and 14</failure>'))
    assert caught.by.endswith("Cell 7") and not caught.error
    assert bite.verdict_of(0, report("")) == bite.verdict_of(pytest.ExitCode.NO_TESTS_COLLECTED, "") == bite.Verdict()


@pytest.mark.parametrize(
    "code, text",
    [
        (1, report('<failure message="RuntimeError">Kernel dead on test start</failure>')),
        (1, report('<error message="collection failure">ImportError</error>')),
        (2, report("")),
        (-11, ""),
        (1, ""),
    ],
)
def test_what_did_not_run_is_an_error_and_no_catch(code, text):
    verdict = bite.verdict_of(code, text)
    assert verdict.error and not verdict.by
