"""A whole network of torch on an input shape: a row a layer, with shape, cost, receptive field, and what is never read.

torch is imported when a network is asked for, not before.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from conv_lib import arguments, fields

SIDES = {1: ("positions",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
SIZES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
LONGEST = 20_000  # pixels of an axis that is followed position by position
WRAPPERS = {"DataParallel": "module", "DistributedDataParallel": "module", "OptimizedModule": "_orig_mod"}  # and what is in them


class SeenField(NamedTuple):
    """The receptive field of one number of a map, an entry an axis: ``size`` and ``read`` in pixels of the picture, and the ``jump``.

    ``size`` is from the first to the last pixel, ``read`` how many of them are really read, ``jump`` the pixels from one number to
    the next, as (over, under). ``whole``: all of the picture, whatever its size.
    """

    size: tuple[int, ...] = ()
    jump: tuple[tuple[int, int], ...] = ()
    read: tuple[int, ...] = ()
    whole: bool = False

    def __str__(self):
        if self.whole:
            return "whole picture"
        gaps = f", reads {_one(self.read)} of {_one(self.size)}" if self.read != self.size else ""
        jumps = [over if under == 1 else f"{over}/{under}" for over, under in self.jump]
        return f"{' x '.join(map(str, self.size))}, jump {_one(jumps)}{gaps}"


def _one(values):
    return str(values[0]) if len(set(values)) == 1 else " x ".join(map(str, values))


class Row(NamedTuple):
    """One step of a network. ``unread``: the positions of its own input, by axis, that it never reads; ``macs`` None: not known."""

    name: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int
    macs: int | None
    field: SeenField | None
    unread: dict[str, tuple[int, ...]]
    note: str


class Failure(NamedTuple):
    """The first row that does not fit: torch's own message, the cause, and what would mend it."""

    name: str
    message: str
    cause: str
    cure: str


@dataclass(frozen=True, repr=False)
class Network:
    """The account of a network; print it, or compute with its ``rows``.

    ``parameters`` counts each parameter once, those of layers that are never called too; ``macs`` those of the batch, bias, pooling
    and norm not counted. ``lost``: the positions of the picture, by axis, that reach no output. ``failure``: None, or the first row
    that does not fit.
    """

    title: str
    rows: tuple[Row, ...]
    parameters: int
    macs: int
    lost: dict[str, tuple[int, ...]]
    failure: Failure | None = None
    remarks: tuple[str, ...] = field(default=())

    def __str__(self):
        table = [COLUMNS, *map(_cells, self.rows), self._total]
        widths = [max(len(line[i]) for line in table) for i in range(len(COLUMNS))]

        def line(cells):
            placed = (text.rjust(w) if i in (2, 3) else text.ljust(w) for i, (text, w) in enumerate(zip(cells, widths)))
            return "  ".join(placed).rstrip()

        return "\n".join([self.title, *map(line, table), *(f"! {text}" for text in self._told)])

    __repr__ = __str__

    def _repr_html_(self):
        from html import escape  # loaded when it is shown, not with the library

        def row(cells, tag="td"):
            first, *others = map(escape, cells)
            return f'<tr><th scope="row">{first}</th>' + "".join(f"<{tag}>{text}</{tag}>" for text in others) + "</tr>"

        head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
        body = "".join(row(_cells(each)) for each in self.rows)
        told = "".join(f"<li>{escape(text)}</li>" for text in self._told)
        told = f'<ul class="cl-warnings">{told}</ul>' if told else ""
        return (
            f'<div class="cl-explain cl-network"><table><caption>{escape(self.title)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody><tfoot>{row(self._total)}</tfoot></table>{told}</div>"
        )

    @property
    def _total(self):
        unknown = "at least " * any(row.macs is None for row in self.rows)
        return ("total", "", f"{self.parameters:,}", f"{unknown}{self.macs:,}", unread_text(self.lost), "", "")

    @property
    def _told(self):
        failure = self.failure
        told = [f"{_called(failure.name)}: {failure.message}", f"cause: {failure.cause}", f"cure: {failure.cure}"] if failure else []
        return [*told, *self.remarks]


COLUMNS = ("layer", "output", "parameters", "MACs", "unread", "field", "note")


