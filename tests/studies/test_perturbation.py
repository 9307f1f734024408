"""Tasks said otherwise, and what a system makes of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from saps.cli import main
from saps.cli.study.models import named_models
from saps.generator import Switches, generate
from saps.lang.interpreter import compile_program
from saps.lang.trees import Tree
from saps.studies.findings import EXACT
from saps.studies.perturbation import KINDS, conditions, measure
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.task import Task

MODEL = Path("data/model")


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    """Forty tasks of one or two templates."""
    return list(generate(40, seed=9, switches=Switches(tests=4, instances={1: 1, 2: 1})))


def test_all_conditions_have_the_same_tasks_and_their_programs_still_pass(tasks: list[Task]) -> None:
    kept, perturbed = conditions(tasks, list(KINDS), seed=1)
    assert 30 < len(kept) <= 40
    assert {one.kind for one in perturbed} == set(KINDS)
    for one in perturbed:
        assert len(one.tasks) == len(kept)
        for task, other in zip(kept, one.tasks, strict=True):
            assert other.return_type == task.return_type
            for test, before in zip(other.tests, task.tests, strict=True):
                assert test.output == before.output
                assert compile_program(other.program).run(test.input).value == test.output


def test_more_is_changed_where_the_strength_is_higher(tasks: list[Task]) -> None:
    kept, perturbed = conditions(tasks, ["typos"], seed=1)
    changed = [
        sum(
            word != other
            for task, again in zip(kept, one.tasks, strict=True)
            for word, other in zip(task.text, again.text, strict=True)
        )
        for one in perturbed
    ]
    assert changed == sorted(changed)
    assert changed[0] < changed[-1] / 3
    assert conditions(tasks, ["typos"], seed=1)[1] == perturbed
    assert conditions(tasks, ["typos"], seed=2)[1] != perturbed


def test_names_are_changed_in_text_program_types_and_tests(tasks: list[Task]) -> None:
    kept, [renamed] = conditions(tasks, ["renamed arguments"], seed=1)
    for task, other in zip(kept, renamed.tasks, strict=True):
        assert [*task.args.values()] == [*other.args.values()]
        assert task.args.keys().isdisjoint(other.args)
        assert (
            task.program.substitute({a: Tree(b) for a, b in zip(task.args, other.args, strict=True)}) == other.program
        )


def test_a_tasks_condition_does_not_depend_on_the_tasks_after_it(tasks: list[Task]) -> None:
    _, [few] = conditions(tasks[:10], ["renamed arguments"], seed=1)
    _, [many] = conditions(tasks, ["renamed arguments"], seed=1)
    assert list(few.tasks) == list(many.tasks)[:10]


def test_what_a_system_makes_of_them(tasks: list[Task]) -> None:
    kept, perturbed = conditions(tasks[:12], ["typos", "renamed arguments"], seed=1)
    findings = measure({"box": [Synthesizer.load(MODEL)]}, kept, perturbed, 0, lambda told: None)
    assert [(one.panel, one.x) for one in findings] == [
        *(("typos", strength) for strength in (0.0, 0.05, 0.1, 0.2, 0.4)),
        *(("renamed arguments", strength) for strength in (0.0, 1.0)),
    ]
    shares = {(one.panel, one.x): one.share(EXACT) for one in findings}
    assert shares["renamed arguments", 0.0] == shares["typos", 0.0]
    assert (shares["typos", 0.0] or 0) > 0.7
    # a system that calls arguments by their place never sees their names
    assert shares["renamed arguments", 1.0] == shares["renamed arguments", 0.0]


def test_mistakes_are_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["study", "perturbation", "--data", "data/sample.jsonl", "--model", str(MODEL), "--kind"]
    assert main([*words, "typo"]) == 2
    assert "'typo'" in capsys.readouterr().err
    assert main(["study", "perturbation", "--data", str(tmp_path / "none.jsonl"), "--model", str(MODEL)]) == 2
    assert main(["study", "search", "--data", "data/sample.jsonl", "--model", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 2
    assert "Traceback" not in error


@pytest.mark.parametrize("given", ["x=", f"={MODEL}", "=", "", " = "])
@pytest.mark.parametrize("study", ["perturbation", "search"])
def test_a_model_without_a_name_or_a_folder_is_refused(
    study: str, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", study, "--data", "data/sample.jsonl", "--model", given]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"saps: error: --model {given!r}: must be RUN or NAME=RUN, such as ")
    assert said.count("\n") == 1


def test_a_model_is_called_by_its_name_or_that_of_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(named_models(["own=runs/a", "runs/b", "."])) == ["own", "b", tmp_path.name]


def test_a_task_without_other_words_is_left_out_of_all_conditions(tasks: list[Task]) -> None:
    odd = replace(tasks[0], program=Tree("len", (tasks[0].program,)), return_type="int")
    kept, _ = conditions([odd, *tasks[1:5]], ["other wordings"], seed=1)
    assert odd not in kept
    assert len(kept) == 4
