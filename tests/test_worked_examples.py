"""The eight worked examples of the course, number by number: torch, conv2d, the definition and the traces."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from conv_lib import Conv2d, conv2d, reference_conv2d, trace

EXAMPLES = json.loads((Path(__file__).parent / "worked_examples.json").read_text())


@pytest.fixture(params=EXAMPLES, ids=lambda example: example["id"])
def example(request):
    given = dict(request.param)
    for name in ("x", "weight", "y"):
        given[name] = np.array(given[name]).reshape(given[f"{name}_shape"])
    given["options"] = {name: given[name] for name in ("stride", "padding", "dilation", "groups")}
    return given


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_torch_conv2d_and_the_definition_give_the_stored_numbers(example, dtype):
    x, weight, options = example["x"].astype(dtype), example["weight"].astype(dtype), example["options"]
    in_torch = torch.nn.functional.conv2d(torch.from_numpy(x), torch.from_numpy(weight), **options).numpy()
    for y in (in_torch, conv2d(x, weight, **options), reference_conv2d(x, weight, **options)):
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, example["y"])


def test_a_layer_gives_the_stored_numbers(example):
    (_, C_in, *_), (C_out, _, *kernel_size) = example["x"].shape, example["weight"].shape
    layer = Conv2d(C_in, C_out, kernel_size, **example["options"], bias=False)
    layer.weight = example["weight"]
    np.testing.assert_array_equal(layer(example["x"]), example["y"])


def test_every_output_is_the_sum_of_its_terms(example):
    for at in np.ndindex(example["y"].shape):
        told = trace(example["x"], example["weight"], **example["options"], at=at)
        assert told.value == example["y"][at] == sum(term.product for term in told.terms)


def test_the_stored_sums_are_told_word_for_word(example):
    for term in example["terms"]:
        told = trace(example["x"], example["weight"], **example["options"], at=tuple(term["at"]))
        stored = term["sum"].replace("+", " + ") + f" = {example['y'][tuple(term['at'])]}"
        # The input value 0 is a term; one stored sum leaves it out.
        assert told.sum().removeprefix("0 + ") == stored.removeprefix("0 + ")


def test_all_eight_are_here():
    assert [example["id"] for example in EXAMPLES] == [
        "sobel", "floor", "standard", "depthwise", "grouped", "pointwise", "dilated", "strided",
    ]  # fmt: skip
    assert sum(len(example["terms"]) for example in EXAMPLES) == 13
