"""A large layer is computed in parts side by side: as many as there are threads that the user gives NumPy's BLAS.

BLAS would share out single products, but those of the methods here are small, so that they stay in the cache. So the layer itself
is cut: into output channels where there are more weights than pixels or much padding, else into images, groups, or bands of rows.
"""

from contextvars import copy_context  # it holds how NumPy takes inf and nan
from dataclasses import replace
from functools import cache
from threading import Thread

from conv_lib.methods.blocks import split

WORTH = 2**23  # additions and copies of a layer for which the start of a thread is little, about
LONG = 2**12  # terms of a sum; products as long as that BLAS shares out itself
PRODUCTS = 16  # multiplications that take as long as one of them, about


def side_by_side(convolve, layer, y):
    """Call ``convolve(*layer, y)``, or the same for all parts of the layer at once."""
    x, weight = layer[:2]
    worth = x.size + y.size + y.size * weight[0].size // PRODUCTS >= WORTH
    errors = []

    def run(part):
        try:
            convolve(*part)
        except BaseException as error:
            errors.append(error)

    count = threads() if worth and weight[0].size < LONG else 1
    first, *others = cut(*layer, y, count) if count > 1 else [(*layer, y)]
    running, left = [], [first]
    for part in others:
        thread = Thread(target=copy_context().run, args=(run, part), name="conv_lib", daemon=True)
        try:
            thread.start()
            running.append(thread)
        except RuntimeError:  # no more threads, as in a process that ends: this one computes the part
            left.append(part)
    for part in left:
        run(part)
    for thread in running:
        thread.join()
    if errors:
        raise errors[0]


def cut(x, weight, rows, columns, groups, y, count):
    """The layer in at most `count` parts, each (x, weight, rows, columns, groups, y): views of the whole."""
    reads_padding_only = max(rows.padding) >= rows.effective_kernel_size  # some band might
    if groups == 1 and (weight.size > x.size or reads_padding_only):
        return [(x, weight[a:b], rows, columns, 1, y[:, a:b]) for a, b in _even(len(weight), count)]
    if len(x) >= count:
        return [(x[a:b], weight, rows, columns, groups, y[a:b]) for a, b in _even(len(x), count)]
    if groups > 1:
        inputs, outputs = weight.shape[1], len(weight) // groups
        return [
            (x[:, a * inputs : b * inputs], weight[a * outputs : b * outputs], rows, columns, b - a, y[:, a * outputs : b * outputs])
            for a, b in _even(groups, count)
        ]
    bands = [(*band(rows, a, b), slice(a, b)) for a, b in _even(rows.output_size, count)]
    return [(x[:, :, read], weight, axis, columns, 1, y[:, :, written]) for read, axis, written in bands]


def _even(total, count):
    return split(total, -(-total // count))


def band(axis, first, last):
    """The pixels that the outputs from `first` to before `last` read, as a slice, and the axis of these outputs alone.

    >>> from conv_lib.geometry import Axis
    >>> band(Axis(6, 3, padding=1), 0, 3)
    (slice(0, 4, None), Axis(size=4, kernel_size=3, stride=1, padding=(1, 0), dilation=1, padding_mode='zeros'))
    """
    start, stop = axis.window(first)[0], axis.window(last - 1)[-1] + 1
    pixels = slice(max(0, start), min(axis.size, stop))
    return pixels, replace(axis, size=pixels.stop - pixels.start, padding=(pixels.start - start, stop - pixels.stop))


def threads():
    """How many threads the user gives NumPy's BLAS now, by its environment variables or by threadpoolctl."""
    return min((library.num_threads for library in _libraries()), default=1)


@cache
def _libraries():
    # Imported for the first large layer: `import conv_lib` should be as fast as `import numpy`.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas").lib_controllers
