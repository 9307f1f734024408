"""The files that a study writes."""

import json
from pathlib import Path

from saps.evaluation.pairs import EachTask
from saps.studies.findings import EXACT, EXECUTION, Axes, Finding, write_study


def _each(exact: str) -> EachTask:
    return EachTask(tuple(range(len(exact))), {EXACT: exact, EXECUTION: "1" * len(exact)})


def test_json_table_and_plot(tmp_path: Path) -> None:
    findings = [
        Finding("typos", "one", 0.0, (_each("1111"), _each("1100"))),
        Finding("typos", "one", 0.2, (_each("1000"), _each("0000"))),
        Finding("synonyms", "one", 0.0, (_each("----"),)),
    ]
    axes = Axes("Perturbed", "share", names={0.0: "as it is"})
    text = write_study(tmp_path / "study", axes, findings, {"seed": 7})
    written = json.loads((tmp_path / "study" / "study.json").read_text())
    assert written["seed"] == 7
    first, second, none = written["findings"]
    assert (first[EXACT]["share"], second[EXACT]["share"], none[EXACT]["share"]) == (0.75, 0.125, None)
    assert second[EXACT]["seeds"] == [0.25, 0.0]
    assert first[EXECUTION]["share"] == 1.0
    low, high = second[EXACT]["interval"]
    assert 0 <= low < 0.125 < high <= 1
    assert (tmp_path / "study" / "study.md").read_text() == text
    assert "|  |  | as it is | 0.2 |" in text
    rows = [line for line in text.splitlines() if line.startswith(("| typos", "| synonyms"))]
    assert rows[0].startswith("| typos | one | 75.00 [")
    assert "| 12.50 [" in rows[0]
    assert rows[1] == "| synonyms | one | - | - |"
    assert (tmp_path / "study" / "study.png").read_bytes().startswith(b"\x89PNG")
