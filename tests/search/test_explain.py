"""What is told about the nodes of a program, on a table."""

import math

import numpy as np
import pytest

from saps.lang.spelling import parse
from saps.search.beam import beam_search
from saps.search.explain import explain_program
from tests.search.tables import LABELS, SMALL, TableModel, random_table


def test_probabilities_of_the_nodes_multiply_to_that_of_the_program() -> None:
    model = TableModel([random_table(4)])
    for candidate in beam_search(model, [SMALL], 20)[0]:
        nodes = explain_program(model, SMALL, candidate.program)
        assert [node.label for node in nodes] == [node.label for node in candidate.program.preorder()]
        assert math.prod(node.probability for node in nodes) == pytest.approx(math.exp(candidate.log_probability))


def test_each_node_names_its_level_and_its_best_rival() -> None:
    model = TableModel([random_table(4)])
    nodes = explain_program(model, SMALL, parse("(+ (len a) 0)"))
    assert [node.level for node in nodes] == [1, 2, 3, 2]
    root = model.tables[0][8, 8]
    allowed = SMALL.allowed(SMALL.start())
    others = [number for number in np.flatnonzero(allowed) if LABELS[number] != ("+", 2)]
    best = max(others, key=lambda number: root[number])
    assert nodes[0].rival == LABELS[best][0]
    assert nodes[0].rival_probability == pytest.approx(math.exp(root[best]))
    assert nodes[0].allowed == allowed.sum()
    with pytest.raises(ValueError, match="rules"):
        explain_program(model, SMALL, parse("(strlen a)"))
