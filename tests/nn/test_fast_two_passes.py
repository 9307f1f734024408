"""What the schedule of the two passes must say, for trees of all shapes."""

from itertools import pairwise

from hypothesis import given, settings

from saps.batches.numericalise import numericalise_tree
from saps.lang.trees import Tree
from saps.nn.fast import TwoPassSchedule, two_pass_schedule
from saps.nn.schedule import START
from tests.nn.shapes import distinct, forests, places

laws = settings(deadline=None, max_examples=40)


def scheduled(forest: list[Tree]) -> tuple[TwoPassSchedule, dict[int, int]]:
    """The schedule, and the row of each node, by its label."""
    trees, labels = distinct(forest)
    schedule = two_pass_schedule([numericalise_tree(tree, labels) for tree in trees])
    return schedule, {label: row for row, label in enumerate(schedule.label.tolist())}


def in_block(row: int, starts: tuple[int, ...], blocks_back: int) -> int:
    """Where the block begins that lies so many blocks before that of a row."""
    block = next(number for number, (start, end) in enumerate(pairwise(starts)) if start <= row < end)
    return starts[block - blocks_back]


@laws
@given(forests)
def test_a_line_leads_from_sibling_to_sibling(forest: list[Tree]) -> None:
    passes, row_of = scheduled(forest)
    line = passes.line.tolist()
    trees, labels = distinct(forest)
    for node in places(trees, labels):
        row = line[row_of[node.label]]
        if node.sibling < 0:
            assert row == passes.line_before[row] == node.tree
            continue
        own = row - len(forest)
        assert (passes.sibling_label[own], passes.sibling_tree[own]) == (node.sibling + 1, node.tree)
        before = int(passes.line_before[row])
        if own >= passes.places[1]:
            before += len(forest) + in_block(own, passes.places, 1)
        assert before == line[row_of[node.sibling]]
    assert sorted(set(line)) == list(range(len(forest) + len(passes.sibling_label)))


@laws
@given(forests)
def test_families_stand_below_the_families_of_their_parents(forest: list[Tree]) -> None:
    passes, row_of = scheduled(forest)
    family, line = passes.family.tolist(), passes.line.tolist()
    trees, labels = distinct(forest)
    for node in places(trees, labels):
        own = family[row_of[node.label]]
        assert passes.family_tree[own] == node.tree
        if node.parent < 0:
            assert (own, int(passes.parent_label[own])) == (node.tree, START + 1)
            assert passes.family_before[own] == node.tree
            continue
        below = own - len(forest)
        assert passes.parent_label[own] == node.parent + 1
        assert passes.parent_line[below] == line[row_of[node.parent]]
        above = int(passes.family_before[own]) + in_block(own, passes.depths, 1)
        assert above == family[row_of[node.parent]]
