"""One number told as its terms: which inputs, which weights, which products."""

import operator
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from conv_lib import arguments
from conv_lib.arguments import IntOrPair, Padding
from conv_lib.backward import bias_gradient, input_gradient, weight_gradient
from conv_lib.conv import compute
from conv_lib.geometry import transposed_axes
from conv_lib.plan import make_plan
from conv_lib.terms import BackTerm, bias_terms, input_terms, weight_terms
from conv_lib.transposed import conv_transpose2d


class Term(NamedTuple):
    """One product of a sum: ``product = weight * value``.

    ``channel`` is the input channel; ``kernel_row`` and ``kernel_column`` count from 0 in the kernel; ``row`` and ``column``
    are input positions, below 0 or beyond the size where the tap lies in the padding (``is_padding``). ``source`` is the
    (row, column) that the value comes from, or None for a padded zero.
    """

    channel: int
    kernel_row: int
    kernel_column: int
    row: int
    column: int
    weight: object
    value: object
    product: object
    is_padding: bool
    source: tuple[int, int] | None


def added(terms: Iterable[Term | BackTerm], start=0):
    """Their products, one after the other, as a figure adds them: Python's own `sum` corrects the rounding of floats from 3.12 on."""
    return reduce(operator.add, (term.product for term in terms), start)


class Trace(NamedTuple):
    """One number and all its terms: of an output in the order channel, kernel row, kernel column; of a gradient in that of the outputs.

    ``str(trace)`` is the sum: the taps on padded zeros are counted, and listed only where 0 * weight is not 0 (inf, nan).
    ``of`` says what the number is: 'output', 'gradient of x', 'gradient of weight' or 'gradient of bias'.
    """

    at: tuple[int, ...]
    terms: tuple[Term, ...] | tuple[BackTerm, ...]
    bias: object
    value: object
    of: str = "output"

    def sum(self, most: int = 30) -> str:
        """The sum as text, such as ``0 + 1 + 6 + 7 = 14``; products stand as value·weight unless all weights are 1.

        Of a sum with more than ``most`` terms (at least 3) the first ones and the last are shown, around a gap.

        Where the shown numbers cannot add up to the last digit (floats are rounded, integers wrap), ``≈`` or the words
        ``(wraps to …)`` say so.
        """
        most = arguments.whole("most", most, 3)
        shown = [term for term in self.terms if term.source is not None or term.product != 0]
        plain = all(term.weight == 1 for term in shown)
        texts = [_number(t.value) if plain else f"{_number(t.value, True)}·{_number(t.weight, True)}" for t in shown]
        if len(texts) > most:
            texts[most - 2 : -1] = ["…"]
        if self.bias is not None:
            texts.append(f"{_number(self.bias)} (bias)")
        text = " + ".join(texts).replace(" + -", " - ") or "0"
        return f"{text} {self._result(shown)}"

    def _result(self, shown):
        exact = added(shown, 0 if self.bias is None else self.bias)
        if isinstance(self.value, int) and exact != self.value:
            return f"= {exact} (wraps to {self.value})"
        numbers = [self.value, 0 if self.bias is None else self.bias, *(n for t in shown for n in (t.weight, t.value))]
        faithful = _same(exact, self.value) and all(map(_is_shown_whole, numbers))
        return f"{'=' if faithful else '≈'} {_number(self.value)}"

    @property
    def padded_zeros(self) -> int:
        """How many taps lie on padded zeros."""
        return sum(term.source is None for term in self.terms)

    def __str__(self):
        zeros = self.padded_zeros
        note = f"  ({zeros} of {arguments.count(len(self.terms), 'tap')} on the zero padding)" if zeros else ""
        return self.sum() + (note if self.terms else "  (no window reads it)")

    __repr__ = __str__

    def _repr_html_(self):
        from html import escape  # loaded when it is shown, not with the library

        names = ("channel", "kernel tap", "input position") if self.of == "output" else ("output", "kernel tap", "input position")
        heads = *names, "weight", "value", "product"
        head = "".join(f'<th scope="col">{text}</th>' for text in heads)
        rows = "".join(_row(term) for term in self.terms)
        bias = "" if self.bias is None else f'<tr><td colspan="5">bias</td><td>{_number(self.bias)}</td></tr>'
        return (
            f'<table class="cl-trace"><caption>{self.of.capitalize()} {self.at}: {escape(str(self))}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}{bias}</tbody></table>"
        )


