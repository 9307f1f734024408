"""What the plan of a batch of trees must say, for trees of all shapes."""

import torch
from hypothesis import given, settings

from saps.batches.numbering import number_tree
from saps.batches.plan import START, Plan, plan_trees
from saps.lang.trees import Tree
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary
from tests.batches.shapes import Place, distinct, forests, places

laws = settings(deadline=None, max_examples=40)


def planned(forest: list[Tree]) -> tuple[Plan, dict[int, Place]]:
    """The plan, and what is true of each node, by its label."""
    trees, labels = distinct(forest)
    plan = plan_trees([number_tree(tree, labels) for tree in trees])
    return plan, {place.label: place for place in places(trees, labels)}


def waves(plan: Plan, column: torch.Tensor) -> list[list[int]]:
    """A column of the plan, wave by wave."""
    return [column[start:end].tolist() for start, end in zip(plan.starts, plan.starts[1:], strict=False)]


@laws
@given(forests)
def test_every_node_stands_once_in_the_wave_of_its_step(forest: list[Tree]) -> None:
    plan, truth = planned(forest)
    assert sorted(plan.label.tolist()) == sorted(truth)
    assert (plan.starts[0], plan.starts[-1]) == (0, len(truth))
    for step, wave in enumerate(waves(plan, plan.label)):
        assert wave
        assert {truth[label].step for label in wave} == {step}


@laws
@given(forests)
def test_first_children_stand_first_in_their_wave(forest: list[Tree]) -> None:
    plan, _ = planned(forest)
    for firsts, wave in zip(plan.firsts, waves(plan, plan.sibling_label), strict=True):
        assert [label == START for label in wave] == [True] * firsts + [False] * (len(wave) - firsts)


@laws
@given(forests)
def test_there_are_as_many_waves_as_the_longest_chain_is_long(forest: list[Tree]) -> None:
    def chain(tree: Tree) -> int:
        return 1 + max((chain(child) + position for position, child in enumerate(tree.children)), default=0)

    plan, _ = planned(forest)
    assert len(plan.starts) - 1 == max(map(chain, forest))


@laws
@given(forests)
def test_parents_siblings_and_trees_are_named_and_start_stands_where_there_is_none(forest: list[Tree]) -> None:
    plan, truth = planned(forest)
    rows = zip(
        *(getattr(plan, name).tolist() for name in ("label", "parent_label", "sibling_label", "tree")), strict=True
    )
    for label, parent, sibling, tree in rows:
        place = truth[label]
        assert (parent, sibling, tree) == (place.parent, place.sibling, place.tree)
    assert plan.parent_label.tolist().count(START) == len(forest) == plan.trees


@laws
@given(forests)
def test_the_source_stands_one_wave_before_and_first_children_stand_first(forest: list[Tree]) -> None:
    plan, truth = planned(forest)
    before = [START] * len(forest)  # before the roots there is one row a tree
    columns = (waves(plan, column) for column in (plan.label, plan.tree, plan.source))
    for labels, trees, sources, firsts in zip(*columns, plan.firsts, strict=True):
        assert [truth[label].sibling == START for label in labels] == [row < firsts for row in range(len(labels))]
        for label, tree, source in zip(labels, trees, sources, strict=True):
            place = truth[label]
            if place.parent == START:
                assert source == tree
            else:
                assert before[source] == (place.parent if place.sibling == START else place.sibling)
        before = labels


@laws
@given(forests)
def test_slots_are_places_of_a_grid_of_trees_and_nodes(forest: list[Tree]) -> None:
    plan, _ = planned(forest)
    assert plan.nodes == max(tree.size() for tree in forest)
    assert len(set(plan.slot.tolist())) == len(plan.slot)
    assert (plan.slot // plan.nodes).tolist() == plan.tree.tolist()


def test_a_label_outside_the_vocabulary_is_unknown_and_a_deep_tree_is_no_trouble() -> None:
    deep = Tree("leaf")
    for _ in range(3000):
        deep = Tree("up", (deep,))
    numbered = number_tree(deep, Vocabulary([PAD, UNKNOWN, "up/1"]))
    assert numbered.label.tolist() == [2] * 3000 + [1]
    assert numbered.step.tolist() == list(range(3001))


def test_a_plan_moves_between_devices_whole() -> None:
    plan, _ = planned([Tree("", (Tree(""), Tree("")))])
    moved = plan.to(torch.device("meta"))
    assert moved.starts == plan.starts
    assert {getattr(moved, name).device.type for name in ("label", "slot", "source", "tree")} == {"meta"}
