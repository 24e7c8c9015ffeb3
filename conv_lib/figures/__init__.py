"""Live figures: ipywidgets in Jupyter, and at work in the published page without a kernel."""

from conv_lib.figures.connectivity import ConnectivityFigure
from conv_lib.figures.convolution import ConvolutionFigure
from conv_lib.figures.cost import CostFigure
from conv_lib.figures.lab import LabFigure
from conv_lib.figures.message_field import MessageField
from conv_lib.figures.learning import LearningFigure
from conv_lib.figures.photo import PhotoFigure
from conv_lib.figures.question import Question
from conv_lib.figures.receptive_field import ReceptiveFieldFigure
from conv_lib.figures.shape import ShapeFigure
from conv_lib.figures.transposed import TransposedFigure

__all__ = [
    "ConnectivityFigure",
    "ConvolutionFigure",
    "CostFigure",
    "LabFigure",
    "MessageField",
    "LearningFigure",
    "PhotoFigure",
    "Question",
    "ReceptiveFieldFigure",
    "ShapeFigure",
    "TransposedFigure",
]
