"""The rules on arguments. Every refusal of the library is worded here.

A refusal is a TypeError (the wrong kind of thing) or a ValueError (the right kind, out of its legal range).
It states the rule and the caller's own numbers, and it comes before any work is done.
"""

import math
import sys
from collections.abc import Sequence
from numbers import Integral, Real
from reprlib import repr as shorten

import numpy as np

IntOrPair = int | Sequence[int]  # what `pair` reads
Padding = IntOrPair | str
PADDING_WORDS = ("valid", "same")
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
DTYPES = tuple(
    map(np.dtype, ("int8", "uint8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128"))
)
LAYERS = ("conv_lib.layer", "conv_lib.transposed", "torch.nn.modules.conv")  # where they are defined
CALLS = ("__call__", "forward", "_conv_forward")  # what such a layer computes with
LARGEST = 2**63 - 1  # what a 64-bit integer holds, as in torch
LARGEST_FIELD = 10**6  # pixels of a receptive field
MOST_LISTED = 10**7  # pixels of the fields of all layers of a stack
LARGEST_SIZE = 10**6  # pixels of an axis that is told about, not computed
MOST_BYTES = 2**34  # of one array: 16 GiB


def show(value):
    """`value` as it stands in a message: shortened where it is long."""
    try:
        return shorten(value)
    except ValueError:  # Python prints no integer of more than 4300 digits
        return "a number of thousands of digits"


def count(number, thing):
    """A number with its thing, in the plural unless there is one: '1 size', '3 sizes'."""
    return f"{number} {thing}{'s' * (number != 1)}"


def either(options):
    """Options in words: 'a', 'a or b', 'a, b or c'."""
    *most, last = map(str, options)
    return f"{', '.join(most)} or {last}" if most else last


def whole(name, value, at_least, wanted="an integer"):
    """`value` as an int, if it is a whole number of at least `at_least`; bools and floats are refused."""
    if type(value) is int and at_least <= value <= LARGEST:  # the usual case, asked thousands of times: no second look
        return value
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"`{name}` (={show(value)}) must be {wanted}, not {type(value).__name__}.")
    if value < at_least:
        raise ValueError(f"`{name}` (={show(value)}) must be at least {at_least}.")
    if value > LARGEST:
        raise ValueError(f"`{name}` (={show(value)}) must be at most {LARGEST}.")
    return int(value)


def pair(name, value, at_least):
    """`value` as two ints: an int or a sequence of one means both, a tuple or list of two means each."""
    if not isinstance(value, (tuple, list)):
        number = whole(name, value, at_least, "an integer or a tuple of two")
        return number, number
    if len(value) not in (1, 2):
        raise ValueError(f"`{name}` (={show(value)}) must hold 1 or 2 integers, not {len(value)}.")
    if len(value) == 1:
        return (whole(name, value[0], at_least),) * 2
    first, second = value
    if type(first) is type(second) is int and at_least <= first <= LARGEST and at_least <= second <= LARGEST:  # as in `whole`
        return first, second
    return whole(f"{name}[0]", first, at_least), whole(f"{name}[1]", second, at_least)


def padding(value):
    """`value` as two ints, or one of the words."""
    if not isinstance(value, str):
        return pair("padding", value, 0)
    padding_word(value, (1,))
    return value


def padding_word(padding, stride, tensorflow=None):
    """Check the words 'same' and 'valid'; 'same' needs stride 1. `tensorflow` finds what that library pads, (before, after) each."""
    if padding not in PADDING_WORDS:
        raise ValueError(f"`padding` (={show(padding)}) must be an integer, a pair of integers, 'same' or 'valid'.")
    if padding == "same" and set(stride) != {1}:
        wrong = show(stride[0] if len(set(stride)) == 1 else stride)
        cure = "give the padding in numbers, or pad the input first."
        if tensorflow is not None:
            (top, bottom), (left, right) = tensorflow()
            torch_order = left, right, top, bottom
            cure = (
                "give the padding in numbers, or pad the input first, TensorFlow's 'same' by "
                f"F.pad(x, {torch_order}) or conv_lib.pad(x, {((top, bottom), (left, right))}), and then padding=0."
            )
        raise ValueError(f"`padding` (='same') needs `stride` 1, not {wrong}: {cure}")


