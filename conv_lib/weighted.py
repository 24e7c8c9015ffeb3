"""What layers share: a weight and a bias, drawn at random, set by the user, or copied from torch."""

import math

import numpy as np

from conv_lib import arguments
from conv_lib.settings import changes


class Weighted:
    """A layer with a weight and one bias for each of its `out_channels`."""

    def _draw(self, shape, bias, dtype, generator):
        """Initial values as torch's. The bound takes axis 1 of the weight for the inputs, as torch does for every layer."""
        self._weight_shape = shape
        has_bias = arguments.flag("bias", bias)
        dtype = arguments.float_dtype(dtype)
        generator = arguments.random_generator(generator)
        arguments.memory("`weight`", shape, np.dtype(float))  # in which it is drawn
        bound = 1 / math.sqrt(math.prod(shape[1:]))
        self.weight = generator.uniform(-bound, bound, shape).astype(dtype)
        self.bias = generator.uniform(-bound, bound, self.out_channels).astype(dtype) if has_bias else None

    @classmethod
    def _copy(cls, layer, settings):
        """A layer made with these settings, a dict, and the numbers of `layer`."""
        arguments.unchanging(layer, tuple(changes(layer)))
        arguments.weight_of_layer(layer, layer.weight)
        weight, bias = _numbers("weight", layer.weight), _numbers("bias", layer.bias)
        copy = cls(**settings, bias=bias is not None)
        copy.weight, copy.bias = weight, bias
        return copy

    @property
    def weight(self) -> np.ndarray:
        """The kernels, an array (out_channels, in_channels // groups, K_h, K_w).

        Of a transposed layer it is (in_channels, out_channels // groups, K_h, K_w). The values start uniform between -bound and
        bound, where bound = 1 / sqrt(weight.shape[1] * K_h * K_w). They can be set to an array of the same shape and any
        supported dtype, which is copied. Raises TypeError and ValueError for another.
        """
        return self._weight

    @weight.setter
    def weight(self, value):
        arguments.array("weight", value, (4,))
        arguments.same_shape("weight", value, self._weight_shape)
        self._weight = np.array(value, order="C")  # an array of its own, and no subclass

    @property
    def bias(self) -> np.ndarray | None:
        """One number for each output channel, an array (out_channels,), or None. It starts and is set as `weight` is."""
        return self._bias

    @bias.setter
    def bias(self, value):
        if value is not None:
            arguments.array("bias", value, (1,))
            arguments.same_shape("bias", value, (self.out_channels,))
            value = np.array(value)
        self._bias = value


def _numbers(name, parameter):
    """A torch parameter, an array or None as a NumPy array, or None."""
    if not hasattr(parameter, "detach"):
        return parameter
    arguments.torch_numbers(name, parameter)
    return parameter.detach().cpu().resolve_conj().resolve_neg().numpy()
