"""Explanations: the numbers are right, each silent mistake is warned of, and each cure works when it is applied."""

import re

import numpy as np
import pytest
import torch
from checks import plain
from strategies import MODES, seeded_cases

from conv_lib import Conv2d, cost, explain

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")


def warnings_of(layer, shape):
    account = explain(layer, shape)
    assert account.fits, account
    return " ".join(account.warnings)


def made(settings, shape):
    """The output shape of a layer that is made and called."""
    return Conv2d(**settings)(np.zeros(shape, np.float32)).shape


# What fits.


def test_the_facts_are_those_of_the_layer():
    for case in seeded_cases("explain", 120, dtypes=("float32",), modes=MODES):
        C_out, channels, *kernel_size = case.weight.shape
        options = {name: value if name == "groups" else plain(value) for name, value in case.options.items()}
        layer = Conv2d(channels * int(options["groups"]), C_out, kernel_size, **options, padding_mode=case.padding_mode)
        account, shape = explain(layer, case.x.shape), case.x.shape
        facts, found = dict(account.facts), cost(layer, case.x.shape)
        assert account.fits and account.title == f"{layer!r} on {shape}"
        assert facts["output"] == str(found.output_shape) == str(layer(case.x).shape)
        assert facts["kind"] == found.kind and facts["MACs"] == f"{found.macs:,}"
        assert facts["weight"].startswith(str(layer.weight.shape))
        assert facts["parameters"].endswith(f"= {found.parameters:,}")
        for name, size in zip(("height", "width"), found.output_shape[-2:], strict=True):
            left, right = facts[name].split(" = ")
            assert eval(left, {"floor": np.floor}) == int(right) == size, facts[name]


def test_a_torch_layer_gets_the_same_account():
    theirs = torch.nn.Conv2d(4, 6, 3, stride=2, groups=2, padding=(1,), padding_mode="circular")
    theirs.padding = (1, 1)
    assert str(explain(theirs, (1, 4, 7, 8))) == str(explain(Conv2d.from_torch(theirs), (1, 4, 7, 8)))


def test_nothing_is_said_where_nothing_is_amiss():
    for layer, shape in (
        (Conv2d(3, 8, 3, padding=1), (2, 3, 32, 32)),
        (Conv2d(3, 64, 7, 2, 3), (1, 3, 224, 224)),
        (Conv2d(512, 2048, 1), (8, 512, 1, 1)),
        (Conv2d(64, 64, 3, padding=1), (1, 64, 4, 4)),
        (Conv2d(1, 1, 3, padding="same"), (1, 1, 5, 5)),
        (Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), (1, 1, 5, 5)),
    ):
        assert not explain(layer, shape).warnings, explain(layer, shape)


# The silent mistakes.


def test_dropped_rows_and_columns():
    text = warnings_of(Conv2d(1, 1, 3, stride=2), (1, 1, 6, 7))
    assert text == "height: the last window ends 1 pixel early, so row 5 is never read."
    text = warnings_of(Conv2d(1, 1, 3, stride=4), (1, 1, 9, 11))
    assert "height: the last window ends 2 pixels early, so rows 7 to 8 are never read." in text
    assert "height: 1 row lies between the taps and is never read (stride 4, dilation 1)." in text
    assert "width: 2 columns lie between the taps and are never read (stride 4, dilation 1)." in text


def test_every_unread_line_is_counted():
    for case in seeded_cases("unread", 150, dtypes=("float32",), modes=MODES):
        if case.x.ndim == 4 and len(case.x):
            C_out, channels, *kernel_size = case.weight.shape
            options = {name: value if name == "groups" else plain(value) for name, value in case.options.items()}
            layer = Conv2d(channels * int(options["groups"]), C_out, kernel_size, **options)
            text = warnings_of(layer, case.x.shape)
            x = torch.ones(case.x.shape, requires_grad=True)
            weight = torch.ones(case.weight.shape)
            torch.nn.functional.conv2d(x, weight, **{**case.options, "groups": int(options["groups"])}).sum().backward()
            blind = x.grad[0].sum(0) == 0
            if blind.all():
                continue
            for line, lost in (("row", blind.all(1).sum()), ("column", blind.all(0).sum())):
                ends = [int(b) - int(a) + 1 for a, b in re.findall(rf"{line}s (\d+) to (\d+) are never", text)]
                ends += [1 for _ in re.findall(rf"{line} \d+ is never", text)]
                inner = [int(n) for n in re.findall(rf"(\d+) {line}s? lies? between", text)]
                assert sum(ends) + sum(inner) == lost, (text, case)


