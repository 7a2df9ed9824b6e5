"""What a command loads: help and measures must not wait for PyTorch."""

import json
import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "torchvision",
    "matplotlib",
    "pandas",
    "sklearn",
    "scipy",
    "numba",
    "pyarrow",
    "onnxruntime",
    "av",
    "cv2",
)

PROBE = """
import json, sys
sys.argv = ["sincera", *json.loads(sys.argv[1])]
try:
    if sys.argv[1:]:
        from sincera.cli.app import main
        main()
    else:
        import sincera
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def loaded_by(*arguments: str, cwd: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(arguments)], cwd=cwd, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments", [(), ("--help",), ("--version",), ("measure", "--help"), ("measure", "scores.csv", "--json")]
)
def test_nothing_heavy_is_loaded(arguments, tmp_path):
    (tmp_path / "scores.csv").write_text("label,score\nlive,0.1\nlive,0.2\nattack,0.9\nattack,0.3\n")
    assert loaded_by(*arguments, cwd=str(tmp_path)).isdisjoint(HEAVY)


def test_the_package_alone_loads_no_numpy(tmp_path):
    assert "numpy" not in loaded_by(cwd=str(tmp_path))
