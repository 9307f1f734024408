"""What the schedule of the two passes must say, for trees of all shapes."""

from itertools import pairwise

import torch
from hypothesis import given, settings

from saps.batches.numericalise import numericalise_tree
from saps.lang.trees import Tree
from saps.nn.schedule import START
from saps.nn.two_passes import TwoPassSchedule, two_pass_schedule
from tests.nn.shapes import distinct, forests, places

laws = settings(deadline=None, max_examples=40)


def scheduled(forest: list[Tree]) -> tuple[TwoPassSchedule, dict[int, int]]:
    """The schedule, and the row of each node, by its label."""
    trees, labels = distinct(forest)
    schedule = two_pass_schedule([numericalise_tree(tree, labels) for tree in trees], with_ways=True)
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
            assert row == passes.line_before[row] == passes.line_tree[row] == node.tree
            assert passes.label_before[row] == START + 1
            continue
        own = row - len(forest)
        assert (passes.label_before[row], passes.line_tree[row]) == (node.sibling + 1, node.tree)
        before = int(passes.line_before[row])
        if own >= passes.places[1]:
            before += len(forest) + in_block(own, passes.places, 1)
        assert before == line[row_of[node.sibling]]
    assert sorted(set(line)) == list(range(len(passes.line_tree)))


@laws
@given(forests)
def test_families_stand_below_the_families_of_their_parents(forest: list[Tree]) -> None:
    passes, row_of = scheduled(forest)
    family, line, lines = passes.family.tolist(), passes.line.tolist(), len(passes.line_tree)
    trees, labels = distinct(forest)
    for node in places(trees, labels):
        own = family[row_of[node.label]]
        assert passes.family_tree[own] == node.tree
        if node.parent < 0:
            assert (own, int(passes.label_before[lines + own])) == (node.tree, START + 1)
            assert passes.family_before[own] == node.tree
            continue
        below = own - len(forest)
        assert passes.label_before[lines + own] == node.parent + 1
        assert passes.parent_line[below] == line[row_of[node.parent]]
        above = int(passes.family_before[own]) + in_block(own, passes.depths, 1)
        assert above == family[row_of[node.parent]]


@laws
@given(forests)
def test_ways_lead_from_a_beginning_to_what_is_asked_for(forest: list[Tree]) -> None:
    passes, _ = scheduled(forest)
    assert passes.ways is not None
    line, families = (0, *(len(forest) + start for start in passes.places)), passes.depths
    for ways, starts, before, asked in (
        (passes.ways.across, line, passes.line_before, torch.cat([passes.line, passes.parent_line])),
        (passes.ways.down, families, passes.family_before, passes.family),
    ):
        table = ways.row.view(-1, ways.number)
        for row, place in zip(asked.tolist(), ways.place.tolist(), strict=True):
            step, way = divmod(place, ways.number)
            assert table[step, way] == row
            for number in range(step, 0, -1):
                row = int(table[number, way])
                assert table[number - 1, way] == starts[number - 1] + before[row]
            assert table[0, way] < len(forest)