def test_channels_last_that_happens_to_fit():
    assert "channels-last (N, H, W, C)" in warnings_of(Conv2d(32, 8, 3), (1, 32, 32, 3))
    assert "channels-last (H, W, C)" in warnings_of(Conv2d(28, 8, 1), (28, 28, 1))


def test_three_sizes_are_one_image():
    assert "one image (C, H, W) = (64, 28, 28)" in warnings_of(Conv2d(64, 1, 3), (64, 28, 28))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("settings", [{"padding": 0}, {"padding": "valid"}, {"kernel_size": 1, "padding": "same"}])
def test_a_padding_mode_without_padding(mode, settings):
    layer = Conv2d(**{"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding_mode": mode, **settings})
    assert f"padding_mode='{mode}' does nothing: the padding is 0." in warnings_of(layer, (1, 1, 5, 5))


def test_same_with_an_even_kernel():
    text = warnings_of(Conv2d(1, 1, (4, 3), padding="same"), (1, 1, 6, 6))
    assert text == "height: 'same' pads 1 before and 2 after; the extra row goes last."
    assert "width: 'same' pads 0 before and 1 after; the extra column" in warnings_of(Conv2d(1, 1, (1, 2), padding="same"), (1, 1, 6, 6))


def test_the_order_of_the_padding():
    text = warnings_of(Conv2d(1, 1, 3, padding=(2, 1)), (1, 1, 6, 6))
    assert "padding=(2, 1) is (height, width)" in text
    order = re.search(r"\(left, right, top, bottom\) = (\(.*?\))", text)[1]
    x, weight = torch.ones(1, 1, 6, 6), torch.ones(1, 1, 3, 3)
    by_hand = torch.nn.functional.conv2d(torch.nn.functional.pad(x, eval(order)), weight)
    torch.testing.assert_close(by_hand, torch.nn.functional.conv2d(x, weight, padding=(2, 1)))


# What does not fit, and what mends it.


def problem_and_cure(settings, shape):
    account = explain(Conv2d(**settings), shape)
    assert not account.fits and [name for name, _ in account.facts] == ["problem", "cure"] and not account.warnings
    with pytest.raises(ValueError):
        made(settings, shape)
    return dict(account.facts)["problem"], dict(account.facts)["cure"]


def test_flattened_images():
    problem, cure = problem_and_cure({"in_channels": 1, "out_channels": 2, "kernel_size": 3}, (64, 784))
    assert "2 sizes (64, 784)" in problem and cure == "undo the flattening: x.reshape(64, 1, 28, 28)."
    _, cure = problem_and_cure({"in_channels": 3, "out_channels": 2, "kernel_size": 3}, (75,))
    assert cure == "undo the flattening: x.reshape(1, 3, 5, 5)."


@pytest.mark.parametrize(("in_channels", "shape"), [
    (1, (28, 28)), (1, (64, 784)), (3, (8, 3072)), (3, (2, 5, 3, 9, 9)), (1, (64, 28, 28)), (3, (8, 32, 32, 3)),
    (3, (32, 40, 3)), (1, (32, 40, 1)), (2, (1, 1, 1, 2, 9, 9)),
])  # fmt: skip
def test_a_moved_or_reshaped_input_fits(in_channels, shape):
    settings = {"in_channels": in_channels, "out_channels": 2, "kernel_size": 3}
    problem, cure = problem_and_cure(settings, shape)
    assert str(shape) in problem or f"is {shape[-3]}" in problem
    change = re.search(r"x(\.\w+\([^)]*\)|\[[^]]*\])", cure)[0]
    moved = eval(change, {"x": np.zeros(shape, np.float32)})
    assert Conv2d(**settings)(moved).ndim in (3, 4)
    if "has shape" in cure:
        assert f"has shape {moved.shape}" in cure


