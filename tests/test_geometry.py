"""The geometry of one axis, tested by what it means: windows, taps, and the gradients of torch."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import axis_arguments, examples, numbers, pairs

from conv_lib import Axis, effective_kernel_size, output_size, receptive_field, same_padding
from conv_lib.geometry import axes

axis_strategy = axis_arguments().map(lambda given: Axis(**given))


def conv1d(size, kernel_size, stride, padding, dilation):
    """torch's convolution of `size` ones under a kernel of ones, and the input, ready for a gradient."""
    x = torch.ones(1, 1, size, requires_grad=True)
    padded = torch.nn.functional.pad(x, tuple(padding))
    return torch.nn.functional.conv1d(padded, torch.ones(1, 1, kernel_size), None, stride, 0, dilation), x


# Windows.


@examples(200)
@given(axis_strategy)
def test_the_first_window_starts_at_the_first_padded_position(axis):
    assert axis.taps(0)[0] == -axis.padding[0]


@examples(200)
@given(axis_strategy)
def test_the_last_window_fits_and_one_more_would_not(axis):
    end = axis.size + axis.padding[1]  # the first position behind the padded input
    last = axis.taps(axis.output_size - 1)[-1]
    assert last < end <= last + axis.stride


@examples(200)
@given(axis_strategy)
def test_taps_lie_dilation_apart_and_windows_stride_apart(axis):
    taps = np.array([axis.taps(i) for i in range(axis.output_size)])
    assert taps.shape == (axis.output_size, axis.kernel_size)
    assert (np.diff(taps, axis=1) == axis.dilation).all() and (np.diff(taps, axis=0) == axis.stride).all()


@examples(200)
@given(axis_strategy)
def test_users_are_the_inverse_of_taps(axis):
    positions = range(-axis.padding[0], axis.size + axis.padding[1])
    by_output = {(i, tap, p) for i in range(axis.output_size) for tap, p in enumerate(axis.taps(i))}
    assert by_output == {(i, tap, p) for p in positions for i, tap in axis.users(p)}


@examples(100)
@given(axis_strategy)
def test_reads_are_the_taps_in_padded_positions(axis):
    positions = np.arange(-axis.padding[0], axis.size + axis.padding[1])
    for tap in range(axis.kernel_size):
        assert positions[axis.reads(tap)].tolist() == [axis.taps(i)[tap] for i in range(axis.output_size)]


@examples(200)
@given(axis_strategy)
def test_left_over_is_what_lies_behind_the_last_window(axis):
    behind = [p for p in range(axis.size + axis.padding[1]) if p > axis.taps(axis.output_size - 1)[-1]]
    assert axis.left_over == len(behind) < axis.stride


# Against torch.


@examples(200)
@given(axis_arguments())
def test_output_size_is_that_of_torch(given):
    y, _ = conv1d(**given)
    assert output_size(**given) == y.shape[-1]


@examples(200)
@given(axis_arguments())
def test_unread_is_where_the_gradient_of_torch_is_zero(given):
    y, x = conv1d(**given)
    y.sum().backward()
    assert Axis(**given).unread == tuple(np.flatnonzero(x.grad[0, 0].numpy() == 0))


@examples(100)
@given(axis_arguments())
def test_users_count_the_gradient_of_torch(given):
    y, x = conv1d(**given)
    y.sum().backward()
    axis = Axis(**given)
    assert [len(axis.users(p)) for p in range(axis.size)] == x.grad[0, 0].tolist()


