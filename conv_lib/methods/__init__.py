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

ONE_ROW = 9000  # numbers of a matrix from which on BLAS wakes its threads to multiply a single row by it, for each row of a picture


def fitting(*layer):
    """The names of the methods that can compute this layer; im2col is always among them."""
    return [name for name, method in METHODS.items() if method.fits(*layer)]


def choose(x, weight, rows, columns, groups):
    """The name of the method that is expected to be fastest for this layer; winograd, which rounds more, only by its name."""
    layer = x, weight, rows, columns, groups
    channels, K_h, K_w = weight.shape[1:]
    if pointwise.fits(*layer):
        return "pointwise"
    if groups > 1:
        return "shifts" if shifts.fits(*layer) else "im2col"
    if bands.fits(*layer) and (len(weight) > 1 or weight.size * columns.output_size < ONE_ROW):
        return "bands"  # stems and photos
    if channels >= 64 and taps.share(rows) * taps.share(columns) < 0.75:
        return "taps"  # much of what the taps read is padding
    pixels = len(x) * rows.output_size * columns.output_size
    saved, added = (K_h - 1) * K_w * channels, K_h * len(weight)  # copies and additions per output, against im2col
    if pixels >= len(weight) and saved >= added and shifts.fits(*layer):
        return "shifts"  # pixels enough to pay for the weights in another order
    return "im2col"
