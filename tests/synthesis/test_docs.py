"""What the pages say of asking from Python runs as it stands there."""

import re
from pathlib import Path

import pytest

from tests.learned import KNOWN, SUM_OF_EVEN

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/playground.md", "docs/search.md"])
def test_the_python_of_a_page_finds_the_program(
    page: str, learned_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "Synthesizer.load(" in block]
    assert SUM_OF_EVEN in code
    exec(code.replace("runs/quickstart/run", str(learned_model)), {})
    assert capsys.readouterr().out.startswith(dict(KNOWN)[SUM_OF_EVEN])
