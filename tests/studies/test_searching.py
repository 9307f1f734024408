"""What a search is worth, point by point."""

from pathlib import Path

import pytest

from saps.errors import UserError
from saps.evaluation.curve import curve_of
from saps.evaluation.decoded import decode_tasks
from saps.generator import Switches, generate
from saps.studies.findings import EXECUTION
from saps.studies.searching import measure
from saps.synthesis.decoding import Decoding
from saps.synthesis.synthesizer import Synthesizer


def test_lines_of_a_panel_and_the_curve_of_evaluate() -> None:
    tasks = list(generate(12, seed=9, switches=Switches(tests=5)))
    box = Synthesizer.load(Path("data/model"))
    with pytest.raises(UserError, match="task 1 has 5 tests, and a search is shown 5: none is left to judge it"):
        measure({"box": [box]}, tasks, [1, 5], 10, 0, lambda told: None)
    findings = measure({"box": [box]}, tasks, [1, 3], 7, 0, lambda told: None)
    lines = {(one.line, one.x): one.share(EXECUTION) for one in findings}
    assert [*lines] == [
        ("greedy", 1),
        ("greedy, well-typed", 1),
        *(("search, 1 example", point) for point in (1, 3, 7)),
        *(("search, 3 examples", point) for point in (1, 3, 7)),
    ]
    assert lines["search, 1 example", 1] == lines["search, 3 examples", 1]
    decoded = decode_tasks(box, tasks, Decoding("search", budget=7), 3)
    curve = curve_of(tasks, decoded.searched(), 7, 0, 3)
    assert [lines["search, 3 examples", point] for point in (1, 3, 7)] == [curve.visited[at] for at in (0, 2, 6)]
