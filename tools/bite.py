"""Break conv_lib in many ways, one at a time, and see that the stored outputs of the notebooks notice each.

Every fault is planted in a copy of conv_lib; nbval alone, without any other test, then runs the chapters against it.
`bite.py` stops a fault at the first chapter that catches it, `bite.py --all` names every one, and names of faults may follow.
The exit code is 1 if a fault is missed, 2 if the chapters are not green without one.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from environment import ROOT

WORKERS = 2


@dataclass(frozen=True)
class Fault:
    """A name, the chapter that is asked first, and changes: (file in conv_lib, old text that is there once, new text)."""

    name: str
    chapter: str
    changes: tuple[tuple[str, str, str], ...]


def fault(name: str, chapter: str, *change: str) -> Fault:
    return Fault(name, chapter, tuple(zip(change[::3], change[1::3], change[2::3], strict=True)))


FAULTS = (
    # The numbers of a convolution
    fault(
        "the kernel is flipped",
        "basics",
        "conv.py",
        "np.ascontiguousarray(plan.weight, summed)",
        "np.ascontiguousarray(plan.weight[:, :, ::-1, ::-1], summed)",
    ),
    fault(
        "the definition flips the kernel",
        "basics",
        "reference.py",
        "loops(plan.x, plan.weight,",
        "loops(plan.x, plan.weight[:, :, ::-1, ::-1],",
    ),
    fault(
        "stride of height and width swapped",
        "shapes",
        "geometry.py",
        'pair("stride", stride, 1)\n    dilation',
        'pair("stride", stride, 1)[::-1]\n    dilation',
    ),
    fault(
        "padding of height and width swapped",
        "shapes",
        "geometry.py",
        'padding = arguments.pair("padding", padding, 0)\n    return',
        'padding = arguments.pair("padding", padding, 0)[::-1]\n    return',
    ),
    fault(
        "dilation of height and width swapped",
        "dilated",
        "geometry.py",
        'pair("dilation", dilation, 1)\n    if',
        'pair("dilation", dilation, 1)[::-1]\n    if',
    ),
    fault(
        "groups start at the wrong channel",
        "groups",
        "conv.py",
        "np.ascontiguousarray(plan.source() if",
        "np.ascontiguousarray(np.roll(plan.source(), int(plan.groups > 1), axis=1) if",
    ),
    fault(
        "the definition starts groups at the wrong channel",
        "groups",
        "reference.py",
        "loops(plan.x, plan.weight,",
        "loops(np.roll(plan.x, int(plan.groups > 1), axis=1), plan.weight,",
    ),
    fault("the bias is lost", "basics", "conv.py", "if plan.bias is not None:", "if False:"),
    # The code of the definition is itself an output of a chapter, and there this one shows.
    fault("the definition loses the bias", "basics", "reference.py", "0 if bias is None else bias[o].item()", "0"),
    fault("every padded image is the first of its batch", "basics", "padding.py", "x.shape[-1]] = x\n", "x.shape[-1]] = x[:1]\n"),
    # The geometry
    fault(
        "the size formula rounds up",
        "shapes",
        "geometry.py",
        "effective_kernel_size) // self.stride + 1",
        "effective_kernel_size + self.stride - 1) // self.stride + 1",
    ),
    fault(
        "dilation is off by one",
        "dilated",
        "geometry.py",
        "start + self.effective_kernel_size, self.dilation)",
        "start + effective_kernel_size(self.kernel_size, self.dilation - (self.dilation > 1)), self.dilation - (self.dilation > 1))",
    ),
    fault(
        "the span of a dilated kernel is off by one",
        "dilated",
        "geometry.py",
        "return dilation * (kernel_size - 1) + 1",
        "return dilation * (kernel_size - 1) + 1 + (dilation > 1)",
    ),
    fault(
        "'same' puts the odd pixel before",
        "shapes",
        "geometry.py",
        "return total // 2, total - total // 2",
        "return total - total // 2, total // 2",
    ),
    fault(
        "unread pixels are off by one",
        "strided",
        "geometry.py",
        "np.flatnonzero(~read)",
        "np.flatnonzero(~read[:-1])",
    ),
    fault(
        "what is left over is off by one",
        "shapes",
        "geometry.py",
        "self.padding[1] - 1 - self._window",
        "self.padding[1] - self._window",
    ),
    fault("the receptive field forgets the stride", "strided", "geometry.py", "jump *= stride", "jump += stride - 1"),
    # Padding modes
    fault(
        "reflect and replicate are swapped",
        "shapes",
        *("geometry.py", 'if padding_mode == "reflect":', 'if padding_mode == "replicate" :'),
        *("geometry.py", 'if padding_mode == "replicate":', 'if padding_mode == "reflect":'),
    ),
    fault("circular padding is off by one", "shapes", "geometry.py", "positions % size", "(positions + 1) % size"),
    # The layer
    fault("initial values have another bound", "basics", "weighted.py", "bound = 1 / math.sqrt(", "bound = 0.5 / math.sqrt("),
    fault("a layer prints without its padding", "depthwise", "settings.py", "* (layer.padding != (0, 0))", "* 0"),
    # What is told
    fault("a trace reads the kernel backwards", "basics", "trace.py", "plan.weight[o, c, u, v]", "plan.weight[o, c, -1 - u, -1 - v]"),
    fault("a trace starts at the wrong channel", "groups", "trace.py", "channels * (o // (len(weight) // plan.groups))", "0"),
    fault("a trace leaves out a term", "basics", "trace.py", '" + ".join(texts)', '" + ".join(texts[1:])'),
    fault("MACs are halved", "depthwise", "cost.py", "macs=math.prod(windows) *", "macs=math.prod(windows) // 2 *"),
    fault("parameters are counted without the bias", "basics", "cost.py", "parameters=weights + biases", "parameters=weights"),
    fault("depthwise is called grouped", "depthwise", "cost.py", 'words.append("depthwise" if', 'words.append("grouped" if'),
    fault("explain does not warn of dropped rows", "shapes", "cautions.py", "yield from _of_unread(axis, line)", "yield from ()"),
    fault("explain tells no cure", "shapes", "explain.py", '(("problem", "cure"), found)', '(("problem",), found)'),
    # Still figures
    fault("a colour of the figures is wrong", "basics", "draw/svg.py", '"accent-soft": "#e9dcff"', '"accent-soft": "#e9dcfe"'),
    fault(
        "the numbers in the cells of figures are wrong",
        "basics",
        "draw/board.py",
        "values = [[text(value) for value in row]",
        "values = [[text(value + (not isinstance(value, str))) for value in row]",
    ),
    fault(
        "a figure frames the window one row too low",
        "basics",
        "draw/board.py",
        "row, column, tall, wide = window",
        "row, column, tall, wide = window[0] + (window[0] + 1 < height), *window[1:]",
    ),
    # The way back
    fault(
        "where windows overlap, the last one wins",
        "backward",
        "backward.py",
        "y[n, :, :, into_rows, into_columns] += sent",
        "y[n, :, :, into_rows, into_columns] = sent",
    ),
    fault(
        "the gradient goes back through a flipped kernel",
        "backward",
        "backward.py",
        "kernels = weight.reshape(",
        "kernels = weight[:, :, ::-1, ::-1].reshape(",
    ),
    fault(
        "a weight meets the inputs of the first kernel column",
        "backward",
        "backward.py",
        "rows, columns, (top, left), (first, 0))",
        "rows, columns, (top, starts(columns)[0]), (first, 0))",
    ),
    fault("the bias gradient is a mean", "backward", "backward.py", ".sum((0, 2, 3), working(dtype))", ".mean((0, 2, 3))"),
    fault("the gradient of a copied ring is taken off", "backward", "backward.py", "kept[source] += lines", "kept[source] -= lines"),
    fault("a gradient's terms have their taps swapped", "backward", "terms.py", "c % channels, *tap]", "c % channels, *tap[::-1]]"),
    fault(
        "a weight's terms forget the first window of a row",
        "backward",
        "terms.py",
        "in range(columns.output_size)",
        "in range(1, columns.output_size)",
    ),
    fault(
        "the backward pass costs one gradient only",
        "backward",
        "cost.py",
        'arguments.flag("x", x) + arguments',
        'False * arguments.flag("x", x) + arguments',
    ),
    fault("a kernel learns uphill", "backward", "figures/learning.py", "weight = weight - self.rate", "weight = weight + self.rate"),
    fault(
        "the padding of a transposed layer crops one side",
        "transposed",
        "geometry.py",
        "dilation) - 2 * padding\n",
        "dilation) - padding\n",
    ),
    fault(
        "output_padding may be as large as the stride",
        "transposed",
        "arguments.py",
        "limit = max(stride, dilation) - 1",
        "limit = max(stride, dilation)",
    ),
    fault(
        "the weight of a transposed layer has its outputs first",
        "transposed",
        "transposed.py",
        "self._draw((self.in_channels, self.out_channels // self.groups",
        "self._draw((self.out_channels, self.in_channels // self.groups",
    ),
    fault("output_size keeps output_padding", "transposed", "transposed.py", "size - least for", "size - least + 1 for"),
    fault(
        "a transposed layer costs what a convolution of its output would",
        "transposed",
        "cost.py",
        "windows = input_shape if settings.transposed else output_shape",
        "windows = output_shape",
    ),
    fault("no account tells a checkerboard", "transposed", "cautions.py", "tap * axis.dilation % axis.stride", "0 * tap"),
)


class BiteError(Exception):
    """A fault that cannot be planted, or chapters that fail without one."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="faults to plant; all of them if none is named")
    parser.add_argument("--all", action="store_true", help="run every chapter, and name all that catch a fault")
    options = parser.parse_args()
    known = {each.name: each for each in FAULTS}
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"no such fault: {', '.join(unknown)}. There are: {', '.join(known)}.")
    chosen = [known[name] for name in options.names or known]
    with tempfile.TemporaryDirectory(prefix="bite-") as folder:
        try:
            return bite(Path(folder), chosen, options.all)
        except BiteError as error:
            print(error, file=sys.stderr)
            return 2


