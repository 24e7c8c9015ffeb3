"""Still figures of convolutions: SVG text that is the same on every run, with a text for those who do not see it."""

from conv_lib.draw.channels import connectivity
from conv_lib.draw.charts import bars
from conv_lib.draw.fields import receptive_field, taps
from conv_lib.draw.grids import grid, matrices, padding_modes, unread
from conv_lib.draw.images import images
from conv_lib.draw.ruler import axis
from conv_lib.draw.svg import Still
from conv_lib.draw.window import convolution

__all__ = [
    "Still",
    "axis",
    "bars",
    "connectivity",
    "convolution",
    "grid",
    "images",
    "matrices",
    "padding_modes",
    "receptive_field",
    "taps",
    "unread",
]
