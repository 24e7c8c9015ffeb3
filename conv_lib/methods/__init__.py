"""Ways to compute a convolution, one file each, and the rule that chooses one.

Each method is a module with two functions on the same arguments: ``x`` (N, C_in, H, W) and ``weight`` in C order and of one
dtype, the two axes with their zero padding, and the groups.

- ``fits(...)`` tells whether the method can compute this layer;
- ``convolve(...)`` computes it, without bias: (N, C_out, H_out, W_out).
"""

from conv_lib.methods import channels_last, depthwise, im2col, pointwise, taps, winograd

METHODS = {
    "pointwise": pointwise,
    "depthwise": depthwise,
    "channels_last": channels_last,
    "winograd": winograd,
    "taps": taps,
    "im2col": im2col,
}


def fitting(*layer):
    """The names of the methods that can compute this layer; im2col is always among them."""
    return [name for name, method in METHODS.items() if method.fits(*layer)]


def choose(x, weight, rows, columns, groups):
    """The name of the method that is expected to be fastest for this layer."""
    layer = x, weight, rows, columns, groups
    pixels = rows.output_size * columns.output_size
    if pointwise.fits(*layer):
        return "pointwise"
    if depthwise.fits(*layer) and (groups > 1 or len(weight) == 1 and pixels >= 2**12):
        small = pixels <= 256 and groups >= 128  # rows too short, but channels enough
        return "channels_last" if small and channels_last.fits(*layer) else "depthwise"
    if groups == 1 and weight.shape[1] >= 64 and taps.share(rows) * taps.share(columns) < 0.75:
        return "taps"  # much of what the taps read is padding
    enough = 400 if groups == 1 else 1500  # pixels, to pay for the transforms
    if winograd.fits(*layer) and weight.shape[1] >= 4 and weight.size >= 2**12 and len(x) * pixels >= enough:
        return "winograd"  # half the multiplications; over 1 to 3 channels its errors would not average out
    return "im2col"
