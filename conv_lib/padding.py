"""Padding: where the values around the input come from."""

from collections.abc import Sequence

import numpy as np

from conv_lib import arguments
from conv_lib.arguments import IntOrPair
from conv_lib.geometry import source


def pad_index(size: int, padding: IntOrPair, mode: str = "zeros", name: str = "axis") -> np.ndarray:
    """The input position that each padded position of one axis takes its value from; -1 stands for a zero.

    ``padding`` is the pair (before, after) in pixels. Raises ValueError for an unknown mode, and when reflect (padding below
    the size) or circular (padding up to the size) has too little input to take from. Source: PyTorch, ``Conv2d``.

    >>> for mode in ("zeros", "reflect", "replicate", "circular"):
    ...     print(mode, pad_index(4, (2, 2), mode).tolist())
    zeros [-1, -1, 0, 1, 2, 3, -1, -1]
    reflect [2, 1, 0, 1, 2, 3, 2, 1]
    replicate [0, 0, 0, 1, 2, 3, 3, 3]
    circular [2, 3, 0, 1, 2, 3, 0, 1]
    """
    size = arguments.whole("size", size, 1)
    before, after = arguments.pair("padding", padding, 0)
    arguments.padding_mode(mode)
    arguments.padding_fits(mode, size, (before, after), name)
    arguments.memory("The index", (before + size + after,), np.dtype(np.int64))
    return source(np.arange(-before, size + after), size, mode)


def pad(x: np.ndarray, padding: IntOrPair | Sequence[IntOrPair], mode: str = "zeros") -> np.ndarray:
    """Pad the last two axes of an array.

    ``(..., H, W) -> (..., H + top + bottom, W + left + right)``

    Parameters
    ----------
    x : array (H, W), (C, H, W) or (N, C, H, W)
    padding : int or (height, width), at least 0
        In pixels: an int for all sides, or a pair whose parts are ints per side or pairs (before, after).
    mode : 'zeros', 'reflect', 'replicate' or 'circular'
        'reflect' mirrors without repeating the edge and needs padding below the size; 'replicate' repeats the edge; 'circular'
        goes on at the other side and takes padding up to the size.

    Returns
    -------
    array
        New, of the dtype of `x`.

    Raises
    ------
    TypeError, ValueError
        For what is no such array, padding below 0 or beyond what the mode can take from the input, and an unknown mode.

    Source
    ------
    PyTorch, ``torch.nn.functional.pad``; but note that its order is (left, right, top, bottom).

    Examples
    --------
    >>> pad(np.array([[1, 2, 3]]), (0, 2), "reflect")
    array([[3, 2, 1, 2, 3, 2, 1]])
    >>> pad(np.array([[1, 2]]), ((0, 1), (1, 0)))
    array([[0, 1, 2],
           [0, 0, 0]])
    """
    arguments.array("x", x, (2, 3, 4))
    sides = padding if isinstance(padding, (tuple, list)) and len(padding) == 2 else (padding, padding)
    top_bottom, left_right = (arguments.pair("padding", side, 0) for side in sides)
    arguments.no_empty_axis("x", x.shape, x.shape[-2:])
    padded_shape = (*x.shape[:-2], x.shape[-2] + sum(top_bottom), x.shape[-1] + sum(left_right))
    arguments.memory("The padded array", padded_shape, x.dtype)
    if arguments.padding_mode(mode) != "zeros":
        rows = pad_index(x.shape[-2], top_bottom, mode, "height")
        columns = pad_index(x.shape[-1], left_right, mode, "width")
        return np.asarray(x)[..., rows[:, None], columns]
    padded = np.zeros(padded_shape, x.dtype)
    padded[..., top_bottom[0] : top_bottom[0] + x.shape[-2], left_right[0] : left_right[0] + x.shape[-1]] = x
    return padded
