"""What the tests of conv_lib ask again and again: does torch agree, was it refused on purpose, is the input as it was."""

import traceback
from contextlib import contextmanager

import numpy as np
import torch

from conv_lib import arguments

torch.set_num_threads(1)  # the arrays are tiny, and several test processes share the cores
# The oracle computes with torch's own loops. oneDNN's kernels crash on some processors (float16) and for padding far beyond the kernel.
torch.backends.mkldnn.set_flags(_enabled=False)


def native(array):
    """An array in C order and the byte order of the machine."""
    return None if array is None else np.array(array, array.dtype.newbyteorder("="), order="C")


def tensor(array):
    """A torch tensor with a copy of the numbers."""
    return None if array is None else torch.from_numpy(native(array))


def plain(value):
    """The same number or pair in Python ints, for torch."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(int, value))
    return value if isinstance(value, str) else int(value)


def torch_conv2d(x, weight, bias=None, **options):
    """torch.nn.functional.conv2d on NumPy arrays.

    On the CPU torch dilates no integers but int64; smaller ones are then convolved in int64 and wrapped. Half precision is
    computed as it is meant: summed in single precision and rounded once.
    """
    options = {name: plain(value) for name, value in options.items()}
    arrays = [tensor(x), tensor(weight), tensor(bias)]
    dtype = arrays[0].dtype
    if dtype == torch.float16:
        arrays = [None if a is None else a.float() for a in arrays]
    elif np.max(options.get("dilation", 1)) > 1 and not (dtype.is_floating_point or dtype.is_complex):
        arrays = [None if a is None else a.long() for a in arrays]
    return torch.nn.functional.conv2d(*arrays, **options).to(dtype).numpy()


def assert_close(y, expected, scale, what="", eps=8):
    """Integers exactly; floats within `eps` times the eps of the dtype of `scale`, the sum of the absolute terms."""
    expected = np.asarray(expected)
    assert (y.dtype, y.shape) == (expected.dtype, expected.shape), what
    if y.dtype.kind in "iu":
        np.testing.assert_array_equal(y, expected, str(what))
        return
    wide = np.complex128 if y.dtype.kind == "c" else np.float64
    error = np.abs(y.astype(wide) - expected.astype(wide))
    allowed = eps * np.finfo(y.dtype).eps * scale + np.finfo(y.dtype).smallest_subnormal
    assert (error <= allowed).all(), f"off by {np.max(error / allowed):.3g} times what rounding explains: {what}"


def absolute(array):
    """Absolute values in double precision; None stays None."""
    return None if array is None else np.abs(native(array)).astype(np.float64)


@contextmanager
def unchanged(*arrays):
    """The arrays hold the same numbers before and after."""
    before = [None if a is None else (a.tobytes(), a.shape, a.strides, a.dtype) for a in arrays]
    yield
    assert before == [None if a is None else (a.tobytes(), a.shape, a.strides, a.dtype) for a in arrays]


def refusal(call, *words):
    """The message with which `call` is refused: on purpose, in arguments.py, and holding every one of `words`."""
    try:
        result = call()
    except Exception as error:
        innermost = traceback.extract_tb(error.__traceback__)[-1].filename
        assert type(error) in (TypeError, ValueError), f"{type(error).__name__}: {error}"
        assert innermost == arguments.__file__, f"refused by chance in {innermost}: {error}"
        message = str(error)
        assert not [word for word in words if str(word) not in message], f"{words} not all in: {message}"
        return message
    raise AssertionError(f"not refused: {result!r}")
