"""Follows a torch model through one pass on shapes alone: torch.fx on the meta device, and forward hooks where fx cannot trace."""

import copy
import math
import re
from dataclasses import dataclass, field

import torch
from torch import fx, nn
from torch.utils.flop_counter import FlopCounterMode

from conv_lib import ways

NAMES = {
    "iadd": "add",
    "imul": "mul",
    "isub": "sub",
    "truediv": "div",
    "concat": "cat",
    "concatenate": "cat",
    "__add__": "add",
    "__mul__": "mul",
}
KINDS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
SILENT = {"contiguous", "clone", "detach", "float", "to", "size", "getattr", "dim", "type_as"}


@dataclass
class Step:
    """One layer or function. ``inputs`` are the indices of earlier steps; -1, -2, … the pictures."""

    index: int
    name: str
    kind: str
    inputs: list[int]
    shape: tuple[int, ...]
    input_shape: tuple[int, ...] | None
    module: nn.Module | None
    macs: int | None
    links: list | None
    shapes: list = field(default_factory=list)


@dataclass
class Fault:
    """The step that torch refuses."""

    name: str
    kind: str
    message: str
    module: nn.Module | None
    inputs: list[int]
    input_shape: tuple[int, ...] | None
    shapes: list
    parameters: int


class Refused(Exception):
    """Ends the pass."""


def follow(model, shapes):
    """(steps, fault or None, whether fx could trace it) of one pass of `model` over inputs of these shapes."""
    training = {part: part.training for part in model.modules()}
    model.eval()
    try:
        traced = _traced(model)
        tracer = _Meta(model, traced) if traced is not None else _Hooks(model)
        with torch.no_grad():
            try:
                tracer.go(shapes)
            except Refused:
                pass
        return tracer.steps, tracer.fault, traced is not None
    finally:
        for part, was in training.items():
            part.training = was


def _traced(model):
    if _is_leaf(model):
        model = nn.Sequential(model)
    try:
        return fx.Tracer().trace(model)
    except Exception:  # whatever a forward() does that a Proxy does not: then the hooks take over
        return None


def _dtype(model):
    """What a picture for this model holds: numbers of the kind of its weights."""
    return next((p.dtype for p in model.parameters() if p.is_floating_point()), None)


def _is_leaf(module):
    return module.__module__.startswith("torch.nn") and not isinstance(module, nn.Sequential)


