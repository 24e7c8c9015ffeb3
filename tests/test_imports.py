"""`import conv_lib` is light, and gives exactly its public names."""

import subprocess
import sys

import conv_lib


def modules_after(line):
    code = f"import sys; {line}; print(*sorted(sys.modules))"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()


def test_conv_lib_loads_numpy_and_nothing_heavier():
    loaded = {name.partition(".")[0] for name in modules_after("import conv_lib")}
    alone = {name.partition(".")[0] for name in modules_after("import numpy")}
    others = {name for name in loaded - alone if name not in sys.stdlib_module_names}
    assert others == {"conv_lib"}


def test_every_public_name_is_there_and_documented():
    for name in conv_lib.__all__:
        thing = getattr(conv_lib, name)
        assert thing.__doc__ and ">>>" in thing.__doc__, f"{name} has no example"
    assert sorted(conv_lib.__all__) == conv_lib.__all__