@examples(150)
@given(numbers(30), numbers(9), numbers(5))
def test_same_padding_keeps_the_size_and_puts_the_odd_pixel_after(size, kernel_size, dilation):
    before, after = same_padding(kernel_size, dilation)
    assert after - before in (0, 1)
    assert output_size(size, kernel_size, 1, (before, after), dilation) == size
    assert output_size(size, kernel_size, 1, "same", dilation) == size


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("kernel_size", range(1, 8))
@pytest.mark.parametrize("dilation", (1, 2, 3))
def test_same_padding_is_that_of_torch(kernel_size, dilation):
    x = torch.zeros(1, 1, 9)
    x[0, 0, 4] = 1
    weight = torch.arange(1.0, kernel_size + 1).reshape(1, 1, -1)  # the outputs that see the 1 tell which tap saw it
    y = torch.nn.functional.conv1d(x, weight, padding="same", dilation=dilation)[0, 0]
    axis = Axis(9, kernel_size, 1, "same", dilation)
    expected = np.zeros(9)
    for output, tap in axis.users(4):
        expected[output] = tap + 1
    assert y.tolist() == expected.tolist()


# Receptive fields.

layer_strategy = st.tuples(numbers(4), numbers(3), numbers(3))


def seen_by(layers, output, size):
    """The input positions with a gradient from one output of a stack of torch's convolutions."""
    x = torch.ones(1, 1, size, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel_size, stride, dilation in layers:
        y = torch.nn.functional.conv1d(y, torch.ones(1, 1, kernel_size, dtype=y.dtype), None, stride, 0, dilation)
    y[0, 0, output].backward()
    return np.flatnonzero(x.grad[0, 0].numpy())


@examples(60)
@given(st.lists(layer_strategy, min_size=1, max_size=4))
def test_receptive_field_is_the_gradient_of_a_stack_in_torch(layers):
    fields = receptive_field(layers)
    assert len(fields) == len(layers)
    assume(fields[-1].size < 400)
    for depth, field in enumerate(fields, start=1):
        size = field.size + field.jump  # room for two outputs
        first, second = (seen_by(layers[:depth], output, size) for output in (0, 1))
        assert first.tolist() == list(field.offsets) and field.offsets[-1] + 1 == field.size
        assert second.tolist() == [field.jump + offset for offset in field.offsets]


def test_receptive_field_of_known_stacks():
    assert [f.size for f in receptive_field([(3,)] * 5)] == [3, 5, 7, 9, 11]
    assert receptive_field([[3, 1, 1], [3, 1, 2], [3, 1, 4]])[-1] == (15, 1, tuple(range(15)))
    assert receptive_field([(7, 2), (3, 2)])[-1][:2] == (11, 4)  # the stem of a ResNet
    assert receptive_field([]) == []


# By hand, and how it can be written.


def test_sizes_by_hand():
    assert [effective_kernel_size(3, d) for d in (1, 2, 3, 4)] == [3, 5, 7, 9]
    assert effective_kernel_size(1, 100) == 1
    assert output_size(6, 3, 2, 1) == 3 and output_size(6, 3, 2) == 2 and output_size(224, 11, 4) == 54
    assert output_size(10**15, 3) == 10**15 - 2  # no array is made
    assert output_size(5, 3, padding="valid", stride=2) == 2


def test_the_padding_of_an_axis_is_always_a_pair():
    spelled = [1, (1,), [1], (1, 1), [1, 1], np.int64(1), "same"]
    assert {Axis(6, 3, padding=padding) for padding in spelled} == {Axis(6, 3, padding=(1, 1))}
    assert Axis(6, 3, padding="valid").padding == (0, 0) and Axis(6, 4, padding="same").padding == (1, 2)


def test_the_numbers_of_an_axis_are_python_ints():
    axis = Axis(np.int32(6), np.int8(3), np.uint8(2), np.int64(1))
    numbers = (axis.size, axis.stride, *axis.padding, axis.output_size, axis.left_over, *axis.taps(0), *axis.unread)
    assert {type(number) for number in numbers} == {int}


@examples(50)
@given(pairs(12, 8), pairs(3), pairs(3), pairs(3, 0), pairs(2))
def test_axes_are_rows_and_columns(size, kernel_size, stride, padding, dilation):
    rows, columns = axes(size, kernel_size, stride, padding, dilation)
    assert rows == Axis(size[0], kernel_size[0], stride[0], padding[0], dilation[0])
    assert columns == Axis(size[1], kernel_size[1], stride[1], padding[1], dilation[1])
    assert (rows.name, columns.name) == ("height", "width")
