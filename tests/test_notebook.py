"""The cells of the notebook run one after another, without Jupyter, and print what is stored in it."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).resolve().parents[1] / "experiments" / "notebook.ipynb"


def rounded(text: str) -> list[str]:
    """Its words without those that hold figures, whose last digits may differ from machine to machine."""
    return [word for word in text.split() if not re.search(r"\d[.e]|,\d", word)]


def test_the_notebook_runs_and_has_the_outputs_of_a_run() -> None:
    namespace: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("".join(cell["source"]), cell["id"], "exec"), namespace)
        stored = ["".join(output["text"]) for output in cell["outputs"] if output["output_type"] == "stream"]
        assert rounded("".join(stored)) == rounded(printed.getvalue()), cell["id"]
    assert namespace["found"].passes
