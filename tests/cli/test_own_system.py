"""The page on a system of one's own, followed from start to end."""

import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from saps.cli import main
from saps.models import registry
from saps.resources import resource
from saps.training.stopping import Stopped

PAGE = resource("grammar").parent / "docs" / "own-system.md"


pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the pages are not part of the package")


class Page(NamedTuple):
    """What the page tells a reader to do."""

    system: str
    settings: str
    commands: list[str]
    in_python: str
    shown: list[str]  # what it shows of their output


def read_page() -> Page:
    text = PAGE.read_text(encoding="utf-8")
    system, in_python = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (settings,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    blocks = [
        textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n)+", re.sub(r"(?s)```.*?```", "", text), re.M)
    ]
    _, commands, *shown = blocks
    lines = commands.replace("\\\n", " ").splitlines()
    return Page(system, settings, [line.removeprefix("saps ") for line in lines], in_python, shown)


def follow(page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does what the page says, in a folder of its own."""
    (folder / "my_system.py").write_text(page.system)
    (folder / "bag.yaml").write_text(page.settings)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("WANDB_MODE", "disabled")
    try:
        for command in page.commands:
            monkeypatch.setattr(registry, "_own", {})  # as in a process of its own
            assert main(shlex.split(command)) == 0, command
    finally:
        sys.modules.pop("my_system", None)


def test_the_page_leads_to_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = read_page()
    assert [command.split()[0] for command in page.commands] == ["data", "data", "train", "evaluate", "synthesize"]
    quick = [command.replace("--count 8000", "--count 300") for command in page.commands]
    quick[-1] += " --seconds 1"
    settings = page.settings.replace("max_steps: 1500", "max_steps: 4").replace(": 500", ": 2")
    follow(page._replace(commands=quick, settings=settings), tmp_path, monkeypatch)
    assert "program    " in capsys.readouterr().out
    monkeypatch.setattr(registry, "_own", {})
    assert main(["synthesize", "given a number a , find a", "--model", "runs/bag"]) == 2
    assert "does not run unasked" in capsys.readouterr().err
    try:
        exec(compile(page.in_python, "the page", "exec"), {})
    finally:
        sys.modules.pop("my_system", None)
    assert "Tree(" in capsys.readouterr().out


def test_a_class_that_is_not_found_is_told_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = read_page()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bag.yaml").write_text(page.settings)
    assert main(["train", "--config", "bag.yaml"]) == 2
    told = "my_system.BagOfWords: cannot be imported (No module named 'my_system'); its folder must be in PYTHONPATH"
    assert capsys.readouterr().err == f"saps: error: {told}\n"
    (tmp_path / "needing_system.py").write_text("import no_such_package\n")
    (tmp_path / "bag.yaml").write_text(page.settings.replace("my_system", "needing_system"))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main(["train", "--config", "bag.yaml"]) == 2
    assert "(No module named 'no_such_package'); install no_such_package\n" in capsys.readouterr().err


def test_the_tests_of_our_systems_are_those_of_the_system_of_the_page(tmp_path: Path) -> None:
    page = read_page()
    (tmp_path / "my_system.py").write_text(page.system)
    (command,) = (block for block in page.shown if "pytest" in block)
    words = shlex.split(command.replace("FOLDER", f"{tmp_path}:{PAGE.parents[1]}"))
    settings, (python, *arguments) = dict(word.split("=", 1) for word in words[:2]), words[2:]
    assert python == "python"
    asked = [sys.executable, *arguments, "-p", "no:cacheprovider"]
    done = subprocess.run(asked, env=os.environ | settings, cwd=PAGE.parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


def test_a_run_that_was_stopped_says_which_system_it_wants_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> None:
        raise Stopped(3, "SIGTERM", 143)

    page = read_page()
    quick = [command.replace("--count 8000", "--count 300") for command in page.commands]
    follow(page._replace(commands=quick[:2]), tmp_path, monkeypatch)
    monkeypatch.setattr("saps.cli.train.fit", stopped)
    try:
        assert main(shlex.split(quick[2])) == 143
        (said,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("saps: stopped after"))
        words = shlex.split(said.partition("go on with: saps ")[2])
        assert words[-2:] == ["--system", "my_system.BagOfWords"]
        monkeypatch.setattr(registry, "_own", {})  # as in a process of its own
        assert main(words) == 143
    finally:
        sys.modules.pop("my_system", None)


@pytest.mark.slow
def test_the_system_of_the_page_works_as_well_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = read_page()
    follow(page, tmp_path, monkeypatch)
    said = capsys.readouterr().out
    training, answer, *_ = page.shown
    assert training.splitlines()[0] in said
    assert answer in said
    last = r"step 1500/1500 .* exact match ([0-9.]+) %"
    promised, found = (float(re.search(last, text)[1]) for text in (training, said))  # type: ignore[index]
    assert abs(found - promised) < 8  # the last digits are the machine's
