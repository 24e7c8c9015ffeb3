"""Ways to break conv_lib, one by one, which `bite.py` plants: in every module, and mostly such as only uneven numbers show."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Fault:
    """A name, the chapter that is likely to see it, and changes: (place, old text that is there once, new text).

    A place is a file in conv_lib, or a class or function in it, such as 'geometry.py:Axis.users'. White space in the old text stands
    for any white space, so that code may move and be wrapped anew.
    """

    name: str
    chapter: str
    changes: tuple[tuple[str, str, str], ...]


def fault(name: str, chapter: str, *change: str) -> Fault:
    return Fault(name, chapter, tuple(zip(change[::3], change[1::3], change[2::3], strict=True)))


def broken(text: str, place: str, old: str, new: str) -> str:
    """The text of a file with a change in it. ValueError unless the old text is there once and what results is Python."""
    _, _, name = place.partition(":")
    lines = text.splitlines(keepends=True)
    ranges = [(node.lineno - 1, node.end_lineno) for node in _named(_tree(text), name.split("."))] if name else [(0, len(lines))]
    pattern = re.compile(r"\s+".join(map(re.escape, old.split())))
    found = [(len("".join(lines[:first])), match) for first, last in ranges for match in pattern.finditer("".join(lines[first:last]))]
    if len(found) != 1:
        raise ValueError(f"{place} holds {old!r} {len(found)} times and not once; mend tools/faults.py.")
    ((start, match),) = found
    after = text[: start + match.start()] + new + text[start + match.end() :]
    ast.parse(after)
    return after


@cache
def _tree(text):
    return ast.parse(text)


def _named(tree: ast.AST, names: list[str]) -> list[ast.AST]:
    """The classes and functions of that name: several for a property with a setter."""
    found = [node for node in ast.iter_child_nodes(tree) if getattr(node, "name", "") == names[0]]
    return found if len(names) == 1 else [inner for node in found for inner in _named(node, names[1:])]


FAULTS = (
    # The numbers of a convolution
    fault(
        "the kernel is flipped", "basics",
        "conv.py", "np.ascontiguousarray(plan.weight, summed)", "np.ascontiguousarray(plan.weight[:, :, ::-1, ::-1], summed)",
    ),
    fault(
        "the definition flips the kernel", "basics",
        "reference.py", "loops(plan.x, plan.weight,", "loops(plan.x, plan.weight[:, :, ::-1, ::-1],",
    ),
    fault(
        "stride of height and width swapped", "shapes",
        "geometry.py", 'pair("stride", stride, 1)\n    dilation', 'pair("stride", stride, 1)[::-1]\n    dilation',
    ),
    fault(
        "padding of height and width swapped", "shapes",
        "geometry.py",
        'padding = arguments.pair("padding", padding, 0)\n    arguments',
        'padding = arguments.pair("padding", padding, 0)[::-1]\n    arguments',
    ),
    fault(
        "dilation of height and width swapped", "dilated",
        "geometry.py", 'pair("dilation", dilation, 1)\n    if isinstance', 'pair("dilation", dilation, 1)[::-1]\n    if isinstance',
    ),
    fault(
        "groups start at the wrong channel", "groups",
        "conv.py", "np.ascontiguousarray(plan.source() if", "np.ascontiguousarray(np.roll(plan.source(), int(plan.groups > 1), axis=1) if",
    ),
    fault(
        "the definition starts groups at the wrong channel", "groups",
        "reference.py", "loops(plan.x, plan.weight,", "loops(np.roll(plan.x, int(plan.groups > 1), axis=1), plan.weight,",
    ),
    fault("the bias is lost", "basics", "conv.py", "if plan.bias is not None:", "if False:"),
    fault("the definition loses the bias", "basics", "reference.py", "0 if bias is None else bias[o].item()", "0"),
    fault("every padded image is the first of its batch", "basics", "padding.py", "x.shape[-1]] = x\n", "x.shape[-1]] = x[:1]\n"),
    # The geometry
    fault(
        "the size formula rounds up", "shapes",
        "geometry.py", "effective_kernel_size) // self.stride + 1", "effective_kernel_size + self.stride - 1) // self.stride + 1",
    ),
    fault(
        "dilation is off by one", "dilated",
        "geometry.py",
        "start + self.effective_kernel_size, self.dilation)",
        "start + effective_kernel_size(self.kernel_size, self.dilation - (self.dilation > 1)), self.dilation - (self.dilation > 1))",
    ),
    fault(
        "the span of a dilated kernel is off by one", "dilated",
        "geometry.py", "return dilation * (kernel_size - 1) + 1", "return dilation * (kernel_size - 1) + 1 + (dilation > 1)",
    ),
    fault(
        "'same' puts the odd pixel before", "shapes",
        "geometry.py", "return total // 2, total - total // 2", "return total - total // 2, total // 2",
    ),
    fault("unread pixels are off by one", "strided", "geometry.py", "np.flatnonzero(~read)", "np.flatnonzero(~read[:-1])"),
    fault(
        "what is left over is off by one", "shapes",
        "geometry.py", "self.padding[1] - 1 - self.window", "self.padding[1] - self.window",
    ),
    fault("the receptive field forgets the stride", "strided", "geometry.py", "jump *= stride", "jump += stride - 1"),
    # Padding modes
    fault(
        "reflect and replicate are swapped", "shapes",
        "geometry.py", 'if padding_mode == "reflect":', 'if padding_mode == "replicate" :',
        "geometry.py", 'if padding_mode == "replicate":', 'if padding_mode == "reflect":',
    ),
    fault("circular padding is off by one", "shapes", "geometry.py", "positions % size", "(positions + 1) % size"),
    # The layer
    fault("initial values have another bound", "basics", "weighted.py", "bound = 1 / math.sqrt(", "bound = 0.5 / math.sqrt("),
    fault("a layer prints without its padding", "depthwise", "settings.py", 'USUAL = {"padding": (0, 0), ', "USUAL = {"),
    # What is told
    fault("a trace reads the kernel backwards", "basics", "trace.py", "plan.weight[o, c, u, v]", "plan.weight[o, c, -1 - u, -1 - v]"),
    fault("a trace starts at the wrong channel", "groups", "trace.py", "channels * (o // (len(weight) // plan.groups))", "0"),
    fault("a trace leaves out a term", "basics", "trace.py", '" + ".join(texts)', '" + ".join(texts[1:])'),
    fault("MACs are halved", "depthwise", "cost.py", "macs=math.prod(windows) *", "macs=math.prod(windows) // 2 *"),
    fault("parameters are counted without the bias", "basics", "cost.py", "parameters=weights + biases", "parameters=weights"),
    fault("depthwise is called grouped", "depthwise", "cost.py", 'words.append("depthwise" if', 'words.append("grouped" if'),
    fault("explain does not warn of dropped rows", "shapes", "cautions.py", "yield from _of_unread(axis, line)", "yield from ()"),
    fault("explain tells no cure", "shapes", "explain.py", '(("problem", "cure"), found)', '(("problem",), found)'),
    # Still figures
    fault("a colour of the figures is wrong", "basics", "draw/svg.py", '"accent-soft": "#e9dcff"', '"accent-soft": "#e9dcfe"'),
    fault(
        "the numbers in the cells of figures are wrong", "basics",
        "draw/board.py",
        "values = [[text(value) for value in row]",
        "values = [[text(value + (not isinstance(value, str))) for value in row]",
    ),
    fault(
        "a figure frames the window one row too low", "basics",
        "draw/board.py", "row, column, tall, wide = window", "row, column, tall, wide = window[0] + (window[0] + 1 < height), *window[1:]",
    ),
    # The way back
    fault(
        "where windows overlap, the last one wins", "backward",
        "backward.py", "y[n, :, :, into_rows, into_columns] += sent", "y[n, :, :, into_rows, into_columns] = sent",
    ),
    fault(
        "the gradient goes back through a flipped kernel", "backward",
        "backward.py", "kernels = weight.reshape(", "kernels = weight[:, :, ::-1, ::-1].reshape(",
    ),
    fault(
        "a weight meets the inputs of the first kernel column", "backward",
        "backward.py", "rows, columns, (top, left), (first, 0))", "rows, columns, (top, starts(columns)[0]), (first, 0))",
    ),
    fault("the bias gradient is a mean", "backward", "backward.py", ".sum((0, 2, 3), working(dtype))", ".mean((0, 2, 3))"),
    fault("the gradient of a copied ring is taken off", "backward", "backward.py", "kept[source] += lines", "kept[source] -= lines"),
    fault("a gradient's terms have their taps swapped", "backward", "terms.py", "c % channels, *tap]", "c % channels, *tap[::-1]]"),
    fault(
        "a weight's terms forget the last window of a row", "backward",
        "terms.py", "in range(axis.output_size)", "in range(axis.output_size - 1)",
    ),
    fault(
        "the backward pass costs one gradient only", "backward",
        "cost.py", 'arguments.flag("x", x) + arguments', 'False * arguments.flag("x", x) + arguments',
    ),
    fault("a kernel learns uphill", "backward", "figures/learning.py", "weight = weight - self.rate", "weight = weight + self.rate"),
    fault(
        "the padding of a transposed layer crops one side", "transposed",
        "geometry.py", "dilation) - 2 * padding\n", "dilation) - padding\n",
    ),
    fault(
        "output_padding may be as large as the stride", "transposed",
        "arguments.py", "limit = max(stride, dilation) - 1", "limit = max(stride, dilation)",
    ),
    fault(
        "the weight of a transposed layer has its outputs first", "transposed",
        "transposed.py",
        "self._draw((self.in_channels, self.out_channels // self.groups",
        "self._draw((self.out_channels, self.in_channels // self.groups",
    ),
    fault("output_size keeps output_padding", "transposed", "geometry.py:transposed_axes", "wanted - low for", "wanted - low + 1 for"),
    fault(
        "a transposed layer costs what a convolution of its output would", "transposed",
        "cost.py", "windows = input_shape if settings.transposed else output_shape", "windows = output_shape",
    ),
    fault("no account tells a checkerboard", "transposed", "cautions.py:_of_stamps", "if rest and", "if not rest and"),
    # Arguments: kinds, ranges, and what a refusal says
    fault(
        "True is taken for 1", "uneven",
        "arguments.py:whole", "isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral)", "not isinstance(value, Integral)",
    ),
    fault("no number is too large", "uneven", "arguments.py:whole", "if value > LARGEST:", "if False:"),
    fault(
        "of a pair only the first is checked", "uneven",
        "arguments.py:pair", "at_least <= first <= LARGEST and at_least <= second <= LARGEST", "at_least <= first <= LARGEST",
    ),
    fault("a refusal of the second of a pair names the first", "uneven", "arguments.py:pair", 'f"{name}[1]"', 'f"{name}[0]"'),
    fault("a list of one number is refused", "uneven", "arguments.py:pair", "len(value) not in (1, 2)", "len(value) != 2"),
    fault("'same' looks at the stride of the width only", "uneven", "arguments.py:padding_word", "set(stride) != {1}", "stride[-1] != 1"),
    fault(
        "the cure by F.pad has the height first", "uneven",
        "arguments.py:padding_word", "torch_order = left, right, top, bottom", "torch_order = top, bottom, left, right",
    ),
    fault("reflect may mirror the edge itself", "uneven", "arguments.py:padding_limit", "size - 1 if mode", "size if mode"),
    fault("circular may go one pixel further round", "uneven", "arguments.py:padding_limit", "else size if mode", "else size + 1 if mode"),
    fault("too much padding is told by its smaller side", "uneven", "arguments.py:padding_fits", "(={max(padding)})", "(={min(padding)})"),
    fault("padding after the input may be what it likes", "uneven", "arguments.py:padding_fits", "if max(padding)", "if padding[0]"),
    fault(
        "a kernel that does not fit is told the padding after twice", "uneven",
        "arguments.py:kernel_fits", "{size} + {padding[0]} +", "{size} + {padding[1]} +",
    ),
    fault("a kernel as large as the input is refused", "uneven", "arguments.py:kernel_fits", "effective > padded", "effective >= padded"),
    fault(
        "the most padding that leaves a pixel is told one too high", "uneven",
        "arguments.py:something_left", "(2 - result) // 2", "(1 - result) // 2",
    ),
    fault("output_size has no upper bound", "uneven", "arguments.py:output_within", "low <= size <= high", "low <= size"),
    fault(
        "masked arrays lose their mask", "uneven",
        "arguments.py:array",
        "not isinstance(value, np.ndarray) or isinstance(value, np.ma.MaskedArray)",
        "not isinstance(value, np.ndarray)",
    ),
    fault("an array in the other byte order is refused", "uneven", "arguments.py:array", 'value.dtype.newbyteorder("=")', "value.dtype"),
    fault("a tensor gets no cure of its own", "uneven", "arguments.py:cure_of_array", 'hasattr(value, "detach")', "False"),
    fault(
        "weight.shape[1] is explained to whoever groups", "uneven",
        "arguments.py:arrays", "groups > 1 and x.shape[-3] == weight.shape[1]", "groups > 1",
    ),
    fault(
        "a transposed bias has the channels of one group", "uneven",
        "arguments.py:transposed_arrays", "weight.shape[1] * groups)", "weight.shape[1])",
    ),
    fault(
        "the cure for two dtypes turns the other one", "uneven",
        "arguments.py:same_dtype", 'wanted = second if np', 'wanted = first if not np',
    ),
    fault("the cure for two integer dtypes loses a sign", "uneven", "arguments.py:same_dtype", 'second.kind in "iu"', 'second.kind in "u"'),
    fault(
        "an image without channels passes", "uneven",
        "arguments.py:alike", 'no_empty_axis("x", x.shape, x.shape[-3:])', 'no_empty_axis("x", x.shape, x.shape[-2:])',
    ),
    fault("the channels of one image may be 0", "uneven", "arguments.py:shape", "(len(value), i) == (4, 0)", "i == 0"),
    fault("fields are limited each, not together", "uneven", "arguments.py:field_sizes", "listed += size", "listed = size"),
    fault("an endless axis is listed", "uneven", "arguments.py:listed", "size > LARGEST_SIZE", "False"),
    fault("every number has four bytes", "uneven", "arguments.py:memory", "dtype.itemsize", "4"),
    fault(
        "an empty batch is refused for its bytes", "uneven",
        "arguments.py:memory", "MOST_BYTES if all(sizes) else sys.maxsize", "MOST_BYTES",
    ),
    fault("a bias that is not there has a gradient", "uneven", "arguments.py:traced", 'of == "bias" and bias is None', "False"),
    fault("an index may be the size", "uneven", "arguments.py:position", "index >= size", "index > size"),
    fault("a flag may be a number", "uneven", "arguments.py:flag", "(bool, np.bool_)", "(int, np.bool_)"),
    fault("None is taken for float64", "uneven", "arguments.py:float_dtype", "dtype is None or found is None", "found is None"),
    fault("a ring that is uneven along one axis passes", "uneven", "arguments.py:even_ring", "if any(", "if all("),
    fault("a forward of the layer's own goes unseen", "uneven", "arguments.py:layer_of", "if own:", "if False:"),
    fault("bars may be negative", "uneven", "arguments.py:measures", "not 0 <= number < np.inf", "not number < np.inf"),
    fault("a method that does not fit is tried", "uneven", "arguments.py:method", "value not in fitting", "False"),
    fault("the last of several options is not offered as one", "uneven", "arguments.py:either", "or {last}", "and {last}"),
    fault("there is one channels, and 2 channel", "uneven", "arguments.py:count", "number != 1", "number == 1"),
    fault("red and green change places in grey", "uneven", "photo.py", "(299, 587, 114)", "(587, 299, 114)"),
    # Settings: a layer as its attributes tell it
    fault(
        "a weight's shape has the width first", "uneven",
        "settings.py:Settings.weight_shape", "*self.kernel_size", "*self.kernel_size[::-1]",
    ),
    fault("a layer takes the channels of one group", "uneven", "settings.py:read", "else (second * groups, first)", "else (second, first)"),
    fault("output_padding changes places", "uneven", "settings.py:Settings.axis", 'one["name"] == "width"', 'one["name"] == "height"'),
    fault(
        "a layer prints no dilation or padding of the width alone", "uneven",
        "settings.py:written", "str(value) != str(plain)", "str(value)[:3] != str(plain)[:3]",
    ),
    fault(
        "torch's ring has the height first", "uneven",
        "settings.py:_ring", "left, right, top, bottom = built", "top, bottom, left, right = built",
    ),
    fault(
        "hooks before the call go unseen", "uneven",
        "settings.py:changes", '("_forward_pre_hooks", "_forward_hooks")', '("_forward_hooks",)',
    ),
    fault("a weight that was replaced goes unsaid", "uneven", "settings.py:read", "(inputs, outputs, kernel_size) != told", "False"),
    fault("a weight has four bytes a number", "uneven", "settings.py:read", "number.itemsize", "4"),
    # Geometry on one axis
    fault("users are listed from the last output on", "uneven", "geometry.py:Axis.users", "in reversed(taps)", "in taps"),
    fault("users forget the padding", "uneven", "geometry.py:Axis.users", "(position + before - tap", "(position - tap"),
    fault(
        "a tap's first pixel is rounded down", "uneven",
        "geometry.py:Axis.meets", "max(0, -(position // self.stride))", "max(0, -position // self.stride)",
    ),
    fault("a tap reads from the padding after on", "uneven", "geometry.py:Axis.reads", "self.padding[0]", "self.padding[1]"),
    fault("an edge is not read through its copies", "uneven", "geometry.py:Axis.unread", "before > 0", "False"),
    fault(
        "the copies of unread pixels lie on the other side", "uneven",
        "geometry.py:Axis.unread", "np.r_[-before:0, self.size : self.size + after]", "np.r_[-after:0, self.size : self.size + before]",
    ),
    fault(
        "padding before is padding after", "uneven",
        "geometry.py:Axis.padded_size", "self.padding[0] + self.padding[1]", "2 * self.padding[0]",
    ),
    fault(
        "the step from tap to tap is not inverted", "uneven",
        "geometry.py:Axis._taps_on", "* pow(self.dilation // common, -1, step)", "",
    ),
    fault(
        "the first tap on a position is rounded down", "uneven",
        "geometry.py:Axis._taps_on",
        "-(((self.output_size - 1) * stride - ahead) // self.dilation)",
        "(ahead - (self.output_size - 1) * stride) // self.dilation",
    ),
    fault(
        "reflect repeats the edge before", "uneven",
        "geometry.py:source", "last - np.abs(positions)", "last - np.abs(positions + 0.5).astype(int)",
    ),
    fault(
        "replicate ends one pixel early", "uneven",
        "geometry.py:source", "np.clip(positions, 0, last)", "np.clip(positions, 0, max(0, last - 1))",
    ),
    fault(
        "TensorFlow's outputs are rounded down", "uneven",
        "geometry.py:tensorflow_padding", "math.ceil(size / stride)", "size // stride",
    ),
    fault(
        "stride and dilation change places in a refusal", "uneven",
        "geometry.py:Axis.transposed", "(name, output_padding, stride, dilation)", "(name, output_padding, dilation, stride)",
    ),
    fault(
        "gaps of a field forget the strides before", "uneven",
        "geometry.py:receptive_field", "more * dilation * before", "more * dilation",
    ),
    fault("refusals call the height width", "uneven", "geometry.py:axes", '("height", "width")', '("width", "height")'),
    fault(
        "the kernel's height is its width", "uneven",
        "geometry.py:axes", 'pair("kernel_size", kernel_size, 1)', 'pair("kernel_size", kernel_size, 1)[1]',
    ),
    # Padding and plan
    fault(
        "padding after comes first", "uneven",
        "padding.py:pad_index", "before, after = arguments.pair", "after, before = arguments.pair",
    ),
    fault("a refusal of the width is one of the height", "uneven", "padding.py:pad", '"width"', '"height"'),
    fault("a padded array forgets its dtype", "uneven", "padding.py:pad", "np.zeros(padded_shape, x.dtype)", "np.zeros(padded_shape)"),
    fault(
        "a gradient without batch is asked for one", "uneven",
        "plan.py:Plan.result_shape", "self.output_shape if self.batched else self.output_shape[1:]", "self.output_shape",
    ),
    fault("a result keeps the batch it was lent", "uneven", "plan.py:Plan.shaped", "y if self.batched else y[0]", "y"),
    fault(
        "padding of the width alone is forgotten", "uneven",
        "plan.py:Plan.padded", "self.rows.padding == self.columns.padding == (0, 0)", "self.rows.padding == (0, 0)",
    ),
    fault("half precision is summed in half", "uneven", "plan.py:working", "== np.float16", "== np.void"),
    fault("double precision is summed in single", "uneven", "plan.py:working", "== np.float16", "== np.float64"),
    fault("a ring of any size is filled", "uneven", "plan.py:make_plan", 'if padding_mode != "zeros":', "if False:"),
    # The definition, and conv2d
    fault("the definition divides by groups", "uneven", "reference.py:loops", "o // (C_out // groups)", "o // groups"),
    fault(
        "the definition skips the first column", "uneven",
        "reference.py:loops", "0 <= column < columns.size", "0 < column < columns.size",
    ),
    fault("the definition adds another channel's bias", "uneven", "reference.py:loops", "bias[o].item()", "bias[-1 - o].item()"),
    fault("the definition rounds to single", "uneven", "reference.py:reference_conv2d", "else np.float64", "else np.float32"),
    fault("the biases are added from the last on", "uneven", "conv.py:compute", "[:, None, None]", "[::-1, None, None]"),
    fault("a result has the dtype it was summed in", "uneven", "conv.py:compute", "y.astype(dtype, copy=False)", "y"),
    fault("a result keeps a foreign byte order", "uneven", "conv.py:compute", 'plan.x.dtype.newbyteorder("=")', "plan.x.dtype"),
    # The methods
    fault(
        "Winograd is chosen by itself", "computed",
        "methods/__init__.py:choose", 'return "pointwise"', 'return "pointwise"\n    if winograd.fits(*layer):\n        return "winograd"',
    ),
    fault("a band of rows forgets its stride", "computed", "methods/bands.py:convolve", "(first * rows.stride, 0)", "(first, 0)"),
    fault(
        "a last piece of one is left out", "computed",
        "methods/blocks.py:split", "range(0, total, step)", "range(0, max(1, total - 1), step)",
    ),
    fault("below the input memory is not cleared", "uneven", "methods/blocks.py:fill", "= piece[..., below:, :] = 0", "= 0"),
    fault(
        "what ran over from row to row is read for one column less", "uneven",
        "methods/blocks.py:shift", "slice(width - by, width)", "slice(width - by + 1, width)",
    ),
    fault("what ran over to the left stays", "uneven", "methods/blocks.py:shift", "slice(0, -by)", "slice(0, 0)"),
    fault("everything is finite", "uneven", "methods/blocks.py:finite", "return y.dtype", "return True or y.dtype"),
    fault("kept memory is lent twice", "uneven", "methods/blocks.py:scratch", "_free.pop()", "_free[-1]"),
    fault(
        "im2col takes a piece of a row for whole rows", "uneven",
        "methods/im2col.py:convolve", "sizes[0] == 1 and j == (0, width)", "sizes[0] == 1",
    ),
    fault(
        "pointwise takes a padded width", "uneven",
        "methods/pointwise.py:fits", "rows.padding == columns.padding == (0, 0)", "rows.padding == (0, 0)",
    ),
    fault("pointwise strides the columns as the rows", "uneven", "methods/pointwise.py:convolve", "columns.reads(0)", "rows.reads(0)"),
    fault("every block of shifts starts at the first row", "uneven", "methods/shifts.py:convolve", "(first, 0))", "(0, 0))"),
    fault("shifts adds up maps that lie apart", "uneven", "methods/shifts.py:multiply", "len(terms) > 2 and C_out == 1", "len(terms) > 2"),
    fault("shifts forgets the stride of its lanes", "uneven", "methods/shifts.py:convolve", "% rows.stride, (first", ", (first"),
    fault(
        "on padding, infinity times 0 is 0", "uneven",
        "methods/taps.py:convolve", "special = ~np.isfinite(weight).all((1, 2, 3))", "special = np.zeros(C_out, bool)",
    ),
    fault("a tap starts without its stride", "uneven", "methods/taps.py:pixels", "+ first * axis.stride", "+ first"),
    fault("taps adds to what was there", "uneven", "methods/taps.py:convolve", "y[...] = 0", "y[...] = y[...]"),
    fault(
        "a part of the groups writes beside its place", "uneven",
        "methods/threads.py:cut", "y[:, a * outputs : b * outputs]", "y[:, a * inputs : b * inputs]",
    ),
    fault("an error in a thread is lost", "uneven", "methods/threads.py:side_by_side", "if errors:", "if False:"),
    fault("a band of rows keeps the whole padding", "uneven", "methods/threads.py:band", "stop - pixels.stop)", "axis.padding[1])"),
    fault("Winograd's last row has another sign", "computed", "methods/winograd.py", "[0, 1, -1, 8, -8, 1]", "[0, 1, -1, 8, 8, 1]"),
    fault(
        "Winograd's tiles forget the rows between", "computed",
        "methods/winograd.py:tile_rows", "range(min(step, rows.output_size))", "range(1)",
    ),
    fault(
        "Winograd reads a row too many", "uneven",
        "methods/winograd.py:convolve_part", "-((row - H) // step)", "-((row - H - 1) // step)",
    ),
    fault("Winograd takes rows of any magnitude", "computed", "methods/winograd.py:convolve", "if not alike(x):", "if False:"),
    # The layers
    fault("a layer forgets its padding mode", "uneven", "layer.py:Conv2d._plan", ", self.padding_mode)", ")"),
    fault(
        "stride and dilation of a layer change places", "uneven",
        "layer.py:Conv2d._plan", "self.stride, self.padding, self.dilation", "self.dilation, self.padding, self.stride",
    ),
    fault("a layer without bias has a gradient of it", "uneven", "layer.py:Conv2d.backward", "None if self.bias is None else", ""),
    fault(
        "a layer checks 'same' against its dilation", "uneven",
        "layer.py:Conv2d.__init__", "arguments.padding_word(padding, self.stride)", "arguments.padding_word(padding, self.dilation)",
    ),
    fault(
        "initial biases are positive", "uneven",
        "weighted.py:Weighted._draw",
        "generator.uniform(-bound, bound, self.out_channels)",
        "generator.uniform(0, bound, self.out_channels)",
    ),
    fault("the bound of initial values forgets the channels", "uneven", "weighted.py:Weighted._draw", "shape[1:]", "shape[2:]"),
    fault("a weight is not copied", "uneven", "weighted.py:Weighted.weight", 'np.array(value, order="C")', "value"),
    fault("a bias is not copied", "uneven", "weighted.py:Weighted.bias", "value = np.array(value)", "pass"),
    fault(
        "a transposed layer forgets output_padding", "uneven",
        "transposed.py:ConvTranspose2d.__call__", "self.output_padding", "0",
    ),
    fault("the biases of stamps come from the last on", "uneven", "transposed.py:_compute", "[:, None, None]", "[::-1, None, None]"),
    fault("a transposed result forgets its dtype", "uneven", "transposed.py:_compute", 'x.dtype.newbyteorder("=")', "dtype"),
    # Traces
    fault("infinity on the padding is left out", "uneven", "trace.py:Trace.sum", "or term.product != 0", ""),
    fault("the gap of a long sum is one later", "uneven", "trace.py:Trace.sum", "most - 2", "most - 1"),
    fault(
        "a sum that wraps goes unsaid", "uneven",
        "trace.py:Trace._result", "isinstance(self.value, int) and exact != self.value", "False",
    ),
    fault("rounded numbers are called equal", "uneven", "trace.py:Trace._result", "and all(map(_is_shown_whole, numbers))", ""),
    fault("copies count as zeros", "uneven", "trace.py:Trace.padded_zeros", "term.source is None", "term.is_padding"),
    fault(
        "a table of terms has tap columns first", "basics",
        "trace.py:_row", "(term.kernel_row, term.kernel_column)", "(term.kernel_column, term.kernel_row)",
    ),
    fault("numbers have five digits", "uneven", "trace.py:_number", 'f"{value:.6g}"', 'f"{value:.5g}"'),
    fault("a trace adds the bias of the image", "uneven", "trace.py:trace", "bias[o].item()", "bias[n].item()"),
    fault(
        "a term is looked up in the rows", "uneven",
        "trace.py:_term", "plan.columns.origin(column)", "plan.rows.origin(column)",
    ),
    fault("a negative factor has no brackets", "uneven", "trace.py:_number", 'text.startswith("-")', "False"),
    fault("a transposed trace has the first bias", "uneven", "trace.py:trace_transpose2d", "bias[place[1]]", "bias[0]"),
    fault(
        "copies of an input lie at other places", "uneven",
        "terms.py:_meetings", "== place) - before", "== place) - after",
    ),
    fault(
        "a weight meets the first group only", "uneven",
        "terms.py:weight_terms", "channel = x.shape[1] // groups * (o // (grad_output.shape[1] // groups)) + c", "channel = c",
    ),
    fault("a bias counts the first channel", "uneven", "terms.py:bias_terms", "enumerate(image[o])", "enumerate(image[0])"),
    fault("a complex input is not conjugated in a term", "backward", "terms.py:weight_terms", "value.conjugate()", "value"),
    # More of the way back
    fault(
        "a gradient of another shape and the same size passes", "uneven",
        "arguments.py:gradient", "value.shape != output_shape", "value.size != math.prod(output_shape)",
    ),
    fault("a complex kernel is not conjugated", "backward", "backward.py:input_gradient", ".conj()", ""),
    fault("a complex input is not conjugated", "backward", "backward.py:weight_gradient", ".conj()", ""),
    fault(
        "gathering swaps the padding before and after", "uneven",
        "backward.py:gather", "for side in axis.padding)", "for side in axis.padding[::-1])",
    ),
    fault("gathering forgets infinite weights", "uneven", "backward.py:can_gather", "and finite(weight)", ""),
    fault(
        "the gradient of a weight may have any weight_size", "uneven",
        "grad.py:conv2d_weight", 'arguments.shape("weight_size", weight_size, (4,))', "tuple(weight_size)",
    ),
    fault("a bias gradient takes maps without channels", "uneven", "grad.py:conv2d_bias", "grad_output.shape[-3:]", "()"),
    # The account of a layer
    fault(
        "inputs have four bytes a number", "uneven",
        "cost.py:cost_of", "math.prod(input_shape) * settings.itemsize", "math.prod(input_shape) * 4",
    ),
    fault("outputs are counted for one image", "uneven", "cost.py:cost_of", "math.prod(output_shape) *", "math.prod(output_shape[-3:]) *"),
    fault("a MAC is one FLOP", "uneven", "cost.py:Cost.flops", "2 * self.macs", "self.macs"),
    fault("strided is what strides both ways", "uneven", "cost.py:kind_of", "max(settings.stride)", "min(settings.stride)"),
    fault("dilated is what dilates both ways", "uneven", "cost.py:kind_of", "if any(", "if all("),
    fault(
        "with a multiplier nothing is depthwise", "uneven",
        "cost.py:kind_of", "settings.groups == settings.in_channels", "settings.groups == settings.out_channels",
    ),
    fault(
        "the memory of weights has no bias", "uneven",
        "cost.py:cost_of", "(weights + biases) * settings.itemsize", "weights * settings.itemsize",
    ),
    fault("one image goes unwarned", "uneven", "cautions.py:cautions", "len(shape) == 3", "False"),
    fault("every narrow map looks channels-last", "uneven", "cautions.py:cautions", "and min(shape[-3:-1]) > shape[-1]", ""),
    fault(
        "the order of F.pad is told with the height first", "uneven",
        "cautions.py:_of_windows", "({width}, {width}, {height}, {height})", "({height}, {height}, {width}, {width})",
    ),
    fault(
        "'same' is told the wrong way round", "uneven",
        "cautions.py:_of_windows",
        "pads {axis.padding[0]} before and {axis.padding[1]} after",
        "pads {axis.padding[1]} before and {axis.padding[0]} after",
    ),
    fault("pixels early count a padding that is not there", "uneven", "cautions.py:_of_unread", "(axis.padding[1] > 0)", "True"),
    fault("unread pixels between taps go unsaid", "uneven", "cautions.py:_of_unread", "if inner:", "if False:"),
    fault("the share of zeros is that of pixels", "uneven", "cautions.py:_of_zeros", "100 * (taps * outputs - real)", "100 * real"),
    fault("a third of zeros is worth a warning", "uneven", "cautions.py:_of_zeros", "2 * real <", "real <"),
    fault("zeros are counted where copies stand", "uneven", "cautions.py:_of_windows", 'if settings.padding_mode == "zeros":', "if True:"),
    fault(
        "what sees padding is counted by rows alone", "uneven",
        "cautions.py:_of_zeros", "map(operator.mul, *(axis.met for axis in both))", "map(operator.mul, *(both[0].met for axis in both))",
    ),
    fault(
        "outputs of padding only are 0, whatever the bias", "uneven",
        "cautions.py:_of_zeros", '"their bias" if settings.bias else "0"', '"0"',
    ),
    fault(
        "taps that meet zeros are counted with one pixel more", "uneven",
        "geometry.py:Axis._meeting", "min(count, (self.padding[0] + self.size - 1)", "min(count, (self.padding[0] + self.size)",
    ),
    fault("a crop is told by its stride", "transposed", "cautions.py:_of_stamps", "count(crop, line)", "count(axis.stride, line)"),
    fault("channels-last is moved with height and width swapped", "uneven", "cures.py:_moves", "(0, 3, 1, 2)", "(0, 3, 2, 1)"),
    fault(
        "of six axes two are merged", "uneven",
        "cures.py:_reshapes", "(math.prod(shape[:-3]), *shape[-3:])", "(shape[0] * shape[1], *shape[-3:])",
    ),
    fault("a cure with other channels keeps its groups", "uneven", "cures.py:_cures", "if shape[-3] % settings.groups", "if False"),
    fault(
        "a cure pads beyond what the mode can take", "uneven",
        "cures.py:_other_layers", "tuple(map(min, map(max, padding, least), limits))", "tuple(map(max, padding, least))",
    ),
    fault("reflect is cured by an input as large as its padding", "uneven", "cures.py:_least_input", '{"reflect": 1,', '{"reflect": 0,'),
    fault(
        "the least input has the width first", "uneven",
        "cures.py:_cures", "{larger[0]}x{larger[1]} pixels", "{larger[1]}x{larger[0]} pixels",
    ),
    fault(
        "only the height is said not to fit", "uneven",
        "cures.py:problems", "return found + rows + columns", "return found + (rows or columns)",
    ),
    fault(
        "channels that do not fit are told by another axis", "uneven",
        "cures.py:problems", "axis = len(shape) - 3", "axis = len(shape) - 2",
    ),
    fault(
        "the size formula has the padding after first", "uneven",
        "explain.py:size_formula", "before, after = axis.padding", "after, before = axis.padding",
    ),
    fault("the transposed formula takes the other output_padding", "uneven", "explain.py:transposed_size_formula", '"width"', '"height"'),
    fault(
        "an account in the page loses its warnings", "shapes",
        "explain.py:Explanation._repr_html_", 'if notes else ""', 'if False else ""',
    ),
    fault("an account in the page shows its backticks", "uneven", "explain.py:_marked_up", 'r"<code>\\1</code>"', 'r"`\\1`"'),
    fault("one weight is weights", "uneven", "explain.py:explain", "'s' * (weights != 1)", "'s'"),
    # A whole network
    fault("the first position is outside the picture", "network", "fields.py:Way.reached", "0 <= at < self.size", "0 < at < self.size"),
    fault("every output of a period reads as the first", "network", "fields.py:through", "seen.sets[phase]", "seen.sets[0]"),
    fault("of several branches the last counts", "network", "fields.py:together", "moved += [", "moved = ["),
    fault("a run of a field ends before its last pixel", "network", "fields.py:measured", "sum(high - low + 1", "sum(high - low"),
    fault(
        "a jump is told under over over", "network",
        "fields.py:measured", "(seen.advance // shared, seen.period // shared)", "(seen.period // shared, seen.advance // shared)",
    ),
    fault("joined runs end with the later one", "network", "fields.py:_united", "max(merged[-1][1], high)", "high"),
    fault(
        "windows of a network forget the dilation", "network",
        "ways.py:windows", "axis.kernel_size, axis.dilation)", "axis.kernel_size, 1)",
    ),
    fault("a pooling has no room behind the input", "network", "ways.py:pooled", "after = max(padding,", "after = min(padding,"),
    fault(
        "a transposed layer of a network crops nothing", "network",
        "ways.py:transposed", "output + padding - tap * dilation", "output - tap * dilation",
    ),
    fault("a padding moves to the other side", "network", "ways.py:shifted", "(i - before, 1, 1)", "(i + before, 1, 1)"),
    fault("a slice starts at 0", "network", "ways.py:strided", "first + i * step", "i * step"),
    fault("bicubic reads two pixels", "network", "ways.py:scaled", '(-1, 4) if mode == "bicubic"', '(0, 2) if mode == "bicubic"'),
    fault("F.pad begins with the height", "network", "ways.py:padded", "sides[2 * (n - 1 - i)]", "sides[2 * i]"),
    fault("a convolution of a network forgets its mode", "network", "ways.py:conv", "padding_mode=mode", 'padding_mode="zeros"'),
    fault("two sizes of a field are told as one", "network", "network.py:_one", "len(set(values)) == 1", "values"),
    fault("rows of a network are columns", "network", "network.py", '2: ("rows", "columns")', '2: ("columns", "rows")'),
    fault("what one branch loses is lost", "network", "network.py:_lost", "a or b", "a and b"),
    fault("a layer that runs again is counted again", "network", "network.py:_account", "id(step.module) in counted", "False"),
    fault("rows with gaps are told as a range", "network", "network.py:_listed", "found[-1] - found[0] == len(found) - 1", "True"),
    fault("MACs that are not known are nothing", "network", "network.py:Network._total", "row.macs is None", "False"),
    fault(
        "the cure of a layer is that of the one before", "network",
        "network.py:_cause",
        "in_channels={got}{groups} in",
        "in_channels={wanted}{groups} in",
    ),
    fault("a batch is flattened too", "network", "network.py:_cause", "math.prod(shape[1:])", "math.prod(shape)"),
    fault("a picture without a batch goes unsaid", "network", "network.py:_notes", "len(step.input_shape) == n + 1", "False"),
    fault(
        "transposed MACs are those of the output", "network",
        "network_trace.py:_macs", "tensors[0].shape if module.transposed else shape", "shape",
    ),
    fault("a model stays in eval mode", "network", "network_trace.py:follow", "part.training = was", "pass"),
    fault(
        "a linear layer costs its outputs twice", "network",
        "network_trace.py:_macs", "math.prod(shape) * module.in_features", "math.prod(shape) * module.out_features",
    ),
    fault(
        "FLOPs are counted for MACs", "network",
        "network_trace.py:_counted", "counter.get_total_flops() // 2", "counter.get_total_flops()",
    ),
    fault("the Lab takes any text", "lab", "figures/lab.py:LabFigure.check", "len(arguments.word(name, value)) > MOST_CHARACTERS", "False"),
    fault("the Lab takes values that are no text", "lab", "figures/lab.py:LabFigure.check", ', *state["given"].items()', ""),
    # More still figures
    fault("numbers of 100 to 999 lose their decimals", "uneven", "draw/board.py:text", "< 1000", "< 100"),
    fault("rows are numbered as columns", "uneven", "draw/board.py:board", "first[0] + r", "first[1] + r"),
    fault(
        "a window is framed with its sides swapped", "uneven",
        "draw/board.py:board", "wide * across, tall * side", "tall * across, wide * side",
    ),
    fault("unread cells are not hatched", "uneven", "draw/board.py:board", "for cell in sorted(unread)]", "for cell in sorted(())]"),
    fault(
        "the chosen output has its indices swapped", "uneven",
        "draw/window.py:convolution", "chosen = None if at is None else (i, j)", "chosen = None if at is None else (j, i)",
    ),
    fault("the ring of a figure is the input", "uneven", "draw/window.py:_ring", "if not (0 <=", "if (0 <="),
    fault(
        "a figure's window has the columns of the rows", "uneven",
        "draw/window.py:_window",
        "rows.effective_kernel_size, columns.effective_kernel_size",
        "rows.effective_kernel_size, rows.effective_kernel_size",
    ),
    fault("a figure tells one number for two", "uneven", "draw/window.py:_both", "if rows == columns else", "if rows else"),
    fault(
        "a figure sums without its bias", "uneven",
        "draw/window.py:_sums", "_replace(terms=tuple(totals))", "_replace(terms=tuple(totals), bias=None)",
    ),
    fault(
        "a figure shows the numbers of the first image", "uneven",
        "draw/window.py:convolution", "padded = plan.padded()[n]", "padded = plan.padded()[0]",
    ),
    fault("a caption that asks gets a full stop", "basics", "draw/svg.py:still", 'caption[-1] in ".!?:"', 'caption[-1] in "."'),
    fault(
        "inputs and outputs of a group change places", "uneven",
        "draw/channels.py:connectivity",
        "ins, outs = in_channels // groups, out_channels // groups",
        "outs, ins = in_channels // groups, out_channels // groups",
    ),
    fault(
        "dashed cells are those with weights", "uneven",
        "draw/channels.py:connectivity", "padding=set(cells) - set(group)", "padding=set(group)",
    ),
    fault("bars are not in thousands", "uneven", "draw/charts.py:_amount", 'f"{value:,}"', 'f"{value}"'),
    fault("a bar is half as long", "uneven", "draw/charts.py:_chart", "value / most * (width - 1)", "value / most * width / 2"),
    fault(
        "the dilation of taps is that of the height", "uneven",
        "draw/fields.py:taps", "dilations[0] if len(set(dilations)) == 1 else dilations", "dilations[0]",
    ),
    fault(
        "a field is not squared", "uneven",
        "draw/fields.py:receptive_field", "reads {read**2} of {found.size**2}.", "reads {read} of {found.size}.",
    ),
    fault("ways to an output are counted once", "uneven", "draw/fields.py:_ways_below", "below.get(p, 0) + count", "count"),
    fault(
        "padding is told with the columns first", "uneven",
        "draw/grids.py:padding_modes",
        "_count(top, 'row')} and {_count(left, 'column')}",
        "_count(left, 'row')} and {_count(top, 'column')}",
    ),
    fault("the most windows are those of the first row", "uneven", "draw/grids.py:unread", "max(map(max, counts))", "max(counts[0])"),
    fault("padding that nothing reads is not hatched", "uneven", "draw/grids.py:blind", "else not axis.users(p)", "else False"),
    fault(
        "a picture's width is told first", "uneven",
        "draw/images.py:_pixels", "{array.shape[0]}x{array.shape[1]}", "{array.shape[1]}x{array.shape[0]}",
    ),
    fault("zero is black", "uneven", "draw/images.py:_pixels", "if low < 0:", "if False:"),
    fault(
        "the ruler tells the padding the wrong way round", "uneven",
        "draw/ruler.py:_setting",
        "padding {axis.padding[0]} before and {axis.padding[1]} after",
        "padding {axis.padding[1]} before and {axis.padding[0]} after",
    ),
    fault(
        "a rail ends at its first tap", "uneven",
        "draw/ruler.py:_window", "line((start, middle), (end, middle))", "line((start, middle), (start, middle))",
    ),
    fault("a phone gets the wide figure", "uneven", "draw/svg.py:still", "panel.narrow or panel", "panel"),
    fault(
        "a figure says nothing to those who do not see it", "uneven",
        "draw/svg.py:still", "aria-label={quoteattr(alt)}", 'aria-label=""',
    ),
    fault("a letter stands for no group after Z", "groups", "draw/channels.py:_letter", "if group < 26", "if group < 27"),
    fault("a kernel is said to be of ones", "uneven", "draw/window.py:_setting", "(plan.weight == 1).all()", "(plan.weight == 1).any()"),
    # Live figures
    fault("a figure takes True for a number", "uneven", "figures/base.py:numbers", "isinstance(one, bool) or not", "not"),
    fault("a figure refuses a kind as a value", "uneven", "figures/base.py:_refusing", "raise RefusedType(", "raise Refused("),
    fault("a live figure has no title", "uneven", "figures/base.py:LiveFigure.state", '(*self.told, "title")', "self.told"),
    fault("a figure takes infinity", "uneven", "figures/base.py:numbers", "not np.isfinite(found).all()", "False"),
    fault(
        "a figure prints what it was not given", "uneven",
        "figures/base.py:LiveFigure.__repr__", "if value != traits[name].default_value", "",
    ),
    fault("a figure cuts fractions", "uneven", "figures/base.py:plain", "int(array) if array == int(array) else array", "int(array)"),
    fault(
        "a figure's weight has the channels of all groups", "uneven",
        "figures/connectivity.py:ConnectivityFigure.weight_shape", "self.in_channels // self.groups", "self.in_channels",
    ),
    fault(
        "groups need to divide the inputs only", "uneven",
        "figures/connectivity.py:grouped", '("in_channels", "out_channels")', '("in_channels",)',
    ),
    fault(
        "a figure dilates by its stride", "uneven",
        "figures/convolution.py:ConvolutionFigure.output", '("stride", "dilation")', '("stride", "stride")',
    ),
    fault("a figure lights a cell that is gone", "uneven", "figures/convolution.py:_inside", "size - 1)", "size)"),
    fault(
        "a figure counts its cells without the padding", "uneven",
        "figures/convolution.py:cells", "rows.padded_size * columns.padded_size", "rows.size * columns.size",
    ),
    fault(
        "a figure's gradients are those of ones", "backward",
        "figures/convolution.py:ConvolutionFigure.gradients", "if self.grad_output is not None and", "if self.grad_output is None and",
    ),
    fault(
        "a bottleneck has half the channels", "uneven",
        "figures/cost.py:CostFigure.designs", "self.out_channels // 4", "self.out_channels // 2",
    ),
    fault(
        "a design's bytes are those of its maps", "uneven",
        "figures/cost.py:CostFigure._sum", "one.input_bytes + one.weight_bytes +", "one.input_bytes +",
    ),
    fault("the loss is not halved", "backward", "figures/learning.py:LearningFigure._train", ".sum() / 2", ".sum()"),
    fault("a kernel starts one higher", "backward", "figures/learning.py:LearningFigure.start", "number % 7 - 3", "number % 7 - 2"),
    fault(
        "a field for messages takes anything", "errors",
        "figures/message_field.py:MessageField.check", 'arguments.word("text", state["text"])', 'state["text"]',
    ),
    fault("a photo is padded as if not dilated", "uneven", "figures/photo.py:PhotoFigure.output", "self.dilation * (len", "(len"),
    fault("grey is red", "uneven", "figures/photo.py:PhotoFigure.x", "planes.sum(axis=0, keepdims=True) // 3", "planes[:1]"),
    fault("mid grey is not 0", "uneven", "figures/photo.py:shown", "127.5 + output", "100 + output"),
    fault(
        "a question takes its answer for wrong", "uneven",
        "figures/question.py:Question.check", "if answer in (value for value, _ in wrong):", "if False:",
    ),
    fault(
        "a question's answer need not be a choice", "uneven",
        "figures/question.py:Question.check", 'state["answer"] not in choices', "False",
    ),
    fault(
        "a shape may be fractional", "uneven",
        "figures/question.py:_answer", "shape and not all(isinstance(size, int) for size in found)", "False",
    ),
    fault("a stack may stride by 17", "uneven", "figures/receptive_field.py:ReceptiveFieldFigure.check", "most=16", "most=17"),
    fault("a ruler may stand still", "uneven", "figures/shape.py:ShapeFigure", '"stride": (1, 32)', '"stride": (0, 32)'),
    fault("a fractional stamp is cut", "transposed", "figures/transposed.py:_output", "np.result_type(x, weight)", "x.dtype"),
    fault(
        "a stamp is that of the last output", "transposed",
        "figures/transposed.py:TransposedFigure.still", "np.asarray(array)[0]", "np.asarray(array)[-1]",
    ),
    # Words, limits and what is seldom asked: faults of these kinds no test saw at first
    fault("no bias is told in the singular", "uneven", "explain.py:explain", "'es' * (biases != 1)", "'es' * (biases > 1)"),
    fault("an input of seven axes is refused", "uneven", "explain.py:explain", "range(1, 10)", "range(1, 7)"),
    fault("one image turns its height and width", "uneven", "cures.py:_moves", "(2, 0, 1)", "(2, 1, 0)"),
    fault("what is pruned is always the weight", "uneven", "settings.py:changes", "'{hook._tensor_name}'", "'weight'"),
    fault("infinities that cancel warn", "uneven", "conv.py:compute", 'np.errstate(all="ignore")', 'np.errstate(all="warn")'),
    fault("a picture may be one pixel larger", "uneven", "arguments.py:picture", "> 1024", "> 1025"),
    fault("a still holds one row more", "uneven", "arguments.py:drawable", "most=32", "most=33"),
    fault(
        "columns are told before rows", "network",
        "network.py:unread_text", "_word(*sides[0])} and {_word(*sides[1])}", "_word(*sides[1])} and {_word(*sides[0])}",
    ),
    fault("three rows in a run are listed", "network", "network.py:_listed", "len(found) > 2 and", "len(found) > 3 and"),
    fault("six rows are shortened", "network", "network.py:_listed", "len(found) > 6", "len(found) > 5"),
    fault("what is known is told as the least", "network", "network.py:Network._total", '"at least " * any', '"at least " * all'),
    fault("of several results each has the cost", "network", "network_trace.py", "0 if place else _macs(", "_macs("),
    fault(
        "the parts of an attention are never called", "network",
        "network.py:_account", "for part in module.modules()", "for part in [module]",
    ),
    fault(
        "a still of padding modes forgets a ring", "uneven",
        "draw/grids.py:padding_modes", "left <= c < left + x.shape[1]", "0 <= c < left + x.shape[1]",
    ),
    fault("a count of windows has no caption", "uneven", "draw/grids.py:unread", "alt, caption)", "alt)"),
)
