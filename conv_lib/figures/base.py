"""What all live figures share.

A figure is three files with one name: ``<name>.py`` (a class with traits), ``static/<name>.js`` (draws them) and, where it
needs one, ``static/<name>.css``. The contract:

- Python owns the truth. Every trait is checked by ``conv_lib``'s own refusals before it is taken; traits that do not fit
  together are refused as a whole, and the last good state stays. Arrays are kept as nested lists, integers as integers.
- The browser draws. ``static/<name>.js`` exports ``render({ model, el })``, which returns a function that cleans up. It reads
  traits with ``model.get``, follows ``change:<trait>``, and writes with ``model.set`` and ``model.save_changes``. It checks
  before it writes, with ``core.js``, the twin of ``geometry.py``.
- Every page with a figure loads the one script of the bundle "figures". A figure for few pages names a ``bundle`` of its own:
  its script and style, without what "figures" brings, then load on those pages only; ``needs`` are bundles that load before it.
- A figure shows itself three times in a notebook: as a live view, as a still SVG of the same state, and as text that tells its
  traits. The live view carries the traits along, so that a published page needs no other state.
"""

import reprlib
from contextlib import contextmanager
from numbers import Real

import anywidget
import numpy as np
import traitlets

from conv_lib import arguments
from conv_lib.figures.bundle import joined, page_style

LARGEST = 2**53 - 1  # a browser tells whole numbers apart up to here
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Refused(traitlets.TraitError, ValueError):
    """A value that a figure does not take. Traitlets puts the old values back when it sees this kind of error."""


class RefusedType(Refused, TypeError):
    """The wrong kind of thing, given to a figure."""


@contextmanager
def _refusing():
    """What conv_lib refuses within is refused by the figure, in the same words."""
    try:
        yield
    except TypeError as error:
        raise RefusedType(str(error)) from None
    except ValueError as error:
        raise Refused(str(error)) from None


class Text(traitlets.Unicode):
    """A trait that is text, refused in the words of conv_lib."""

    def validate(self, figure, value):
        with _refusing():
            return arguments.word(self.name, value)


class LiveFigure(anywidget.AnyWidget):
    """A figure that is live in Jupyter and in the published page.

    A subclass names its browser module in ``module``, and a ``bundle`` if it is for few pages; declares its traits with
    ``.tag(sync=True)`` and lists them in ``told``, so that each proposal for one goes through ``accept``; and writes ``check`` and
    ``still``.

    Raises ``Refused`` (a ValueError; ``RefusedType``, also a TypeError, for the wrong kind of thing) when a trait does not fit.
    """

    module = ""
    bundle = "figures"
    needs = ()
    told = ()
    title = Text(help="The name of the figure, shown above it.").tag(sync=True)

    def __init_subclass__(cls, **keywords):
        if "module" in vars(cls):  # not for the class that anywidget derives from it for each figure
            cls._esm = joined(cls.module) + f"\nexport default {{ render: {cls.module}.render }};\n"
            cls._css = page_style([cls.module])
            for name in cls.told:
                getattr(cls, name).allow_none = False  # traitlets would let None pass without a look
            cls._proposed = traitlets.validate(*cls.told)(lambda self, proposal: self.accept(proposal))
        super().__init_subclass__(**keywords)

    def check(self, state):
        """The traits in `state` (a dict of all in ``told``) as they are to be kept. Raises ValueError or TypeError."""
        raise NotImplementedError

    def still(self):
        """The present state as a still figure of ``conv_lib.draw``."""
        raise NotImplementedError

    def fallback(self):
        """What stands in the figure's place where no script runs, by its media type."""
        return {"image/svg+xml": self.still().svg}

    def accept(self, proposal):
        """What a validator returns: the proposed value as `check` keeps it, or ``Refused`` in the words of conv_lib."""
        name = proposal["trait"].name
        with _refusing():
            return self.check(self.state | {name: proposal["value"]})[name]

    @property
    def state(self):
        """The traits that the browser draws from: plain numbers, words and lists."""
        return {name: getattr(self, name) for name in (*self.told, "title")}

    def __repr__(self):
        traits = self.traits()
        told = {name: getattr(self, name) for name in (*self.told, "title")}
        parts = [f"{name}={_text(value)}" for name, value in told.items() if value != traits[name].default_value]
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_mimebundle_(self, **keywords):
        data, metadata = super()._repr_mimebundle_(**keywords)
        data[WIDGET_VIEW] |= {"figure": self.module, "state": self.state}
        return data | self.fallback(), metadata


def numbers(name, value, dimensions, most=LARGEST):
    """`value` (an array or nested lists) as an int64 or float64 array with as many axes as `dimensions` allows.

    Its numbers are real, finite, and of at most `most` in size: at most those that the browser can tell apart.
    """
    try:
        found = np.asarray(value)
    except ValueError:
        raise ValueError(f"`{name}` must have rows of equal length.") from None
    except (RuntimeError, TypeError):  # a tensor with a gradient, without numbers, or not laid out as an array
        kind, cure = arguments.kind_of(value), arguments.cure_of_array(name, value)
        raise TypeError(f"`{name}` must hold numbers as an array does, not {kind}{cure}.") from None
    if found.dtype.kind not in "iuf":  # an object array holds whole numbers, if they are larger than any of NumPy's
        for one in found.ravel().tolist():
            if isinstance(one, bool) or not isinstance(one, Real):
                raise TypeError(f"`{name}` must hold real numbers, not {arguments.show(one)}, of {type(one).__name__}.")
    if found.ndim not in dimensions or found.size == 0:
        wanted = " or ".join(f"{n}-D" for n in dimensions)
        raise ValueError(f"`{name}` of shape {found.shape} must be {wanted} and not empty.")
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise ValueError(f"`{name}` must hold finite numbers.")
    beyond = found[(found < -most) | (found > most)]
    if beyond.size:
        raise ValueError(f"`{name}` holds {arguments.show(beyond.tolist()[0])}: it must hold numbers from -{most} to {most}.")
    return found.astype(np.float64 if found.dtype.kind in "fO" else np.int64)


def plain(array):
    """An array as nested lists; a float that is whole becomes an integer."""
    if isinstance(array, np.ndarray):
        array = array.tolist()
    if isinstance(array, list):
        return [plain(part) for part in array]
    return int(array) if array == int(array) else array


def _text(value):
    if isinstance(value, list):
        try:
            array = np.asarray(value)
        except ValueError:  # rows of unequal length, such as the pairs (shape, text) of a Question
            return repr(value)
        if array.size > 12 and array.dtype.kind in "iuf":
            return f"<{'x'.join(map(str, array.shape))} from {array.min():g} to {array.max():g}>"
    return reprlib.repr(value) if isinstance(value, str) and len(value) > 80 else repr(value)


class TextFigure(LiveFigure):
    """A figure that reads a text, its first argument."""

    text = traitlets.Any("").tag(sync=True)

    def __init__(self, text="", **traits):
        super().__init__(text=text, **traits)