def padding_mode(mode):
    """Check the name of a padding mode."""
    return among("padding_mode", mode, PADDING_MODES)


def only_zeros(mode):
    """Check the padding mode of a transposed convolution, whose padding takes pixels away."""
    if padding_mode(mode) != "zeros":
        raise ValueError(f"`padding_mode` (={mode!r}) must be 'zeros' for a transposed convolution, whose padding crops the output.")
    return mode


def padding_limit(mode, size):
    """The most padding per side that a mode allows."""
    return size - 1 if mode == "reflect" else size if mode == "circular" else math.inf


def padding_fits(mode, size, padding, name):
    """Reflect and circular padding take their values from the input, so the input must have enough of them."""
    limit = padding_limit(mode, size)
    if max(padding) > limit:
        raise ValueError(
            f"`padding` (={max(padding)}) along the {name} must be at most {limit} for padding_mode={mode!r} and size {size}."
        )


def kernel_fits(name, size, padding, kernel_size, dilation, effective, padded):
    """A window must fit into the padded input at least once."""
    if effective > padded:
        raise ValueError(
            f"The kernel does not fit along the {name}: it spans {effective} pixels "
            f"(dilation {dilation} * (kernel_size {kernel_size} - 1) + 1), "
            f"the padded input has {padded} ({size} + {padding[0]} + {padding[1]})."
        )


def output_padding_fits(name, output_padding, stride, dilation):
    """The outputs that a transposed convolution adds at the end must lie within one step of its windows or taps."""
    limit = max(stride, dilation) - 1
    if output_padding > limit:
        raise ValueError(
            f"`output_padding` (={output_padding}) along the {name} must be smaller than `stride` (={stride}) or "
            f"`dilation` (={dilation}), so at most {limit}."
        )


def something_left(name, size, kernel_size, stride, padding, dilation, output_padding, result):
    """`padding` takes outputs away from a transposed convolution, and one must be left."""
    if result < 1:
        raise ValueError(
            f"Nothing is left along the {name}: ({size} - 1) * {stride} - 2 * {padding} + {dilation} * ({kernel_size} - 1) "
            f"+ {output_padding} + 1 = {result}, and it must be at least 1. "
            f"`padding` (={padding}) may be at most {padding - (2 - result) // 2}."
        )


def output_within(value, smallest, largest):
    """The output size that a call of a transposed layer asks for must be one that its stride allows."""
    if any(not low <= size <= high for size, low, high in zip(value, smallest, largest)):
        raise ValueError(f"`output_size` (={value}) must be from {smallest} to {largest}.")


def divides(groups, channels, name):
    """Each group takes the same number of channels."""
    if channels % groups:
        raise ValueError(f"`groups` (={groups}) must divide {name} (={channels}).")


def array(name, value, dimensions):
    """Check that `value` is a NumPy array of a supported dtype with as many axes as `dimensions` allows."""
    if not isinstance(value, np.ndarray) or isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"`{name}` must be a NumPy array, not {kind_of(value)}{cure_of_array(name, value)}.")
    if value.dtype.newbyteorder("=") not in DTYPES:
        raise TypeError(f"`{name}` has dtype {value.dtype}; supported are {', '.join(map(str, DTYPES))}.")
    if value.ndim not in dimensions:
        wanted = either(f"{n}-D" for n in dimensions)
        raise ValueError(f"`{name}` of shape {value.shape} is {value.ndim}-D; it must be {wanted}.")


def kind_of(value):
    """The type of a value, as an import would name it."""
    return f"{type(value).__module__}.{type(value).__name__}".removeprefix("builtins.")


def cure_of_array(name, value):
    """How to make an array of what callers pass for one, in words, or nothing."""
    if hasattr(value, "detach"):
        return f"; {name}.detach().cpu().numpy() is one"
    if isinstance(value, np.ma.MaskedArray):
        return f"; {name}.filled(0) is one"
    if isinstance(value, tuple) and all(isinstance(size, Integral) for size in value):
        return "; the array itself is wanted, not its shape"
    return f"; np.asarray({name}) makes one" if isinstance(value, (list, tuple)) or hasattr(value, "__array__") else ""


