"""The page waits for nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

from tests.synthesis.test_imports import SLOW

SCRIPT = """
import sys
from pathlib import Path
from saps.cli import serve
from saps.playground.server import PlaygroundServer
from saps.playground.service import Service
service = Service.load(Path(sys.argv[1]))
with PlaygroundServer("127.0.0.1", 0, service):
    service.synthesize({"text": "given an array of numbers a , reverse a"})
print(*sys.modules)
"""


def test_the_page_imports_neither_lightning_nor_wandb_nor_plots_nor_the_compiler(learned_model: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(learned_model)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported = {*done.stdout.split()}
    assert {"torch", "starlette", "uvicorn"} <= imported
    assert not {*SLOW} & imported
