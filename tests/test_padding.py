"""Padding: each mode against torch's own, and against what it means."""

import numpy as np
import pytest
import torch
from checks import refusal, tensor, unchanged
from hypothesis import given
from hypothesis import strategies as st
from strategies import DTYPES, LAYOUTS, MODES, examples, laid_out, numbers, pairs, values

from conv_lib import pad
from conv_lib.padding import pad_index

IN_TORCH = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


@examples(200)
@given(st.sampled_from(MODES), st.sampled_from(LAYOUTS), pairs(6, 2), st.tuples(*[st.integers(0, 5)] * 4), st.sampled_from((0, 1, 2)))
def test_equals_torch(mode, layout, size, sides, batch):
    limit = {"reflect": min(size) - 1, "circular": min(size)}.get(mode, 5)
    top, bottom, left, right = (min(side, limit) for side in sides)
    x = laid_out(values(np.random.default_rng(sum(sides)), (batch, 3, *size), "float64"), layout)
    with unchanged(x):
        padded = pad(x, ((top, bottom), (left, right)), mode)
    if batch or mode == "zeros":  # torch circles no empty batch
        expected = torch.nn.functional.pad(tensor(x), (left, right, top, bottom), IN_TORCH[mode]).numpy()
        np.testing.assert_array_equal(padded, expected)
    assert padded.dtype == x.dtype and padded.shape == (batch, 3, size[0] + top + bottom, size[1] + left + right)
    assert not np.shares_memory(padded, x)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_keeps_its_numbers(mode, dtype):
    x = values(np.random.default_rng(0), (3, 4), dtype)
    padded = pad(x, 2, mode)
    assert padded.dtype == x.dtype
    np.testing.assert_array_equal(padded[2:-2, 2:-2], x)


@examples(150)
@given(numbers(12), pairs(12, 0))
def test_what_each_mode_means(size, sides):
    before, after = sides
    positions = range(-before, size + after)
    inside = [p if 0 <= p < size else -1 for p in positions]
    assert pad_index(size, sides, "zeros").tolist() == inside
    assert pad_index(size, sides, "replicate").tolist() == [min(range(size), key=lambda q: abs(q - p)) for p in positions]
    if max(sides) <= size:
        ring = [*range(size)] * 3
        assert pad_index(size, sides, "circular").tolist() == ring[size - before : 2 * size + after]
    if max(sides) < size:
        mirror = [*range(size - 1, 0, -1), *range(size), *range(size - 2, -1, -1)]
        assert pad_index(size, sides, "reflect").tolist() == mirror[size - 1 - before : 2 * size - 1 + after]


def test_the_order_is_height_then_width_and_before_then_after():
    x = np.ones((2, 2), int)
    assert pad(x, (1, 0)).tolist() == [[0, 0], [1, 1], [1, 1], [0, 0]]
    assert pad(x, ((1, 0), (0, 2))).tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]]
    for padding in (1, (1,), [1], (1, 1), [(1, 1), 1], ((1,), [1, 1]), np.int8(1)):
        np.testing.assert_array_equal(pad(x, padding), pad(x, ((1, 1), (1, 1))))


@pytest.mark.parametrize("mode", MODES)
def test_padding_nothing_gives_a_copy(mode):
    x = np.arange(6).reshape(2, 3)
    padded = pad(x, 0, mode)
    padded[...] = 9
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_circular_padding_may_be_as_large_as_the_input_and_reflect_one_less():
    x = np.array([[1, 2, 3]])
    assert pad(x, (0, 3), "circular").tolist() == [[1, 2, 3, 1, 2, 3, 1, 2, 3]]
    assert pad(x, (0, 2), "reflect").tolist() == [[3, 2, 1, 2, 3, 2, 1]]
    assert pad(np.array([[7]]), (0, 9), "replicate").tolist() == [[7] * 19]
    assert pad(np.array([[7]]), 0, "reflect").tolist() == [[7]]
    refusal(lambda: pad(np.ones((6, 8)), ((0, 6), 0), "reflect"), "`padding` (=6) along the height must be at most 5")
    refusal(lambda: pad(np.ones((6, 8)), (0, (0, 9)), "circular"), "`padding` (=9) along the width must be at most 8")




def test_an_index_that_no_memory_holds_is_refused():
    refusal(lambda: pad_index(5, (0, 2**62)), "The index", 2**62 + 5)