def _cells(row):
    shape = "does not fit" if row.output_shape is None else str(row.output_shape)
    macs = "?" if row.macs is None else f"{row.macs:,}"
    seen = "" if row.field is None else str(row.field)
    return f"{row.name} ({row.kind})", shape, f"{row.parameters:,}", macs, unread_text(row.unread), seen, row.note


def unread_text(unread: dict[str, tuple[int, ...]]) -> str:
    """Unread positions as a reader says them: 'row 29, columns 21 and 22'; equal axes once.

    >>> unread_text({"rows": (29,), "columns": (20, 21)})
    'row 29, columns 20 and 21'
    """
    sides = list(unread.items())
    if len(sides) == 2 and sides[0][1] == sides[1][1]:
        return f"{_word(*sides[0])} and {_word(*sides[1])} {_listed(sides[0][1])}"
    return ", ".join(f"{_word(name, found)} {_listed(found)}" for name, found in sides)


def _word(name, found):
    return name[:-1] if len(found) == 1 else name


def _listed(found):
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"{found[0]} to {found[-1]}"
    if len(found) > 6:
        return f"{', '.join(map(str, found[:3]))}, … {found[-1]} ({len(found):,} of them)"
    return f"{', '.join(map(str, found[:-1]))} and {found[-1]}" if len(found) > 1 else str(found[0])


def network(model, input_shape: Sequence[int]) -> Network:
    """Every shape, cost and receptive field of a torch model on an input of this shape. Returns a `Network`; print it.

    The model runs in eval mode, without gradients, on torch's meta device: nothing is computed, and the model stays as it is. It is
    followed by torch.fx. Where that cannot trace it (an ``if`` on numbers, a loop over data), forward hooks list its layers in the
    order of their calls; the connections are unknown then, and with them the fields.

    Parameters
    ----------
    model : torch.nn.Module
    input_shape : sequence of ints, with the batch
        Of a model that takes several tensors: a sequence of shapes.

    Raises
    ------
    TypeError, ValueError
        For a model that is none, and an input shape that is none. A layer that does not fit is no error here: see ``failure``.

    Source
    ------
    Araujo et al. 2019, for the receptive fields.

    Examples
    --------
    >>> from torch import nn
    >>> found = network(nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 3)), (2, 3, 32, 30))
    >>> found.rows[-1].output_shape, found.parameters, found.macs, found.rows[-1].field.size
    ((2, 16, 13, 12), 1392, 450144, (7, 7))
    >>> found.lost
    {'rows': (31,), 'columns': (29,)}
    """
    from torch import nn

    while type(model).__name__ in WRAPPERS:
        model = getattr(model, WRAPPERS[type(model).__name__])
    arguments.followed(model, nn.Module)
    shapes = _shapes(input_shape)
    from conv_lib.network_trace import follow  # imports torch

    steps, fault, traced = follow(model, shapes)
    first, *others = shapes
    larger = _larger_inputs(fault.message, first, lambda shape: follow(model, [shape, *others])[1] is None) if fault else []
    return _account(model, shapes, steps, fault, traced, larger)


def _shapes(input_shape):
    arguments.sequence("input_shape", input_shape)
    if input_shape and isinstance(input_shape[0], (tuple, list)):
        return [arguments.shape("input_shape", shape, range(1, 10)) for shape in input_shape]
    return [arguments.shape("input_shape", input_shape, range(1, 10))]