def arrays(x, weight, bias, groups):
    """Check that input, weight and bias fit together: kinds, dtypes, and channels."""
    alike(x, weight, bias)
    divides(groups, weight.shape[0], "the output channels, `weight.shape[0]`")
    taker = f"`weight` of shape {weight.shape} with `groups` (={groups})"
    if groups > 1 and x.shape[-3] == weight.shape[1]:
        taker = f"{taker}, where `weight.shape[1]` is the input channels of one group,"
    channels(x.shape, weight.shape[1] * groups, taker)
    one_per_channel(bias, weight.shape[0])


def transposed_arrays(x, weight, bias, groups):
    """Check that they fit together for a transposed convolution, whose weight has the input channels first."""
    alike(x, weight, bias)
    divides(groups, weight.shape[0], "the input channels, `weight.shape[0]`")
    channels(x.shape, weight.shape[0], f"`weight` of shape {weight.shape}, (in_channels, out_channels / groups, height, width),")
    one_per_channel(bias, weight.shape[1] * groups)


def alike(x, weight, bias):
    """Check that these are arrays with the axes of input, weight and bias, and of one dtype."""
    array("x", x, (3, 4))
    array("weight", weight, (4,))
    same_dtype(x=x, weight=weight)
    if bias is not None:
        array("bias", bias, (1,))
        same_dtype(bias=bias, x=x)
    no_empty_axis("weight", weight.shape, weight.shape)
    no_empty_axis("x", x.shape, x.shape[-3:])


def one_per_channel(bias, out_channels):
    """A bias, if there is one, has one value per output channel; none is broadcast."""
    if bias is not None and bias.shape != (out_channels,):
        raise ValueError(f"`bias` of shape {bias.shape} must have one value per output channel: shape ({out_channels},).")


def same_dtype(**pair):
    """Nothing is promoted: two arrays, given by their names, must have one dtype, in any byte order.

    The cure turns the first into the dtype of the second, or whatever else loses neither a fraction nor a sign.
    """
    first, second = (array.dtype.newbyteorder("=") for array in pair.values())
    if first != second:
        wanted = second if np.can_cast(first, second, "same_kind") else first
        if first.kind in "iu" and second.kind in "iu":
            wanted = np.promote_types(first, second)
        have = " and ".join(f"`{name}` has dtype {array.dtype}" for name, array in pair.items())
        cure = " and ".join(f"{name}.astype(np.{wanted})" for name, dtype in zip(pair, (first, second)) if dtype != wanted)
        raise TypeError(f"{have}; they must be the same: {cure}.")


def gradient(value, output_shape, **layer):
    """Check that `grad_output` has one number for each output, of the dtype of the layer's array."""
    array("grad_output", value, (len(output_shape),))
    same_dtype(grad_output=value, **layer)
    if value.shape != output_shape:
        raise ValueError(f"`grad_output` of shape {value.shape} must have the shape of the output, {output_shape}.")


def no_empty_axis(name, shape, sizes):
    """Only a batch may be empty: none of these sizes of an array may be 0."""
    if 0 in sizes:
        raise ValueError(f"`{name}` of shape {shape} has an axis of size 0; only the batch axis of an input may be empty.")


def channels(input_shape, expected, taker):
    """The input must have exactly the channels that the weight takes; nothing is broadcast."""
    found = input_shape[-3]
    if found != expected:
        raise ValueError(f"The input of shape {tuple(input_shape)} has {count(found, 'channel')}; {taker} takes {expected}.")


def shape(name, value, dimensions):
    """`value` as a tuple of ints, if it is a tuple or list of as many sizes as `dimensions` allows; only a batch may be 0."""
    if not isinstance(value, (tuple, list)):
        tensor = "; give its shape, tuple(x.shape)" * (getattr(value, "ndim", 0) > 1)
        raise TypeError(f"`{name}` (={show(value)}) must be a tuple of integers, not {type(value).__name__}{tensor}.")
    if len(value) not in dimensions:
        wanted = either(dimensions) if len(dimensions) < 4 else f"{min(dimensions)} to {max(dimensions)}"
        raise ValueError(f"`{name}` (={show(value)}) has {count(len(value), 'size')}; it must have {wanted}.")
    sizes = tuple(whole(f"{name}[{i}]", size, 0 if (len(value), i) == (4, 0) else 1) for i, size in enumerate(value))
    if max(sizes) > LARGEST_SIZE:
        raise ValueError(f"`{name}` (={show(value)}) has an axis of {max(sizes)}; it must be at most {LARGEST_SIZE}.")
    return sizes


