"""The figures' tests once more, in a second browser: one Firefox for them all, since it takes long to start, and one page.

Left to Chromium alone is what asks nothing of a browser that the rest does not ask of Firefox too.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
import test_figure_convolution
import test_figure_lab
import test_figure_photo
import test_figures_back
import test_figures_of_one_idea
import test_figures_stand_still
from test_figure_lab import page  # noqa: F401  (a fixture of its tests)

pytestmark = pytest.mark.parametrize("browser", ["firefox"], indirect=True, scope="module")

ALONE = [
    "accessible", "axe",  # axe reads elements and colours, which are the same in both
    "every_case", "names_that",  # what the Lab reads of a text is computed, and so is all that follows
    "what_is_no_number", "hostile", "links_of_any_kind", "too_long", "nonsense", "may_not_rename", "two_figures",
    "several_channels", "weights_stand", "floats", "formula", "a_slider_changes", "conv_lib_computes", "three_channels", "groups_take",
    "legal_groups", "illegal_number", "does_not_fit",
]  # fmt: skip


def cases(module: ModuleType) -> dict[str, Callable]:
    """The tests of a file for both browsers, by names that tell the file."""
    kept = {name: case for name, case in vars(module).items() if name.startswith("test_") and not any(map(name.count, ALONE))}
    return {f"{module.__name__}_{name.removeprefix('test_')}": case for name, case in kept.items()}


for module in (
    test_figure_convolution,
    test_figure_lab,
    test_figure_photo,
    test_figures_back,
    test_figures_of_one_idea,
    test_figures_stand_still,
):
    globals().update(cases(module))
