"""The figure of pictures side by side.

The pictures are coded here and not by Matplotlib: its RGBA coding is four times as large for a grey picture, and the
bytes of a compressed picture change with the version of zlib, while a stored figure must be the same on every
machine.
"""

import struct
from base64 import b64encode
from zlib import adler32, crc32

import numpy as np

from conv_lib import arguments
from conv_lib.draw.svg import Panel, number, still, words

SIDE = 152  # pixels on the page, at most


def images(arrays, caption="", side=SIDE):
    """Draw pictures side by side, each under its title: ``{'title': array, ...}``.

    A picture is grey (H, W), or colour (3, H, W) or (H, W, 3). uint8 is shown as it is. Other numbers are stretched
    from the least (black) to the greatest (white); where some are negative, zero is the middle grey. ``side``: the
    longer side on the page, in pixels, 152 if left out. Returns a `Still`. Raises TypeError or ValueError for anything
    but such arrays of finite numbers, and for sides over 1024.

    >>> images({"ramp": np.arange(4.0).reshape(2, 2)})
    Pictures: ramp (2x2, from 0 to 3).
    """
    arguments.titled("arrays", arrays)
    arguments.whole("side", side, 1)
    panels, stories = [], []
    for title, array in arrays.items():
        pixels, story = _pixels(title, array)
        height, width = (side * size / max(pixels.shape[:2]) for size in pixels.shape[:2])
        data = b64encode(_png(pixels)).decode()
        body = words([(0, 14, title)], anchor="start", bold=True) + (
            f'<image y="22" width="{number(width)}" height="{number(height)}" preserveAspectRatio="none" '
            f'style="image-rendering:{"pixelated" if 3 * max(pixels.shape[:2]) <= side else "auto"}" '
            f'href="data:image/png;base64,{data}"/>'
        )
        panels.append(Panel(max(width, 8 * len(title)), height + 24, body))
        stories.append(f"{title} ({story})")
    return still([panels], f"Pictures: {'; '.join(stories)}.", caption)


def _pixels(title, array):
    """uint8 pixels, and the size and range in words."""
    arguments.picture(title, array)
    if array.ndim == 3 and len(array) == 3:
        array = array.transpose(1, 2, 0)
    size = f"{array.shape[0]}x{array.shape[1]}"
    if array.dtype == np.uint8:
        return array, size + (" in colour" if array.ndim == 3 else "")
    low, high = array.min().item(), array.max().item()
    story = f"{size}, from {low:.4g} to {high:.4g}"
    if low < 0:
        low, high = -max(-low, high), max(-low, high)
    spread = high - low or 1
    return np.rint((array.astype(float) - low) * (255 / spread)).astype(np.uint8), story


def _png(pixels):
    """A PNG of uint8 pixels, (H, W) grey or (H, W, 3) colour, whose data is stored without compression."""
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + pixels[0].size), np.uint8)  # each line starts with its filter: 0, none
    lines[:, 1:] = pixels.reshape(height, -1)
    raw = lines.tobytes()
    blocks = [raw[k : k + 65535] for k in range(0, len(raw), 65535)]
    stored = b"".join(struct.pack("<BHH", k == len(blocks) - 1, len(block), 65535 - len(block)) + block for k, block in enumerate(blocks))
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if pixels.ndim == 3 else 0, 0, 0, 0)
    data = b"\x78\x01" + stored + struct.pack(">I", adler32(raw))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")))


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))
