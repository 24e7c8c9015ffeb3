"""What the methods share: pieces of the padded input, made one at a time so that they stay in the processor's cache."""

import itertools
import math
import os
from collections import deque
from contextlib import contextmanager
from functools import lru_cache

import numpy as np

SMALL = 10**6  # multiplications of a product that OpenBLAS does without packing
LARGE = 256  # rows and columns of a product from which on packing them is little
TALL = 32  # rows of one tile, at most
LINE = 64  # bytes of a cache line
KEPT = 2**23  # bytes of scratch memory that stay for the next call, at most

_free = deque(maxlen=os.cpu_count() or 1)


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
    (height, width), down, right = piece.shape[-2:], start[0] - rows.padding[0], start[1] - columns.padding[0]
    images = images[..., down % rows.stride :: rows.stride, right % columns.stride :: columns.stride]
    top, left = -(first[0] + down // rows.stride), -(first[1] + right // columns.stride)  # where they fall in the piece
    above, below = min(max(0, top), height), min(max(0, top + images.shape[-2]), height)
    before, behind = min(max(0, left), width), min(max(0, left + images.shape[-1]), width)
    if above >= below or before >= behind:
        piece[...] = 0
        return
    if above > 0 or below < height:
        piece[..., :above, :] = piece[..., below:, :] = 0
    if before > 0 or behind < width:
        piece[..., above:below, :before] = piece[..., above:below, behind:] = 0
    piece[..., above:below, before:behind] = images[..., above - top : below - top, before - left : behind - left]


def shift(piece, images, rows, columns, start, first=(0, 0)):
    """`fill` for all kernel columns: (A, B, H, W) into `piece` (A, K_w, B, height, width). `start` is the padded row of output 0.

    Where all maps of a tap lie together, a tap copies what another of its stride has read, further along, in one run over all
    rows and maps; what ran over from one row into the next is then read from the images.
    """
    width, filled = piece.shape[-1], {}
    for tap in sorted(range(columns.kernel_size), key=lambda tap: abs(starts(columns)[tap] - columns.padding[0])):
        place, into = starts(columns)[tap], piece[:, tap]
        begin, source = filled.setdefault(place % columns.stride, (place, into))
        by, strip = (place - begin) // columns.stride, slice(0, width)
        if piece.shape[2] == 1 and 0 < abs(by) < width and into.flags.c_contiguous:
            strip = slice(width - by, width) if by > 0 else slice(0, -by)
            here, there = overlap(by)
            into.reshape(-1)[here] = source.reshape(-1)[there]
        fill(into[..., strip], images, rows, columns, (start, place), (first[0], first[1] + strip.start))


def overlap(by):
    """Where a run meets one that is moved by so many, not 0: run[here] lies beside moved[there].

    >>> here, there = overlap(1)
    >>> np.arange(4)[here], np.arange(4)[there]
    (array([0, 1, 2]), array([1, 2, 3]))
    """
    return (slice(-by), slice(by, None)) if by > 0 else (slice(-by, None), slice(by))


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


def product(a, b, out):
    """a @ b, (..., M, K) @ (..., K, N), into `out`, in tiles small enough for BLAS to multiply them without packing them first."""
    (M, K), N = a.shape[-2:], b.shape[-1]
    tall = next((size for size in range(TALL, 7, -1) if M % size == 0), M)
    wide = SMALL // (tall * K) // 16 * 16
    if M * N * K <= SMALL or min(M, N) >= LARGE or a.dtype != np.float32 or tall > TALL or wide < 32:
        np.matmul(a, b, out=out)
        return
    a, b = a.reshape(*a.shape[:-2], M // tall, tall, K), b[..., None, :, :]
    out = out.reshape(*out.shape[:-2], M // tall, tall, N)
    for first in range(0, N, wide):
        np.matmul(a, b[..., first : first + wide], out=out[..., first : first + wide])


def finite(y):
    """Whether all numbers are finite, by sums of squares."""
    flat = y.reshape(-1) if y.flags.c_contiguous else y.reshape(*y.shape[:2], -1)  # some rows of a map: one sum per map
    return y.dtype.kind in "iu" or bool(np.isfinite(np.vecdot(flat, flat)).all())


@contextmanager
def scratch(dtype, *sizes):
    """Flat arrays for numbers on the way, each beginning on a cache line.

    What goes back to the system is fetched again page by page, which can take longer than the convolution. So up to KEPT bytes
    are kept for the next call; a call that begins meanwhile, in another thread or inside this one, finds them taken.
    """
    rooms = [-(-size * dtype.itemsize // LINE) * LINE for size in sizes]
    wanted = sum(rooms) + LINE
    try:
        memory = _free.pop()
    except IndexError:
        memory = None
    if memory is None or memory.nbytes < wanted:
        memory = np.empty(wanted, np.uint8)
    places = itertools.accumulate(rooms, initial=-memory.ctypes.data % LINE)
    yield [memory[place : place + size * dtype.itemsize].view(dtype) for place, size in zip(places, sizes)]
    if memory.nbytes <= KEPT:
        _free.append(memory)


def shaped(flat, *shape):
    """The beginning of a flat array as an array of this shape."""
    return flat[: math.prod(shape)].reshape(shape)
