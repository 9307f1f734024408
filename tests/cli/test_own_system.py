"""The page on a system of one's own, followed from start to end."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from saps.cli import main
from saps.models import registry
from saps.resources import resource

PAGE = resource("grammar").parent / "docs" / "own-system.md"


@pytest.mark.skipif(not PAGE.exists(), reason="the pages are not part of the package")
def test_the_page_leads_to_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    system, in_python = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (settings,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    commands = re.findall(r"^    saps (.*)$", text, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["data", "data", "train", "evaluate", "synthesize"]
    (tmp_path / "my_system.py").write_text(system)
    (tmp_path / "bag.yaml").write_text(settings.replace("max_steps: 400", "max_steps: 4").replace(": 200", ": 2"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("WANDB_MODE", "disabled")
    try:
        for command in commands:
            monkeypatch.setattr(registry, "_own", {})  # as in a process of its own
            assert main(shlex.split(command.replace("--count 4000", "--count 300"))) == 0, command
        assert "program    " in capsys.readouterr().out
        monkeypatch.setattr(registry, "_own", {})
        assert main(["synthesize", "given a number a , find a", "--model", "runs/bag"]) == 2
        assert "does not run unasked" in capsys.readouterr().err
        exec(compile(in_python, "the page", "exec"), {})
        assert "Tree(" in capsys.readouterr().out
    finally:
        sys.modules.pop("my_system", None)
