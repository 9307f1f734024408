"""The model that comes with saps: small, without a machine's paths, as good as its card says, and the default."""

import json
import re
from itertools import islice
from pathlib import Path

import pytest

from saps.cli import main
from saps.generator import Switches, generate
from saps.resources import resource
from saps.synthesis.chosen_model import chosen_model, figure_told, is_boxed
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import query_of
from tests.learned import SUM_OF_EVEN

BAND = 1.0  # points: rounding to half precision may tip a task or two


def recomputed(count: int) -> float:
    """The share of exact matches in percent on the first tasks of those that the card's figure was judged on."""
    tasks = list(islice(generate(500, 2026, switches=Switches(register="mixed")), count))
    answers = Synthesizer.load(resource("data/model")).greedy([query_of(task, 0) for task in tasks])
    pairs = zip(answers, tasks, strict=True)
    return 100 * sum(answer.program == task.program and not answer.truncated for answer, task in pairs) / count


def figure() -> float:
    return float(figure_told(resource("data/model")).split()[0])


def test_the_first_hundred_tasks_are_answered_about_as_well_as_the_card_says() -> None:
    assert recomputed(100) >= figure() - 8  # between two and three standard errors of a hundred tasks


@pytest.mark.slow
def test_the_figure_of_the_card_is_that_of_the_weights_in_half_precision() -> None:
    assert recomputed(500) == pytest.approx(figure(), abs=BAND)


def test_it_is_small_and_tells_no_paths_of_a_machine() -> None:
    folder = resource("data/model")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 4_000_000
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for told in (json.dumps(config), (folder / "README.md").read_text(encoding="utf-8")):
        assert not re.search(r"(?<!\w)/(?:home|work|root|tmp|Users)/", told)
    assert f"{figure():.2f} %" in (folder / "README.md").read_text(encoding="utf-8")


def test_it_answers_where_no_model_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["synthesize", SUM_OF_EVEN, "--candidates", "3"]) == 0
    told = capsys.readouterr().out
    assert "(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)" in told
    assert f"the one that comes with saps; {figure():.2f} % exact match" in told


def test_a_folder_that_is_named_answers_instead(learned_model: Path) -> None:
    assert chosen_model(learned_model) == learned_model
    assert is_boxed(chosen_model(None))
    assert not is_boxed(learned_model)
    assert figure_told(learned_model) == "75.00 % exact match in its own validation"