def trace(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    *,
    at: Sequence[int],
    of: str = "output",
    grad_output: np.ndarray | None = None,
) -> Trace:
    """Tell one number of a convolution as its terms: an output, or what flows back to an input, a weight or a bias.

    The arguments are those of `conv2d`, ``padding_mode`` that of `Conv2d`, and ``at`` is the index of the output:
    (n, o, i, j), or (o, i, j) when `x` has no batch axis. ``of='x'``, ``'weight'`` or ``'bias'`` tells a gradient instead, at
    an index of that array, when the outputs have the gradients ``grad_output``, an array of the output's shape and dtype.
    Returns a `Trace`, whose ``value`` is the number itself. Raises as `conv2d` does, and ValueError when `at` lies outside.

    >>> x = np.arange(36).reshape(1, 1, 6, 6)
    >>> trace(x, np.ones((1, 1, 3, 3), int), padding=1, at=(0, 0, 0, 0))
    0 + 1 + 6 + 7 = 14  (5 of 9 taps on the zero padding)
    >>> print(trace(x, np.array([[[[1, 2]]]]), np.array([10]), at=(0, 0, 0, 4)).sum())
    4·1 + 5·2 + 10 (bias) = 24

    Pixel 2 lies in two windows of stride 2: it gets 10·3 from the first and 20·1 from the second. No window reads pixel 5.

    >>> numbers = {"x": np.arange(6).reshape(1, 1, 6), "weight": np.array([[[[1, 2, 3]]]]), "stride": 2}
    >>> g = np.array([[[10, 20]]])
    >>> [trace(**numbers, grad_output=g, of="x", at=(0, 0, p)) for p in (2, 5)]
    [10·3 + 20·1 = 50, 0 = 0  (no window reads it)]
    >>> trace(**numbers, grad_output=g, of="weight", at=(0, 0, 0, 2))
    2·10 + 4·20 = 100
    """
    plan = make_plan(x, weight, bias, stride, padding, dilation, groups, padding_mode)
    if arguments.traced(of, grad_output, bias) != "output":
        return _trace_back(plan, of, grad_output, at)
    at = arguments.position("at", at, plan.output_shape if plan.batched else plan.output_shape[1:])
    arguments.listed("trace", weight[0].size)
    n, o, i, j = at if plan.batched else (0, *at)
    channels = weight.shape[1]
    first = channels * (o // (len(weight) // plan.groups))
    terms = tuple(
        _term(plan, n, o, c, first + c, (u, row), (v, column))
        for c in range(channels)
        for u, row in enumerate(plan.rows.taps(i))
        for v, column in enumerate(plan.columns.taps(j))
    )
    return Trace(at, terms, None if bias is None else bias[o].item(), compute(plan)[at].item())


def trace_transpose2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
    *,
    at: Sequence[int],
) -> Trace:
    """Tell one output of a transposed convolution as its terms: every stamp that reaches it, with the value that was stamped.

    The arguments are those of `conv_transpose2d`, and ``at`` is the index of the output: (n, o, i, j), or (o, i, j) when `x` has
    no batch axis. Returns a `Trace`; the ``output`` of a term is the place in `x`, since x is the output of the convolution that
    is gone backwards. Raises as `conv_transpose2d` does, and ValueError when `at` lies outside.

    >>> stamp = np.array([[[[1, 2, 3]]]])
    >>> [trace_transpose2d(np.array([[[10, 20]]]), stamp, stride=2, at=(0, 0, i)) for i in (1, 2)]
    [10·2 = 20, 10·3 + 20·1 = 50]
    """
    y = conv_transpose2d(x, weight, bias, stride, padding, output_padding, groups, dilation)
    at = arguments.position("at", at, y.shape)
    axes = transposed_axes(x.shape[-2:], weight.shape[-2:], stride, padding, output_padding, dilation)
    images, place = (x, at) if x.ndim == 4 else (x[None], (0, *at))
    terms = tuple(input_terms(images, weight, *axes, groups, place))
    return Trace(at, terms, None if bias is None else bias[place[1]].item(), y[at].item(), "transposed output")


def _trace_back(plan, of, grad_output, at):
    arguments.gradient(grad_output, plan.result_shape, x=plan.x)
    g = np.asarray(grad_output).reshape(plan.output_shape)
    axes = plan.rows, plan.columns, plan.groups
    arguments.listed("trace", g[:, 0].size if of != "x" else 0)
    if of == "bias":
        at = arguments.position("at", at, plan.bias.shape)
        terms, gradient = bias_terms(g, at), bias_gradient(grad_output)
    elif of == "weight":
        at = arguments.position("at", at, plan.weight.shape)
        terms, gradient = weight_terms(g, plan.x, *axes, at), weight_gradient(plan, grad_output)
    else:
        at = arguments.position("at", at, plan.x.shape if plan.batched else plan.x.shape[1:])
        place = at if plan.batched else (0, *at)
        terms, gradient = input_terms(g, plan.weight.conj(), *axes, place), input_gradient(plan, grad_output)
    return Trace(at, tuple(terms), None, gradient[at].item(), f"gradient of {of}")


def _term(plan, n, o, c, channel, vertical, horizontal):
    (u, row), (v, column) = vertical, horizontal
    source = plan.rows.origin(row), plan.columns.origin(column)
    source = None if None in source else source
    value = plan.x.dtype.type(0).item() if source is None else plan.x[n, channel, *source].item()
    weight = plan.weight[o, c, u, v].item()
    is_padding = (row, column) != source
    return Term(channel, u, v, row, column, weight, value, weight * value, is_padding, source)


def _row(term):
    if isinstance(term, BackTerm):
        place, tap, position = term.output, term.tap or "", term.position or ""
    else:
        place, tap, position = term.channel, (term.kernel_row, term.kernel_column), (term.row, term.column)
    if term.is_padding:
        position = f"{position} padding" if term.source is None else f"{position} padding, taken from {term.source}"
    cells = (place, tap, position, *map(_number, (term.weight, term.value, term.product)))
    mark = ' class="cl-padding"' if term.is_padding else ""
    return f"<tr{mark}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _same(a, b):
    """Equal, or both nan."""
    return a == b or (a != a and b != b)


def _is_shown_whole(number):
    return isinstance(number, int) or _same(complex(_number(number)), number)


def _number(value, factor=False):
    """A number as text: whole numbers in full, others to six digits; a negative or complex factor in brackets."""
    if isinstance(value, complex):
        return f"({value:.6g})"
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
    text = str(int(value)) if whole else f"{value:.6g}"
    return f"({text})" if factor and text.startswith("-") else text
