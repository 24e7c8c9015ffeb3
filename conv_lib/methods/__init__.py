"""Ways to compute a convolution, one file each, and the rule that chooses one.

Each method is a module with two functions on the same arguments: ``x`` (N, C_in, H, W) and ``weight`` in C order and of one
dtype, the two axes with their zero padding, and the groups.

- ``fits(...)`` tells whether the method can compute this layer;
- ``convolve(..., y)`` computes it, without bias, into ``y`` (N, C_out, H_out, W_out).
"""

from conv_lib.methods import bands, im2col, pointwise, shifts, taps, winograd

METHODS = {
    "pointwise": pointwise,
    "shifts": shifts,
    "bands": bands,
    "taps": taps,
    "winograd": winograd,
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
    if shifts.fits(*layer):
        return "shifts"  # groups, depthwise too
    if bands.fits(*layer):
        return "bands"  # photos
    if groups == 1 and weight.shape[1] >= 64 and taps.share(rows) * taps.share(columns) < 0.75:
        return "taps"  # much of what the taps read is padding
    if winograd.fits(*layer) and weight.shape[1] >= 8 and weight.size >= 2**12 and len(x) * pixels >= 150:
        return "winograd"  # half the multiplications, if there are pixels enough to pay for the transforms
    return "im2col"
