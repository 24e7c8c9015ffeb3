"""`network` against torch: shapes, parameters, MACs; receptive fields against gradients; the page and Python alike."""

from __future__ import annotations

import json
import math
import random
import re
from collections import OrderedDict
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import networks
import pytest
import torch
import torch.nn.functional as F
from checks import refusal
from test_lab import CASES, read
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from conv_lib import explain, network
from conv_lib.network import unread_text

FIELDS = {
    "ResNet-18": (networks.resnet18, 435),
    "ResNet-50": (networks.resnet50, 427),
    "ResNet-50 of 2015, the stride in the 1x1": (lambda: networks.resnet50(first=True), 483),
    "VGG-16": (networks.VGG, 212),
    "AlexNet": (networks.AlexNet, 195),
    "MobileNetV2": (networks.MobileNetV2, 491),
    "GoogLeNet": (networks.GoogLeNet, 379),
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_known_network_has_the_field_of_its_last_map(name):
    make, field = FIELDS[name]
    with torch.device("meta"):
        model = make()
    found = network(model, (1, 3, 224, 224))
    last = [row.field for row in found.rows if row.field and not row.field.whole][-1]
    assert last.size == (field, field) and last.jump == ((32, 1), (32, 1)) and found.failure is None
    if name == "MobileNetV2":
        assert found.macs == 300_774_272


def model_of(case: dict) -> nn.Module:
    """The model of a pasted case, made by Python: lines of layers in a row, an object of its last class, or what it assigns."""
    given = {name: eval(value, {"nn": nn}) for name, value in case.get("given", {}).items()}
    names = {
        "nn": nn,
        "torch": torch,
        "F": F,
        "OrderedDict": OrderedDict,
        "Flatten": nn.Flatten,
        "device": "cpu",
        "self": SimpleNamespace(),
        **given,
    }
    if case["kind"] == "constructor":
        lines = [re.sub(r"^self\.\w+ = ", "", line).strip().rstrip(",") for line in case["text"].splitlines()]
        return nn.Sequential(*(eval(line, names) for line in lines))
    exec(case["text"], names)
    made = [value for value in [*vars(names["self"]).values(), *names.values()] if isinstance(value, nn.Module)]
    classes = [
        value for value in names.values() if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == "builtins"
    ]
    return made[0] if made else classes[-1](**given)


@pytest.mark.parametrize("name", "C01 C03 C04 C07 C09 C10 C12 S01 S03 S05 S06 S09 K01 K04 K07 K08 K10 K12 K13".split())
def test_a_pasted_case_gives_its_numbers_in_python_too(name):
    case = CASES[name]
    found = network(model_of(case), tuple(map(int, case["shape"].split(", "))))
    rows = [row for row in found.rows if row.output_shape is not None]
    for row, wanted in zip(rows, case["rows"], strict=True):
        told = {"output": list(row.output_shape), "parameters": row.parameters, "macs": row.macs}
        if "field" in wanted:
            told["field"] = "whole" if row.field.whole else list(row.field.size)
        assert told == {key: wanted[key] for key in told}
    assert found.parameters == case["parameters"]
    assert (found.failure and found.failure.message) == case.get("failure")
    assert {side: list(lost) for side, lost in found.lost.items()} == case.get("lost", {})


def generated(seed: int) -> tuple[str, tuple[int, ...]]:
    """The code of a random network, a Sequential or a class with branches, and a picture that it takes."""
    pick = random.Random(seed)
    size = lambda: (pick.randint(1, 4), pick.randint(1, 4))  # noqa: E731
    shape = (pick.randint(1, 3), pick.choice([2, 3, 4, 6]), pick.randint(24, 44), pick.randint(24, 44))
    channels, lines = shape[1], []
    for _ in range(pick.randint(2, 6)):
        kind = pick.choice(["conv", "conv", "conv", "depthwise", "pool", "up", "transposed", "norm", "pad"])
        if kind == "conv":
            out = pick.choice([2, 4, 6])
            groups = math.gcd(channels, out) if pick.random() < 0.3 else 1
            mode = pick.choice(["zeros", "zeros", "replicate"])
            lines.append(
                f"nn.Conv2d({channels}, {out}, {size()}, stride={pick.randint(1, 2), pick.randint(1, 3)}, padding={pick.randint(0, 2), 1}, "
                f"dilation={pick.randint(1, 2), 1}, groups={groups}, bias={pick.random() < 0.5}, padding_mode='{mode}')"
            )
            channels = out
        elif kind == "depthwise":
            lines.append(f"nn.Conv2d({channels}, {2 * channels}, 3, padding='same', groups={channels})")
            channels *= 2
        elif kind == "pool":
            name = pick.choice(["Max", "Avg"])
            lines.append(f"nn.{name}Pool2d({size()}, stride={pick.randint(1, 2), pick.randint(1, 3)}, ceil_mode={pick.random() < 0.5})")
        elif kind == "up":
            lines.append(f"nn.Upsample(scale_factor=2, mode='{pick.choice(['nearest', 'bilinear'])}')")
        elif kind == "transposed":
            lines.append(f"nn.ConvTranspose2d({channels}, 4, (2, 3), stride=(2, 1), padding=(0, 1), dilation=(1, {pick.randint(1, 2)}))")
            channels = 4
        elif kind == "pad":
            lines.append(f"nn.{pick.choice(['Zero', 'Reflection', 'Replication'])}Pad2d((1, 0, 2, 1))")
        else:
            lines += [f"nn.BatchNorm2d({channels})", "nn.ReLU()"]
    if seed % 2:
        return "model = nn.Sequential(\n    " + ",\n    ".join(lines) + ",\n)", shape
    return branched(lines, channels, pick), shape


def branched(lines: list[str], channels: int, pick: random.Random) -> str:
    """A class whose stem has these layers, and behind it two branches that are added or joined."""
    parts = "\n".join(f"        self.l{i} = {line}" for i, line in enumerate(lines))
    calls = "\n".join(f"        x = self.l{i}(x)" for i in range(len(lines)))
    joined = "a + b" if pick.random() < 0.5 else "torch.cat([a, b], 1)"
    return f"""class Net(nn.Module):
    def __init__(self):
        super().__init__()
{parts}
        self.left = nn.Conv2d({channels}, 4, 3, padding=1)
        self.right = nn.Conv2d({channels}, 4, (1, 3), padding=(0, 1))

    def forward(self, x):
{calls}
        a = F.relu(self.left(x))
        b = self.right(x)
        return {joined}"""


def built(code: str) -> nn.Module:
    names = {"nn": nn, "torch": torch, "F": F}
    exec(code, names)
    return (names.get("model") or names["Net"]()).eval()


@cache
def all_generated() -> list[tuple]:
    """(code, shape, model, account, report of the page) of 200 networks that torch takes."""
    found = []
    seed = 0
    while len(found) < 200:
        code, shape = generated(seed)
        seed += 1
        model = built(code)
        try:
            with torch.no_grad():
                model(torch.zeros(shape))
        except RuntimeError:
            continue  # a map became too small: not all random sizes fit
        found.append((code, shape, model, network(model, shape)))
    reports = read(*((code, {"shape": ", ".join(map(str, shape))}) for code, shape, *_ in found))
    return [(*one, report) for one, report in zip(found, reports)]


def test_200_networks_have_the_shapes_parameters_and_macs_of_torch():
    for code, shape, model, account, _ in all_generated():
        seen = []
        hooks = [
            part.register_forward_hook(lambda _, __, out: seen.append(tuple(out.shape)))
            for part in model.modules()
            if not list(part.children())
        ]
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            out = model(torch.zeros(shape))
        for hook in hooks:
            hook.remove()
        rows = [row for row in account.rows if not row.name.endswith("()")]
        assert [row.output_shape for row in rows] == seen, code
        assert account.rows[-1].output_shape == tuple(out.shape) and account.failure is None
        assert account.parameters == sum(row.parameters for row in account.rows) == sum(p.numel() for p in model.parameters())
        assert account.macs == counter.get_total_flops() // 2, code


def test_the_page_says_of_200_networks_what_python_says():
    for code, _, _, account, report in all_generated():
        assert report["failure"] is None and report["kind"] == "model", code
        assert (report["parameters"], report["macs"]) == (account.parameters, account.macs), code
        assert report["lost"] == {side: list(found) for side, found in account.lost.items()}, code
        for row, own in zip(report["rows"], account.rows, strict=True):
            field = own.field and ("whole" if own.field.whole else list(own.field.size))
            told = (row["name"], tuple(row["output"]), row["parameters"], row["macs"], row["field"], row["unread"])
            unread = {side: list(found) for side, found in own.unread.items()}
            assert told == (own.name, own.output_shape, own.parameters, own.macs, field, unread), code


def touched(model: nn.Module, shape: tuple[int, ...], steps: tuple[int, ...] | None = None) -> list[list[set[int]]]:
    """The rows and columns of a picture that the last map depends on, where gradients are not zero.

    With `steps`, what the number in its middle depends on, and those so many rows and columns further: each on a picture of its own.
    """
    torch.manual_seed(0)
    x = torch.rand(len(steps or [0]), *shape[1:], requires_grad=True)
    out = model(x)
    height, width = (size // 2 for size in out.shape[-2:])
    sum(out[i, :, height + step, width + step].sum() for i, step in enumerate(steps)).backward() if steps else out.sum().backward()
    grads = x.grad.abs().sum(1)
    return [[set(torch.nonzero(grad.sum(axis)).flatten().tolist()) for axis in (1, 0)] for grad in grads]


def built_positive(model: nn.Module) -> nn.Module:
    """The model with positive weights, and sums in place of maxima: no gradient is zero by chance."""
    for part in model.modules():
        for name, child in part.named_children():
            if isinstance(child, nn.MaxPool2d):
                setattr(part, name, nn.AvgPool2d(child.kernel_size, child.stride, ceil_mode=child.ceil_mode))
    for p in model.parameters():
        p.data = (p.data.abs() + 0.1) / p[0].numel()  # sums of a few hundred factors stay far from overflow
    return model


def test_fields_and_lost_rows_are_those_of_the_gradients():
    checked = 0
    for code, shape, _, account, _ in all_generated():
        model = built_positive(built(code))
        (seen,) = touched(model, shape)
        lost = {side: tuple(sorted(set(range(size)) - own)) for side, size, own in zip(("rows", "columns"), shape[2:], seen)}
        assert account.lost == {side: found for side, found in lost.items() if found}, code
        field = account.rows[-1].field
        if field is None or field.whole or max(field.size) > 60 or max(under for _, under in field.jump) > 2:
            continue
        # On a picture so large that no padding is near; two neighbours, since behind an upsampling they do not see equally much.
        seen = touched(model, (1, shape[1], *(24 + 2 * span for span in field.size)), (0, 1))
        for axis in (0, 1):
            assert max(max(found[axis]) - min(found[axis]) + 1 for found in seen) == field.size[axis], (code, axis)
            assert max(len(found[axis]) for found in seen) == field.read[axis], (code, axis)
        checked += 1
    assert checked > 150


def test_it_stays_as_it_is_and_runs_on_meta():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout()).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    network(model, (2, 1, 9, 8))
    assert model.training and model[2].training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_layer_of_several_products_is_counted_and_a_cost_that_is_not_known_is_said():
    cell = network(nn.Sequential(nn.GRUCell(3, 4)), (2, 3))
    assert cell.macs == 2 * 3 * 4 * (3 + 4)  # two rows, three gates of four numbers, from three inputs and four of before

    wide = network(nn.Sequential(nn.LSTM(3, 4)), (5, 2, 3))  # which has three results: each is a row, and the first has the cost
    assert wide.macs == 5 * 2 * 4 * 4 * (3 + 4) and [row.parameters for row in wide.rows] == [144, 0, 0] and "again" not in str(wide)

    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x):
            return self.attention(x, x, x)[0]

    heads = network(Heads(), (2, 5, 8))
    assert heads.macs == 2 * (4 * 5 * 8 * 8 + 2 * 5 * 5 * 8) and heads.parameters == 288 and heads.remarks == ()

    class Pairs(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(8, 3)

        def forward(self, x):
            return self.linear(torch.einsum("nij,nkj->nik", x, x) @ x)

    found = network(Pairs(), (2, 5, 8))
    assert [row.macs for row in found.rows] == [None, 2 * 5 * 5 * 8, 2 * 5 * 8 * 3]
    assert " ?" in str(found) and "at least 640" in str(found) and "at least" not in str(cell)


@pytest.mark.parametrize(
    ("unread", "said"),
    [
        ({"rows": (3, 4, 5), "columns": (3, 4, 5)}, "rows and columns 3 to 5"),
        ({"rows": (7,), "columns": (7,)}, "row and column 7"),
        ({"rows": (3, 4), "columns": (8,)}, "rows 3 and 4, column 8"),
        ({"rows": (1, 3, 5, 7, 9, 11)}, "rows 1, 3, 5, 7, 9 and 11"),
        ({"columns": (1, 3, 5, 7, 9, 11, 13)}, "columns 1, 3, 5, … 13 (7 of them)"),
    ],
)
def test_what_is_not_read_is_told_in_few_words(unread, said):
    assert unread_text(unread) == said


@pytest.mark.parametrize(("size", "said"), [((5, 7), None), ((5, 6), "column 5"), ((6, 8), "row 5, column 7")])
def test_what_is_lost_of_the_picture_is_told(size, said):
    found = network(nn.Sequential(nn.Conv2d(1, 2, 3, stride=2)), (2, 1, *size))
    assert found.remarks == ((f"no output reads {said} of the picture",) if said else ())


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (6, ()),
        (7, ("1 more is never called; its parameters are counted",)),
        (9, ("3 more are never called; their parameters are counted",)),
    ],
)
def test_layers_that_are_never_called_are_named_or_counted(count, told):
    more = [nn.Linear(3, 2) for _ in range(count)]

    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.spare = nn.Conv2d(2, 4, (3, 5)), nn.Linear(3, 2)
            self.other = nn.Sequential(nn.Conv2d(4, 1, 1), nn.ReLU(), *more)

        def forward(self, x):
            return self.used(x)

    found = network(Idle(), (2, 2, 6, 8))
    named = ["spare", "other.0", *(f"other.{2 + index}" for index in range(6))]
    assert found.remarks == (*(f"{name} is never called; its parameters are counted" for name in named), *told)
    assert found.parameters == 124 + 8 + 5 + 8 * count and found.rows[0].parameters == 124


