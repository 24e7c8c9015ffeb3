"""A layer that is computed in parts gives what the whole gives, on as many threads as BLAS has and no more."""

import multiprocessing
import os
import subprocess
import sys
import threading
import warnings
from dataclasses import replace

import numpy as np
import pytest
from strategies import values
from test_methods import CASES, LAYERS, arrays, assert_method_equals_torch, layer
from threadpoolctl import threadpool_limits

from conv_lib import conv2d
from conv_lib.methods import METHODS, fitting, threads

LARGE = (1, 64, 128, 128), 64, (3, 3), {"padding": 1}  # worth a second thread


@pytest.fixture
def parted(monkeypatch):
    """Any layer is worth three threads."""
    monkeypatch.setattr(threads, "WORTH", 0)
    monkeypatch.setattr(threads, "LONG", 2**62)
    monkeypatch.setattr(threads, "threads", lambda: 3)


@pytest.mark.parametrize(("name", "shape", "C_out", "kernel", "options", "dtype"), CASES)
def test_the_parts_of_every_method_make_the_whole(name, shape, C_out, kernel, options, dtype, parted):
    assert_method_equals_torch(name, *arrays(shape, C_out, kernel, options, dtype), options)


def test_layers_are_cut_in_each_way():
    ways = set()
    for case in LAYERS:
        x, weight, rows, columns, groups = layer(*arrays(*case), **case[3])
        y = np.empty((len(x), len(weight), rows.output_size, columns.output_size), x.dtype)
        parts = threads.cut(x, weight, rows, columns, groups, y, 2)
        assert sum(part[-1].size for part in parts) == y.size
        assert all(np.shares_memory(part[-1], y) for part in parts)
        ways.add(next((i for i in range(4) if parts[0][-1].shape[i] < y.shape[i]), None))
        if groups > 1 and len(x) == 1:
            assert sum(part[4] for part in parts) == groups
    assert ways == {0, 1, 2}


def turned(axis):
    return replace(axis, padding=axis.padding[::-1])


@pytest.mark.parametrize(
    ("attribute", "broken"),
    [
        ("band", lambda band: lambda *outputs: (band(*outputs)[0], turned(band(*outputs)[1]))),
        ("cut", lambda cut: lambda *layer: [(*part[:-1], other[-1]) for part, other in zip(cut(*layer), cut(*layer)[::-1])]),
    ],
)
def test_a_planted_fault_in_the_cut_is_seen(attribute, broken, parted, monkeypatch):
    monkeypatch.setattr(threads, attribute, broken(getattr(threads, attribute)))
    case = next(case for case in LAYERS if case[0][0] == 1 and "winograd" in fitting(*layer(*arrays(*case), **case[3])))
    with pytest.raises((AssertionError, ValueError)):
        assert_method_equals_torch("winograd", *arrays(*case), case[3])


def used(call):
    """The threads in which a convolution computes."""
    seen = set()
    convolve = METHODS["shifts"].convolve

    def watched(*part):
        seen.add(threading.get_ident())
        convolve(*part)

    METHODS["shifts"].convolve = watched
    try:
        call()
    finally:
        METHODS["shifts"].convolve = convolve
    return seen


@pytest.mark.skipif(os.cpu_count() == 1, reason="BLAS has one thread on one core")
def test_as_many_threads_as_blas_has():
    x, weight = arrays(*LARGE)
    with threadpool_limits(2, user_api="blas"):
        assert threads.threads() == 2
        assert len(used(lambda: conv2d(x, weight, padding=1))) == 2
        assert len(used(lambda: conv2d(x[..., :16, :16], weight, padding=1))) == 1  # too little work
    with threadpool_limits(1, user_api="blas"):
        assert threads.threads() == 1
        assert used(lambda: conv2d(x, weight, padding=1)) == {threading.get_ident()}


def test_the_variable_that_limits_blas_limits_conv_lib():
    code = "import numpy; from conv_lib.methods.threads import threads; print(threads())"
    run = subprocess.run([sys.executable, "-c", code], env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert run.stdout == "1\n", run.stderr


def test_threads_warn_as_little_as_one(parted):
    x, weight = values(np.random.default_rng(0), (3, 8, 20, 20), "float32"), np.full((8, 8, 3, 3), 3e38, np.float32)
    x[2, 0, 5, 5] = np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = conv2d(x, weight)
    assert not np.isfinite(y).all()


def test_an_error_in_a_thread_is_one_of_the_caller(parted, monkeypatch):
    def convolve(x, weight, rows, columns, groups, y):
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("no room for this part")

    monkeypatch.setattr(METHODS["im2col"], "convolve", convolve)
    with pytest.raises(MemoryError, match="no room for this part"):
        conv2d(np.ones((3, 4, 9, 9)), np.ones((4, 4, 3, 3)), method="im2col")


def in_child(results):
    x, weight = arrays(*LARGE)
    results.put(conv2d(x, weight, padding=1).sum())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not copy processes")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(parted):
    x, weight = arrays(*LARGE)
    expected = conv2d(x, weight, padding=1).sum()  # the pool has begun
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    child = context.Process(target=in_child, args=(results,))
    child.start()
    try:
        assert results.get(timeout=60) == expected
    finally:
        child.kill()


def test_where_no_thread_can_start_the_caller_computes_all(parted, monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    x, weight = values(np.random.default_rng(0), (2, 6, 20, 21), "float32"), values(np.random.default_rng(1), (5, 6, 3, 5), "float32")
    expected = conv2d(x, weight, stride=(1, 2))
    monkeypatch.setattr(threading.Thread, "start", start)
    np.testing.assert_array_equal(conv2d(x, weight, stride=(1, 2)), expected)


LATE = """
import atexit, threading, time
import numpy as np
from conv_lib import conv2d
from conv_lib.methods import threads

threads.WORTH, threads.threads = 0, lambda: 3
x, weight = np.arange(960.0).reshape(2, 2, 12, 20), np.arange(180.0).reshape(6, 2, 3, 5)
expected = conv2d(x, weight)

def late(when):
    print(when, np.array_equal(conv2d(x, weight), expected), flush=True)

def outlive():
    threading.main_thread().join()
    late("after main")

threading.Thread(target=outlive).start()
atexit.register(late, "at exit")
"""


def test_a_layer_is_computed_while_the_process_ends():
    run = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, timeout=60)
    assert sorted(run.stdout.splitlines()) == ["after main True", "at exit True"], run.stderr
    assert not run.stderr


@pytest.mark.parametrize("name", METHODS)
def test_a_convolution_inside_a_convolution_has_memory_of_its_own(name, monkeypatch):
    """As in a signal handler, or a `__del__`, that is called while the scratch memory is in use."""
    case = next(case for case in LAYERS if name in fitting(*layer(*arrays(*case), **case[3])))
    x, weight = arrays(*case)
    expected = conv2d(x, weight, **case[3], method=name)
    product, inside = METHODS[name].product, []

    def interrupted(*operands):
        if not inside:
            inside.append(True)
            conv2d(x[..., ::-1, :], weight, **case[3], method=name)
            inside.pop()
        product(*operands)

    monkeypatch.setattr(METHODS[name], "product", interrupted)
    for _ in range(2):
        np.testing.assert_array_equal(conv2d(x, weight, **case[3], method=name), expected)