def _account(model, shapes, steps, fault, traced, larger):
    n = _planes(model)
    starts = [[fields.START] * len(shape) for shape in shapes]
    seen, rows, counted = {}, [], set()
    for step in steps:
        inputs = [starts[-1 - i] if i < 0 else seen[i] for i in step.inputs]
        seen[step.index] = _fields_behind(step, inputs)
        again = step.module is not None and id(step.module) in counted
        parameters = 0
        if step.module is not None and not again:
            counted.add(id(step.module))
            parameters = sum(p.numel() for p in step.module.parameters())
        note = ["runs again: its parameters are counted once"] * again + _notes(step, n)
        rows.append(
            Row(
                step.name,
                step.kind,
                step.shape,
                parameters,
                step.macs,
                _field_of(step, seen[step.index], n),
                _unread(step, n),
                "; ".join(note),
            )
        )
    failure = None
    if fault:
        cause, cures = _cause(fault, steps, n)
        failure = Failure(fault.name, fault.message, cause, "; or ".join([*larger, *cures]) or "see the message")
        rows.append(Row(fault.name, fault.kind, None, fault.parameters, 0, None, {}, ""))
    modules = [step.module for step in steps] + [fault.module if fault else None]
    called = {id(part) for module in modules if module is not None for part in module.modules()}
    leaves = [(name, part) for name, part in model.named_modules() if not list(part.children()) and list(part.parameters())]
    idle = [name for name, part in leaves if id(part) not in called]
    word = "not reached" if fault else "never called"
    remarks = [f"{_called(name)} is {word}; its parameters are counted" for name in idle[:8]]
    if more := len(idle[8:]):
        remarks.append(f"{more} more {'are' if more > 1 else 'is'} {word}; {'their' if more > 1 else 'its'} parameters are counted")
    if not traced:
        remarks.append("torch.fx cannot trace this model: the connections between its layers are unknown, and so are the fields")
    lost = _lost(shapes, steps, n) if traced and not fault else {}
    if lost:
        remarks.append(f"no output reads {unread_text(lost)} of the picture")
    shown = shapes[0] if len(shapes) == 1 else tuple(shapes)
    parameters = sum(p.numel() for p in model.parameters())
    return Network(
        f"{type(model).__name__} on {shown}", tuple(rows), parameters, sum(row.macs or 0 for row in rows), lost, failure, tuple(remarks)
    )


def _planes(model):
    """The number of axes of the pictures: that of the first layer that has one."""
    for part in model.modules():
        kind = type(part).__name__
        if kind[-1:] == "d" and kind[-2:-1] in "123" and kind[:-2].rstrip("T").endswith(("Conv", "Pool", "ranspose")):
            return int(kind[-2])
    return 2


def _fields_behind(step, inputs):
    if step.links is None or not inputs:
        return [None] * len(step.shape)
    parts = [[] for _ in step.shape]
    for index, start, end, way in step.links:
        if inputs[index][start] == ():
            continue
        before = inputs[index][start]
        parts[end].append(before if way is None else fields.through(before, way))
    return [() if not found else found[0] if len(found) == 1 else fields.together(found) for found in parts]


def _field_of(step, seen, n):
    """The field on the last n axes; None where there is none, or it is too involved."""
    planes = seen[-n:]
    if len(seen) < n + 1 or any(each is None or each == () for each in planes):
        return None
    if fields.WHOLE in planes:
        return SeenField(whole=True)
    size, jump, read = zip(*map(fields.measured, planes))
    return SeenField(size, jump, read)


def _unread(step, n):
    found = {}
    for index, start, _, way in step.links or []:
        plane = start - (len(step.input_shape or ()) - n)
        if index == 0 and way is not None and 0 <= plane < n and max(way.size, way.outputs, way.kernel) <= LONGEST and way.missed:
            found[SIDES[n][plane]] = way.missed
    return found


def _lost(shapes, steps, n):
    """The positions of the first picture that reach no output, followed from the last rows back."""
    shape = shapes[0]
    if len(shape) < n + 1 or max(shape[-n:]) > LONGEST:
        return {}
    needed = {}

    def mark(index, axis, marks):
        old = needed.setdefault(index, {}).setdefault(axis, [False] * len(marks))
        old[:] = [a or b for a, b in zip(old, marks)]

    shape_of = {-1 - i: each for i, each in enumerate(shapes)} | {step.index: step.shape for step in steps}
    read = {index for step in steps for index in step.inputs}
    for step in reversed(steps):
        if step.index not in read:
            for axis, size in enumerate(step.shape):
                mark(step.index, axis, [True] * min(size, LONGEST))
        own = needed.get(step.index)
        if own is None:
            continue
        if step.links is None:
            return {}
        for place, index in enumerate(step.inputs):
            linked = set()
            for source, start, end, way in step.links:
                if source == place and shape_of[index][start] <= LONGEST:
                    linked.add(start)
                    mark(index, start, own[end] if way is None else way.reached(own[end]))
            for axis, size in enumerate(shape_of[index]):
                if axis not in linked:
                    mark(index, axis, [True] * min(size, LONGEST))
    marks = needed.get(-1, {})
    first = len(shape) - n
    missed = {side: tuple(i for i, on in enumerate(marks.get(first + k, ())) if not on) for k, side in enumerate(SIDES[n])}
    return {side: found for side, found in missed.items() if found}


