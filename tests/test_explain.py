"""Explanations: the numbers are right, each silent mistake is warned of, and each cure works when it is applied."""

import random
import re
from collections import Counter

import numpy as np
import pytest
import torch
from checks import plain, refusal
from strategies import MODES, seeded_cases

from conv_lib import Conv2d, conv2d, cost, explain, pad
from conv_lib.geometry import axes, tensorflow_padding

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
        assert facts["kind"] == found.kind and facts["MACs"] == f"{found.macs:,} = {2 * found.macs:,} FLOPs (1 MAC = 2 FLOPs)"
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
    for case in seeded_cases("unread", 300, dtypes=("float32",), modes=MODES):
        if case.x.ndim == 4 and len(case.x):
            C_out, channels, *kernel_size = case.weight.shape
            options = {name: value if name == "groups" else plain(value) for name, value in case.options.items()}
            layer = Conv2d(channels * int(options["groups"]), C_out, kernel_size, **options, padding_mode=case.padding_mode)
            text = warnings_of(layer, case.x.shape)
            rows, columns = axes(case.x.shape[-2:], kernel_size, layer.stride, layer.padding, layer.dilation)
            x = torch.ones(case.x.shape, requires_grad=True)
            padding = (*columns.padding, *rows.padding)
            mode = "constant" if case.padding_mode == "zeros" else case.padding_mode
            padded = torch.nn.functional.pad(x, padding, mode)
            torch.nn.functional.conv2d(
                padded, torch.ones(case.weight.shape), None, layer.stride, 0, layer.dilation, layer.groups
            ).sum().backward()
            blind = x.grad[0].sum(0) == 0
            if blind.all():
                continue
            for line, lost in (("row", blind.all(1).sum()), ("column", blind.all(0).sum())):
                ends = [int(b) - int(a) + 1 for a, b in re.findall(rf"{line}s (\d+) to (\d+) are never", text)]
                ends += [1 for _ in re.findall(rf"{line} \d+ is never", text)]
                inner = [int(n) for n in re.findall(rf"(\d+) {line}s? lies? between", text)]
                assert sum(ends) + sum(inner) == lost, (text, case)


def test_a_layer_without_bias_has_no_biases_and_one_with_one_weight_has_one():
    assert dict(explain(Conv2d(4, 6, (3, 5), groups=2, bias=False), (4, 6, 8)).facts)["parameters"] == "180 weights + 0 biases = 180"
    assert dict(explain(Conv2d(1, 1, 1), (1, 6, 8)).facts)["parameters"] == "1 weight + 1 bias = 2"


def test_up_to_nine_axes_are_told_and_mended():
    found = explain(Conv2d(4, 6, (3, 5)), (2, 1, 3, 1, 1, 2, 4, 6, 8))
    assert dict(found.facts) == {
        "problem": "the input has 9 sizes (2, 1, 3, 1, 1, 2, 4, 6, 8); a 2-D convolution takes 4 (N, C, H, W) or 3 (C, H, W).",
        "cure": "merge the leading axes: x.reshape(12, 4, 6, 8).",
    }
    assert "has 10 sizes; it must have 1 to 9" in refusal(lambda: explain(Conv2d(4, 6, 3), (1,) * 10), "`input_shape`")


def test_how_early_the_last_window_ends():
    assert warnings_of(Conv2d(1, 1, (3, 1), (2, 4), (0, 1)), (1, 1, 6, 9)) == (
        "padding=(0, 1) is (height, width), per side; torch.nn.functional.pad takes (left, right, top, bottom) = (1, 1, 0, 0). "
        "height: the last window ends 1 pixel early, so row 5 is never read. "
        "width: the last window ends 2 pixels early, padding included, so column 8 is never read. "
        "width: 6 columns lie between the taps and are never read (stride 4, dilation 1). "
        "2 of 6 outputs see padding only, and are their bias, whatever the input holds."
    )


def test_a_pixel_that_is_read_in_the_ring_is_not_told_as_unread():
    for mode, unread in (("zeros", True), ("replicate", False), ("reflect", True), ("circular", False)):
        text = warnings_of(torch.nn.Conv2d(1, 1, (1, 3), padding=(0, 1), dilation=(1, 2), padding_mode=mode), (1, 1, 2, 3))
        assert ("2 columns lie between the taps and are never read" in text) == unread, text


