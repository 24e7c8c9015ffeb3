"""The definition itself: exact on whole numbers, and right where a person can check it."""

from fractions import Fraction

import numpy as np
import pytest
from checks import absolute, assert_close, torch_conv2d, unchanged
from strategies import DTYPES, seeded_cases

from conv_lib import reference_conv2d


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("dtype", DTYPES)
def test_equals_torch(dtype):
    for case in seeded_cases(f"reference {dtype}", 25, dtypes=(dtype,), largest=2):
        with unchanged(*case.arrays):
            y = reference_conv2d(*case.arrays, **case.options)
        scale = torch_conv2d(*map(absolute, case.arrays), **case.options)
        assert_close(y, torch_conv2d(*case.arrays, **case.options), scale, case)
        assert y.dtype.isnative


def test_one_window_by_hand():
    x = np.array([[[1, 2], [3, 4]]])
    weight = np.array([[[[10, 20], [30, 40]]]])
    assert reference_conv2d(x, weight, np.array([5])).tolist() == [[[1 * 10 + 2 * 20 + 3 * 30 + 4 * 40 + 5]]]


def test_channels_are_summed_and_groups_are_not():
    x = np.array([1, 10, 100, 1000]).reshape(4, 1, 1)
    ones = np.ones((2, 4, 1, 1), int)
    assert reference_conv2d(x, ones).ravel().tolist() == [1111, 1111]
    assert reference_conv2d(x, ones[:, :2], groups=2).ravel().tolist() == [11, 1100]
    assert reference_conv2d(x, np.ones((4, 1, 1, 1), int), groups=4).ravel().tolist() == [1, 10, 100, 1000]


def test_the_sum_of_floats_is_rounded_once_from_double_precision():
    x = np.array([1, 2**-30, 2**-30, 2**-30], np.float32).reshape(1, 1, 4)
    y = reference_conv2d(x, np.full((1, 1, 1, 4), 1 + 2**-23, np.float32))
    exact = sum(Fraction(float(value)) for value in x.ravel()) * Fraction(1 + 2**-23)
    assert y.item() == np.float32(float(exact))


def test_integers_wrap_at_the_end():
    x = np.full((1, 1, 3), 2**62)
    assert reference_conv2d(x, np.ones((1, 1, 1, 3), int)).item() == 3 * 2**62 - 2**64
    assert reference_conv2d(np.full((1, 1, 1), 200, np.uint8), np.full((1, 1, 1, 1), 2, np.uint8)).item() == 400 - 256