def _notes(step, n):
    layer = step.module
    groups = getattr(layer, "groups", 1)
    if layer is None or not hasattr(layer, "in_channels"):
        return []
    notes = []
    if groups > 1 and groups == layer.in_channels:
        notes.append("depthwise" + f", multiplier {layer.out_channels // groups}" * (layer.out_channels != groups))
    elif groups > 1:
        notes.append(f"{groups} groups")
    elif set(layer.kernel_size) == {1}:
        notes.append("pointwise")
    if len(step.input_shape) == n + 1:
        notes.append(f"{step.input_shape} is read as one picture without a batch axis")
    if layer.padding_mode != "zeros" and not isinstance(layer.padding, str) and not any(layer.padding):
        notes.append(f"padding_mode={layer.padding_mode!r} does nothing: the padding is 0")
    return notes


def _chain(inputs, steps):
    """The steps behind what arrives, the last one first."""
    by_index = {step.index: step for step in steps}
    while inputs and inputs[0] in by_index:
        step = by_index[inputs[0]]
        yield step
        inputs = step.inputs


def _called(name):
    """A layer's name in a sentence: that of a Sequential is a number."""
    return f"layer {name}" if name[:1].isdigit() else name


def _cause(fault, steps, n):
    """Why a step does not fit, in the numbers of the network, and what would mend it. The page says the same (tests hold them equal)."""
    layer, shape, name = fault.module, fault.input_shape, _called(fault.name)
    before = list(_chain(fault.inputs, steps))
    if hasattr(layer, "in_channels") and shape and 0 <= len(shape) - len(layer.kernel_size) - 1 < 2:
        axis = len(shape) - len(layer.kernel_size) - 1
        got, wanted = shape[axis], layer.in_channels
        if got != wanted:
            maker = next((step for step in before if len(step.inputs) > 1 or hasattr(step.module, "out_channels")), None)
            source = f"{_called(maker.name)} makes {got}" if maker else f"the input has {got}"
            cures = [f"out_channels={wanted} in {_called(maker.name)}"] if maker and maker.module else []
            groups = " and groups=1" * (got % layer.groups > 0)
            return f"{name} takes {wanted} channels, and {source}{_shared(wanted, got)}", [*cures, f"in_channels={got}{groups} in {name}"]
    if hasattr(layer, "in_features") and shape:
        got, wanted, features = shape[-1], layer.in_features, math.prod(shape[1:])
        if len(shape) > 3 or len(shape) == 3 and features == wanted:
            product = " · ".join(map(str, shape[1:]))
            fits = f": {product} = {features}" if features == wanted else f", and in_features={features} ({product})"
            cause = f"no flatten before {name}: it takes the last axis ({got}) for its {wanted} features"
            return cause, [f"nn.Flatten() before the Linear{fits}"]
        cures = [f"in_features={got} in {name}"]
        last = next((step for step in before if len(step.shape) > 2), None)
        if last is None:
            return f"{name} takes {wanted} features and gets {got}", cures
        maps = last.shape[-n - 1 :]
        if math.prod(maps) != got:
            return f"{name} takes {wanted} features and gets {got}", cures
        side = math.isqrt(wanted // maps[0])
        meant = f" = {maps[0]} · {side} · {side}" if maps[0] * side**2 == wanted else ""
        return f"{name} takes {wanted} features{meant} and gets {got} = {' · '.join(map(str, maps))} of {_called(last.name)}", cures
    built = getattr(layer, "num_features", getattr(layer, "num_channels", None))
    if built and shape and (found := re.match(r"expected (.+)D input \(got \d+D input\)", fault.message)):
        axes, kind = found[1].replace("D", ""), type(layer).__name__[:-2]
        cures = [f"nn.{kind}{len(shape) - 2}d({built})"] if 2 < len(shape) < 6 else []
        return f"the norm takes an input of {axes} axes, and {list(shape)} arrives", cures
    if built and shape and len(shape) > 1:
        argument = "num_features" if hasattr(layer, "num_features") else "num_channels"
        return f"the map has {shape[1]} channels, and the norm was built for {built}", [f"{argument}={shape[1]} in {name}"]
    if hasattr(layer, "input_size") and shape and shape[-1] != layer.input_size:
        return f"the layer takes {layer.input_size} features a step, and {shape[-1]} arrive", [f"input_size={shape[-1]} in {name}"]
    if hasattr(layer, "normalized_shape") and shape:
        wanted, got = tuple(layer.normalized_shape), tuple(shape[-len(layer.normalized_shape) :])
        change = got if len(got) > 1 else got[0]
        return f"the norm takes the last sizes {wanted}, and {got} arrive", [f"normalized_shape={change} in {name}"]
    return _from_message(fault.message)


def _from_message(message):
    """Cause and cures of a message of torch whose numbers tell them; the reader of messages on the page has the same words."""
    lists = [[int(size) for size in re.findall(r"-?\d+", part)] for part in re.findall(r"\(([-\d x]+)\)", message)]
    numbers = [int(number) for number in re.findall(r"\d+", message)]
    larger = "a larger input, or fewer layers that shrink it"
    if "Kernel size can't be greater" in message:
        sizes, spans = lists
        short = [f"the {side}" for side, size, span in zip(SIZES[len(sizes)], sizes, spans) if span > size]
        every = {2: "both axes are", 3: "all axes are"}.get(len(short)) if len(short) == len(sizes) > 1 else None
        fault = every or f"only {' and '.join(short)} {'are' if len(short) > 1 else 'is'}"
        spanned, padded = ("x".join(map(str, each)) for each in (spans, sizes))
        return f"the window spans {spanned} and the padded input has {padded}: {fault} at fault", [larger]
    if message.startswith("Given input size: "):
        (_, *sizes), (_, *outputs) = lists
        cause = f"the window does not fit into a map of {'x'.join(map(str, sizes))}: the output would be {'x'.join(map(str, outputs))}"
        return cause, ["an adaptive pooling, which fits any size"]
    if message.startswith("The size of tensor a"):
        a, b, dimension = numbers
        return f"two maps are added: one has {a}, the other {b} in dimension {dimension}", [_sum_cure(a, b, dimension)]
    if message.startswith("Sizes of tensors must match"):
        cause = "maps of {1} and of {2} are joined along the channels; all other sizes must be equal".format(*numbers)
        return cause, ["F.interpolate(x, size=skip.shape[2:]) before the cat"]
    return message, []


def _sum_cure(a, b, dimension):
    small, large = sorted((a, b))
    if dimension == 1:
        return f"A 1x1 convolution in the shortcut, nn.Conv2d({b}, {a}, 1) or nn.Conv2d({a}, {b}, 1), with the stride of the block"
    if large - small == 1:
        return "ceil_mode=True in the pooling of the shortcut, or a 1x1 convolution with stride 2 in its place"
    if large in (2 * small, 2 * small - 1):
        return "One branch has stride 2, the other has not: nn.Conv2d(in, out, 1, stride=2) in the shortcut"
    if (large - small) % 2 == 0 and large - small <= 24:
        more = (large - small) // 2
        return f"Padding that keeps the size: {more} more on each side of the layers in between (padding=1 for each 3x3)"
    return "Make both branches keep the size: padding, and one stride for both"


def _larger_inputs(message, shape, fits):
    """An input on which the network runs, tried with ``fits(shape)``: as text, in a list, if there is one."""
    if len(shape) < 3 or not re.search("must match|can't be greater|too small|pad should", message):
        return []

    def up(step, more=0):
        return (*shape[:-2], *((math.ceil(side / step) + more) * step for side in shape[-2:]))

    step = next((step for step in (2, 4, 8, 16, 32, 64, 128) if up(step) != shape and fits(up(step))), None)
    if step is None:
        return []
    sides = " x ".join(map(str, up(step)[-2:]))
    many = "must match" in message and fits(up(step, 1))
    return [f"an input whose sides are multiples of {step}, such as {sides}" if many else f"an input of {sides}"]


def _shared(a, b):
    """1280 and 256 as multiples of what they share, where that is large."""
    x = math.gcd(a, b)
    return f" ({a} = {a // x} · {x}, {b} = {b // x} · {x})" if 8 <= x < min(a, b) else ""
