"""Race conv_lib against torch and the other NumPy convolutions, print the tables, and store them for the book.

    python -m benchmarks              all layers on one thread
    python -m benchmarks --threads 2  on two; nothing stored
    python -m benchmarks --quick      fewer rounds, nothing stored
    python -m benchmarks --draw       draw the pictures again from the stored results

MyGrad and the reference evaluator of ONNX are raced if they are there: `pip install -r benchmarks/requirements.txt`.
"""

import argparse
import json
import os
import sys
from pathlib import Path

# conv_lib.measured.FOLDER; conv_lib cannot be imported before BLAS has been told its threads
RESULTS = Path(__file__).parent.parent / "conv_lib" / "measured"


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds; nothing is stored")
    parser.add_argument("--draw", action="store_true", help="draw the pictures again from the stored results")
    parser.add_argument("--layers", default="", help="only layers whose name or kind contains this; nothing is stored")
    parser.add_argument("--threads", type=int, default=1, help="of BLAS and torch; with more than one nothing is stored")
    options = parser.parse_args()
    os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(options.threads)))
    if not options.draw:
        found = run(options)
        tell(found, options.threads)
        if options.quick or options.layers or options.threads > 1:
            return
        (RESULTS / "race.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw_pictures()


def run(options):
    """Race all layers. Imports stand in the functions: they load BLAS, which reads its threads only once."""
    import torch

    from benchmarks import machine, measure
    from benchmarks.layers import LAYERS, layer

    threads = options.threads
    torch.set_num_threads(threads)
    rounds = 5 if options.quick or threads > 1 else 15
    results = []
    for one in LAYERS:
        if options.layers in one.name or options.layers == one.kind:
            results.append(measure.race(one, rounds, threads))
            print(one.name, file=sys.stderr)
    growth = {}
    if not options.layers:
        for what, sizes in {"batch": (1, 2, 4, 8), "size": (14, 28, 56, 112), "channels": (32, 64, 128, 256)}.items():
            growth[what] = []
            for size in sizes:
                shape = {"batch": 1, "channels": 64, "size": 56, what: size}
                one = layer("growth", what, shape["batch"], shape["channels"], shape["channels"], shape["size"], 3, padding=1)
                seconds = measure.race(one, 5, threads, only=("torch", "conv_lib"))["seconds"]
                growth[what].append([size, seconds["conv_lib"][0], seconds["torch"][0]])
    macs, copied = measure.limits()
    limits = {"macs_per_second": macs, "bytes_per_second": copied}
    return {"machine": machine.describe(), "limits": limits, "results": results, "growth": growth}


def tell(found, threads):
    """Print the tables."""
    from benchmarks import report

    print("  ".join(f"{name}: {value}" for name, value in found["machine"].items()))
    print("\n" + report.table(found["results"], threads))
    print(report.memory_table(found["results"]))
    print(report.growth_table(found["growth"]))


def draw_pictures():
    """Draw the pictures of the book from the stored results."""
    from benchmarks import picture

    found = json.loads((RESULTS / "race.json").read_text(encoding="utf-8"))
    for name, still in picture.pictures(found).items():
        (RESULTS / f"{name}.svg").write_text(still.svg + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
