"""What the methods share: pieces of the padded input, made one at a time so that they stay in the processor's cache."""

import itertools
import math
import threading
from functools import lru_cache

import numpy as np

SMALL = 10**6  # multiplications of a product that OpenBLAS does without packing
TALL = 32  # rows of one tile, at most
LINE = 64  # bytes of a cache line
KEPT = 2**23  # bytes of scratch memory that a thread keeps, at most

_kept = threading.local()


def split(total, most):
    """(first, last) of equal steps of at most `most` from 0 to `total`, the last one shorter.

    >>> split(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    """
    parts = -(-total // max(1, most))
    step = -(-total // parts)
    return [(first, min(first + step, total)) for first in range(0, total, step)]


def fill(piece, images, rows, columns, start, first=(0, 0)):
    """Copy into `piece` (..., height, width) what a tap reads of the zero-padded images for the outputs from `first` on.

    The tap reads at the padded position `start` for output (0, 0), and a stride further for the next.

    >>> from conv_lib.geometry import axes
    >>> piece = np.empty((3, 3), int)
    >>> fill(piece, np.array([[1, 2], [3, 4]]), *axes((2, 2), 2, padding=1), start=(1, 0))
    >>> piece
    array([[0, 1, 2],
           [0, 3, 4],
           [0, 0, 0]])
    """
    position = [place - axis.padding[0] for place, axis in zip(start, (rows, columns))]
    images = images[..., position[0] % rows.stride :: rows.stride, position[1] % columns.stride :: columns.stride]
    top, left = -(first[0] + position[0] // rows.stride), -(first[1] + position[1] // columns.stride)  # where they fall in the piece
    height, width = piece.shape[-2:]
    above, below = (min(max(0, edge), height) for edge in (top, top + images.shape[-2]))
    before, behind = (min(max(0, edge), width) for edge in (left, left + images.shape[-1]))
    piece[..., :above, :] = piece[..., below:, :] = 0
    piece[..., above:below, :before] = piece[..., above:below, behind:] = 0
    piece[..., above:below, before:behind] = images[..., above - top : below - top, before - left : behind - left]


@lru_cache
def starts(axis):
    """Where each tap reads for the first window, as padded positions.

    >>> from conv_lib.geometry import Axis
    >>> starts(Axis(9, 3, padding=1, dilation=2))
    (0, 2, 4)
    """
    return tuple(axis.reads(tap).start for tap in range(axis.kernel_size))


@lru_cache
def inside(axis):
    """(first, last) for each tap: the outputs for which it reads a pixel, not padding.

    >>> from conv_lib.geometry import Axis
    >>> inside(Axis(6, 3, padding=1))
    ((1, 6), (0, 6), (0, 5))
    """
    return tuple((met.start, met.stop) for met in map(axis.meets, range(axis.kernel_size)))


def pixels(axis, tap):
    """The input positions that the tap reads for the outputs `inside`, as a slice."""
    first, last = inside(axis)[tap]
    position = starts(axis)[tap] - axis.padding[0] + first * axis.stride
    return slice(position, position + (last - first - 1) * axis.stride + 1, axis.stride)


def overlap(size, by):
    """Where a run of `size` numbers meets one that is moved by so many: run[here] lies beside moved[there].

    >>> here, there = overlap(4, 1)
    >>> np.arange(4)[here], np.arange(4)[there]
    (array([0, 1, 2]), array([1, 2, 3]))
    """
    return (..., slice(max(0, -by), size - max(0, by))), (..., slice(max(0, by), size - max(0, -by)))


def product(a, b, out):
    """a @ b, (..., M, K) @ (..., K, N), into `out`, in tiles small enough for BLAS to multiply them without packing them first."""
    (M, K), N = a.shape[-2:], b.shape[-1]
    if M * N * K <= SMALL or a.dtype != np.float32:
        np.matmul(a, b, out=out)
        return
    tall = next(size for size in range(TALL, 0, -1) if M % size == 0)
    wide = SMALL // (tall * K) // 16 * 16
    if tall < min(M, 8) or wide < 32:
        np.matmul(a, b, out=out)
        return
    a = a.reshape(*a.shape[:-2], M // tall, 1, tall, K)
    whole = N // wide * wide
    for columns, size in ((slice(0, whole), wide), (slice(whole, N), N - whole)):
        if size and columns.start < columns.stop:
            part, into = b[..., columns], out[..., columns]
            part = part.reshape(*part.shape[:-1], -1, size).swapaxes(-3, -2)[..., None, :, :, :]
            into = into.reshape(*into.shape[:-2], M // tall, tall, -1, size).swapaxes(-3, -2)
            np.matmul(a, part, out=into)


def finite(y):
    """Whether all numbers are finite, by sums of squares."""
    flat = y.reshape(-1) if y.flags.c_contiguous else y.reshape(*y.shape[:2], -1)  # some rows of a map: one sum per map
    return y.dtype.kind in "iu" or bool(np.isfinite(np.vecdot(flat, flat)).all())


def scratch(dtype, *sizes):
    """Flat arrays for numbers on the way, each beginning on a cache line. The next call in this thread gets the same memory.

    What goes back to the system is fetched again page by page, which can take longer than the convolution: so up to KEPT
    bytes stay with the thread.
    """
    rooms = [-(-size * dtype.itemsize // LINE) * LINE for size in sizes]
    wanted = sum(rooms) + LINE
    memory = getattr(_kept, "memory", None)
    if memory is None or memory.nbytes < wanted:
        memory = np.empty(wanted, np.uint8)
        if wanted <= KEPT:
            _kept.memory = memory
    starts = itertools.accumulate(rooms, initial=-memory.ctypes.data % LINE)
    return [memory[start : start + size * dtype.itemsize].view(dtype) for start, size in zip(starts, sizes)]


def shaped(flat, *shape):
    """The beginning of a flat array as an array of this shape."""
    return flat[: math.prod(shape)].reshape(shape)
