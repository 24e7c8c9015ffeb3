"""Layers that are not what their attributes say: read as they compute, or refused in words; against torch's own call."""

import random
import warnings

import numpy as np
import pytest
import torch
from checks import refusal
from strategies import MODES
from torch.nn.utils import parametrizations, parametrize, prune

from conv_lib import Conv2d, ConvTranspose2d, cost, explain
from conv_lib.cost import kind
from conv_lib.settings import read

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")
SHAPE = (2, 4, 6, 8)
READERS = [Conv2d.from_torch, lambda layer: cost(layer, SHAPE), lambda layer: explain(layer, SHAPE), kind]


def layer(**settings):
    """An uneven layer of torch."""
    options = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "groups": 2}
    return torch.nn.Conv2d(4, 6, (3, 5), **options | settings)


# Changed after they were built.


def changed(pick, module):
    """A torch layer, or a conv_lib one, of which some attributes are set anew, as callers do it. None may be changed at all."""
    mode, groups = pick(MODES), pick((1, 1, 2))
    padding = pick((0, 1, (0, 1), (2, 1), "same", "valid"))
    made = module(2 * groups, 2 * groups, (pick((1, 3)), pick((2, 5))), padding=padding, groups=groups, padding_mode=mode)
    for name, values in {
        "stride": (2, (1, 2), [2, 1], (2,)),
        "padding": (1, (0, 1), [1, 2], (1,), "valid", "same"),
        "dilation": (2, [1, 2], (2, 1), [2]),
        "padding_mode": MODES,
    }.items():
        if pick((False, True)):
            setattr(made, name, pick(values))
    if module is torch.nn.Conv2d and pick((False, True)):
        weight = made.weight.data
        made.weight = torch.nn.Parameter(pick((
            weight[:, :1], weight.sum(1, keepdim=True), weight[:, :, :1], weight[..., 1:], weight.repeat(1, 2, 1, 1),
            weight[: len(weight) // groups * groups // 2 or 1].repeat(groups, 1, 1, 1),
        )))  # fmt: skip
        made.bias = pick((None, torch.nn.Parameter(torch.ones(len(made.weight)))))
    return made


@pytest.mark.parametrize("module", [torch.nn.Conv2d, Conv2d])
def test_a_layer_that_was_changed_is_told_as_it_computes(module):
    pick = random.Random("changed").choice
    answered = refused = noted = 0
    for _ in range(600):
        made = changed(pick, module)
        shape = (2, made.weight.shape[1] * made.groups, pick((2, 9)), pick((3, 10)))
        x = torch.arange(float(np.prod(shape))).reshape(shape)
        try:
            y = made(x) if module is torch.nn.Conv2d else torch.from_numpy(made(x.numpy()))
        except (RuntimeError, ValueError):
            try:
                fits = explain(made, shape).fits
            except ValueError:
                fits = False
            assert not fits, made.__dict__
            refused += 1
            continue
        account = explain(made, shape)
        assert dict(account.facts).get("output") == str(tuple(y.shape)), (account, made.__dict__)
        found = cost(made, shape)
        assert found.output_shape == tuple(y.shape)
        assert found.parameters == np.prod(made.weight.shape) + (0 if made.bias is None else len(made.bias))
        told = [warning for warning in account.warnings if "ring" in warning]
        noted += bool(told)
        ring = read(made).ring
        if ring is not None and any(before != after for before, after in ring):
            refusal(lambda: Conv2d.from_torch(made), "both sides")  # noqa: B023
        else:
            ours = Conv2d.from_torch(made)(x.numpy())
            np.testing.assert_allclose(ours, y.detach().numpy(), rtol=1e-4, atol=1e-3)
        answered += 1
    assert answered > 300 and refused > 20 and noted > (20 if module is torch.nn.Conv2d else -1), (answered, refused, noted)


def test_what_the_attributes_do_not_tell_is_told():
    made = layer()
    made.weight = torch.nn.Parameter(made.weight[:, :1].detach())
    account = explain(made, (2, 2, 6, 8))
    assert account.title == (
        "Conv2d(2, 6, kernel_size=(3, 5), stride=(1, 2), padding=(0, 1), dilation=(1, 2), groups=2) on (2, 2, 6, 8)"
    )
    assert account.warnings[0] == "`weight` of shape (6, 1, 3, 5) decides, whatever the attributes say: it takes 2 channels."
    misfit = explain(made, (2, 5, 6, 8))
    assert not misfit.fits and misfit.warnings == account.warnings[:1]
    made = layer(padding_mode="reflect")
    made.padding = (2, 2)
    assert dict(explain(made, SHAPE).facts)["output"] == str(tuple(made(torch.zeros(SHAPE)).shape))
    assert explain(made, SHAPE).warnings[0] == (
        "torch pads with the ring that a layer of padding_mode='reflect' was built with, (left, right, top, bottom) = (1, 1, 0, 0); "
        "its `padding` now says (2, 2)."
    )
    assert Conv2d.from_torch(made).padding == (0, 1)


def test_groups_that_do_not_divide_the_weight_are_refused():
    for made, side in ((layer(), "output"), (torch.nn.ConvTranspose2d(6, 4, 3), "input")):
        made.groups = 4
        refusal(lambda: explain(made, SHAPE), "`groups` (=4)", f"the {side} channels, `weight.shape[0]` (=6)")  # noqa: B023


def test_a_bias_of_another_length_is_refused():
    made = layer()
    made.bias = torch.nn.Parameter(torch.ones(5))
    for reader in READERS:
        refusal(lambda: reader(made), "`bias`", "(5,)", "(6,)")  # noqa: B023


# A forward of their own, hooks, parametrizations.


class Same(torch.nn.Conv2d):
    """TensorFlow's 'same', as many models have it."""

    def forward(self, x):
        return torch.nn.functional.conv2d(torch.nn.functional.pad(x, (0, 1, 0, 1)), self.weight, self.bias, self.stride)


class Standardised(torch.nn.Conv2d):
    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, weight - weight.mean((1, 2, 3), keepdim=True), bias)