def test_a_sequential_is_explained_row_by_row():
    model = nn.Sequential(
        nn.Conv2d(1, 4, (3, 5), stride=(1, 2), padding=(0, 1), dilation=(1, 2)), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3)
    )
    found = explain(model, (2, 1, 6, 8))
    assert [row.output_shape for row in found.rows] == [(2, 4, 4, 1), (2, 4, 4, 1), (2, 16)] + [None]
    assert found.failure.name == "3" and found.failure.message == "mat1 and mat2 shapes cannot be multiplied (2x16 and 32x3)"
    assert "in_features=16" in found.failure.cure and "mat1" in str(found) and "<table>" in found._repr_html_()


class Stubborn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.shared = nn.Conv2d(4, 4, 1)

    def forward(self, x):
        x = self.conv(x)
        if x.mean() > 100:  # what torch.fx cannot trace
            x = -x
        return self.shared(self.shared(x))


def test_where_fx_cannot_trace_hooks_list_the_layers_and_it_says_so():
    found = network(Stubborn().double(), (1, 3, 8, 6))
    assert [(row.name, row.output_shape, row.field) for row in found.rows] == [
        ("conv", (1, 4, 6, 4), None),
        ("shared", (1, 4, 6, 4), None),
        ("shared", (1, 4, 6, 4), None),
    ]
    assert [row.parameters for row in found.rows] == [112, 20, 0] and found.parameters == 132
    assert "connections" in str(found) and "runs again" in found.rows[-1].note


