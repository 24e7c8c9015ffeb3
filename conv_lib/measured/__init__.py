"""The race as it was measured: `python -m benchmarks` stores it, and the chapter on how a convolution is computed shows it.

It stands inside conv_lib so that a notebook finds it wherever it is run. In FOLDER: `race.json`, and the pictures drawn from
it, `race.svg` and `roofline.svg`.

>>> sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".json", ".svg"))
['race.json', 'race.svg', 'roofline.svg']
"""

from pathlib import Path

FOLDER = Path(__file__).parent