def sequence(name, value):
    """Check for a tuple or a list."""
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"`{name}` (={show(value)}) must be a list or tuple, not {type(value).__name__}.")


def stack_layer(layer, names):
    """Check that one layer of a stack is a tuple of as many numbers as there are names, or fewer."""
    sequence("layer", layer)
    if not 1 <= len(layer) <= len(names):
        raise ValueError(f"A layer (={show(layer)}) must hold 1 to {len(names)} integers: {', '.join(names)}.")


def field_sizes(sizes):
    """Receptive fields are listed pixel by pixel, so they have a limit, each and together."""
    listed = 0
    for size in sizes:
        if size > LARGEST_FIELD:
            raise ValueError(f"The receptive field spans {show(size)} pixels; at most {LARGEST_FIELD} can be listed.")
        listed += size
        if listed > MOST_LISTED:
            raise ValueError(f"The receptive fields of the layers span {MOST_LISTED} pixels and more together, too many to list.")


def listed(what, size):
    """What is listed position by position has a limit."""
    if size > LARGEST_SIZE:
        raise ValueError(f"`{what}` looks at {size} positions; at most {LARGEST_SIZE} can be listed.")


def same_shape(name, value, wanted):
    """Check that an array has exactly the wanted shape."""
    if value.shape != wanted:
        raise ValueError(f"`{name}` of shape {tuple(value.shape)} must have the shape {wanted}.")


def within(name, value, first, last, what):
    """`value` as an int from `first` to `last`."""
    if type(value) is int and first <= value <= last:  # of two sizes of up to 2**63 - 1 the sum may be larger
        return value
    value = whole(name, value, first)
    if value > last:
        raise ValueError(f"`{name}` (={show(value)}) must be at most {last}, {what}.")
    return value


def memory(name, sizes, dtype):
    """Refuse an array of absurd size before anything asks for its memory; an empty one takes none, as far as NumPy can count."""
    wanted = math.prod(max(1, size) for size in sizes) * dtype.itemsize
    if wanted > (MOST_BYTES if all(sizes) else sys.maxsize):
        most = f"{MOST_BYTES} (16 GiB) are computed with" if all(sizes) else f"{sys.maxsize} are counted by NumPy, even for an empty batch"
        raise ValueError(f"{name} of shape {sizes} would take {wanted} bytes; at most {most}.")


def traced(of, grad_output, bias):
    """Check which number of a convolution is to be told: an output, or a gradient, which needs those of the outputs."""
    among("of", of, ("output", "x", "weight", "bias"))
    if of == "output" and grad_output is not None:
        raise ValueError("`grad_output` is for a gradient: say with `of` whether that of 'x', 'weight' or 'bias'.")
    if of == "bias" and bias is None:
        raise ValueError("`of` (='bias') needs a `bias`, and it is None.")
    return of


def position(name, value, sizes):
    """`value` as a tuple of indices, one per axis of `sizes`; negative indices are refused."""
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"`{name}` (={show(value)}) must be a tuple of integers, not {type(value).__name__}.")
    if len(value) != len(sizes):
        raise ValueError(f"`{name}` (={show(value)}) must hold {len(sizes)} integers, one per axis of {tuple(sizes)}.")
    indices = tuple(whole(f"{name}[{i}]", index, 0) for i, index in enumerate(value))
    if any(index >= size for index, size in zip(indices, sizes)):
        raise ValueError(f"`{name}` (={show(indices)}) lies outside the shape {tuple(sizes)}.")
    return indices