@pytest.mark.parametrize(
    ("model", "shape", "words"),
    [
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(9, 4, 3)), (1, 3, 8, 8), "layer 1 takes 9 channels, and layer 0 makes 8"),
        (nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(288, 4)), (1, 3, 8, 8), "no flatten before layer 1"),
        (nn.Sequential(nn.Conv2d(3, 8, 5), nn.BatchNorm2d(4)), (1, 3, 8, 8), "was built for 4"),
        (nn.Sequential(nn.Conv2d(3, 8, 9)), (1, 3, 8, 8), "Kernel size: (9 x 9)"),
        (nn.ConvTranspose2d(4, 8, (2, 3)), (2, 3, 6, 8), "takes 4 channels, and the input has 3"),
        (nn.ConvTranspose2d(3, 8, (2, 3), stride=(1, 2), output_padding=(0, 2)), (2, 3, 6, 8), "output padding must be smaller"),
        (nn.Conv2d(3, 8, 3, padding=(0, -1)), (2, 3, 6, 8), "negative padding is not supported"),
    ],
)
def test_a_layer_that_does_not_fit_is_told_with_torchs_own_message(model, shape, words):
    found = network(model, shape)
    with pytest.raises(Exception, match=re.escape(found.failure.message[:40])):
        model(torch.zeros(shape))
    assert words in str(found)


