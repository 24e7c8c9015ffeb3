"""The Lab reads what people paste: each case with the numbers that torch gives, and what has to be said."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import live_figures
import networks
import pytest
import torch
from figures_engine import run

from conv_lib import network

CASES = {case["name"]: case for case in json.loads((Path(__file__).parent / "lab_cases.json").read_text(encoding="utf-8"))}
# A report as plain values: numbers beyond 2^53 as text, and all that is said in one list.
READ = """([text, options]) => {
  const report = structuredClone(lab_read.read(text, options));
  const number = (value) => typeof value === "bigint" ? String(value) : value;
  const { failure, message } = report;
  const said = [
    report.sentence, ...report.remarks.map(({ text }) => text), ...report.reading, ...report.rows.flatMap((row) => row.notes),
    ...(failure ? [failure.cause, ...failure.cures] : []), ...(message ? [message.cause, message.cure, ...message.notes] : []),
    lab_text.asText(report),
  ];
  const row = ({ name, kind, state, basis, output, parameters, macs, field, unread }) => ({
    name, kind, state, basis, output, parameters: number(parameters), macs: number(macs),
    field: field && (field.whole ? "whole" : field.size), read: field?.read, unread,
  });
  return {
    kind: report.kind, sentence: report.sentence, parameters: number(report.parameters ?? null), macs: number(report.macs ?? null),
    unknown: [report.unknownParameters ?? 0, report.unknownMacs ?? 0], failure: failure && [failure.name, failure.message],
    lost: report.lost, lostAt: report.lostAt ?? null, asked: report.asked.map(({ name }) => name), said, rows: report.rows.map(row),
  };
}"""


def read(*cases: tuple, patch: tuple[str, str] | None = None) -> list[dict]:
    """The reports of (text, {shape, given})."""
    return run(["lab_read", "lab_text"], READ, [list(case) for case in cases], patch)


@cache
def reports() -> dict[str, dict]:
    options = [{key: case[key] for key in ("shape", "given") if key in case} for case in CASES.values()]
    return dict(zip(CASES, read(*zip([case["text"] for case in CASES.values()], options))))


def short(positions: dict) -> dict:
    """Long lists by their first two, their last, and their length."""
    return {side: found if len(found) < 9 else [found[0], found[1], found[-1], len(found)] for side, found in positions.items()}


def wrong(case: dict, report: dict) -> list[str]:
    """In what a report is not what the case asks for."""
    found = []
    for name in ("parameters", "macs"):
        if name in case and report[name] != case[name]:
            found.append(f"{name}: {report[name]}, not {case[name]}")
    if case.get("failure") and (report["failure"] or [None, None])[1] != case["failure"]:
        found.append(f"failure: {report['failure']}")
    if "rows" in case and case["kind"] != "print" and bool(report["failure"]) != bool(case.get("failure")) and case["name"] != "C11":
        found.append(f"failure: {report['failure']}")
    if "lost" in case and short(report["lost"]) != case["lost"]:
        found.append(f"lost: {report['lost']}")
    made = [row for row in report["rows"] if row["output"]]
    for place, wanted in enumerate(case.get("rows", [])):
        by_name = case["kind"] == "print"
        row = next((row for row in made if row["name"] == wanted["name"]), None) if by_name else made[place] if place < len(made) else None
        if by_name and (row is None or [row["name"] for row in made].count(row["name"]) > 1):
            if row is None and not wanted["name"].endswith("()") and case["name"] != "P08":
                found.append(f"no row {wanted['name']}")
            continue
        keys = [key for key in ("output", "parameters", "macs", "field", "read") if row and key in wanted]
        found += [f"{wanted['name']}: {key} {row[key]}, not {wanted[key]}" for key in keys if row[key] != wanted[key]]
        if row is None or (case["kind"] != "keras" and short(row["unread"]) != wanted.get("unread", {})):
            found.append(f"{wanted['name']}: unread {row and row['unread']}")
    text = "\n".join(report["said"])
    return found + [f"does not say {words!r}" for words in case["says"] if words not in text and words.replace(" * ", " · ") not in text]


@pytest.mark.parametrize("name", CASES)
def test_a_case_gives_what_torch_gives_and_says_what_is_wrong(name):
    assert wrong(CASES[name], reports()[name]) == [], reports()[name]["said"][:6]


PRINTED = {
    "ResNet-18": (networks.resnet18, (1, 3, 224, 224)),
    "ResNet-34": (lambda: networks.ResNet(networks.BasicBlock, (3, 4, 6, 3)), (1, 3, 224, 224)),
    "ResNet-50": (networks.resnet50, (2, 3, 224, 192)),
    "ResNet-101": (lambda: networks.ResNet(networks.Bottleneck, (3, 4, 23, 3)), (1, 3, 97, 64)),
    "ResNet-152": (lambda: networks.ResNet(networks.Bottleneck, (3, 8, 36, 3)), (1, 3, 64, 64)),
    "Wide ResNet-50": (lambda: networks.ResNet(networks.Bottleneck, (3, 4, 6, 3), base=128), (1, 3, 64, 96)),
    "ResNeXt-101": (lambda: networks.ResNet(networks.Bottleneck, (3, 4, 23, 3), 32, 8), (1, 3, 64, 64)),
    "VGG-11": (lambda: networks.VGG((64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0)), (1, 3, 224, 224)),
    "VGG-13": (lambda: networks.VGG((64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0)), (1, 3, 160, 224)),
    "VGG-19": (lambda: networks.VGG((64, 64, 0, 128, 128, 0, *[256] * 4, 0, *[512] * 4, 0, *[512] * 4, 0), norm=True), (1, 3, 224, 224)),
    "DenseNet-169": (lambda: networks.DenseNet((6, 12, 32, 32)), (1, 3, 64, 64)),
    "DenseNet of growth 12": (lambda: networks.DenseNet((3, 5, 4), 12), (1, 3, 75, 64)),
    "ResNet-50 of 2015": (lambda: networks.resnet50(first=True), (1, 3, 224, 224)),
    "ResNeXt-50": (lambda: networks.ResNet(networks.Bottleneck, (3, 4, 6, 3), 32, 4), (1, 3, 224, 224)),
    "VGG-16": (networks.VGG, (1, 3, 224, 224)),
    "VGG-16 with norm": (lambda: networks.VGG(norm=True), (1, 3, 224, 224)),
    "AlexNet": (networks.AlexNet, (2, 3, 224, 224)),
    "MobileNetV2": (networks.MobileNetV2, (1, 3, 224, 224)),
    "GoogLeNet": (networks.GoogLeNet, (1, 3, 224, 224)),
    "SqueezeNet": (networks.SqueezeNet, (1, 3, 224, 224)),
    "DenseNet-121": (networks.DenseNet, (1, 3, 224, 224)),
    "ShuffleNetV2": (lambda: networks.ShuffleNetV2(type("InvertedResidual", (networks.ShuffleUnit,), {})), (1, 3, 224, 224)),
    "ShuffleNetV2 of a class that nobody knows": (networks.ShuffleNetV2, (1, 3, 224, 224)),
    "EfficientNet-B0": (networks.EfficientNet, (1, 3, 224, 224)),
    "RegNet": (networks.RegNet, (1, 3, 224, 224)),
    "U-Net": (networks.UNet, (1, 3, 96, 64)),
    "LeNet": (networks.LeNet, (4, 1, 32, 32)),
    "LeNet with one pooling": (lambda: networks.LeNet(16 * 12 * 12, (2,)), (1, 1, 32, 32)),
    "two branches": (networks.Siamese, (1, 3, 32, 30)),
    "a hidden pooling": (networks.Wide, (1, 3, 32, 32)),
}
MAY_BE_UNKNOWN = {"ShuffleNetV2 of a class that nobody knows", "two branches", "a hidden pooling"}


@cache
def printed() -> dict[str, tuple]:
    with torch.device("meta"):
        models = {name: make() for name, (make, _) in PRINTED.items()}
    cases = [(repr(model), {"shape": ", ".join(map(str, PRINTED[name][1]))}) for name, model in models.items()]
    accounts = [network(model, PRINTED[name][1]) for name, model in models.items()]
    return dict(zip(PRINTED, zip(accounts, read(*cases))))


@pytest.mark.parametrize("name", PRINTED)
def test_what_print_gives_is_counted_as_torch_does_or_said_to_be_unknown(name):
    account, report = printed()[name]
    assert report["parameters"] == account.parameters and report["failure"] is None
    if name in MAY_BE_UNKNOWN:
        assert report["unknown"][1] > 0
        return
    assert report["unknown"] == [0, 0] and report["lostAt"] is None
    assert report["macs"] == account.macs
    last = [row.field for row in account.rows if row.field and not row.field.whole][-1]
    assert [row["field"] for row in report["rows"] if row["field"] and row["field"] != "whole"][-1] == list(last.size)
    assert {row["basis"] for row in report["rows"]} <= {"computed", "assumed"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste a layer"),
        ("   \n\n", "Paste a layer"),
        ("\x00\x01\x02PNG\x00\x00\ufffd" * 50, "no text but the bytes of a file"),
        ("<!doctype html><script>alert(1)</script>", "HTML"),
        ("これは層ではありません。", "No layer was found"),
        ("Lorem ipsum dolor sit amet, consectetur.", "No layer was found"),
        ("nn.Conv2d(3, 8, kernal_size=3)", "kernel_size is meant"),
        ("k = 7\nnn.Conv2d(3, 8, 3, padding=k / 2)", "7 // 2"),
        ("nn.Conv2d(6, 8, 3, groups=4)", "groups (=4) does not divide in_channels (=6)"),
        ("def forward(self, x):\n    while True:\n        x = x\n", "print(model)"),
    ],
)
def test_what_cannot_be_read_is_said(text, said):
    (report,) = read((text, {"shape": ""}))
    assert said in "\n".join(report["said"])


def test_long_and_hostile_texts_come_to_an_end():
    layers = "nn.Conv2d(3, 3, 3, padding=1),\n" * 10_000
    printed = "(conv): Conv2d(3, 8, kernel_size=(3, 3)) " * 5000
    odd = ["(" * 300_000, "a + " * 100_000 + "a", "x." * 200_000, "nn.Sequential(" * 20_000, "-" * 200_000, printed]
    huge = ("nn.Conv2d(3, 8, 3)", {"shape": "1000000000, 3, 1000000000, 1000000000"})
    reports = read((layers, {"shape": "1, 3, 24, 20"}), *((text, {"shape": "1, 3, 8, 8"}) for text in odd), huge)
    assert len(reports[0]["rows"]) == 10_000 and reports[0]["rows"][-1]["field"] == [20001, 20001]
    assert reports[-1]["macs"] == str(8 * 27 * 999_999_998**2 * 10**9)


def test_positions_are_followed_once_however_many_layers_repeat_them():
    patch = (
        "const marks = new Uint8Array(map.size);",
        "globalThis.followed = (globalThis.followed ?? 0) + map.outputs; const marks = new Uint8Array(map.size);",
    )
    count = "([text, options]) => { globalThis.followed = 0; lab_read.read(text, options); return globalThis.followed; }"
    texts = ["nn.Conv2d(3, 3, (3, 5), padding=(1, 2), dilation=1),\n" * layers for layers in (10, 1000)]
    for text in texts:
        (steps,) = run(["lab_read"], count, [[text, {"shape": "2, 3, 24, 21"}]], patch)
        assert steps == 24 + 21


def test_a_long_model_is_told_in_pieces_of_a_few_rows():
    told = """([text, options]) => {
      const pieces = [];
      lab_read.answer([text, options], (piece) => pieces.push(structuredClone(piece)));
      return pieces.map(([report, rows, more]) => [report && report.count, rows.length, more]);
    }"""
    long, none = run(["lab_read"], told, [["nn.ReLU()\n" * 1200, {"shape": "2, 3, 6, 8"}], ["", {}]])
    assert long == [[1200, 500, True], [None, 500, True], [None, 200, False]] and none == [[0, 0, False]]


def test_a_text_that_is_cut_gives_no_sums_of_the_whole():
    (report,) = read(("nn.ReLU()\n" + "# " + "a" * 1_500_000 + "\nnn.Conv2d(3, 8, 3)", {"shape": "1, 3, 8, 8"}))
    assert report["unknown"][0] and "every size fits" not in report["sentence"]


def test_a_loop_an_if_and_names_are_followed_with_the_numbers_that_are_given():
    layer = "nn.Conv2d(width * 2**i, width * 2**(i + 1), 3, stride=2)"
    text = f"layers = []\nfor i in range(depth):\n    layers += [{layer}]\nnet = nn.Sequential(*layers)"
    given = {"depth": "3", "width": "4"}
    open_, closed = read((text, {"shape": "1, 4, 64, 50"}), (text, {"shape": "1, 4, 64, 50", "given": given}))
    assert open_["asked"] == ["depth"] and open_["rows"] == []
    assert [row["output"] for row in closed["rows"]] == [[1, 8, 31, 24], [1, 16, 15, 11], [1, 32, 7, 5]]


# What a fault in the engine would look like: the text that is there, what is planted, and a model whose numbers then change.
FAULTS = {
    "ceil_mode ignored": ("const outputs = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;", "const outputs = Math.floor(steps) + 1;"),
    "dilation left out of the field": (
        "runs: (output) => [[line.taps(output)[0], kernel, dilation]],",
        "runs: (output) => [[line.taps(output)[0], kernel, 1]],",
    ),
    "groups left out of the MACs": ("...out, inside / groups, ...kernel),", "...out, inside, ...kernel),"),
    "the batch lost": ("macs: product(...x.shape.slice(0, at), outside,", "macs: product(outside,"),
    "MACs of a transposed layer by its output": (
        "macs: product(...x.shape, outside / groups, ...kernel) };",
        "macs: product(...x.shape.slice(0, at), inside, ...out, outside / groups, ...kernel) };",
    ),
    "the last row counts as read": ("if (!mark) list.push(position);", "if (!mark && position < marks.length - 1) list.push(position);"),
    "a branch in series": ("const [first] = fields;", "fields = fields.slice(-1); const [first] = fields;"),
    "a shared layer twice": ("(again ? 0 : parametersOf(layer))", "parametersOf(layer)"),
}
SAMPLE = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(4, 8, (3, 5), stride=(1, 2), padding=(0, 1), dilation=(1, 2), groups=2)
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        self.wide = nn.Conv2d(8, 8, 7, padding=3)
        self.thin = nn.Conv2d(8, 8, 1)
        self.up = nn.ConvTranspose2d(8, 2, 3, stride=2)

    def forward(self, x):
        x = self.pool(self.stem(x))
        return self.up(self.thin(self.thin(self.wide(x) + self.thin(x))))"""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_changes_what_is_told(fault):
    case = (SAMPLE, {"shape": "2, 4, 17, 23"})
    (right,), (other,) = read(case), read(case, patch=FAULTS[fault])
    keys = ("output", "parameters", "macs", "field", "unread")
    names = {"nn": torch.nn, "torch": torch}
    exec(SAMPLE, names)
    account = network(names["Net"](), (2, 4, 17, 23))
    told = [
        (list(row.output_shape), row.parameters, row.macs, row.field and list(row.field.size), {k: list(v) for k, v in row.unread.items()})
        for row in account.rows
    ]
    assert [tuple(row[key] for key in keys) for row in right["rows"]] == told and right["failure"] is None
    assert [tuple(row[key] for key in keys) for row in other["rows"]] != told