def uneven_layers(count):
    """Layers of torch with one input and one output channel and weights of ones, zero padding, and an input size."""
    pick = random.Random("padding only").choice
    for _ in range(count):
        kernel, dilation, stride = ((pick((1, 1, 2, 3, 5)), pick((1, 2, 3))) for _ in range(3))
        dilation, stride = (pick((1, 2, 5, 9)), pick((1, 4))), (pick((1, 2)), pick((1, 3)))
        padding, size = (pick((0, 1, 3, 9)), pick((0, 1, 4))), (pick(range(1, 8)), pick(range(1, 8)))
        if all(size[n] + 2 * padding[n] > dilation[n] * (kernel[n] - 1) for n in (0, 1)):
            layer = torch.nn.Conv2d(1, 1, kernel, stride, padding, dilation, bias=pick((True, False)))
            torch.nn.init.ones_(layer.weight)
            yield layer, (1, 1, *size)


def test_outputs_and_taps_that_meet_padding_only():
    seen = Counter()
    for layer, shape in uneven_layers(600):
        text = warnings_of(layer, shape)
        x = torch.ones(shape)
        numbers = torch.nn.functional.conv2d(x, layer.weight, None, layer.stride, layer.padding, layer.dilation).detach()
        blind = int((numbers == 0).sum())
        found = re.search(r"([\d,]+) of ([\d,]+) outputs? sees? padding only, and are (their bias|0),", text)
        assert (int(found[1]), int(found[2])) == (blind, numbers.numel()) if blind else found is None, (text, layer)
        assert not found or (found[3] == "0") == (layer.bias is None)
        weight = torch.ones_like(layer.weight, requires_grad=True)
        torch.nn.functional.conv2d(x, weight, None, layer.stride, layer.padding, layer.dilation).sum().backward()
        dead = int((weight.grad == 0).sum())
        found_taps = re.search(r"(\d+) of (\d+) taps? of the kernel meet padded zeros only", text)
        assert (int(found_taps[1]), int(found_taps[2])) == (dead, weight.numel()) if dead else found_taps is None, (text, layer)
        real, products = int(weight.grad.sum()), weight.numel() * numbers.numel()
        share = re.search(r"(\d+) % of the products multiply a padded zero", text)
        if dead or 2 * real >= products:
            assert not share, (text, layer)
        else:
            assert abs(int(share[1]) - 100 * (products - real) / products) <= 1, (text, layer)
        seen.update({"blind": bool(found), "dead": bool(found_taps), "share": bool(share)})
    assert all(seen[name] > 20 for name in ("blind", "dead", "share")), seen


def test_a_padded_1x1_has_a_ring_of_bias():
    text = warnings_of(torch.nn.Conv2d(3, 8, 1, padding=1), (1, 3, 6, 8))
    assert text == "32 of 80 outputs see padding only, and are their bias, whatever the input holds."
    text = warnings_of(torch.nn.Conv2d(3, 8, 3, padding=18, dilation=18), (1, 3, 9, 9))
    assert text == "8 of 9 taps of the kernel meet padded zeros only, so their weights change nothing."