class _Meta(fx.Interpreter):
    """Runs a traced graph on meta tensors, and notes each step."""

    def __init__(self, model, graph):
        root = nn.Sequential(model) if _is_leaf(model) else model
        super().__init__(fx.GraphModule(root, graph))
        self.single = _is_leaf(model)
        self.steps, self.fault, self.made, self.kept = [], None, {}, []

    def go(self, shapes):
        inputs = [torch.empty(shape, device="meta", dtype=_dtype(self.module)) for shape in shapes]
        for i, tensor in enumerate(inputs):
            self._keep(tensor, -1 - i)
        wanted = [node for node in self.module.graph.nodes if node.op == "placeholder" and not node.args]
        if len(wanted) != len(inputs):
            raise ValueError(f"the model takes {len(wanted)} tensors, and `input_shape` gives {len(inputs)} shapes.")
        self.run(*inputs)

    def _keep(self, tensor, index):
        self.made[id(tensor)] = index
        self.kept.append(tensor)  # an id is one tensor's as long as that lives

    def run_node(self, node):
        if node.op in ("placeholder", "output"):
            return super().run_node(node)
        if node.op == "get_attr":
            found = super().run_node(node)
            return found.to("meta") if isinstance(found, torch.Tensor) else found
        args, kwargs = self.fetch_args_kwargs_from_env(node)
        tensors = list(_tensors((args, kwargs)))
        module = self.fetch_attr(node.target) if node.op == "call_module" else None
        name, kind = _named(node, module, self.single)
        try:
            out = _on_meta(module)(*_indices(module, args), **kwargs) if module is not None else super().run_node(node)
            if _is_let_through(module, tensors):
                raise ValueError(f"{kind} refuses this on the CPU.")  # in torch's own words, which are asked for below
        except Exception as error:
            self._refuse(node, module, name, kind, args, kwargs, tensors, error)
        self._note(name, kind, module, args, kwargs, tensors, out)
        return out

    def _note(self, name, kind, module, args, kwargs, tensors, out):
        plain = name.rstrip("()")
        silent = plain in SILENT or (kind in KINDS.values() and len(tensors) < 2)
        silent = silent or (plain == "getitem" and not isinstance(args[0], torch.Tensor))
        if module is None and (silent or not tensors):
            for made in _tensors(out):
                if id(made) not in self.made:
                    self._keep(made, self.made[id(tensors[0])])
            return
        for place, made in enumerate(_tensors(out)):
            if id(made) in self.made:  # an operation in place, or one that gave its input back
                self.kept.append(made)
            shape = tuple(made.shape)
            known = [tensor for tensor in tensors if id(tensor) in self.made]
            links = _links(plain, module, args, kwargs, tensors, shape)
            if links is not None:
                places = [i for i, tensor in enumerate(tensors) if id(tensor) in self.made]
                links = [(places.index(i), *rest) for i, *rest in links if i in places]
            step = Step(
                len(self.steps),
                name,
                kind,
                [self.made[id(tensor)] for tensor in known],
                shape,
                tuple(known[0].shape) if known else None,
                None if place else module,  # of several results the first has the parameters and the cost
                0 if place else _macs(plain, module, tensors, shape, args, kwargs),
                links,
            )
            self.steps.append(step)
            self._keep(made, step.index)

    def _refuse(self, node, module, name, kind, args, kwargs, tensors, error):
        self.fault = Fault(
            name,
            kind,
            _said(node, module, args, kwargs, error),
            module,
            [self.made[id(t)] for t in tensors if id(t) in self.made],
            tuple(tensors[0].shape) if tensors else None,
            [tuple(t.shape) for t in tensors],
            sum(p.numel() for p in module.parameters()) if module is not None else 0,
        )
        raise Refused from None


def _indices(module, args):
    """What an embedding looks up are whole numbers; a picture is none."""
    return tuple(arg.long() if isinstance(arg, torch.Tensor) else arg for arg in args) if isinstance(module, nn.Embedding) else args


def _on_meta(module):
    """The module as it runs on meta tensors; its own parameters stay where they are."""

    def call(*args, **kwargs):
        state = {name: tensor.to("meta") for name, tensor in [*module.named_parameters(), *module.named_buffers()]}
        return torch.func.functional_call(module, state, args, kwargs)

    return call


def _is_let_through(module, tensors):
    """What torch refuses on numbers and not on the meta device: a transposed layer's channels and output_padding, numbers below 0."""
    if not isinstance(module, nn.modules.conv._ConvNd):
        return False
    if not isinstance(module.padding, str) and min(module.padding) < 0 or min(module.dilation) < 1:
        return True
    if not module.transposed:
        return False
    channels = tensors[0].shape[-len(module.kernel_size) - 1]
    limits = map(max, module.stride, module.dilation)
    return channels != module.in_channels or any(not 0 <= more < limit for more, limit in zip(module.output_padding, limits))


def _said(node, module, args, kwargs, error):
    """torch's own message: that of the CPU where it can be had, on tensors that take no memory."""

    def real(value):
        if isinstance(value, torch.Tensor):
            return torch.zeros((), dtype=value.dtype).expand(value.shape)
        if isinstance(value, (tuple, list)):
            return type(value)(map(real, value))
        return value

    args, kwargs = real(list(args)), {key: real(value) for key, value in kwargs.items()}
    try:
        if module is not None:
            copy.copy(module)(*args, **kwargs)
        elif node.op == "call_method":
            getattr(args[0], node.target)(*args[1:], **kwargs)
        else:
            node.target(*args, **kwargs)
    except Exception as own:
        return str(own).splitlines()[0]
    return str(error).splitlines()[0]


def _named(node, module, single):
    if module is not None:
        return (type(module).__name__ if single else str(node.target)), type(module).__name__
    plain = re.sub(r"_\d+$", "", node.name)
    plain = NAMES.get(plain, plain)
    return f"{plain}()", KINDS.get(plain, plain)


def _tensors(value):
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _tensors(part)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _tensors(part)