TABLE = """│ conv2d (Conv2D)          │ (None, 26, 26, 32)     │       320 │
│ max_pooling2d (MaxPooling2D  (None, 13, 13, 32)      0         """
# (text, shape, what must be said or stand in the table)
MORE = [
    ("Layer (type)  Output Shape  Param #\n" + TABLE, "", ["320 = 32 · (1 · 9 + 1)", "max_pooling2d"]),
    (
        "Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 5), stride=(1, 2))\n"
        "  (1-3): 3 x Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1))\n)",
        "2, 3, 16, 24",
        ["(2, 8, 8, 4)"],
    ),
    ("Net (\n  (fc): Linear (400 -> 120)\n)", "2, 400", ["48,120"]),
    ("net = nn.Sequential(nn.Conv1d(4, 8, 5, stride=2), nn.Flatten(), nn.LazyLinear(3))", "2, 4, 50", ["position 49", "555"]),
    ("nn.Conv3d(1, 4, (3, 3, 5), padding=(1, 1, 2), stride=(1, 2, 2))", "1, 1, 8, 20, 21", ["3 x 3 x 5, jump 1 x 2 x 2", "158,400"]),
    ("nn.Conv2d(3, 8, 3)", "1, 40, 30, 3", ["x.permute(0, 3, 1, 2)"]),
    ("nn.Conv2d(3, 8, 3, stride=0)", "1, 3, 8, 9", ["non-positive stride is not supported"]),
    (
        "nn.Conv2d(3, 8, 3, padding='same', stride=2)",
        "1, 3, 8, 9",
        ["padding='same' is not supported for strided convolutions", "padding=1"],
    ),
    ("nn.Conv2d(3, 8, 3)", "1, 3, banana", ["is no shape"]),
    (
        ">>> m = nn.Conv2d(3, 4, (3, 5))\n>>> m(torch.zeros(2, 3, 6, 8)).shape\ntorch.Size([2, 4, 4, 4])",
        "",
        ["1 layer read; every size fits"],
    ),
    ("1  net = nn.Sequential(\n2      nn.Conv2d(3, 4, (3, 5)),\n10     nn.ReLU())", "2, 3, 6, 8", ["(2, 4, 4, 4)"]),
    ("> class Net(nn.Module):\n>     def __init__(self):\n>         self.c = nn.Conv2d(3, 4, (3, 5))", "", ["184"]),
    ("nn.Conv2d（3，4，kernel_size＝(3, 5)，padding_mode=“reflect”，padding=‘same’）", "2, 3, 6, 8", ["(2, 4, 6, 8)"]),
    ("- self.c = nn.Conv2d(3, 4, 3)\n+ self.c = nn.Conv2d(3, 4, 5)\nself.p = nn.ReLU()", "2, 3, 6, 8", ["a part is not read"]),
    ("model.fc = nn.Linear(512, 10)", "2, 3, 6, 8", ["its model is not in the text"]),
    ("nn.Sequential(nn.constructor(3), nn.toString(), nn.Conv2d(3, 4, (3, 5)))", "2, 3, 6, 8", ["184"]),
    ("N(\n  (constructor): toString()\n  (__proto__): Conv2d(3, 4, kernel_size=(3, 5), stride=(1, 1))\n)", "2, 3, 6, 8", ["184"]),
    ("N(\n  (rnn): LSTM(8, 5, batch_first=True)\n  (fc): Linear(in_features=5, out_features=3, bias=True)\n)", "2, 6, 8", ["up to fc"]),
    ("nn.Conv2d(6, 8, 3, groups=4)", "1, 6, 8, 9", ["groups=2 (tried: then everything fits)"]),
    ("x = torch.randn(8, 3, 6, 8)\nconv = nn.Conv2d(3, 4, (3, 5))\nprint(conv(x).shape)", "", ["(8, 4, 4, 4)"]),
]


