"""A real photo for the chapters, public domain: Grace Hopper in 1984, by James S. Davis, U.S. Navy."""

import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image

from conv_lib import arguments

SIDE = 512  # the upper square of the file, which is 512 pixels wide and 600 high
GREY = (299, 587, 114)  # thousandths of red, green and blue (ITU-R BT.601)


def photo(size=128, colour=False):
    """A photo as a square array of uint8: (size, size) in grey, (3, size, size) with ``colour=True``.

    It is the one that ships with Matplotlib. Every pixel is the mean of the square of file pixels that it covers, so
    nothing is aliased. ``size`` is a power of two from 8 to 512. Raises TypeError and ValueError for another size,
    TypeError unless `colour` is True or False.

    >>> photo(64).shape, photo(64).dtype, photo(64, colour=True).shape
    ((64, 64), dtype('uint8'), (3, 64, 64))
    """
    size = arguments.divisor("size", size, SIDE, 8)
    with get_sample_data("grace_hopper.jpg") as file:
        pixels = np.asarray(Image.open(file).convert("RGB"))[:SIDE].astype(int)
    side = SIDE // size
    sums = pixels.reshape(size, side, size, side, 3).sum(axis=(1, 3))  # whole numbers: the same on every machine
    if arguments.flag("colour", colour):
        return _divided(sums, side**2).transpose(2, 0, 1).copy()
    return _divided(sums @ GREY, 1000 * side**2)


def _divided(sums, by):
    return ((sums + by // 2) // by).astype(np.uint8)
