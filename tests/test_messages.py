"""What the field of "I have this error" reads, and what the page itself says: every message of the page, in every dress."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import figures_engine
import pytest
from conv_lib.figures import MessageField
from conv_lib.figures.base import Refused

CELLS = json.loads((Path(__file__).resolve().parent.parent / "book" / "errors.ipynb").read_text("utf-8"))["cells"]
PAGE = "\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown")
PARTS = re.findall(r"^\((error-[\w-]+)\)=$", PAGE, flags=re.MULTILINE)
ROWS = [(words, anchor) for row in re.findall(r"^\| (`.*) \|$", PAGE, flags=re.MULTILINE)
        for words in re.findall(r"`(.+?)`(?:,| \|)", row) for anchor in re.findall(r"\]\(#(error-[\w-]+)\)", row)[:1]]  # fmt: skip

# Two messages, whose order of sets differs from run to run, stand on the page as conv_lib's, and one needs a GPU.
NOT_RUN = {
    "error-padding-string": "Invalid padding string 'SAME', should be one of {'valid', 'same'}",
    "error-padding-mode": "padding_mode must be one of {'zeros', 'circular', 'reflect', 'replicate'}, but got padding_mode='edge'",
}


def printed() -> dict[str, str]:
    """The first message that each part of the page prints."""
    part, found = "", dict(NOT_RUN)
    for cell in CELLS:
        labels = re.findall(r"^\((error-[\w-]+)\)=$", "".join(cell["source"]), flags=re.MULTILINE)
        part = labels[-1] if labels else part
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream" and part and part not in found and "except" in "".join(cell["source"]):
                found[part] = re.split(r"\n(?!\t)", "".join(output["text"]).strip())[0]
    return {name: text for name, text in found.items() if name != "error-table"}


RAW = printed()


def read(texts: list[str]) -> list[Any]:
    return figures_engine.run(["messages"], "(text) => messages.readMessage(text)", texts)


def test_every_part_of_the_page_prints_its_message():
    assert sorted(RAW) == sorted(set(PARTS) - {"error-table"})


def test_a_message_as_it_is_printed_leads_to_its_part():
    assert [found and found.get("anchor") for found in read(list(RAW.values()))] == list(RAW)


def test_the_words_of_the_table_lead_where_the_table_leads():
    assert len(ROWS) > 45
    found = read([words for words, _ in ROWS])
    wrong = [(row, got) for row, got in zip(ROWS, found) if not got["known"] or got["anchor"] not in PARTS]
    assert wrong == []
    other = {words: got["anchor"] for (words, anchor), got in zip(ROWS, found) if got["anchor"] != anchor}
    assert other == {}


def test_the_reader_names_no_part_that_the_page_has_not():
    (anchors,) = figures_engine.run(["messages"], "() => messages.MESSAGES.map((entry) => entry.anchor)", [None])
    assert set(anchors) <= set(PARTS)
    variants = {"error-channels-last", "error-channel-axis", "error-groups-weight"}  # the numbers decide
    assert set(PARTS) - {"error-table"} == set(anchors) | variants


def dressed(message: str) -> str:
    """The message as a terminal shows it: below a traceback, wrapped, with a prompt behind."""
    folded = textwrap.fill(message, 70, break_long_words=False, break_on_hyphens=False)
    frame = '  File "train.py", line 12, in <module>\n    loss = step(batch)\n'
    return f"Epoch 1/10\nTraceback (most recent call last):\n{frame}RuntimeError: {folded}\n\n(env) user@host:~$ "


def test_a_traceback_around_a_message_changes_nothing():
    plain, wrapped = read(list(RAW.values())), read([dressed(text) for text in RAW.values()])
    for alone, around in zip(plain, wrapped):
        assert (around["anchor"], around["cause"], around["cure"]) == (alone["anchor"], alone["cause"], alone["cure"])
        assert set(around["notes"]) - set(alone["notes"]) == {"The traceback shows the call: step(batch)"}


# Messages with other numbers than the page's, and in wordings of older versions and of Keras: where they lead, and what of the
# reader's own numbers must be said.
SAID = [
    ("Given groups=1, weight of size [64, 3, 7, 7], expected input[8, 1, 224, 224] to have 3 channels, but got 1 channels instead",
     "error-channels", ["takes 3 channels", "x.expand(-1, 3, -1, -1)"]),
    ("Given groups=1, weight of size [64, 3, 7, 7], expected input[8, 4, 224, 224] to have 3 channels, but got 4 channels instead",
     "error-channels", ["alpha"]),
    ("Given groups=1, weight[64, 3, 7, 7], so expected input[8, 1, 60, 80] to have 3 channels, but got 1 channels instead",
     "error-channels", ["takes 3 channels"]),
    ("Given groups=1, weight of size [64, 3, 7, 7], expected input[8, 60, 80, 3] to have 3 channels, but got 60 channels instead",
     "error-channels-last", ["x.permute(0, 3, 1, 2), of shape (8, 3, 60, 80)"]),
    ("Given groups=1, weight of size [6, 1, 5, 5], expected input[1, 100, 28, 30] to have 1 channels, but got 100 channels instead",
     "error-channel-axis", ["x.unsqueeze(1), of shape (100, 1, 28, 30)"]),
    ("Given groups=1, weight of size [256, 1280, 1, 1], expected input[1, 1024, 9, 9] to have 1280 channels, but got 1024 channels instead",
     "error-channels", ["1280 = 5 * 256, 1024 = 4 * 256"]),
    ("Given groups=2, weight of size [2, 1, 5, 5], expected input[1, 6, 8, 8] to have 2 channels, but got 6 channels instead",
     "error-groups-weight", ["1 * 2 = 2", "in_channels=6"]),
    ("Given groups=3, weight of size [9, 6, 3, 5], expected input[2, 6, 6, 8] to have 18 channels, but got 6 channels instead",
     "error-groups-weight", ["6 * 3 = 18", "(9, 2, 3, 5)"]),
    ("Given transposed=1, weight of size [16, 8, 2, 2], expected input[1, 24, 6, 8] to have 16 channels, but got 24 channels instead",
     "error-channels", ["takes 16 channels"]),
    ("Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [128, 3072]",
     "error-axes", ["3072 = 3 * 32 * 32", "x.reshape(128, 3, 32, 32)"]),
    ("Expected 4-dimensional input for 4-dimensional weight [32, 1, 3, 3], but got 3-dimensional input of size [64, 28, 30] instead",
     "error-axes", ["(64, 1, 28, 30)"]),
    ("Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [2, 3, 9, 11]",
     "error-axes", ["a 1-D convolution takes 3, (batch, channels, length)", "of shape (6, 9, 11)"]),
    ("Expected 3-dimensional input for 3-dimensional weight [8, 3, 5], but got 4-dimensional input of size [2, 3, 9, 11] instead",
     "error-axes", ["a 1-D convolution takes 3"]),
    ("Expected 4D (unbatched) or 5D (batched) input to max_pool3d, but got input of size: [3, 9, 11]",
     "error-axes", ["a 3-D pooling takes 5, (batch, channels, depth, height, width)"]),
    ("Calculated padded input size per channel: (2 x 7 x 5). Kernel size: (3 x 3 x 7). Kernel size can't be greater than actual input size",
     "error-kernel-size", ["spans 3x3x7 and the padded input has 2x7x5: only the depth and the width are at fault"]),
    ("Calculated padded input size per channel: (4). Kernel size: (7). Kernel size can't be greater than actual input size",
     "error-kernel-size", ["only the length is at fault"]),
    ("Given input size: (64x1x2x6). Calculated output size: (64x0x1x3). Output size is too small",
     "error-too-small", ["a map of 1x2x6: the output would be 0x1x3", "depth 1 does not, height 2 fits", "adaptive_avg_pool3d"]),
    ("Given input size per channel: (7). Calculated output size per channel: (-1). Output size is too small",
     "error-too-small", ["the output would be -1"]),
    ("Padding size should be less than the corresponding input dimension, but got: padding (4, 4) at dimension 2 of input [2, 3, 4]",
     "error-reflect", ["= 3 values of 4, and 4 are wanted."]),
    ("Calculated input size: (386 x 2). Kernel size: (3 x 3). Kernel size can't greater than actual input size",
     "error-kernel-size", ["only the width is at fault"]),
    ("Calculated padded input size per channel: (12 x 40). Kernel size: (13 x 13). Kernel size can't be greater than actual input size",
     "error-kernel-size", ["only the height is at fault", "3 with dilation 6"]),
    ("shape '[-1, 400]' is invalid for input of size 936144",
     "error-batch-size", ["a multiple of 400 numbers, and there are 936144", "x.flatten(1)"]),
    ("shape '[4, 16, 5, 6]' is invalid for input of size 1152", "error-batch-size", ["asks for 1920 numbers, and there are 1152"]),
    ("size mismatch, m1: [1 x 936144], m2: [400 x 3] at /pytorch/aten/src/TH/generic/THTensorMath.cpp:136",
     "error-mat1", ["936144 = 16 * 297 * 197", "400 = 16 * 5 * 5"]),
    ("size mismatch, m1: [4 x 32768], m2: [2048 x 196] at /pytorch/aten/src/THC/generic/THCTensorMathBlas.cu:268",
     "error-mat1", ["32768 = 2048 * 16 = 2048 * 4 * 4"]),
    ("mat1 and mat2 shapes cannot be multiplied (64x9216 and 3136x128)", "error-mat1", ["9216 = 64 * 12 * 12, 3136 = 64 * 7 * 7"]),
    ("mat1 and mat2 shapes cannot be multiplied (1664x26 and 21632x10)", "error-mat1", ["x.flatten(1)"]),
    ("mat1 and mat2 shapes cannot be multiplied (32x676 and 21632x10)", "error-mat1", ["x.unsqueeze(0)"]),
    ("The size of tensor a (38) must match the size of tensor b (37) at non-singleton dimension 3",
     "error-size-of-tensor", ["dimension 3 is the width", "both halves of 75"]),
    ("The size of tensor a (64) must match the size of tensor b (256) at non-singleton dimension 1",
     "error-size-of-tensor", ["dimension 1 is the channels", "nn.Conv2d(64, 256, 1)"]),
    ("The size of tensor a (56) must match the size of tensor b (28) at non-singleton dimension 2",
     "error-size-of-tensor", ["dimension 2 is the height", "stride=2"]),
    ("invalid argument 0: Sizes of tensors must match except in dimension 1. Got 20 and 21 in dimension 2 at /pytorch/aten/x.cpp:689",
     "error-cat", ["21 // 2 = 10 and 2 * 10 = 20"]),
    ("Sizes of tensors must match except in dimension 2. Got 45 and 46 (The offending index is 0)",
     "error-cat", ["720 / 16 = 45 is odd", "not to be relied on"]),
    ("Given input size: (2432x4x3). Calculated output size: (2432x1x0). Output size is too small",
     "error-too-small", ["height 4 fits, width 3 does not"]),
    ("Given input size per channel: (1 x 2). Calculated output size per channel: (-1 x 0). Output size is too small",
     "error-too-small", ["the output would be -1x0", "Less padding"]),
    ('Only "zeros" padding mode is supported for ConvTranspose2d', "error-padding-mode", ["'zeros' only"]),
    ("negative output_padding is not supported", "error-output-padding", []),
    ("running_mean should contain 256 elements not 128", "error-running-mean", ["nn.BatchNorm2d(256)", "256 is what arrives"]),
    ("Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (40, 40) at dimension 2 "
     "of input [1, 64, 28, 30]", "error-reflect", ["size - 1 = 27 values of 28, and 40 are wanted", "dimension 2 is the height"]),
    ("expected stride to be a single integer value or a list of 2 values to match the convolution dimensions, but got stride=[1, 2, 2]",
     "error-pair", ["here are 3"]),
    ("Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same", "error-input-type", ["two devices"]),
    ("Input type (double) and bias type (float) should be the same", "error-input-type", ["double and float"]),
    ("Expected object of scalar type Float but got scalar type Double for argument #2 'weight'", "error-scalar-type", ["Float and Double"]),
    ("Expected object of type torch.FloatTensor but found type torch.ByteTensor for argument #2 'weight'", "error-scalar-type", []),
    ("conv2d(): argument 'input' (position 1) must be Tensor, not numpy.ndarray", "error-not-a-tensor", ["numpy.ndarray"]),
    ("Given groups=64, expected weight to be at least 64 at dimension 0, but got weight of size [1, 1, 5, 5] instead",
     "error-weight-groups", ["weight.repeat(64, 1, 1, 1)"]),
    ("Error(s) in loading state_dict for Net:\n\tsize mismatch for fc.conv.weight: copying a param with shape torch.Size([1000, 512, "
     "1, 1]) from checkpoint, the shape in current model is torch.Size([10, 512, 1, 1]).",
     "error-checkpoint", ["1000 against 10", "fc.conv.weight"]),
    ('Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "module.conv.weight"',
     "error-keys", ["removeprefix"]),
    ("Expected input batch_size (48) to match target batch_size (12).", "error-batch-size", ["48 = 4 * 12"]),
    ("Input 0 of layer conv2d is incompatible with the layer: : expected min_ndim=4, found ndim=3. Full shape received: [32, 300, 300]",
     "error-axes", ["32 is the batch, 300x300 the picture", "(32, 300, 300, 1)"]),
    ("Input 0 is incompatible with layer conv2d_1: expected ndim=4, found ndim=5", "error-axes", ["5 = batch + the four sizes"]),
    ("Negative dimension size caused by subtracting 3 from 1 for 'conv2d_8/convolution' (op: 'Conv2D') with input shapes: [?,1,1,64]",
     "error-kernel-size", ["A kernel of 3 meets a map of 1"]),
    ("Input 0 of layer \"conv2d\" is incompatible with the layer: expected axis -1 of input shape to have value 3, but received input "
     "with shape (None, 28, 28, 1)", "error-channels", ["3 channels", "gets 1"]),
]  # fmt: skip


def test_other_numbers_and_older_words_are_read_too():
    for (message, anchor, says), found in zip(SAID, read([message for message, _, _ in SAID])):
        assert found["known"] and found["anchor"] == anchor, (message, found)
        told = json.dumps(found, ensure_ascii=False)
        assert [words for words in says if words not in told] == [], (message, found)


def test_of_a_message_that_is_cut_off_nothing_is_made_up():
    whole = list(RAW.values()) + [message for message, _, _ in SAID]
    told = [json.dumps(found) for found in read([text[:end] for text in whole for end in range(10, len(text), 5)])]
    assert [words for words in told if re.search(r"undefined|NaN|Infinity|\[object|null[^}]", words)] == []


def test_the_message_at_the_end_counts():
    (found,) = read(["RuntimeError: negative padding is not supported\n...\nRuntimeError: non-positive stride is not supported"])
    assert found["anchor"] == "error-stride"


def test_what_is_no_message_is_said_to_be_none():
    nothing = read(["", " \n\t ", "\u00a0"])
    assert nothing == [None, None, None]
    html = "<img src=x onerror=alert(1)>"
    unknown = read([html, "模型的输入通道数不正确", "KeyError: 'weights'\nbye", "\x00\x01\ufffd", "İİİ Error"])
    assert [found["known"] for found in unknown] == [False] * 5
    assert unknown[0]["query"] == html and unknown[2]["query"] == "KeyError: 'weights'"


def test_a_megabyte_is_read_at_its_ends():
    message = "RuntimeError: running_mean should contain 7 elements not 9"
    for filler in ("a", "(", "9", "1 x ", 'File "', "Given groups=1 ", "\n", "expected input[", "\u0130"):
        block = filler * (1_000_000 // len(filler))
        behind, before, none = read([block + "\n" + message, message + "\n" + block, block])
        assert behind["anchor"] == "error-running-mean" and before["anchor"] == "error-running-mean"
        assert none is None or not none["known"]


def test_the_field_takes_text():
    assert MessageField("negative padding").text == "negative padding"
    field = MessageField()
    with pytest.raises(Refused):
        field.text = 3
    assert field.text == ""