BRANCHES = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, padding=1)
        self.b = nn.Conv2d(3, 8, (1, 3))

    def forward(self, x):
        return {}"""
BROKEN = [
    "nn.Conv2d(3, 16, (3, 5)), nn.ReLU(), nn.Conv2d(24, 4, 1)",
    "nn.Conv2d(4, 8, 3)",
    "nn.ConvTranspose2d(4, 8, (2, 3))",
    "nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(200, 4)",
    "nn.Conv2d(3, 8, 3), nn.Linear(192, 4)",
    "nn.Linear(8, 5), nn.Linear(4, 2)",
    "nn.Conv2d(3, 8, 3), nn.BatchNorm2d(4)",
    "nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 6)",
    "nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, (5, 4))",
    "nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, (5, 9))",
    "nn.Conv2d(3, 8, 3), nn.MaxPool2d((2, 7))",
    BRANCHES.format("torch.cat([self.a(x), self.b(x)], 1)"),
    BRANCHES.format("self.a(x) + self.b(x)"),
]


def test_the_page_and_python_tell_one_cause():
    texts = [text if "class" in text else f"model = nn.Sequential({text})" for text in BROKEN]
    for text, report in zip(texts, read(*((text, {"shape": "2, 3, 6, 8"}) for text in texts))):
        failure = network(built(text), (2, 3, 6, 8)).failure
        assert report["failure"] == [failure.name, failure.message] and failure.cause in report["said"], (
            text,
            failure.cause,
            report["said"],
        )
        assert all(cure in "\n".join(report["said"]) for cure in failure.cure.split("; or ")), (failure.cure, report["said"])


# What neither says more of than that it does not know.
NOT_FOLLOWED = {"einops_like", "dropout2d_unfold", "maxunpool"}
PASTED = json.loads((Path(__file__).parent / "lab_pasted.json").read_text(encoding="utf-8"))


def run_by_torch(case: dict) -> tuple[nn.Module | None, list[int] | None, str]:
    """(the model, the shape of its output, what torch says if it has none) of a pasted text."""
    names = {"torch": torch, "nn": nn, "F": nn.functional}
    model = None
    try:
        exec(case["text"].replace("\r", ""), names)
        model = (names["Net"]() if "Net" in names else names["net"]).eval()
        x = torch.zeros(case["shape"], dtype=torch.long if case.get("words") else torch.float)
        with torch.no_grad():
            return model, list(model(x).shape), ""
    except Exception as error:
        return model, None, str(error).splitlines()[0]


def test_what_is_pasted_is_judged_by_the_page_and_by_python_as_torch_does():
    reports = read(*((case["text"], {"shape": ", ".join(map(str, case["shape"]))}) for case in PASTED))
    wrong = []
    for case, report in zip(PASTED, reports):
        name, said = case["name"], "\n".join(report["said"])
        model, output, error = run_by_torch(case)
        ends = report["failure"] or "the reading stops" in report["sentence"] or name in NOT_FOLLOWED
        if bool(error) != bool(ends) and name not in NOT_FOLLOWED:
            wrong.append((name, error, report["sentence"]))
        if model is None or any(isinstance(part, nn.UninitializedParameter) for part in model.parameters()):
            continue
        account = network(model, tuple(case["shape"]))
        if name in NOT_FOLLOWED:
            wrong += [] if report["unknown"][1] else [(name, "nothing is unknown")]
        elif output:
            last = [row["output"] for row in report["rows"] if row["state"] == "run"][-1]
            told = (last, report["parameters"], report["macs"])
            if told != (output, account.parameters, account.macs) or account.failure or list(account.rows[-1].output_shape) != output:
                wrong.append((name, told, output, account.parameters, account.macs, account.failure))
        elif report["failure"]:
            failure = account.failure
            if failure.cause != failure.message and failure.cause not in said:
                wrong.append((name, failure.cause, said))
            wrong += [(name, cure, said) for cure in failure.cure.split("; or ") if cure not in said and cure != "see the message"]
    assert not wrong, wrong


def test_each_cure_that_is_a_number_mends_what_is_pasted():
    names = ("gru_wrong_in", "conv1d_seq", "adaptive", "gan_d", "dw_sep", "gap_bad", "rnncell", "cat_list", "ln_shape", "lstm_head")
    for case in (case for case in PASTED if case["name"] in names):
        model, _, error = run_by_torch(case)
        failure = network(model, tuple(case["shape"])).failure
        argument, value = re.search(r"(\w+)=([\d(), ]+) in ", failure.cure).groups()
        part = model.get_submodule(failure.name)
        others = [name for name in ("out_channels", "kernel_size", "out_features", "hidden_size") if hasattr(part, name)]
        mended = type(part)(**{name: getattr(part, name) for name in others} | {argument: eval(value)})
        model.set_submodule(failure.name, mended)
        assert error and model.eval()(torch.zeros(case["shape"])).numel(), case["name"]


@pytest.mark.parametrize(
    ("model", "shape", "error"), [(3, (1, 3, 8, 8), TypeError), (nn.ReLU(), "abc", TypeError), (nn.ReLU(), (1, 0, 3), ValueError)]
)
def test_what_is_no_model_or_no_shape_is_refused(model, shape, error):
    with pytest.raises(error):
        network(model, shape)


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_a_wrapped_model_is_the_model_and_what_cannot_be_followed_is_refused():
    plain = nn.Sequential(nn.Conv2d(4, 6, (3, 5), (1, 2)), nn.ReLU())
    for wrapped in (nn.DataParallel(plain), nn.DataParallel(nn.DataParallel(plain))):
        assert str(network(wrapped, (2, 4, 6, 8))) == str(network(plain, (2, 4, 6, 8)))
    for model, words in (
        (torch.jit.trace(plain, torch.zeros(2, 4, 6, 8)), ("`model`", "torch.jit")),
        (nn.Sequential(nn.ReLU(), torch.jit.script(plain)), ("`model.1`", "torch.jit")),
        (nn.Sequential(nn.ReLU(), nn.Sequential(nn.LazyConv2d(6, 3))), ("`model.1.0`", "LazyConv2d", "call it once")),
        (nn.ModuleList([plain]), ("ModuleList", "nn.Sequential(*model)")),
        (nn.ModuleDict({"a": plain}), ("ModuleDict", "nn.Sequential(*model.values())")),
    ):
        refusal(lambda: network(model, (2, 4, 6, 8)), *words)  # noqa: B023


def test_the_cure_of_a_grouped_layer_and_of_a_window_too_large_can_be_carried_out():
    grouped = nn.Sequential(nn.Conv2d(2, 6, (3, 1), groups=2))
    assert network(grouped, (1, 3, 8, 9)).failure.cure == "in_channels=3 and groups=1 in layer 0"
    assert nn.Conv2d(3, 6, (3, 1), groups=1)(torch.zeros(1, 3, 8, 9)).shape == (1, 6, 6, 9)
    pooled = network(nn.Sequential(nn.Conv2d(3, 6, 3), nn.MaxPool2d(9)), (1, 3, 8, 9)).failure
    assert "a map of 6x7" in pooled.cause and "an input of 16 x 16" in pooled.cure
