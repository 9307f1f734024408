"""What the plan of the two passes must say, for trees of all shapes."""

from itertools import pairwise

from hypothesis import given, settings

from saps.batches.numbering import START, number_tree
from saps.batches.passes import Passes
from saps.batches.plan import Plan, plan_trees
from saps.lang.trees import Tree
from tests.batches.shapes import distinct, forests, places

laws = settings(deadline=None, max_examples=40)


def planned(forest: list[Tree]) -> tuple[Plan, Passes, dict[int, int]]:
    """The plan, its passes, and the row of each node in the order of the waves, by its label."""
    trees, labels = distinct(forest)
    plan = plan_trees([number_tree(tree, labels) for tree in trees])
    return plan, plan.passes, {label: row for row, label in enumerate(plan.label.tolist())}


def in_block(row: int, starts: tuple[int, ...], blocks_back: int) -> int:
    """Where the block begins that lies so many blocks before that of a row."""
    block = next(number for number, (start, end) in enumerate(pairwise(starts)) if start <= row < end)
    return starts[block - blocks_back]


@laws
@given(forests)
def test_a_line_leads_from_sibling_to_sibling(forest: list[Tree]) -> None:
    plan, passes, row_of = planned(forest)
    line = passes.line.tolist()
    trees, labels = distinct(forest)
    for node in places(trees, labels):
        row = line[row_of[node.label]]
        if node.sibling < 0:
            assert row == node.tree
            continue
        own = row - plan.trees
        assert (passes.sibling_label[own], passes.sibling_tree[own]) == (node.sibling, node.tree)
        before = int(passes.sibling_source[own])
        if own >= passes.places[1]:
            before += plan.trees + in_block(own, passes.places, 1)
        assert before == line[row_of[node.sibling]]
    assert sorted(set(line)) == list(range(plan.trees + len(passes.sibling_label)))


@laws
@given(forests)
def test_families_stand_below_the_families_of_their_parents(forest: list[Tree]) -> None:
    plan, passes, row_of = planned(forest)
    family, line = passes.family.tolist(), passes.line.tolist()
    trees, labels = distinct(forest)
    for node in places(trees, labels):
        own = family[row_of[node.label]]
        assert passes.family_tree[own] == node.tree
        if node.parent < 0:
            assert (own, int(passes.parent_label[own])) == (node.tree, START)
            continue
        below = own - plan.trees
        assert passes.parent_label[own] == node.parent
        assert passes.parent_line[below] == line[row_of[node.parent]]
        above = int(passes.parent_source[below]) + in_block(own, passes.depths, 1)
        assert above == family[row_of[node.parent]]
