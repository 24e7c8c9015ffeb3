"""The geometry of one axis, tested by what it means: windows, taps, and the gradients of torch."""

import random

import numpy as np
import pytest
import torch
from checks import refusal
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import MODES, axis_arguments, examples, numbers, pairs

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


def layers_of_every_mode(count):
    """Settings of `count` uneven layers of all four modes that fit their input: (mode, (rows, columns)), the axes as dicts."""
    pick = random.Random("every mode").choice
    for n in range(count):
        mode, both = MODES[n % 4], []
        for _ in range(2):
            kernel_size, stride, dilation, size = (pick(range(1, top)) for top in (6, 6, 5, 12))
            limit = {"reflect": size - 1, "circular": size}.get(mode, 8)
            padding, span = pick(range(limit + 1)), dilation * (kernel_size - 1) + 1
            if span > size + 2 * padding:
                dilation, kernel_size = 1, min(kernel_size, size + 2 * padding)
            both.append({"size": size, "kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation})
        yield mode, both


def test_unread_is_where_the_gradient_of_torch_is_zero_in_every_mode():
    through_the_ring = 0
    for mode, both in layers_of_every_mode(2400):
        kernel_size, stride, padding, dilation = (
            tuple(axis[name] for axis in both) for name in ("kernel_size", "stride", "padding", "dilation")
        )
        layer = torch.nn.Conv2d(1, 1, kernel_size, stride, padding, dilation, padding_mode=mode)
        torch.nn.init.ones_(layer.weight)
        x = torch.ones(1, 1, both[0]["size"], both[1]["size"], requires_grad=True)
        layer(x).sum().backward()
        zero = x.grad[0, 0].numpy() == 0
        rows, columns = (Axis(**axis, padding_mode=mode) for axis in both)
        expected = np.zeros(zero.shape, bool)
        expected[list(rows.unread)] = True
        expected[:, list(columns.unread)] = True
        assert (zero == expected).all(), (rows, columns)
        through_the_ring += rows.unread != Axis(**both[0]).unread
    assert through_the_ring > 100  # the modes matter


@pytest.mark.parametrize("mode", MODES)
def test_unread_and_users_are_found_without_listing_windows(mode):
    length = 10**6
    for axis in (
        Axis(length, 3, 7, padding_mode=mode),
        Axis(length, 3, 2, length - 1, 4, padding_mode=mode),
        Axis(length, 400_000, 3, padding_mode=mode),
        Axis(16, 3, padding=0 if mode in ("reflect", "circular") else 2**61, padding_mode=mode),
        Axis(length, 1, 2**62, padding_mode=mode),
    ):
        last = axis.output_size - 1
        assert not {*axis.taps(0)[:3], *axis.taps(last)[:3]} & set(axis.unread)
        position = axis.taps(last)[1] if axis.kernel_size > 1 else axis.taps(last)[0]
        users = axis.users(position)
        assert users and all(axis.taps(i)[tap] == position for i, tap in (users[0], users[-1]))


def test_the_numbers_of_an_axis_may_be_as_large_as_those_of_torch():
    most = 2**63 - 1
    assert Axis(16, 3, most, most, most).unread == tuple(p for p in range(16) if p)  # the one window reads -most, 0 and most
    assert Axis(16, 3, most, most, most).users(0) == ((0, 1),)
    assert Axis(16, 3, 1, most, most).users(5) == ((5, 1),)
    large = Axis(16, 3, 2**40 + 1, (2**41 - 3, 2**41), 2**40 - 1)
    windows = [large.window(i) for i in range(large.output_size)]
    assert large.unread == tuple(p for p in range(16) if not any(p in window for window in windows)) != tuple(range(16))
    assert Axis(5, 2, most, (2, most), most, padding_mode="replicate").unread == (1, 2, 3)
    assert Axis(5, 2, most, (0, most), most, padding_mode="replicate").unread == (1, 2, 3)


def test_what_is_listed_has_a_limit():
    refusal(lambda: Axis(10**6 + 1, 3).unread, "`unread`", 10**6, 10**6 + 1)
    refusal(lambda: receptive_field([(3,)] * 10**5), "together", 10**7)
    refusal(lambda: Axis(10**12, 10**11).taps(5), "`taps`", 10**11, 10**6)
    refusal(lambda: Axis(10**12, 10**11).users(10**11), "`users`", 10**11, 10**6)


def test_what_meets_a_pixel_is_counted_as_by_listing():
    pick = random.Random("met").choice
    for _ in range(1500):
        kernel_size, stride, dilation = pick(range(1, 7)), pick(range(1, 10)), pick(range(1, 10))
        padding = pick(range(25)), pick(range(25))
        size = max(1, dilation * (kernel_size - 1) + 1 - sum(padding)) + pick(range(9))
        axis = Axis(size, kernel_size, stride, padding, dilation)
        met = np.array([[0 <= position < size for position in axis.taps(i)] for i in range(axis.output_size)])
        assert axis.met == (met.sum(), met.any(1).sum(), met.any(0).sum()), axis
        meeting = [axis.meets(tap) for tap in range(kernel_size)]
        assert [list(outputs) for outputs in meeting] == [np.flatnonzero(of_tap).tolist() for of_tap in met.T]
        assert all(outputs.start <= outputs.stop for outputs in meeting)  # methods take the two as they are
    assert Axis(17, 10**18, 1, 10**18).met == (17 * 10**18, 10**18 + 16, 10**18)


def test_a_position_may_be_any_integer():
    users = Axis(200, 3, padding=200).users(np.int8(5))
    assert users == ((203, 2), (204, 1), (205, 0)) and {type(number) for user in users for number in user} == {int}


def test_an_axis_knows_what_its_padding_mode_can_fill():
    refusal(lambda: Axis(5, 3, padding=(0, 5), padding_mode="reflect"), "`padding` (=5)", "at most 4", "'reflect'", "size 5")
    refusal(lambda: Axis(5, 3, padding=6, padding_mode="circular"), "`padding` (=6)", "at most 5")
    refusal(lambda: Axis(5, 3, padding_mode="mirror"), "`padding_mode` (='mirror')", *MODES)
    refusal(lambda: axes((6, 5), 3, padding=(5, 1), padding_mode="constant"), "`padding_mode` (='constant')")
    assert Axis(5, 3, padding=1) != Axis(5, 3, padding=1, padding_mode="circular") == Axis(5, 3, padding=1, padding_mode="circular")


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


def test_a_deep_stack_is_told_layer_by_layer():
    fields = receptive_field([(3, 1, 2)] * 200)
    assert [field.size for field in fields] == list(range(5, 802, 4)) and fields[-1].offsets == tuple(range(0, 801, 2))
    assert receptive_field([(10**6,)])[0] == (10**6, 1, tuple(range(10**6)))
    assert receptive_field([(2, 1, 499_999), (1000,)])[-1].offsets == (*range(1000), *range(499_999, 500_999))


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


def test_axes_that_were_made_before_are_not_those_of_equal_numbers_of_another_kind():
    """1, 1.0 and True are one key of a dictionary, and only the first of them is a number of pixels."""
    assert axes((1, 8), (1, 5))[0].size == 1
    for size in (1.0, True):
        refusal(lambda: axes((size, 8), (1, 5)), "must be an integer")
    assert [type(axis.size) for axis in axes((np.int64(1), np.int8(8)), (1, 5))] == [int, int]
