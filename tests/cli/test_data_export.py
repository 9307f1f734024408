"""Tasks for other toolkits, and their predictions back again."""

import json
from pathlib import Path

import pytest
import yaml

from saps.cli import main
from saps.cli.data.export import tokens_of
from saps.evaluation.predictions import program_in
from saps.generator import generate
from saps.lang.spelling import parse
from saps.tasks.files import write_tasks


def test_what_is_exported_comes_back_as_predictions(tmp_path: Path) -> None:
    tasks, data = list(generate(12, seed=4)), tmp_path / "tasks.jsonl"
    write_tasks(data, tasks)
    assert main(["data", "export", str(data), "--format", "lines", "--output", str(tmp_path / "all")]) == 0
    assert (tmp_path / "all.src").read_text().splitlines() == [" ".join(task.text) for task in tasks]
    words = ["--data", str(data), "--workers", "0", "--output", str(tmp_path / "report.json")]
    assert main(["evaluate", "--predictions", str(tmp_path / "all.tgt"), *words]) == 0
    assert json.loads((tmp_path / "report.json").read_text())["overall"]["exact match"]["share"] == 1.0
    assert main(["data", "export", str(data), "--output", str(tmp_path / "all.tsv")]) == 0
    lines = zip(*(path.read_text().splitlines() for path in (tmp_path / "all.src", tmp_path / "all.tgt")), strict=True)
    assert (tmp_path / "all.tsv").read_text().splitlines() == ["\t".join(line) for line in lines]


def test_the_other_toolkit_reads_the_files_that_its_page_writes() -> None:
    root = Path(__file__).resolve().parents[2]
    page = (root / "docs" / "evaluation.md").read_text(encoding="utf-8")
    config = root / "experiments" / "other_toolkits" / "joeynmt.yaml"
    data = yaml.safe_load(config.read_text(encoding="utf-8"))["data"]
    assert (data["src"]["lang"], data["trg"]["lang"]) == ("src", "tgt")
    for place in (data["train"], data["dev"]):
        assert f"    saps data export {place}.jsonl.gz --format lines --output {place}\n" in page


@pytest.mark.parametrize("code", ['(reduce a "" str_max)', '(str_concat a " ")', "a", "(+ (* a b) -1)"])
def test_every_label_survives(code: str) -> None:
    assert program_in(tokens_of(parse(code))) == parse(code)


def test_the_source_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "tasks.jsonl"
    write_tasks(data, generate(1, seed=4))
    before = data.read_bytes()
    assert main(["data", "export", str(data), "--output", str(data)]) == 2
    assert data.read_bytes() == before
