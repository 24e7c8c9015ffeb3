"""Live figures: ipywidgets in Jupyter, and at work in the published page without a kernel."""

from conv_lib.figures.convolution import ConvolutionFigure

__all__ = ["ConvolutionFigure"]
