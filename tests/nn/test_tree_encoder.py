"""The Tree-LSTM level by level against a recursion straight from its equations."""

import torch
from hypothesis import given, settings
from torch import Tensor

from saps.batches.collate import to_device
from saps.batches.numericalise import numericalise_tree
from saps.lang.trees import Tree
from saps.nn.tree_encoder import TreeEncoder, level_schedule
from saps.tasks.vocabulary import Vocabulary, label_of
from tests.nn.shapes import distinct, forests, random_forest

HIDDEN, EMBEDDING, CHILDREN = 5, 3, 4


def encoder_for(labels: Vocabulary) -> TreeEncoder:
    torch.manual_seed(2)
    return TreeEncoder(len(labels), EMBEDDING, HIDDEN, CHILDREN).double()


def recursively(encoder: TreeEncoder, node: Tree, labels: Vocabulary) -> tuple[Tensor, Tensor]:
    """h and c of a node, matrix by matrix."""
    size, most = encoder.hidden, encoder.most_children
    x = encoder.embedding.weight[labels.index(label_of(node))]
    matrices = zip(encoder.from_label.weight.split(size), encoder.from_label.bias.split(size), strict=True)
    w = [weight @ x + bias for weight, bias in matrices]
    zero = torch.zeros_like(w[0])
    states = [recursively(encoder, child, labels) for child in node.children]
    states += [(zero, zero)] * (most - len(states))
    blocks = [block.split(size, dim=1) for block in encoder.recurrent.split(size)]  # U of [child][gate]
    i, o, u = (w[gate] + sum(h @ blocks[k][gate] for k, (h, _) in enumerate(states)) for gate in range(3))
    forget = [w[3] + sum(h @ blocks[other][3 + k] for other, (h, _) in enumerate(states)) for k in range(most)]
    c = i.sigmoid() * u.tanh() + sum(f.sigmoid() * c_k for f, (_, c_k) in zip(forget, states, strict=True))
    return o.sigmoid() * c.tanh(), c


def assert_equal(forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    encoder = encoder_for(labels)
    found = encoder(level_schedule([numericalise_tree(tree, labels) for tree in trees], CHILDREN))
    expected = torch.stack([recursively(encoder, tree, labels)[0] for tree in trees])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    aim = torch.randn(found.shape, dtype=torch.double)
    losses = [(roots - aim).square().sum() for roots in (found, expected)]
    ours, theirs = (torch.autograd.grad(loss, list(encoder.parameters())) for loss in losses)
    for mine, its in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, its, rtol=0, atol=1e-9)


@settings(deadline=None, max_examples=15)
@given(forest=forests)
def test_levels_give_the_roots_and_gradients_of_the_recursion(forest: list[Tree]) -> None:
    assert_equal(forest)


def test_large_trees_as_well() -> None:
    assert_equal(random_forest(3, 6, 40))


def test_the_order_of_children_matters_and_what_stands_beside_in_the_batch_does_not() -> None:
    a, b = Tree("a"), Tree("b")
    labels = Vocabulary(["<pad>", "<unk>", "a/0", "b/0", "+/2"])
    encoder = encoder_for(labels)
    pair = [Tree("+", (a, b)), Tree("+", (b, a)), a]
    together = encoder(level_schedule([numericalise_tree(tree, labels) for tree in pair], CHILDREN))
    for row, tree in enumerate(pair):
        alone = encoder(level_schedule([numericalise_tree(tree, labels)], CHILDREN))
        torch.testing.assert_close(alone[0], together[row], rtol=0, atol=1e-12)
    assert float((together[0] - together[1]).detach().abs().max()) > 1e-3


@settings(deadline=None, max_examples=60)
@given(forests)
def test_every_node_stands_above_its_children_and_the_roots_last(forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    schedule = level_schedule([numericalise_tree(tree, labels) for tree in trees], most=4)
    nodes = {labels.index(label_of(node)): node for tree in trees for node in tree.preorder()}
    assert sorted(schedule.label.tolist()) == sorted(nodes)
    assert len(schedule.starts) - 1 == max(tree.depth() for tree in trees)
    below: list[int] = []
    for start, end in zip(schedule.starts, schedule.starts[1:], strict=False):
        level = schedule.label[start:end].tolist()
        for label, row in zip(level, schedule.children[start:end].tolist(), strict=True):
            expected = [labels.index(label_of(child)) for child in nodes[label].children]
            assert [[*below, -1][place] for place in row] == expected + [-1] * (4 - len(expected))
        below = level
    assert below == [labels.index(label_of(tree)) for tree in trees]


def test_levels_move_between_devices_whole() -> None:
    trees, labels = distinct([Tree("", (Tree(""), Tree("")))])
    moved = to_device(level_schedule([numericalise_tree(trees[0], labels)], most=2), torch.device("meta"))
    assert (moved.label.device.type, moved.children.device.type, moved.starts) == ("meta", "meta", (0, 2, 3))
