"""A question from the command line waits for nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.learned import REVERSE

SLOW = ("pytorch_lightning", "wandb", "matplotlib", "torchmetrics", "torch._dynamo", "sympy", "rich")
"""Each takes from a tenth of a second to two to import; ``torch._dynamo`` is torch's compiler and brings ``sympy``."""
SCRIPT = """
import sys
from saps.cli import main
assert main(sys.argv[1:]) == 0
print("imported", *sys.modules)
"""


@pytest.mark.parametrize("how", [[], ["--search", "--explain"]])
def test_a_question_imports_neither_lightning_nor_wandb_nor_plots_nor_the_compiler(
    learned_model: Path, how: list[str]
) -> None:
    words = ["synthesize", REVERSE, "--model", str(learned_model), "--example", '{"a": [1, 2]} -> [2, 1]', *how]
    done = subprocess.run([sys.executable, "-c", SCRIPT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer, _, imported = done.stdout.rpartition("imported ")
    assert "(reverse a)" in answer
    assert {"torch", "saps.synthesis.synthesizer"} <= {*imported.split()}
    assert not {*SLOW} & {*imported.split()}
    assert not [name for name in imported.split() if name.startswith(("saps.playground", "saps.training"))]
