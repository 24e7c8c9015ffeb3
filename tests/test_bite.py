"""The planted faults of tools/bite.py still fit the code."""

import ast

import bite
import pytest


@pytest.mark.parametrize("fault", bite.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_can_be_planted(fault, root):
    for name, old, new in fault.changes:
        text = (root / "conv_lib" / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        ast.parse(text.replace(old, new))


def test_faults_have_names_of_their_own():
    assert len({fault.name for fault in bite.FAULTS}) == len(bite.FAULTS) >= 14


def test_what_fails_is_told_by_chapter():
    assert bite.describe([("shapes", 7), ("shapes", 9), ("1x1", 2)]) == "shapes (cell 7 and 1 more), 1x1 (cell 2)"
