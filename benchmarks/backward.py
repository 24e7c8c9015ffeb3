"""Race the backward pass of conv_lib against torch's own, and print the table.

    python -m benchmarks.backward                  the dense layers and all others, on one thread
    python -m benchmarks.backward --layers 3x3     only layers whose name or kind contains this
    python -m benchmarks.backward --quick          fewer rounds

Each gradient is timed on its own, round by round, each contender once a round in an order of its own; and both are first seen to be right.
"""

import argparse
import os
import sys
import time

GOAL = 3.0  # times of torch's own, at most, over both gradients of a dense layer
DENSE = ("1x1", "3x3", "strided", "dilated", "odd")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backward", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--layers", default="", help="only layers whose name or kind contains this")
    options = parser.parse_args()
    os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

    import torch  # it and NumPy load BLAS, which reads its threads only once

    from benchmarks import machine
    from benchmarks.layers import LAYERS

    torch.set_num_threads(1)
    print("  ".join(f"{name}: {value}" for name, value in machine.describe().items()))
    print("\nTime of conv_lib / torch, one thread; below 1 is faster than torch\n")
    print(f"{'layer':66}{'torch ms':>9}{'input':>8}{'weight':>8}{'both':>8}")
    found = {}
    for layer in LAYERS:
        if options.layers in layer.name or options.layers == layer.kind:
            ours, theirs = race(layer, 4 if options.quick else 9)
            both = sum(ours) / sum(theirs)
            found.setdefault(layer.kind, []).append(both)
            ratios = "".join(f"{a / b:8.2f}" for a, b in zip(ours, theirs))
            print(f"{layer.name[:65]:66}{sum(theirs) * 1e3:9.2f}{ratios}{both:8.2f}", flush=True)
    tell(found)


def tell(found):
    """Print the means by kind, and whether the goal is met."""
    from benchmarks.report import mean

    print("\nGeometric means of both gradients, and the worst layer")
    for kind, ratios in found.items():
        print(f"{kind:12}{mean(ratios):8.2f}{max(ratios):8.2f}")
    dense = [ratio for kind in DENSE for ratio in found.get(kind, [])]
    if dense:
        verdict = "within" if max(dense) <= GOAL else "NOT within"
        print(f"{len(dense)} dense layers: {verdict} {GOAL:g} times of torch; mean {mean(dense):.2f}, worst {max(dense):.2f}")


def race(layer, rounds):
    """The best seconds of each gradient (input, weight): those of conv_lib, and those of torch."""
    import numpy as np
    import torch

    from conv_lib import Conv2d, grad

    rng = np.random.default_rng(0)
    x, weight = (rng.standard_normal(shape, np.float32) for shape in (layer.x, layer.weight))
    ours = Conv2d(layer.x[1], layer.weight[0], layer.weight[2:], **layer.options, bias=False)
    ours.weight = weight
    g = rng.standard_normal(ours(x).shape, np.float32)
    settings = ours.stride, ours.padding, ours.dilation
    tensors = [torch.from_numpy(array) for array in (g, x, weight)]

    def theirs(mask):
        return torch.ops.aten.convolution_backward(*tensors, None, *settings, False, [0, 0], ours.groups, mask)

    calls = {
        "input": lambda: grad.conv2d_input(layer.x, weight, g, *settings, ours.groups),
        "weight": lambda: grad.conv2d_weight(x, layer.weight, g, *settings, ours.groups),
        "torch input": lambda: theirs([True, False, False])[0],
        "torch weight": lambda: theirs([False, True, False])[1],
    }
    for name in ("input", "weight"):
        error = np.abs(calls[name]() - calls[f"torch {name}"]().numpy()).max()
        if not error <= 1e-3 * np.abs(calls[name]()).max():
            sys.exit(f"The gradient of the {name} is off by {error:.2g} on {layer.name}; no time of a wrong result counts.")
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name in rng.permutation(list(calls)):  # see `measure`
            start = time.thread_time_ns()
            calls[name]()
            best[name] = min(best[name], (time.thread_time_ns() - start) / 1e9)
    return (best["input"], best["weight"]), (best["torch input"], best["torch weight"])


if __name__ == "__main__":
    main()