def _macs(plain, module, tensors, shape, args, kwargs):
    """Multiply-accumulates of the batch; None where nobody counts them here."""
    if isinstance(module, nn.modules.conv._ConvNd):
        pixels = tensors[0].shape if module.transposed else shape
        return math.prod(pixels) * math.prod(module.weight.shape[1:])
    if isinstance(module, nn.Linear):
        return math.prod(shape) * module.in_features
    if module is not None and next(module.parameters(), None) is not None and ways.of_layer(module, shape, shape) is None:
        return _counted(lambda: _on_meta(module)(*args, **kwargs))
    if module is None and plain in ("conv1d", "conv2d", "conv3d"):
        return math.prod(shape) * math.prod(tensors[1].shape[1:])
    if module is None and plain.startswith("conv_transpose"):
        return math.prod(tensors[0].shape) * math.prod(tensors[1].shape[1:])
    if module is None and plain in ("linear", "matmul", "bmm", "mm"):
        return math.prod(shape) * tensors[0].shape[-1]
    if module is None and plain in ("einsum", "scaled_dot_product_attention", "baddbmm", "addmm"):
        return None
    return 0


def _counted(call):
    """torch's own counter for layers that hold several products."""
    try:
        with FlopCounterMode(display=False) as counter:
            call()
    except Exception:
        return None
    return counter.get_total_flops() // 2 or None


def _bound(names, defaults, args, kwargs):
    values = dict(zip(names, defaults, strict=True))
    values.update(zip(names, args[1:]))
    values.update({name: value for name, value in kwargs.items() if name in values})
    return values


def _links(plain, module, args, kwargs, tensors, out):
    """The links of a step (see ways.py), or None."""
    shapes = [tuple(tensor.shape) for tensor in tensors]
    shape = shapes[0] if shapes else ()
    if module is not None:
        return ways.of_layer(module, shape, out)
    n = int(plain[-2]) if re.search(r"[123]d$", plain) else 0
    if plain.startswith("max_pool"):
        given = _bound(("kernel_size", "stride", "padding", "dilation", "ceil_mode"), (None, None, 0, 1, False), args, kwargs)
        return ways.pool(shape, out, n, given["kernel_size"], given["stride"], given["padding"], given["dilation"])
    if plain.startswith("avg_pool"):
        given = _bound(("kernel_size", "stride", "padding", "ceil_mode"), (None, None, 0, False), args, kwargs)
        return ways.pool(shape, out, n, given["kernel_size"], given["stride"], given["padding"])
    if plain.startswith("adaptive"):
        return ways.on_planes(len(shape), n, [ways.adaptive(*pair) for pair in zip(shape[-n:], out[-n:])], channels=True)
    if plain.startswith("conv_transpose"):
        names = ("weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")
        given = _bound(names, (None, None, 1, 0, 0, 1, 1), args, kwargs)
        return ways.conv_transposed(shape, out, n, shapes[1][2:], given["stride"], given["padding"], given["dilation"])
    if re.fullmatch(r"conv[123]d", plain):
        given = _bound(("weight", "bias", "stride", "padding", "dilation", "groups"), (None, None, 1, 0, 1, 1), args, kwargs)
        return ways.conv(shape, out, n, shapes[1][2:], given["stride"], given["padding"], given["dilation"])
    if plain in ("interpolate", "upsample"):
        given = _bound(("size", "scale_factor", "mode", "align_corners"), (None, None, "nearest", None), args, kwargs)
        return ways.resized(shape, out, given["scale_factor"], given["mode"], given["align_corners"])
    if plain == "pad":
        given = _bound(("pad", "mode", "value"), ((), "constant", None), args, kwargs)
        mode = {"constant": "zeros"}.get(given["mode"], given["mode"])
        return ways.padded(shape, out, tuple(given["pad"]), mode)
    if plain == "flatten":
        given = _bound(("start_dim", "end_dim"), (0, -1), args, kwargs)
        return ways.flattened(shape, given["start_dim"], given["end_dim"])
    if plain in ("view", "reshape"):
        return ways.reshaped(shape, out)
    if plain == "cat":
        axis = kwargs.get("dim", args[1] if len(args) > 1 else 0) % len(out)
        return [link for i, each in enumerate(shapes) for link in ways.same(each, i) if link[1] != axis]
    if plain in ("mean", "sum", "amax"):
        return _averaged(shape, out, kwargs.get("dim", args[1] if len(args) > 1 else None))
    if plain in ("permute", "transpose"):
        order = list(range(len(shape)))
        given = args[1] if plain == "permute" and isinstance(args[1], (tuple, list)) else args[1:]
        if plain == "permute":
            order = [axis % len(shape) for axis in given]
        else:
            a, b = (axis % len(shape) for axis in given)
            order[a], order[b] = order[b], order[a]
        return [(0, start, end, None) for end, start in enumerate(order)]
    if plain in ("chunk", "split"):
        return [link for link in ways.same(shape) if shape[link[1]] == out[link[1]]]
    if plain == "squeeze":
        gone = range(len(shape)) if len(args) < 2 else (args[1] % len(shape),)
        kept = [d for d, size in enumerate(shape) if not (size == 1 and d in gone)]
        return [(0, start, end, None) for end, start in enumerate(kept)] if len(kept) == len(out) else ways.same(shape)
    if plain == "unsqueeze":
        axis = args[1] % (len(shape) + 1)
        return [(0, d, d if d < axis else d + 1, None) for d in range(len(shape))]
    if plain == "getitem":
        return _sliced(shape, args[1])
    if plain == "linear":
        return ways.same(shape)[:-1]
    if plain in KINDS or (len(shapes) == 1 and shape == out):
        return ways.broadcast(shapes, out)
    return None