class Doubled(Conv2d):
    def __call__(self, x):
        return 2 * super().__call__(x)


class DoubledForward(Conv2d):
    def forward(self, x):
        return 2 * super().forward(x)


class Upside(torch.nn.ConvTranspose2d):
    def forward(self, x, output_size=None):
        return -super().forward(x, output_size)


def with_own_forward():
    made = layer()
    made.forward = lambda x: 2 * x
    return made


@pytest.mark.parametrize("made", [Same(4, 6, 3), Standardised(4, 6, 3), Doubled(4, 6, 3), DoubledForward(4, 6, 3), with_own_forward()],
                         ids=lambda made: type(made).__name__)  # fmt: skip
def test_a_forward_of_its_own_is_refused(made):
    for reader in READERS:
        refusal(lambda: reader(made), "`layer`", type(made).__name__, "of its own", "plain Conv2d")  # noqa: B023


def test_a_transposed_layer_with_a_forward_of_its_own_or_hooks_is_refused():
    refusal(lambda: ConvTranspose2d.from_torch(Upside(2, 2, 3)), "Upside", "`forward` of its own")
    made = torch.nn.ConvTranspose2d(2, 3, (2, 3))
    made.register_forward_hook(lambda module, args, y: 2 * y)
    refusal(lambda: ConvTranspose2d.from_torch(made), "hook", "handle.remove()")


def hooked(kind):
    made = layer()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the old norms are deprecated, and met
        if kind == "weight_norm":
            return torch.nn.utils.weight_norm(made)
        if kind == "spectral_norm":
            return torch.nn.utils.spectral_norm(made)
    if kind == "new weight_norm":
        return parametrizations.weight_norm(made)
    if kind == "new spectral_norm":
        return parametrizations.spectral_norm(made)
    if kind.startswith("prune"):
        return prune.l1_unstructured(made, kind.removeprefix("prune "), amount=0.5)
    register = made.register_forward_pre_hook if kind == "pre-hook" else made.register_forward_hook
    made.handle = register((lambda module, args: (2 * args[0],)) if kind == "pre-hook" else lambda module, args, y: y[:, :1])
    return made


HOOKED = ["weight_norm", "spectral_norm", "new weight_norm", "new spectral_norm", "prune weight", "prune bias", "pre-hook", "hook"]


