"""conv_lib: 2-D convolution with the semantics of torch.nn.Conv2d, in plain NumPy that can be read aloud."""

from conv_lib import grad as grad
from conv_lib.conv import conv2d
from conv_lib.cost import cost
from conv_lib.explain import explain
from conv_lib.geometry import Axis, effective_kernel_size, output_size, receptive_field, same_padding
from conv_lib.layer import Conv2d
from conv_lib.network import network
from conv_lib.padding import pad
from conv_lib.reference import reference_conv2d
from conv_lib.trace import trace, trace_transpose2d
from conv_lib.transposed import ConvTranspose2d, conv_transpose2d

__all__ = [
    "Axis",
    "Conv2d",
    "ConvTranspose2d",
    "conv2d",
    "conv_transpose2d",
    "cost",
    "effective_kernel_size",
    "explain",
    "network",
    "output_size",
    "pad",
    "receptive_field",
    "reference_conv2d",
    "same_padding",
    "trace",
    "trace_transpose2d",
]