@pytest.mark.parametrize(("settings", "shape"), [
    ({"in_channels": 4, "out_channels": 4, "kernel_size": 3, "groups": 4}, (1, 3, 8, 8)),
    ({"in_channels": 4, "out_channels": 4, "kernel_size": 3, "groups": 2}, (1, 6, 8, 8)),
    ({"in_channels": 3, "out_channels": 4, "kernel_size": 3}, (5, 8, 8)),
])  # fmt: skip
def test_a_layer_with_other_channels_fits(settings, shape):
    problem, cure = problem_and_cure(settings, shape)
    assert f"axis {len(shape) - 3} (channels) of the input is {shape[-3]}" in problem
    assert f"`in_channels` (={settings['in_channels']})" in problem
    changes = {name: int(value) for name, value in re.findall(r"(?:with|and) (in_channels|groups)=(\d+)", cure)}
    assert made({**settings, **changes}, shape)
    assert f"give the input {settings['in_channels']} channels" in cure


@pytest.mark.parametrize("mode", MODES)
def test_other_padding_fits(mode):
    tried = 0
    for kernel_size in (3, 4, 9, (1, 12), (7, 2)):
        for dilation in (1, 2, (1, 3)):
            for padding in (0, 1, 5, (0, 3), "same", "valid"):
                for shape in ((1, 2, 2, 2), (2, 3, 8), (1, 2, 7, 1)):
                    settings = {"in_channels": 2, "out_channels": 2, "kernel_size": kernel_size, "dilation": dilation,
                                "padding": padding, "padding_mode": mode}  # fmt: skip
                    if explain(Conv2d(**settings), shape).fits:
                        assert made(settings, shape)
                        continue
                    problem, cure = problem_and_cure(settings, shape)
                    axis = re.search("along the (height|width)", problem)[1]
                    assert str(shape[-2 if axis == "height" else -1]) in problem
                    for changes in cures(cure):
                        made({**settings, **changes}, shape)
                        tried += 1
    assert tried > 40 or mode == "replicate"


def cures(text):
    """The changes of settings that a cure names, one dict each."""
    for part in text.partition(", or a larger input")[0].split(", or "):
        padding, mode = re.search(r"padding=(\(.*?\))", part), re.findall(r"'(\w+)'", part)
        change = {"padding": eval(padding[1])} if padding else {}
        for name in mode or [None]:
            yield change | ({"padding_mode": name} if name else {})


def test_a_kernel_that_does_not_fit_names_axis_and_numbers():
    problem, cure = problem_and_cure({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "dilation": 4}, (1, 1, 9, 8))
    assert problem == (
        "The kernel does not fit along the width: it spans 9 pixels (dilation 4 * (kernel_size 3 - 1) + 1), "
        "the padded input has 8 (8 + 0 + 0)."
    )
    assert cure == "use padding=(0, 1), or a larger input, or a smaller kernel or dilation."


# How it looks.


def test_text_and_html_say_the_same():
    for layer, shape in ((Conv2d(1, 1, 3, stride=2), (1, 1, 6, 6)), (Conv2d(1, 1, 3), (5,))):
        account = explain(layer, shape)
        html = account._repr_html_()
        assert str(account) == repr(account) and str(account).startswith(account.title)
        for name, text in account.facts:
            assert name in html and name in str(account) and text in str(account)
        for warning in account.warnings:
            assert f"  ! {warning}" in str(account)
        assert html.count("<tr>") == len(account.facts) and html.count("<li>") == len(account.warnings)
        assert "'" not in html and "`" not in html and html.count("<div") == html.count("</div>") == 1
