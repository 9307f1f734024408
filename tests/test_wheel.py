"""The wheel carries everything: installed apart from the checkout, it generates, runs and checks."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


MOST_BYTES = 6_000_000
"""Of the wheel, most of which are the weights of the model that comes with saps."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel itself."""
    dist = tmp_path_factory.mktemp("dist")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(dist)], cwd=ROOT, check=True, capture_output=True)
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel holds, and nothing else."""
    place = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(place)
    return place


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < MOST_BYTES


def saps(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    own = "import sys, saps; assert saps.__file__.startswith(sys.argv.pop(1))"  # not the checkout's
    script = f"{own}; import saps.cli; sys.exit(saps.cli.main())"
    command = [sys.executable, "-c", script, str(installed), *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_brings_its_resources(installed: Path, tmp_path: Path) -> None:
    done = saps(installed, tmp_path, "data", "generate", "--count", "5", "--output", "tasks.jsonl")
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "tasks.jsonl").read_text(encoding="utf-8").splitlines()) == 5


def test_the_wheel_runs_programs(installed: Path, tmp_path: Path) -> None:
    done = saps(installed, tmp_path, "run", "(reduce a 0 +)", "--input", '{"a": [1, 2, 3]}')
    assert (done.returncode, done.stdout.strip()) == (0, "6"), done.stderr


def test_the_wheel_is_typed_and_leaves_tests_and_downloads_out(installed: Path) -> None:
    files = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert "saps/py.typed" in files
    assert "saps/_resources/experiments/quickstart.yaml" in files
    assert "saps/_resources/data/model/model.safetensors" in files
    assert not [name for name in files if name.startswith("tests") or name.endswith((".jsonl.gz", ".part"))]
