"""Put beside the pages what readers take along: conv_lib as a wheel, and every notebook in one archive with it.

The directive `take-along` lists the files, with their sizes. The PDF is made from the finished pages (tools/pdf.py), and takes
its place in the list when it is there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

ARCHIVE = "convolution-notebooks.zip"
REQUIREMENTS = """\
# python3 -m venv .venv
# .venv/bin/pip install -r requirements.txt
# .venv/bin/jupyter lab intro.ipynb
./{wheel}[lessons]
"""
LIBRARY = ["conv_lib", "pyproject.toml", "README.md", "LICENSE"]


def make_files(app: Sphinx) -> None:
    """Before any page is read, so that the pages can tell names and sizes."""
    if app.builder.name != "html":
        return
    source, target = Path(app.srcdir), Path(app.outdir)
    target.mkdir(parents=True, exist_ok=True)
    app.config.take_along_wheel = wheel = _wheel(source, target)
    with zipfile.ZipFile(target / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((source / "book").glob("*.*")):
            _add(archive, path.name, path.read_bytes())
        _add(archive, wheel, (target / wheel).read_bytes())
        _add(archive, "requirements.txt", REQUIREMENTS.format(wheel=wheel).encode())
        _add(archive, "LICENSE", (source / "LICENSE").read_bytes())


def _wheel(source: Path, target: Path) -> str:
    """Build the wheel in a copy, which keeps the build's own files out of the project. Returns its name."""
    with tempfile.TemporaryDirectory() as folder:
        for name in LIBRARY:
            copy = shutil.copytree if (source / name).is_dir() else shutil.copy
            copy(source / name, Path(folder) / name)
        build = f"from setuptools.build_meta import build_wheel; print(build_wheel({str(target)!r}))"
        run = subprocess.run([sys.executable, "-c", build], cwd=folder, capture_output=True, text=True)
    if run.returncode:
        raise ExtensionError(f"take_along could not build the wheel of conv_lib:\n{run.stderr}")
    return run.stdout.split()[-1]


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """One file in a folder of the archive's own name. Its time is that of every build: equal sources give an equal archive."""
    entry = zipfile.ZipInfo(f"{Path(ARCHIVE).stem}/{name}")
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def size(path: Path) -> str:
    """The size of a file as a reader is told it, such as 1.4 MB."""
    return f"{max(path.stat().st_size / 1e6, 0.1):.1f} MB"


class TakeAlong(SphinxDirective):
    """The list of the files, or with the argument `install` the command that installs conv_lib alone."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        wheel, output = getattr(self.config, "take_along_wheel", ""), Path(self.env.app.outdir)
        if not wheel:
            return []
        if self.arguments:
            address = self.config.html_baseurl
            what = f"conv-lib @ {address}{wheel}" if address else f"./{wheel}"
            command = f'pip install "{what}"'
            return [nodes.literal_block(command, command, language="text")]
        items = [
            (ARCHIVE, "All notebooks in one archive", "with conv_lib, and the list of what they need."),
            (wheel, "conv_lib alone, as a wheel", "the library of the course; it needs Python, NumPy and threadpoolctl."),
        ]
        rows = "".join(
            f'<li><p><a href="../{name}" download>{title}</a> ({size(output / name)}): {text}</p></li>' for name, title, text in items
        )
        return [nodes.raw("", f"<ul><!-- pdf --><!-- /pdf -->{rows}</ul>", format="html")]


def setup(app: Sphinx) -> dict:
    app.add_directive("take-along", TakeAlong)
    app.connect("builder-inited", make_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