@pytest.mark.parametrize("kind", HOOKED)
def test_what_changes_a_layer_at_every_call_is_told_and_its_cure_makes_it_plain(kind):
    made, x = hooked(kind), torch.randn(SHAPE)
    state = {name: value.clone() for name, value in made.state_dict().items()}
    account = explain(made, SHAPE)
    assert dict(account.facts)["kind"] == "grouped, dilated, strided" and "at every call" in account.warnings[0]
    for reader in (Conv2d.from_torch, lambda one: cost(one, SHAPE)):
        message = refusal(lambda: reader(made), "`layer`", account.warnings[0])  # noqa: B023
    assert all(torch.equal(state[name], value) for name, value in made.state_dict().items())  # to be read changes nothing
    made.eval()
    expected = made(x).detach()
    cure = message.split("`")[-2]
    eval(cure, {"torch": torch, "layer": made, "handle": getattr(made, "handle", None)})
    assert explain(made, SHAPE).warnings == explain(layer(), SHAPE).warnings
    if "hook" not in kind:
        np.testing.assert_allclose(Conv2d.from_torch(made)(x.numpy()), expected.numpy(), rtol=1e-4, atol=1e-4)
    assert dict(explain(made, SHAPE).facts)["output"] == str(tuple(made(x).shape))


def test_a_subclass_without_changes_works():
    class Mine(torch.nn.Conv2d):
        """Nothing of its own but an attribute."""

        def __init__(self, *args):
            super().__init__(*args)
            self.note = "mine"

    class Ours(Conv2d):
        pass

    for cls in (Mine, Ours):
        account = explain(cls(4, 6, (3, 5)), SHAPE)
        assert account.fits and account.title.startswith(f"{cls.__name__}(4, 6, kernel_size=(3, 5)")
        assert cost(cls(4, 6, (3, 5)), SHAPE).parameters == 366 and Conv2d.from_torch(cls(4, 6, (3, 5))).weight.shape == (6, 4, 3, 5)


# Other kinds of layers and numbers.


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_quantized_lazy_meta_and_bfloat16_layers():
    quantized = torch.ao.nn.quantized.Conv2d(4, 6, 3)
    for reader in READERS:
        refusal(lambda: reader(quantized), "quantized", "dequantize()")  # noqa: B023
        refusal(lambda: reader(torch.nn.LazyConv2d(6, 3)), "LazyConv2d", "call it once")  # noqa: B023
    refusal(lambda: Conv2d.from_torch(torch.nn.ConvTranspose2d(4, 6, 3)), "ConvTranspose2d", "must be a Conv2d")
    refusal(lambda: ConvTranspose2d.from_torch(layer()), "Conv2d", "must be a ConvTranspose2d")
    for settings in ({"device": "meta"}, {"dtype": torch.bfloat16}):
        made, size = layer(**settings), 2 if "dtype" in settings else 4
        found = cost(made, SHAPE)
        assert (found.parameters, found.weight_bytes, found.input_bytes) == (186, 186 * size, 384 * size)
        assert explain(made, SHAPE).fits
        refusal(lambda: Conv2d.from_torch(made), "`weight`", next(iter(settings.values())), "layer")  # noqa: B023
    assert Conv2d.from_torch(layer(dtype=torch.bfloat16).float()).weight.dtype == np.float32
    lazy = torch.nn.LazyConv2d(6, 3)
    lazy(torch.zeros(SHAPE))
    assert explain(lazy, SHAPE).fits


def test_numbers_that_are_no_array_as_they_lie():
    """Of another layout they are refused; a negated view of a complex tensor is copied."""
    made = layer()
    for other in (made.weight.detach().to_sparse(), made.weight.detach().to_mkldnn()):
        made.weight = torch.nn.Parameter(other, requires_grad=False)
        message = refusal(lambda: Conv2d.from_torch(made), "`weight`", "layout", "weight.to_dense()")  # noqa: B023
        assert message.split("layout ")[1].split(":")[0] in str(other.layout)
        assert cost(made, SHAPE).parameters == 186
    negated = torch.arange(180.0).reshape(6, 2, 3, 5).to(torch.complex64).mul(1j).conj().imag
    made.weight = torch.nn.Parameter(negated)
    np.testing.assert_array_equal(Conv2d.from_torch(made).weight, -np.arange(180.0).reshape(6, 2, 3, 5))
    made.weight = None
    for reader in READERS:
        refusal(lambda: reader(made), "`layer` (Conv2d)", "no weight")  # noqa: B023


def test_a_parametrized_bias_is_told_too():
    made = layer()
    parametrize.register_parametrization(made, "bias", torch.nn.Identity())
    assert "`bias` is computed anew at every call" in explain(made, SHAPE).warnings[0]
