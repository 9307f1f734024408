"""The decoder of Neural Program Search against its equations, node by node."""

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

from saps.batches.numericalise import numericalise_tree
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.nn.attention import AdditiveAttention, AttentionKind
from saps.nn.fast import make_attention
from saps.nn.nps_decoder import NPSDecoder, TwoGRUs
from saps.nn.schedule import schedule_of
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, label_of
from tests.nn.shapes import distinct, forests

SIZE, MEMORY, WORDS = 4, 3, 5


def network_for(labels: Vocabulary, attention: AttentionKind) -> NPSDecoder:
    torch.manual_seed(5)
    attend = make_attention(attention, SIZE, MEMORY, SIZE)
    assert attend is not None
    return NPSDecoder(len(labels), SIZE, MEMORY, attend, dropout=0.0).double()


def gru(cell: TwoGRUs, which: int, c: Tensor, h: Tensor) -> Tensor:
    """One step of one of the two cells, from the equations of the GRU."""
    x = (c @ cell.from_input[which] + cell.bias[which, 0]).chunk(3)
    y = (h @ cell.recurrent[which]).chunk(3)
    r, u = (x[0] + y[0]).sigmoid(), (x[1] + y[1]).sigmoid()
    return (1 - u) * (x[2] + r * y[2]).tanh() + u * h


class ByEquations:
    """The scores of every node of one tree, by recursion."""

    def __init__(self, network: NPSDecoder, words: Tensor, labels: Vocabulary) -> None:
        self.network, self.words, self.labels = network, words, labels
        self.scores: dict[int, Tensor] = {}

    def embedding(self, node: Tree | None) -> Tensor:
        table = self.network.embedding.weight
        return table.new_zeros(SIZE) if node is None else table[self.labels.index(label_of(node))]

    def c(self, x: Tensor) -> Tensor:
        attention = self.network.attention
        query, keys = attention.to_query.weight @ x, self.words @ attention.to_key.weight.t()
        if isinstance(attention, AdditiveAttention):
            scores = torch.tanh(keys + query) @ attention.to_score.weight[0]
        else:
            scores = keys @ query / SIZE**0.5
        read = scores.softmax(0) @ self.words
        return torch.tanh(self.network.to_input.weight @ torch.cat([read, x]))

    def visit(self, node: Tree, parent: Tree | None, before: Tree | None, h_parent: Tensor, h_before: Tensor) -> Tensor:
        """Notes the scores of a node and of all below it; gives its state."""
        cells, mixed = self.network.cells, self.network.mixed
        h = gru(cells, 0, self.c(self.embedding(parent)), h_parent) @ mixed[0]
        h = h + gru(cells, 1, self.c(self.embedding(before)), h_before) @ mixed[1]
        self.scores[self.labels.index(label_of(node))] = self.network.embedding.weight @ h
        sibling, h_sibling = None, torch.zeros_like(h)
        for child in node.children:
            h_sibling, sibling = self.visit(child, node, sibling, h, h_sibling), child
        return h


@pytest.mark.parametrize("attention", ["multiplicative", "additive"])
@settings(deadline=None, max_examples=15)
@given(forest=forests)
def test_steps_give_the_scores_and_gradients_of_the_equations(attention: AttentionKind, forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    network = network_for(labels, attention)
    lengths = [1 + number % WORDS for number in range(len(trees))]
    words = torch.randn(len(trees), WORDS, MEMORY, dtype=torch.double)
    latent = torch.randn(len(trees), SIZE, dtype=torch.double)
    mask = torch.arange(WORDS) < torch.tensor(lengths)[:, None]
    schedule = schedule_of([numericalise_tree(tree, labels) for tree in trees])
    found = network(latent, schedule, network.attention.prepare(words, mask))
    expected: dict[int, Tensor] = {}
    for tree, z, of_tree, length in zip(trees, latent, words, lengths, strict=True):
        by_equations = ByEquations(network, of_tree[:length], labels)
        by_equations.visit(tree, None, None, z, torch.zeros_like(z))
        expected |= by_equations.scores
    wanted = torch.stack([expected[label] for label in schedule.label.tolist()])
    torch.testing.assert_close(found, wanted.float(), rtol=1e-4, atol=1e-5)
    gradients = [torch.autograd.grad(scores.square().mean(), list(network.parameters())) for scores in (found, wanted)]
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_a_node_knows_on_which_side_its_ancestors_stand() -> None:
    """The states handed down depend on both recurrences: the two `digits` are not the same, nor are `a` and `b`."""
    program = parse("(> (reduce (digits a) 0 +) (reduce (digits b) 0 +))")
    labels = Vocabulary([PAD, UNKNOWN, *sorted({label_of(node) for node in program.preorder()})])
    network = network_for(labels, "multiplicative")
    schedule = schedule_of([numericalise_tree(program, labels)])
    words, mask = torch.randn(1, WORDS, MEMORY, dtype=torch.double), torch.ones(1, WORDS, dtype=torch.bool)
    memory = network.attention.prepare(words, mask)
    scores = network(torch.randn(1, SIZE, dtype=torch.double), schedule, memory)
    rows = schedule.label.tolist()
    first, second = (scores[rows.index(labels.index(name))] for name in ("a/0", "b/0"))
    assert float((first - second).detach().abs().max()) > 1e-3
