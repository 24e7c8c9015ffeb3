"""Time the contenders on a layer: round by round, each once a round, so that what the machine does else hits all alike.

Each round has an order of its own: a contender finds in the cache, and in the kernel's free pages, what the one before has left.
"""

import time
import tracemalloc

import numpy as np
import torch

from benchmarks.contenders import CONTENDERS, multiplications

SLOW_ROUNDS = 3  # of a contender that takes more than a tenth of a second


def race(layer, rounds, threads, only=tuple(CONTENDERS)):
    """What was measured on a layer: seconds of each round by contender, and the memory beyond the result.

    One thread is timed by the processor time that it took, so that other work on the machine counts little; several
    threads by the wall clock.
    """
    rng = np.random.default_rng(0)
    x = rng.standard_normal(layer.x, np.float32)
    weight = rng.standard_normal(layer.weight, np.float32) / np.sqrt(np.prod(layer.weight[1:]), dtype=np.float32)
    calls = {name: make(layer, x, weight) for name, make in CONTENDERS.items() if name in only}
    calls = {name: call for name, call in calls.items() if call}
    check(layer, x, weight, calls)
    clock = time.thread_time_ns if threads == 1 else time.perf_counter_ns
    times = {name: [] for name in calls}
    for n in range(rounds):
        for name in rng.permutation(list(calls)):
            call = calls[name]
            if n >= SLOW_ROUNDS and min(times[name]) > 0.1:
                continue
            if threads > 1:
                call()  # wakes its own threads; those of the contender before, which spin on for a while, have time to sleep
            start = clock()
            call()
            times[name].append((clock() - start) / 1e9)
    return {
        "kind": layer.kind,
        "name": layer.name,
        "macs": multiplications(layer),
        "bytes": int(x.nbytes + weight.nbytes + calls["conv_lib"]().nbytes),
        "product": product(layer, weight, calls["conv_lib"]().shape, rounds, clock),
        "seconds": {name: sorted(values) for name, values in times.items()},
        "memory": {name: memory(call) for name, call in calls.items() if name != "torch"},
    }


def check(layer, x, weight, calls):
    """A wrong result is no result: every contender must agree with torch in double precision."""
    exact = torch.nn.functional.conv2d(*map(torch.from_numpy, (x.astype(float), weight.astype(float))), **layer.options).numpy()
    for name, call in calls.items():
        error = np.abs(call() - exact).max()
        if not error <= 1e-4 * max(1, np.abs(exact).max()):
            raise SystemExit(f"{name} is off by {error:.2g} on {layer.name}; no time of a wrong result counts.")


def product(layer, weight, output_shape, rounds, clock):
    """Seconds of one matrix product of equal size, the floor of im2col; None where there are groups."""
    if layer.options.get("groups", 1) > 1:
        return None
    pixels = output_shape[0] * output_shape[2] * output_shape[3]
    a, b = weight.reshape(len(weight), -1), np.ones((weight[0].size, pixels), np.float32)
    out = np.empty((len(weight), pixels), np.float32)
    seconds = []
    for _ in range(min(rounds, 7)):
        start = clock()
        np.matmul(a, b, out=out)
        seconds.append((clock() - start) / 1e9)
    return min(seconds)


def memory(call):
    """Bytes at the peak of a call, beyond its result; only what NumPy asks for is seen."""
    tracemalloc.start()
    try:
        y = call()
        return max(0, tracemalloc.get_traced_memory()[1] - y.nbytes)
    finally:
        tracemalloc.stop()


def limits(clock=time.thread_time_ns):
    """What the machine can do at most, with one thread: (multiply-adds per second, bytes per second)."""
    a = np.ones((1024, 1024), np.float32)
    out, source, target = np.empty_like(a), np.ones(2**24, np.float32), np.empty(2**24, np.float32)
    products, copies = [], []
    for _ in range(10):
        start = clock()
        np.matmul(a, a, out=out)
        products.append((clock() - start) / 1e9)
        start = clock()
        np.copyto(target, source)
        copies.append((clock() - start) / 1e9)
    return 1024**3 / min(products), 2 * source.nbytes / min(copies)