@pytest.mark.parametrize(("text", "shape", "said"), MORE)
def test_other_texts_of_the_kind(text, shape, said):
    (report,) = read((text, {"shape": shape}))
    told = "\n".join(report["said"])
    assert [words for words in said if words not in told] == [], told


BARE = """class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(8, 3, 3, 5))
        self.norm = nn.BatchNorm2d(8)

    def forward(self, x):
        x = F.conv2d(x, self.w, padding=1)
        x = F.pad(x, [0, x.size(3) // 6, 1, 0])
        return self.norm(x).mean([2, 3])"""


def test_a_bare_parameter_is_counted_and_a_function_reads_its_shape():
    (report,) = read((BARE, {"shape": "2, 3, 6, 8"}))
    assert [row["output"] for row in report["rows"] if row["output"]] == [[2, 8, 6, 6], [2, 8, 7, 7], [2, 8, 7, 7], [2, 8]]
    assert report["parameters"] == 8 * 3 * 3 * 5 + 16 and report["macs"] == 2 * 8 * 36 * 45


def test_what_is_not_followed_ends_the_reading_and_is_no_number():
    text = BARE.replace("        x = F.pad", "        if x.sum() > 0:\n            return x\n        x = F.pad")
    (report,) = read((text, {"shape": "2, 3, 6, 8"}))
    assert "the reading stops at line 9" in report["sentence"] and "print(model)" in report["sentence"]
    assert report["rows"][-2]["state"] == "not reached" or report["rows"][-1]["state"] == "not reached"
    assert "at least" in "\n".join(report["said"])


NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, (3, 5))
        self.bn1 = nn.BatchNorm2d(8)

    def forward(self, x):
        x = self.conv1(x)
        return {}"""


def torch_says(text: str, shape: tuple[int, ...]) -> str:
    """What torch raises on a text with a class Net, or on a layer."""
    names = {"nn": torch.nn, "torch": torch}
    try:
        exec(text if "class Net" in text else f"def Net(): return {text}", names)
        names["Net"]()(torch.zeros(shape))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


# What torch refuses, in its own words where they are the same on every run, and what has to be said of it.
REFUSED = [
    (NET.format("self.bn2(x)"), "self.bn2: AttributeError", "line 9 uses self.bn2", "self.bn1, if that is meant"),
    (NET.format("self.act(x)"), "self.act: AttributeError", "line 9 uses self.act", "self.act = … in __init__"),
    ("nn.Conv2d(3, 8, 3, padding=(1, 9), padding_mode='reflect')", "Argument #4", "of 8", "padding of at most 7"),
    ("nn.Conv2d(3, 8, 3, padding=(9, 1), padding_mode='reflect')", "Argument #6", "of 6", "padding of at most 5"),
    ("nn.Conv2d(3, 8, 3, padding=9, padding_mode='reflect')", "at dimension 3", "of 8", "padding of at most 7"),
    ("nn.ReflectionPad2d((1, 1, 9, 1))", "Argument #6", "of 6", "padding of at most 5"),
    ("nn.Conv2d(3, 8, (3, 5), padding=9, padding_mode='circular')", "wrapping around", "once round the map", "the size of the map"),
    ("nn.Conv2d(3, 8, 3, padding='SAME')", "Invalid padding string 'SAME'", "small letters", "padding='same'"),
    ("nn.Conv2d(3, 8, 3, padding_mode='mirror')", "padding_mode must be one of", "The modes are", "edge and wrap"),
    ("nn.GroupNorm(3, 8)", "num_channels (8) must be divisible by num_groups (3)", "3 groups do not divide 8", ""),
    ("nn.InstanceNorm2d(9, affine=True)", "to match num_features (9), but got: 3", "built for 9", "num_features=3"),
]


@pytest.mark.parametrize(("text", "words", "cause", "cure"), REFUSED)
def test_what_torch_refuses_is_refused_in_its_words_with_cause_and_cure(text, words, cause, cure):
    (report,) = read((text, {"shape": "2, 3, 6, 8"}))
    raised = torch_says(text, (2, 3, 6, 8))
    message = report["failure"][1]
    assert message.split("{")[0] in raised and raised.split(":")[0] in "\n".join(report["said"]), (message, raised)
    told = "\n".join(report["said"]).lower()
    assert [part for part in (words, cause, cure) if part.lower() not in told] == [], told


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("x.unfold(2, 3, 2)", "unfold()"),
        ("torch.einsum('nchw->nc', x)", "einsum()"),
        ("torch.gather(x, 1, x)", "gather()"),
        ("my_own(x)", "my_own()"),
    ],
)
def test_a_function_that_is_not_known_ends_what_is_known(step, name):
    (report,) = read((NET.format("self.bn1(x)").replace("self.conv1(x)", f"{step}\n        x = self.conv1(x)"), {"shape": "2, 3, 6, 8"}))
    assert f"every size fits up to {name}, which is not followed here" in report["sentence"]
    assert [(row["name"], row["output"], row["macs"]) for row in report["rows"]][:2] == [(name, None, None), ("conv1", None, None)]
    assert report["parameters"] == 8 * 45 + 8 + 16


def test_layers_that_are_not_known_keep_the_shape_only_if():
    texts = ("nn.Sequential(nn.MyNorm(3), nn.Conv2d(3, 8, (3, 5)))", "nn.Sequential(nn.Unfold((3, 5)), nn.ReLU())")
    kept, changed = read(*((text, {"shape": "2, 3, 6, 8"}) for text in texts))
    assert "this holds if MyNorm keeps the shape" in kept["sentence"] and kept["rows"][1]["basis"] == "assumed"
    assert "up to layer 0, which is not followed here" in changed["sentence"] and changed["rows"][1]["output"] is None


def test_layers_get_the_names_that_a_loop_gives_them():
    texts = []
    for name in ("f'conv{i}'", "'conv%d' % i", "'conv{}'.format(i)", "'conv' + str(i)"):
        loop = f"for i in range(2, 5):\n            setattr(self, {name}, nn.Conv2d(8, 8, (1, 3)))\n        self.bn1"
        texts.append(NET.replace("{}", "self.conv3(x)").replace("self.bn1", loop))
    for report in read(*((text, {"shape": "2, 3, 6, 8"}) for text in texts)):
        assert report["parameters"] == 8 * 45 + 8 + 3 * (8 * 24 + 8) + 16 and report["rows"][1]["name"] == "conv3"


# Layers of timm and of other libraries as they are printed, with their parameters; MACs behind what is not known are unknown.
ACTS = "BatchNormAct2d(\n  8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True\n  (drop): Identity()\n  (act): SiLU()\n)"
SCALED = "CNBlock(\n  (block): Sequential(\n    (0): Conv2d(8, 8, kernel_size=(7, 7), stride=(1, 1), padding=(3, 3), groups=8)\n  )\n)"
LIKE = [
    (ACTS, 16, True),
    ("LayerNorm2d((8,), eps=1e-06, elementwise_affine=True)", 16, True),
    ("SelectAdaptivePool2d(pool_type=avg, flatten=Identity())", 0, True),
    (SCALED, 8 * 49 + 8 + 8, True),
    ("Conv2dSame(8, 8, kernel_size=(3, 5), stride=(2, 2), bias=False)", 8 * 8 * 15, False),
    ("Focus()", 0, False),
]
FIRST, LAST = "Conv2d(3, 8, kernel_size=(3, 5), stride=(1, 1))", "Conv2d(8, 4, kernel_size=(1, 1), stride=(1, 1))"


@pytest.mark.parametrize(("printed", "parameters", "known"), LIKE)
def test_layers_of_other_libraries_are_counted_and_what_follows_is_known_or_marked(printed, parameters, known):
    text = f"Sequential(\n  (stem): {FIRST}\n  (middle): {printed}\n  (last): {LAST}\n)"
    (report,) = read((text, {"shape": "2, 3, 12, 14"}))
    assert report["parameters"] == 8 * 45 + 8 + parameters + 36 and report["failure"] is None and report["lostAt"] is None
    last = next(row for row in report["rows"] if row["name"] == "last")
    assert (last["macs"] is not None) == known and (report["unknown"][1] == 0) == known
    if known:
        assert last["macs"] == 2 * 32 * (1 if "Pool" in printed else 100)


def test_a_bracket_that_is_not_closed_is_found():
    (report,) = read(
        ("net = nn.Sequential(\n    nn.Conv2d(3, 8, (3, 5),\n    nn.ReLU(),\n    nn.Conv2d(8, 4, 3))", {"shape": "2, 3, 6, 8"})
    )
    assert "ReLU stands inside the brackets of Conv2d, as its stride" in report["sentence"]
    assert "[object" not in "\n".join(report["said"]) and "close the bracket of Conv2d before ReLU" in "\n".join(report["said"])


def test_a_tuple_of_the_wrong_length_is_no_size():
    shape = {"shape": "1, 3, 9, 8"}
    for text in ("nn.MaxPool2d((2, 2, 2))", "nn.ConvTranspose2d(3, 8, 2, stride=(2, 2, 2))"):
        (report,) = read((text, shape))
        assert "does not fit: [2, 2, 2] must hold 1 or 2 numbers" in report["sentence"]
    for text in ("nn.Conv2d(3, 8, (3, 3, 3))", "nn.Conv1d(3, 8, (3, 5))"):
        (report,) = read((text, shape))
        assert report["sentence"].endswith("a part is not read: see below.") and report["macs"] == 0
    (report,) = read(("nn.Sequential(nn.Conv2d(3, 8, (3,)), nn.LayerNorm((7, 6)))", shape))
    assert report["sentence"] == "2 layers read; every size fits."


def test_the_scripts_of_its_page_are_small(tmp_path):
    if live_figures.minify is None:
        pytest.skip("the minifier has no build for this machine")
    live_figures.write_assets(SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path))
    sizes = {path.stem: len(gzip.compress(path.read_bytes(), 9)) for path in (tmp_path / "_static").glob("live-*.js")}
    assert sizes["live-lab"] <= 45 * 1024 and sizes["live-figures"] + sizes["live-back"] <= 45 * 1024, sizes