def bite(folder: Path, chosen: list[Fault], every_chapter: bool) -> int:
    notebooks = folder / "book"
    notebooks.mkdir()
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        shutil.copy(path, notebooks)
    (folder / "pytest.ini").write_text("[pytest]\n")  # none of the project's own options
    with ThreadPoolExecutor(WORKERS) as pool:
        places = list(pool.map(plant, [folder / f"fault{number}" for number in range(len(chosen))], chosen))
    sound = plant(folder / "sound", fault("no fault", "basics"))
    print(f"{len(chosen)} faults, {len(list(notebooks.iterdir()))} chapters. First without a fault ...", flush=True)
    if broken := failures(sound, sorted(notebooks.iterdir()), "-n", str(WORKERS), "--dist", "loadfile"):
        raise BiteError(f"Without any fault these cells fail, so a failure proves nothing: {describe(broken)}")

    def caught(number: int) -> list[tuple[str, int]]:
        in_order = sorted(notebooks.iterdir(), key=lambda path: (path.stem != chosen[number].chapter, path))
        return failures(places[number], in_order, *([] if every_chapter else ["-x"]))

    missed = 0
    width = max(len(each.name) for each in chosen)
    print(f"{'fault':<{width}}  caught  by", flush=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        for each, found in zip(chosen, pool.map(caught, range(len(chosen))), strict=True):
            missed += not found
            print(f"{each.name:<{width}}  {'yes   ' if found else 'NO    '}  {describe(found)}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} faults caught.")
    return 1 if missed else 0


def plant(place: Path, each: Fault) -> Path:
    """A copy of conv_lib with a fault in it. Raises `BiteError` where the code has moved on, or does not load any more."""
    shutil.copytree(ROOT / "conv_lib", place / "conv_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in each.changes:
        path = place / "conv_lib" / name
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise BiteError(f"{each.name}: {name} holds {old!r} {text.count(old)} times and not once; mend tools/bite.py.")
        path.write_text(text.replace(old, new), encoding="utf-8")
    code = "import conv_lib, conv_lib.draw; print(conv_lib.__file__)"
    loaded = subprocess.run([sys.executable, "-c", code], env=environment_of(place), cwd=place, capture_output=True, text=True)
    if Path(loaded.stdout.strip()).parent != place / "conv_lib":
        raise BiteError(f"{each.name}: the broken conv_lib cannot be loaded, so nothing is compared.\n{loaded.stderr}")
    return place


def failures(place: Path, notebooks: list[Path], *options: str) -> list[tuple[str, int]]:
    """The failing cells (chapter, cell) when nbval runs these notebooks with the conv_lib in `place`."""
    folder = place.parent
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=180", "-q", "--tb=no"]
    command += ["-rfE", "-p", "no:cacheprovider", "-c", str(folder / "pytest.ini"), *options, *map(str, notebooks)]
    run = subprocess.run(command, env=environment_of(place), cwd=folder, capture_output=True, text=True)
    found = re.findall(r"^(?:FAILED|ERROR) .*?(\w+)\.ipynb::Cell (\d+)", run.stdout, re.MULTILINE)
    if run.returncode not in (0, 1) or bool(found) != bool(run.returncode):
        raise BiteError(f"nbval did not run as it should:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return [(chapter, int(cell)) for chapter, cell in found]


def environment_of(place: Path) -> dict[str, str]:
    """The environment in which `import conv_lib` loads the copy in `place`."""
    return {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}


def describe(cells: list[tuple[str, int]]) -> str:
    """Chapters with their first failing cell and how many more fail: `shapes (cell 7 and 3 more), groups (cell 2)`."""
    chapters: dict[str, list[int]] = {}
    for chapter, cell in cells:
        chapters.setdefault(chapter, []).append(cell)
    more = {chapter: f" and {len(found) - 1} more" * (len(found) > 1) for chapter, found in chapters.items()}
    return ", ".join(f"{chapter} (cell {found[0]}{more[chapter]})" for chapter, found in chapters.items())


if __name__ == "__main__":
    sys.exit(main())
