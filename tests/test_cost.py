"""Costs against torch: parameters, and the multiplications that torch itself counts."""

import numpy as np
import pytest
import torch
from checks import plain
from strategies import MODES, seeded_cases
from torch.utils.flop_counter import FlopCounterMode

from conv_lib import Conv2d, cost
from conv_lib.cost import kind

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")


def torch_layer(case):
    C_out, channels, *kernel_size = case.weight.shape
    options = {name: plain(value) for name, value in case.options.items()}
    options |= {name: value * 2 for name, value in options.items() if isinstance(value, (tuple, list)) and len(value) == 1}
    bias = case.bias is not None
    return torch.nn.Conv2d(
        channels * options["groups"], C_out, tuple(kernel_size), **options, bias=bias, padding_mode=case.padding_mode
    )


def test_equals_what_torch_counts():
    for case in seeded_cases("cost", 150, dtypes=("float32",), modes=MODES):
        layer = torch_layer(case)
        x = torch.zeros(case.x.shape)
        with FlopCounterMode(display=False) as counter:
            y = layer(x)
        found = cost(layer, case.x.shape)
        assert found == cost(Conv2d.from_torch(layer), case.x.shape)
        assert found.output_shape == tuple(y.shape)
        assert found.parameters == sum(parameter.numel() for parameter in layer.parameters())
        if len(x) and not (case.x.ndim == 3 and case.padding_mode == "zeros"):  # torch counts an unbatched image wrongly
            assert found.flops == 2 * found.macs == counter.get_total_flops(), case
        assert found.input_bytes == x.nbytes and found.output_bytes == y.nbytes
        assert found.weight_bytes == sum(parameter.nbytes for parameter in layer.parameters())


def test_macs_are_the_terms_of_all_outputs():
    layer = Conv2d(4, 6, (3, 2), groups=2, padding=1)
    found = cost(layer, (5, 4, 7, 7))
    assert found.macs == np.prod(found.output_shape) * layer.weight[0].size


@pytest.mark.parametrize(("layer", "shape", "parameters", "macs"), [
    (Conv2d(3, 64, 7, 2, 3, bias=False), (1, 3, 224, 224), 9_408, 118_013_952),  # the first layer of ResNet-50
    (Conv2d(3, 96, 11, 4), (1, 3, 227, 227), 34_944, 105_415_200),  # the first layer of AlexNet
    (Conv2d(64, 64, 3, groups=64, padding=1), (64, 56, 56), 640, 1_806_336),
    (Conv2d(64, 128, 1), (2, 64, 56, 56), 8_320, 51_380_224),
])  # fmt: skip
def test_known_layers(layer, shape, parameters, macs):
    found = cost(layer, shape)
    assert (found.parameters, found.macs) == (parameters, macs)


def test_bytes_are_those_of_the_dtype():
    sizes = {}
    for dtype in ("float16", "float32", "float64"):
        found = cost(Conv2d(1, 2, 3, dtype=dtype), (1, 5, 5))
        sizes[dtype] = found.input_bytes, found.weight_bytes, found.output_bytes
    assert sizes == {"float16": (50, 40, 36), "float32": (100, 80, 72), "float64": (200, 160, 144)}


def test_an_empty_batch_costs_no_work():
    found = cost(Conv2d(1, 1, 3), (0, 1, 5, 5))
    assert (found.macs, found.input_bytes, found.output_bytes, found.parameters) == (0, 0, 0, 10)


def test_a_cost_needs_no_computation():
    assert cost(Conv2d(1, 1, 3), (1000, 1, 10**6, 10**6)).macs == 9 * 1000 * (10**6 - 2) ** 2


@pytest.mark.parametrize(("settings", "words"), [
    ({"in_channels": 8, "out_channels": 4, "kernel_size": 3}, "standard"),
    ({"in_channels": 8, "out_channels": 4, "kernel_size": 3, "groups": 2}, "grouped"),
    ({"in_channels": 8, "out_channels": 16, "kernel_size": 3, "groups": 8}, "depthwise"),
    ({"in_channels": 8, "out_channels": 4, "kernel_size": 1}, "pointwise"),
    ({"in_channels": 8, "out_channels": 4, "kernel_size": 1, "groups": 4}, "grouped, pointwise"),
    ({"in_channels": 8, "out_channels": 8, "kernel_size": 1, "groups": 8}, "depthwise, pointwise"),
    ({"in_channels": 1, "out_channels": 4, "kernel_size": 3}, "standard"),
    ({"in_channels": 8, "out_channels": 4, "kernel_size": 3, "dilation": 2}, "standard, dilated"),
    ({"in_channels": 8, "out_channels": 4, "kernel_size": 3, "stride": (1, 2)}, "standard, strided"),
    ({"in_channels": 8, "out_channels": 8, "kernel_size": 3, "stride": 2, "dilation": 2, "groups": 8}, "depthwise, dilated, strided"),
    ({"in_channels": 8, "out_channels": 4, "kernel_size": (1, 3), "dilation": (1, 2)}, "standard, dilated"),
    ({"in_channels": 8, "out_channels": 4, "kernel_size": (1, 3), "dilation": (2, 1)}, "standard"),  # 1 tap has no gaps
    ({"in_channels": 8, "out_channels": 4, "kernel_size": 1, "dilation": 3, "stride": 2}, "pointwise, strided"),
])  # fmt: skip
def test_kinds(settings, words):
    assert kind(Conv2d(**settings)) == words == kind(torch.nn.Conv2d(**settings))
