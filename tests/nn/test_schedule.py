"""What the schedule of a batch of trees must say, for trees of all shapes."""

import torch
from hypothesis import given, settings

from saps.batches.collate import to_device
from saps.batches.numericalise import numericalise_tree
from saps.lang.trees import Tree
from saps.nn.schedule import START, Schedule, schedule_of
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary
from tests.nn.shapes import Place, distinct, forests, places

laws = settings(deadline=None, max_examples=40)


def scheduled(forest: list[Tree]) -> tuple[Schedule, dict[int, Place]]:
    """The schedule, and what is true of each node, by its label."""
    trees, labels = distinct(forest)
    schedule = schedule_of([numericalise_tree(tree, labels) for tree in trees])
    return schedule, {place.label: place for place in places(trees, labels)}


def by_step(schedule: Schedule, column: torch.Tensor) -> list[list[int]]:
    """A column of the schedule, step by step."""
    return [column[start:end].tolist() for start, end in zip(schedule.starts, schedule.starts[1:], strict=False)]


@laws
@given(forests)
def test_every_node_stands_once_at_its_step(forest: list[Tree]) -> None:
    schedule, truth = scheduled(forest)
    assert sorted(schedule.label.tolist()) == sorted(truth)
    assert (schedule.starts[0], schedule.starts[-1]) == (0, len(truth))
    for step, row in enumerate(by_step(schedule, schedule.label)):
        assert row
        assert {truth[label].step for label in row} == {step}


@laws
@given(forests)
def test_first_children_stand_first_in_their_step(forest: list[Tree]) -> None:
    schedule, _ = scheduled(forest)
    for firsts, row in zip(schedule.firsts, by_step(schedule, schedule.sibling_label), strict=True):
        assert [label == START for label in row] == [True] * firsts + [False] * (len(row) - firsts)


@laws
@given(forests)
def test_there_are_as_many_steps_as_the_longest_chain_is_long(forest: list[Tree]) -> None:
    def chain(tree: Tree) -> int:
        return 1 + max((chain(child) + position for position, child in enumerate(tree.children)), default=0)

    schedule, _ = scheduled(forest)
    assert len(schedule.starts) - 1 == max(map(chain, forest))


@laws
@given(forests)
def test_parents_siblings_and_trees_are_named_and_start_stands_where_there_is_none(forest: list[Tree]) -> None:
    schedule, truth = scheduled(forest)
    rows = zip(
        *(getattr(schedule, name).tolist() for name in ("label", "parent_label", "sibling_label", "tree")), strict=True
    )
    for label, parent, sibling, tree in rows:
        place = truth[label]
        assert (parent, sibling, tree) == (place.parent, place.sibling, place.tree)
    assert schedule.parent_label.tolist().count(START) == len(forest) == len(schedule.grid.sizes)


@laws
@given(forests)
def test_the_predecessor_stands_one_step_before_and_first_children_stand_first(forest: list[Tree]) -> None:
    schedule, truth = scheduled(forest)
    before = [START] * len(forest)  # before the roots there is one row a tree
    columns = (by_step(schedule, column) for column in (schedule.label, schedule.tree, schedule.predecessor))
    for labels, trees, predecessors, firsts in zip(*columns, schedule.firsts, strict=True):
        assert [truth[label].sibling == START for label in labels] == [row < firsts for row in range(len(labels))]
        for label, tree, predecessor in zip(labels, trees, predecessors, strict=True):
            place = truth[label]
            if place.parent == START:
                assert predecessor == tree
            else:
                assert before[predecessor] == (place.parent if place.sibling == START else place.sibling)
        before = labels


@laws
@given(forests)
def test_slots_are_places_of_a_grid_of_trees_and_nodes(forest: list[Tree]) -> None:
    schedule, _ = scheduled(forest)
    assert schedule.grid.width == max(tree.size() for tree in forest)
    assert len(set(schedule.grid.slot.tolist())) == len(schedule.grid.slot)
    assert (schedule.grid.slot // schedule.grid.width).tolist() == schedule.tree.tolist()


def test_a_label_outside_the_vocabulary_is_unknown_and_a_deep_tree_is_no_trouble() -> None:
    deep = Tree("leaf")
    for _ in range(3000):
        deep = Tree("up", (deep,))
    numbered = numericalise_tree(deep, Vocabulary([PAD, UNKNOWN, "up/1"]))
    assert numbered.label.tolist() == [2] * 3000 + [1]
    assert numbered.step.tolist() == list(range(3001))


def test_a_schedule_moves_between_devices_whole() -> None:
    schedule, _ = scheduled([Tree("", (Tree(""), Tree("")))])
    moved = to_device(schedule, torch.device("meta"))
    assert moved.starts == schedule.starts
    assert {column.device.type for column in (moved.label, moved.grid.slot, moved.predecessor, moved.tree)} == {"meta"}