def _averaged(shape, out, axes):
    gone = range(len(shape)) if axes is None else [axis % len(shape) for axis in (axes if isinstance(axes, (tuple, list)) else [axes])]
    if len(out) == len(shape):
        return [(0, d, d, ways.whole(size, 1) if d in gone else None) for d, size in enumerate(shape)]
    kept = [d for d in range(len(shape)) if d not in gone]
    return [(0, start, end, None) for end, start in enumerate(kept)]


def _sliced(shape, index):
    links, start, end = [], 0, 0
    parts = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis in parts:
        at = parts.index(Ellipsis)
        rest = len(shape) - sum(part is not None for part in parts) + 1
        parts[at : at + 1] = [slice(None)] * rest
    for part in [*parts, *[slice(None)] * (len(shape) - sum(part is not None for part in parts))]:
        if part is None:
            end += 1
        elif isinstance(part, slice):
            first, last, step = part.indices(shape[start])
            links.append((0, start, end, ways.strided(shape[start], first, step, len(range(first, last, step)))))
            start, end = start + 1, end + 1
        else:
            start += 1
    return links


class _Hooks:
    """Runs the model itself on zeros, and notes its layers in the order of their calls; what connects them is not seen."""

    def __init__(self, model):
        self.model = model
        self.steps, self.fault = [], None

    def go(self, shapes):
        leaves = {part: name for name, part in self.model.named_modules() if not list(part.children())}
        current = []
        handles = [part.register_forward_pre_hook(lambda part, args: current.append((part, args))) for part in leaves]
        handles += [part.register_forward_pre_hook(_indices) for part in leaves]
        handles += [part.register_forward_hook(lambda part, args, out: self._note(leaves[part], part, args, out)) for part in leaves]
        try:
            self.model(*(torch.zeros(shape, dtype=_dtype(self.model)) for shape in shapes))
        except Exception as error:
            part, args = current[-1] if current else (None, ())
            first = next(_tensors(args), None)
            name = leaves.get(part, type(self.model).__name__)
            self.fault = Fault(
                name,
                type(part or self.model).__name__,
                str(error).splitlines()[0],
                part,
                [],
                tuple(first.shape) if first is not None else None,
                [],
                sum(p.numel() for p in part.parameters()) if part is not None else 0,
            )
        finally:
            for handle in handles:
                handle.remove()

    def _note(self, name, part, args, out):
        tensors, made = list(_tensors(args)), next(_tensors(out), None)
        if made is None or not tensors:
            return
        shape = tuple(made.shape)
        links = ways.of_layer(part, tuple(tensors[0].shape), shape)
        macs = _macs("", part, tensors, shape, args, {})
        self.steps.append(Step(len(self.steps), name, type(part).__name__, [], shape, tuple(tensors[0].shape), part, macs, links))
