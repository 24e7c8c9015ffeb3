"""PhotoFigure: a kernel on a real photo, before and after."""

from base64 import b64encode
from functools import cache
from io import BytesIO

import numpy as np
import traitlets

from conv_lib import arguments, conv2d
from conv_lib.figures.base import LiveFigure, numbers, plain

SIDE = 256  # pixels of the built-in pictures
STILL_SIDE = 128  # at most, in the still figure
MOST_WEIGHT = 9999
SIZES = (3, 5, 7)
COLOURS = ("grey", "each channel alone", "channels summed")
PICTURES = ("photo", "rings")
KERNELS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "ones": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    "blur": [[1, 2, 1], [2, 4, 2], [1, 2, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "sobel": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "sobel vertical": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "edge": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
}


class PhotoFigure(LiveFigure):
    """A kernel on a real photo, before and after, as fast as it can be dragged.

    ``x (1 or 3, 256, 256) * weight (C_out, C_in//groups, K, K) -> output (C_out, H_out, W_out)``

    Parameters
    ----------
    kernel : str, or numbers (K, K)
        'identity', 'ones', 'blur', 'sharpen', 'sobel', 'sobel vertical' or 'edge'; or a square of 3 x 3, 5 x 5 or 7 x 7 numbers,
        each at most 9999 in size. Kept as numbers.
    stride : int, from 1 to 8
    dilation : int, from 1 to 6
        The padding is ``dilation * (K // 2)`` zeros per side: stride 1 keeps the size.
    colour : 'grey', 'each channel alone' or 'channels summed'
        One channel, the mean of red, green and blue rounded down; the same kernel on each of the three (groups=3, depthwise);
        or three channels into one map (groups=1).
    picture : 'photo' or 'rings'
        Rings are circles that get finer outwards, down to two pixels, and show what a stride aliases. A reader's own picture
        stays in the browser: `x` and `output` are those of `picture`.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) that names the rule.

    Examples
    --------
    >>> figure = PhotoFigure("blur", stride=4, colour="each channel alone")
    >>> figure.weight.shape, figure.output.shape, figure.output.dtype
    ((3, 1, 3, 3), (3, 64, 64), dtype('int64'))
    """

    module = "photo"
    told = ("kernel", "stride", "dilation", "colour", "picture")

    kernel = traitlets.Any(KERNELS["sobel"]).tag(sync=True)
    stride = traitlets.Any(1).tag(sync=True)
    dilation = traitlets.Any(1).tag(sync=True)
    colour = traitlets.Any("grey").tag(sync=True)
    picture = traitlets.Any("photo").tag(sync=True)
    photo_uri = traitlets.Unicode(read_only=True, help="The photo's pixels, for the browser.").tag(sync=True)

    def __init__(self, kernel="sobel", **traits):
        super().__init__(kernel=kernel, **traits)

    @traitlets.default("photo_uri")
    def _photo_uri(self):
        return photo_uri()

    def check(self, state):
        return {
            "kernel": plain(_kernel(state["kernel"])),
            "stride": arguments.within("stride", state["stride"], 1, 8, "to be shown"),
            "dilation": arguments.within("dilation", state["dilation"], 1, 6, "to be shown"),
            "colour": _one_of("colour", state["colour"], COLOURS),
            "picture": _one_of("picture", state["picture"], PICTURES),
        }

    @property
    def x(self):
        """What the layer reads, whole numbers from 0 to 255. (1, 256, 256) in grey and (3, 256, 256) otherwise."""
        planes = photo_planes() if self.picture == "photo" else np.stack([rings()] * 3)
        return (planes.sum(axis=0, keepdims=True) // 3 if self.colour == "grey" else planes).astype(np.int64)

    @property
    def weight(self):
        """The kernel once for each channel, (1, 1, K, K), (3, 1, K, K) or (1, 3, K, K)."""
        outputs, per_group = {"grey": (1, 1), "each channel alone": (3, 1), "channels summed": (1, 3)}[self.colour]
        return np.tile(np.array(self.kernel), (outputs, per_group, 1, 1))

    @property
    def output(self):
        """What conv_lib computes from `x`, (C_out, H_out, W_out), int64 where all weights are whole."""
        weight = self.weight
        padding = self.dilation * (len(self.kernel) // 2)
        return conv2d(self.x.astype(weight.dtype), weight, None, self.stride, padding, self.dilation, groups=len(weight))

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        pictures = {"before": self.x.astype(np.uint8), "after": shown(self.output, self.weight)}
        return draw.images({name: _small(planes) for name, planes in pictures.items()}, caption=self.title, side=240)


def shown(output, weight):
    """`output` (C_out, H, W) as a picture, uint8. Where the weights of one output sum to more than 0, it is divided by their sum
    (if that is over 1); otherwise mid grey is 0, and 255 per channel is white. What lies beyond is cut off.

    >>> shown(np.array([[[-300, 0, 255]]]), np.array([[[[-1, 1]]]]))
    array([[[  0, 128, 255]]], dtype=uint8)
    """
    total = weight[0].sum()
    values = output / max(1, total) if total > 1e-9 else 127.5 + output / (2 * weight.shape[1])
    return np.rint(values.clip(0, 255)).astype(np.uint8)


def rings(side=SIDE):
    """Circles that get finer outwards, (side, side) of uint8: a triangular wave of the squared distance to the middle.

    At the middle of each border, 128 pixels out, one wave is two pixels long: the finest that pixels can hold.

    >>> rings()[128, 128:133]
    array([ 0,  1,  4,  9, 16], dtype=uint8)
    """
    squares = (np.arange(side) - side // 2) ** 2
    phase = (squares[:, None] + squares) % 512
    return np.minimum(phase, 511 - phase).astype(np.uint8)


@cache
def photo_planes():
    from conv_lib.photo import photo  # Matplotlib and Pillow, likewise

    return photo(SIDE, colour=True)


def photo_script():
    """The script that brings the photo into a published page."""
    return f'window.convLibPhoto = "{photo_uri()}";\n'


@cache
def photo_uri():
    """The photo as a data URI that keeps every pixel."""
    from PIL import Image

    file = BytesIO()
    Image.fromarray(photo_planes().transpose(1, 2, 0)).save(file, "WEBP", lossless=True)
    return "data:image/webp;base64," + b64encode(file.getvalue()).decode()


def _kernel(value):
    if isinstance(value, str):
        value = KERNELS[_one_of("kernel", value, KERNELS)]
    found = numbers("kernel", value, (2,), MOST_WEIGHT)
    if found.shape not in [(size, size) for size in SIZES]:
        raise ValueError(f"`kernel` of shape {found.shape} must be square, of 3, 5 or 7 rows.")
    return found


def _one_of(name, value, words):
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"`{name}` (={arguments.show(value)}) must be one of {', '.join(map(repr, words))}.")
    return value


def _small(planes):
    """(C, H, W) as a grey or colour picture whose sides are at most STILL_SIDE, each pixel a mean."""
    step = -(-planes.shape[1] // STILL_SIDE)
    size = planes.shape[1] // step
    means = planes.reshape(len(planes), size, step, size, step).mean(axis=(2, 4)).astype(np.uint8)
    return means[0] if len(means) == 1 else means