@pytest.mark.parametrize("size", [10**9, 10**13, 10**17])
def test_kernels_and_strides_of_any_size_are_told_at_once(size):
    tall = torch.nn.Conv2d(1, 1, (size, 3), padding=(size // 2, 0), device="meta")
    assert "(17 + " in str(explain(tall, (1, 1, 17, 23))) and "standard" in str(explain(tall, (1, 1, 17, 23)))
    stamps = torch.nn.ConvTranspose2d(1, 1, (2, 3), stride=(size, 2), bias=False)
    assert explain(stamps, (1, 1, 7, 5)).warnings == (
        f"height: some rows between the stamps get nothing but zeros (stride {size}, kernel 2, dilation 1).",
        "width: kernel 3 is not divisible by stride 2, so the columns get 1 or 2 taps in turn: a checkerboard.",
    )
    large = torch.nn.ConvTranspose2d(1, 1, (size + 1, 2), stride=(size, 2), device="meta")
    assert "get 1 or 2 taps in turn" in explain(large, (1, 1, 7, 5)).warnings[0]


@pytest.mark.parametrize("padding", [10**7, 6442450943, 2**62])
def test_absurd_padding_is_told_at_once(padding):
    account = explain(Conv2d(3, 4, (3, 5), (1, 2), padding), (1, 3, 16, 15))
    height, width = 16 + 2 * padding - 2, (15 + 2 * padding - 5) // 2 + 1
    assert dict(account.facts)["output"] == f"(1, 4, {height}, {width})"
    blind = height * width - 18 * len({(p + padding - tap) // 2 for p in range(15) for tap in range(5) if (p + padding - tap) % 2 == 0})
    assert f"{blind:,} of {height * width:,} outputs see padding only" in " ".join(account.warnings)
    mirrored = explain(torch.nn.Conv2d(3, 4, 3, padding=padding, padding_mode="replicate"), (1, 3, 16, 15))
    assert mirrored.fits and not mirrored.warnings


def test_channels_last_that_happens_to_fit():
    assert "channels-last (N, H, W, C)" in warnings_of(Conv2d(32, 8, 3), (1, 32, 32, 3))
    assert "channels-last (H, W, C)" in warnings_of(Conv2d(28, 8, 1), (28, 28, 1))
    assert "channels-last (N, H, W, C)" in warnings_of(Conv2d(9, 8, (1, 3)), (2, 9, 7, 4))


def test_a_padding_mode_with_one_pixel_behind_does_something():
    even = {"padding": "same", "padding_mode": "reflect"}
    assert "does nothing" not in warnings_of(Conv2d(2, 3, 2, **even), (2, 2, 6, 8))
    assert "padding_mode='reflect' does nothing" in warnings_of(Conv2d(2, 3, 1, **even), (2, 2, 6, 8))


def test_what_looks_channels_last_keeps_its_height_and_width():
    for shape, order, moved in (((2, 6, 8, 3), (0, 3, 1, 2), (2, 3, 6, 8)), ((6, 8, 3), (2, 0, 1), (3, 6, 8))):
        cure = f"x.transpose{order} (torch: x.permute{order}) has shape {moved}."
        assert dict(explain(Conv2d(3, 4, (3, 5)), shape).facts)["cure"].endswith(cure)
        assert np.zeros(shape).transpose(order).shape == moved


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


SETTINGS = "in_channels|groups|padding|padding_mode|output_padding"


def alternatives(cure):
    """The alternatives of a cure: (settings to change, input to give instead as code, least input shape) each."""
    for part in cure.rstrip(".").split(", or "):
        changes = {name: eval(value) for name, value in re.findall(rf"({SETTINGS})=('\w+'|\(.*?\)|\d+)", part)}
        padded = re.search(r" on (F\.pad\(x, \(.*?\)(?:, mode='\w+')?\)|x\[.*\])", part)
        code = padded or re.search(r"(x(?:\.reshape\([^)]*\)|\[[^]]*\]))", part)
        if "permute" in part:
            code = re.search(r"torch: (x\.permute\(.*?\))", part)
        channels, pixels = re.search(r"give the input (\d+) channel", part), re.search(r"at least (\d+)x(\d+) pixels", part)
        if part != "a smaller kernel or dilation":
            yield changes, code and code[1], channels and int(channels[1]), pixels and tuple(map(int, pixels.groups()))


def misfits(count):
    """Torch's layers, some changed after they were built, and input shapes that do not fit them: (layer, settings, shape)."""
    pick = random.Random("misfits").choice
    while count:
        mode, groups = pick(MODES), pick((1, 1, 2, 3))
        settings = {
            "in_channels": groups * pick((1, 2, 3)), "out_channels": groups * pick((1, 2)), "groups": groups, "padding_mode": mode,
            "kernel_size": (pick((1, 2, 3, 5, 9)), pick((1, 3, 4, 12))), "dilation": (pick((1, 1, 2, 4)), pick((1, 1, 3))),
            "padding": pick(("same", "valid", (0, 0), (pick(range(9)), pick(range(9))), (pick(range(4)), pick(range(4))))),
        }  # fmt: skip
        layer = torch.nn.Conv2d(**settings)
        settings["stride"] = pick((1, 1, (1, 2), (2, 1), 2))
        layer.stride = settings["stride"] if isinstance(settings["stride"], tuple) else (settings["stride"],) * 2
        shape = (pick((1, 2)), pick((settings["in_channels"], pick((1, 2, 3, 4, 6, 7)))), pick(range(1, 12)), pick(range(1, 12)))
        shape = pick((shape, shape, shape[1:], (*shape[:1], *shape[2:], shape[1]), (1, *shape), shape[2:], (pick((9, 75, 784)),)))
        try:
            layer(torch.zeros(shape))
        except (RuntimeError, ValueError):
            count -= 1
            yield layer, settings, shape


def test_every_cure_is_accepted_by_torch():
    tried = Counter()
    for layer, settings, shape in misfits(2500):
        account = explain(layer, shape)
        assert not account.fits, account
        facts = dict(account.facts)
        if "this account tells" in facts["cure"]:
            assert settings["padding"] == "same" and len(shape) not in (3, 4)
            continue
        found = list(alternatives(facts["cure"]))
        assert found and all(map(any, found)), account
        for changes, code, channels, pixels in found:
            x = torch.zeros(shape)
            if code:
                x = eval(code, {"x": x, "F": torch.nn.functional})
            elif channels or pixels:
                sizes = pixels or shape[-2:]
                x = torch.zeros(1, channels or settings["in_channels"], *sizes)
            made = settings | changes
            if changes:
                other = torch.nn.Conv2d(**made)
            else:
                other = layer
            try:
                y = other(x)
            except (RuntimeError, ValueError) as error:
                raise AssertionError(f"{account}\n{changes} {code} {tuple(x.shape)}: {error}") from error
            assert y.shape[-3] == settings["out_channels"]
            tried[", ".join(changes) + (" on " + re.split(r"[(\[]", code)[0] if code else "") + " x" * bool(channels or pixels)] += 1
    assert sum(tried.values()) > 4000 and len(tried) > 12, tried


def test_every_cure_of_a_transposed_layer_is_accepted_by_torch():
    pick, tried = random.Random("stamps").choice, Counter()
    while sum(tried.values()) < 600:
        groups = pick((1, 2))
        settings = {
            "in_channels": groups * pick((1, 2)), "out_channels": groups * pick((1, 3)), "kernel_size": (pick((1, 2, 3)), pick((1, 4))),
            "stride": (pick((1, 2)), pick((1, 3))), "padding": (pick(range(6)), pick(range(6))), "dilation": (1, pick((1, 2))),
            "output_padding": (pick((0, 1)), pick((0, 1, 2))), "groups": groups,
        }  # fmt: skip
        layer, shape = torch.nn.ConvTranspose2d(**settings), (1, pick((settings["in_channels"], 3)), pick((1, 2, 4)), pick((1, 3)))
        try:
            y = layer(torch.zeros(shape))
        except (RuntimeError, ValueError):
            account = explain(layer, shape)
        else:
            assert dict(explain(layer, shape).facts)["output"] == str(tuple(y.shape))
            continue
        assert not account.fits
        found = list(alternatives(dict(account.facts)["cure"]))
        assert found, account
        for changes, code, channels, pixels in found:
            size = (1, channels or settings["in_channels"], *(pixels or shape[-2:])) if channels or pixels else shape
            x = eval(code, {"x": torch.zeros(shape)}) if code else torch.zeros(size)
            assert torch.nn.ConvTranspose2d(**settings | changes)(x).shape[1] == settings["out_channels"], account
            tried[", ".join(changes) + " x" * (x.shape != shape)] += 1
    assert len(tried) > 6, tried


def test_all_that_does_not_fit_is_told():
    for layer, settings, shape in misfits(600):
        if len(shape) not in (3, 4):
            continue
        problem, cure = dict(explain(layer, shape).facts).values()
        channels = shape[-3] != settings["in_channels"]
        assert channels == ("`in_channels`" in problem)
        right = (*shape[:-3], settings["in_channels"], *shape[-2:])
        try:
            layer(torch.zeros(right))
        except (RuntimeError, ValueError):
            assert "along the" in problem or "`stride`" in problem, (problem, layer, shape)
        else:
            assert "along the" not in problem and "`stride`" not in problem, (problem, layer, shape)
        assert "input 1 channels" not in cure


def test_a_cure_mends_channels_kernel_and_mode_at_once():
    layer = torch.nn.Conv2d(4, 6, (3, 5), stride=(1, 2), padding=(0, 1), dilation=(1, 2), groups=2)
    problem, cure = dict(explain(layer, (2, 5, 6, 6)).facts).values()
    assert problem == (
        "axis 1 (channels) of the input is 5, and the layer takes `in_channels` (=4). The kernel does not fit along the width: it "
        "spans 9 pixels (dilation 2 * (kernel_size 5 - 1) + 1), the padded input has 8 (6 + 1 + 1)."
    )
    assert cure == (
        "build the layer with in_channels=5, groups=1 and padding=(0, 2), or give the input 4 channels and at least 6x7 pixels."
    )
    _, cure = dict(explain(torch.nn.Conv2d(3, 2, 5, padding=4, padding_mode="reflect"), (1, 3, 4, 6)).facts).values()
    assert cure == "use padding=(3, 4), or padding=(4, 4) and padding_mode='zeros', or an input of at least 5x6 pixels."


def test_both_axes_that_are_wrong_alike_are_told_once():
    problem, _ = dict(explain(torch.nn.Conv2d(1, 1, 3, dilation=4), (1, 1, 8, 8)).facts).values()
    assert problem.startswith("The kernel does not fit along the height and the width: it spans 9 pixels")


@pytest.mark.parametrize("size", [(6, 8), (7, 5), (12, 3)])
@pytest.mark.parametrize("stride", [(1, 2), (3, 2)])
def test_same_with_a_stride_pads_as_tensorflow_does(size, stride):
    layer = torch.nn.Conv2d(1, 1, (3, 4), padding="same", dilation=(1, 2))
    layer.stride = stride
    _, cure = dict(explain(layer, (1, 1, *size)).facts).values()
    order = re.search(r"padding=0 on F\.pad\(x, (\(.*?\))\) \(conv_lib\.pad\(x, (\(\(.*?\)\))\)\)", cure)
    message = refusal(lambda: conv2d(np.ones((1, 1, *size)), np.ones((1, 1, 3, 4)), None, stride, "same", (1, 2)), "`stride` 1")
    assert f"F.pad(x, {order[1]})" in message and f"conv_lib.pad(x, {order[2]})" in message
    x = torch.ones(1, 1, *size)
    padded = torch.nn.functional.pad(x, eval(order[1]))
    np.testing.assert_array_equal(pad(x.numpy(), eval(order[2])), padded.numpy())
    y = torch.nn.functional.conv2d(padded, torch.ones(1, 1, 3, 4), None, stride, 0, (1, 2))
    assert y.shape[2:] == tuple(-(-one // step) for one, step in zip(size, stride))
    for n, one in enumerate(eval(order[2])):
        assert one[1] - one[0] in (0, 1) and one == tensorflow_padding(size[n], (3, 4)[n], stride[n], (1, 2)[n])


def test_circular_padding_beyond_one_turn_is_padded_first():
    layer = torch.nn.Conv2d(1, 1, 3, padding=(7, 2), padding_mode="circular")
    _, cure = dict(explain(layer, (2, 1, 3, 4)).facts).values()
    code = re.search(r"use padding=0 on (x\[.*\]), which goes round more than once", cure)[1]
    x = np.arange(24).reshape(2, 1, 3, 4)
    np.testing.assert_array_equal(eval(code), np.pad(x, ((0, 0), (0, 0), (7, 7), (2, 2)), "wrap"))


def test_a_kernel_that_does_not_fit_names_axis_and_numbers():
    problem, cure = problem_and_cure({"in_channels": 1, "out_channels": 1, "kernel_size": 3, "dilation": 4}, (1, 1, 9, 8))
    assert problem == (
        "The kernel does not fit along the width: it spans 9 pixels (dilation 4 * (kernel_size 3 - 1) + 1), "
        "the padded input has 8 (8 + 0 + 0)."
    )
    assert cure == "use padding=(0, 1), or an input of at least 9x9 pixels, or a smaller kernel or dilation."


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