def flag(name, value):
    """`value` as a bool; None counts as False, numbers and words are refused."""
    if value is not None and not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` (={show(value)}) must be True or False, not {type(value).__name__}.")
    return bool(value)


def float_dtype(dtype):
    """A dtype that random initial weights can have."""
    try:
        found = np.dtype(dtype)
    except Exception:  # what NumPy raises depends on what it tries to read
        found = None
    if dtype is None or found is None or found not in DTYPES or found.kind != "f":  # to NumPy, None means float64
        raise TypeError(f"`dtype` (={show(dtype)}) must be NumPy's float16, float32 or float64, in the byte order of this machine.")
    return found


def torch_numbers(name, tensor):
    """Check that a tensor of torch holds numbers as an array does, of a dtype that NumPy has too; bfloat16 is the usual one it has not."""
    if tensor.device.type == "meta":
        raise TypeError(f"`{name}` is on the device meta, where a tensor has a shape and no numbers: load or initialise the layer first.")
    layout = str(tensor.layout).removeprefix("torch.")
    if layout != "strided":
        raise TypeError(f"`{name}` has the layout {layout}: {name}.to_dense() holds its numbers as an array does.")
    if str(tensor.dtype).removeprefix("torch.") not in map(str, DTYPES):
        raise TypeError(
            f"`{name}` has dtype {tensor.dtype}; supported are {', '.join(map(str, DTYPES))}. `layer.float()` makes it float32."
        )


def even_ring(ring):
    """Padding per side, if a ring (before, after) of rows and columns is the same on both sides."""
    if any(before != after for before, after in ring):
        raise ValueError(f"`padding` of the layer is {ring} (before, after); a Conv2d of conv_lib pads both sides alike.")
    return tuple(before for before, _ in ring)


def random_generator(generator):
    """A NumPy random generator; None makes a fresh one."""
    if generator is None:
        return np.random.default_rng()
    if not isinstance(generator, np.random.Generator):
        raise TypeError(f"`generator` must be a numpy.random.Generator, not {type(generator).__name__}.")
    return generator


def layer_of(kinds, layer, attributes):
    """Which of these kinds, Conv2d or ConvTranspose2d, a layer of conv_lib or torch is, if it computes with what its class computes."""
    wanted, what = " or ".join(kinds), type(layer).__name__
    missing = [name for name in attributes if not hasattr(type(layer), name) and not hasattr(layer, name)]
    if missing:
        raise TypeError(f"`layer` must be a {wanted} of conv_lib or torch, not {what} (it has no `{missing[0]}`).")
    base = next((cls for cls in type(layer).__mro__ if cls.__name__ in kinds and cls.__module__ in LAYERS), None)
    if base is None:
        packed = ": it is quantized, and `layer.weight().dequantize()` holds its numbers" * callable(layer.weight)
        raise TypeError(f"`layer` must be a {wanted} of conv_lib or torch, not {type(layer).__module__}.{what}{packed}.")
    own = [name for name in CALLS if name in vars(layer) or getattr(type(layer), name, None) is not getattr(base, name, None)]
    if own:
        raise TypeError(
            f"`layer` ({what}) has a `{own[0]}` of its own, so its attributes do not tell what it computes. "
            f"Give a plain {base.__name__} with the weight, bias and padding that it really uses."
        )
    return base.__name__


def weight_of_layer(layer, weight):
    """Check that a layer has a weight, with the four axes of a 2-D convolution; a lazy one has none before its first call."""
    if weight is None:
        raise TypeError(f"`layer` ({type(layer).__name__}) has no weight: it is None.")
    initialised("layer", layer, weight)
    if len(weight.shape) != 4:
        raise TypeError(f"`layer` ({type(layer).__name__}) must be a 2-D convolution; its weight has the shape {tuple(weight.shape)}.")


def initialised(name, layer, parameter):
    """Check that a parameter of a torch layer has a shape."""
    if type(parameter).__name__.startswith("Uninitialized"):
        raise TypeError(f"`{name}` is a {type(layer).__name__} whose weight has no shape yet: call it once, on an input of its kind.")


def followed(model, module):
    """Check that what a torch model computes can be followed, part by part; `module` is torch's class."""
    kind = type(model).__name__
    if not isinstance(model, module):
        raise TypeError(f"`model` (={show(model)}) must be a torch.nn.Module, not {kind}.")
    if kind in ("ModuleList", "ModuleDict"):
        parts = "model.values()" if kind == "ModuleDict" else "model"
        raise TypeError(f"`model` is a {kind}, which has no forward: nn.Sequential(*{parts}) calls its parts one after the other.")
    for name, part in model.named_modules(prefix="model"):
        if any(cls.__name__ == "ScriptModule" for cls in type(part).__mro__):
            raise TypeError(f"`{name}` is compiled by torch.jit, which hides its layers: give what it was made from.")
        for parameter in part.parameters(recurse=False):
            initialised(name, part, parameter)


def unchanging(layer, changes):
    """Check that nothing changes a layer's numbers or result at every call; `changes` are sentences on what does."""
    if changes:
        raise TypeError(f"`layer` ({type(layer).__name__}) is not what its attributes say: {' '.join(changes)}")


def instance(name, value, kind):
    """Check that `value` is one of our own objects, such as an Axis."""
    if not isinstance(value, kind):
        raise TypeError(f"`{name}` (={show(value)}) must be a conv_lib {kind.__name__}, not {type(value).__name__}.")


def drawable(name, value, dimensions, most=32):
    """Check that an array can be drawn with every number in a cell of its own."""
    array(name, value, dimensions)
    if 0 in value.shape:
        raise ValueError(f"`{name}` of shape {value.shape} has nothing to draw: every axis must be at least 1.")
    drawn(name, max(value.shape[-2:]), "rows or columns", most)


def drawn(name, count, what, most=32):
    """Check that a figure is not asked to hold more than can be read."""
    if count > most:
        raise ValueError(f"`{name}` has {count} {what}; a figure holds at most {most}.")


def titled(name, value):
    """Check for a dict of at least one title with what stands under it."""
    if not isinstance(value, dict):
        raise TypeError(f"`{name}` must be a dict {{'title': …}}, not {type(value).__name__}.")
    if not value:
        raise ValueError(f"`{name}` must hold at least one title.")
    for title in value:
        if not isinstance(title, str):
            raise TypeError(f"`{name}` must have titles of str, not {show(title)}.")


def picture(name, value):
    """Check for a picture: (H, W) grey, or (3, H, W) or (H, W, 3) colour, of finite real numbers."""
    array(name, value, (2, 3))
    if 0 in value.shape or max(value.shape) > 1024:
        raise ValueError(f"`{name}` of shape {value.shape} must have between 1 and 1024 rows and columns.")
    if value.ndim == 3 and 3 not in (value.shape[0], value.shape[2]):
        raise ValueError(f"`{name}` of shape {value.shape} must be (H, W), (3, H, W) or (H, W, 3).")
    if value.dtype.kind == "c" or not np.isfinite(value).all():
        raise ValueError(f"`{name}` must hold finite real numbers.")


def measures(name, value):
    """Check for a dict of titles with real, finite numbers of at least 0."""
    titled(name, value)
    for title, number in value.items():
        if isinstance(number, (bool, np.bool_)) or not isinstance(number, Real):
            raise TypeError(f"`{name}[{title!r}]` (={show(number)}) must be a number, not {type(number).__name__}.")
        if not 0 <= number < np.inf:  # NaN is refused too
            raise ValueError(f"`{name}[{title!r}]` (={number}) must be at least 0 and finite.")


def divisor(name, value, whole_size, at_least):
    """`value` as an int that cuts `whole_size` into equal parts."""
    value = whole(name, value, at_least)
    if whole_size % value:
        raise ValueError(f"`{name}` (={value}) must divide {whole_size}.")
    return value


def word(name, value):
    """`value`, if it is text."""
    if not isinstance(value, str):
        raise TypeError(f"`{name}` (={show(value)}) must be text, not {type(value).__name__}.")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"`{name}` (={show(value)}) holds half a character (a lone surrogate), which cannot be written.")
    return value


def among(name, value, known):
    """`value`, if it is one of the known words."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"`{name}` (={show(value)}) must be one of {', '.join(map(repr, known))}.")
    return value


def method(value, known, fitting, plan):
    """Check the name of a method, and that the method can compute this layer."""
    if not isinstance(value, str):
        raise TypeError(f"`method` (={show(value)}) must be the name of a method or None, not {type(value).__name__}.")
    if value not in known:
        raise ValueError(f"`method` (={show(value)}) must be one of {', '.join(map(repr, known))}.")
    if value not in fitting:
        raise ValueError(
            f"`method` (={value!r}) does not fit x {plan.x.shape} of {plan.x.dtype} with weight {plan.weight.shape}, stride "
            f"{(plan.rows.stride, plan.columns.stride)}, padding {(plan.rows.padding, plan.columns.padding)} and groups {plan.groups}; "
            f"methods that fit: {', '.join(map(repr, fitting))}."
        )
    return value
