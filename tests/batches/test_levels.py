"""What the levels of a batch of trees must say, for trees of all shapes."""

import torch
from hypothesis import given, settings

from saps.batches.levels import plan_levels
from saps.batches.numbering import number_tree
from saps.lang.trees import Tree
from saps.tasks.vocabulary import label_of
from tests.batches.shapes import distinct, forests


@settings(deadline=None, max_examples=60)
@given(forests)
def test_every_node_stands_above_its_children_and_the_roots_last(forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    plan = plan_levels([number_tree(tree, labels) for tree in trees], most=4)
    nodes = {labels.index(label_of(node)): node for tree in trees for node in tree.preorder()}
    assert sorted(plan.label.tolist()) == sorted(nodes)
    assert len(plan.starts) - 1 == max(tree.depth() for tree in trees)
    below: list[int] = []
    for start, end in zip(plan.starts, plan.starts[1:], strict=False):
        level = plan.label[start:end].tolist()
        for label, row in zip(level, plan.children[start:end].tolist(), strict=True):
            expected = [labels.index(label_of(child)) for child in nodes[label].children]
            assert [[*below, -1][place] for place in row] == expected + [-1] * (4 - len(expected))
        below = level
    assert below == [labels.index(label_of(tree)) for tree in trees]


def test_levels_move_between_devices_whole() -> None:
    trees, labels = distinct([Tree("", (Tree(""), Tree("")))])
    moved = plan_levels([number_tree(trees[0], labels)], most=2).to(torch.device("meta"))
    assert (moved.label.device.type, moved.children.device.type, moved.starts) == ("meta", "meta", (0, 2, 3))
