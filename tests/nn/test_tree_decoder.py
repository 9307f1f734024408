"""The decoder in waves against the recursive one; what each way of passing down can tell apart."""

import pytest
import torch
from hypothesis import given, settings

from saps.batches.numbering import number_tree
from saps.batches.plan import plan_trees
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.nn.tree_decoder import PassedDown, TreeDecoder
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, label_of
from tests.batches.shapes import distinct, forests
from tests.nn.recursive import RecursiveDecoder

HIDDEN, EMBEDDING = 5, 3
WAYS: tuple[PassedDown, ...] = ("merged", "plain")


def decoder_for(labels: Vocabulary, passed_down: PassedDown) -> TreeDecoder:
    torch.manual_seed(7)
    return TreeDecoder(len(labels), EMBEDDING, HIDDEN, passed_down).double()


def states_in_waves(
    decoder: TreeDecoder, latent: torch.Tensor, trees: list[Tree], labels: Vocabulary
) -> tuple[torch.Tensor, list[int]]:
    """The states of all nodes, and the label of each row."""
    plan = plan_trees([number_tree(tree, labels) for tree in trees])
    return decoder(latent, plan), plan.label.tolist()


@pytest.mark.parametrize("passed_down", WAYS)
@settings(deadline=None, max_examples=15)
@given(forest=forests)
def test_waves_give_the_states_of_the_recursion(passed_down: PassedDown, forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    decoder = decoder_for(labels, passed_down)
    latent = torch.randn(len(trees), HIDDEN, dtype=torch.double)
    found, rows = states_in_waves(decoder, latent, trees, labels)
    recursive = RecursiveDecoder(decoder, lambda node: labels.index(label_of(node)))
    expected = {
        labels.index(label_of(node)): state
        for tree, of_tree in zip(trees, latent.unbind(), strict=True)
        for node, state in zip(tree.preorder(), recursive.states(of_tree, tree), strict=True)
    }
    torch.testing.assert_close(found, torch.stack([expected[row] for row in rows]), rtol=0, atol=1e-12)


MIRRORED = "(> (reduce (digits a) 0 +) (reduce (digits b) 0 +))"


@pytest.mark.parametrize(("passed_down", "tells_apart"), [("merged", True), ("plain", False)])
def test_only_the_merged_form_knows_on_which_side_an_ancestor_stands(
    passed_down: PassedDown, tells_apart: bool
) -> None:
    """The two `digits` stand first below equal labels; only where their parents stand among siblings differs."""
    program = parse(MIRRORED)
    labels = Vocabulary([PAD, UNKNOWN, *sorted({label_of(node) for node in program.preorder()})])
    decoder = decoder_for(labels, passed_down)
    recursive = RecursiveDecoder(decoder, lambda node: labels.index(label_of(node)))
    latent = torch.randn(1, HIDDEN, dtype=torch.double)
    in_waves, rows = states_in_waves(decoder, latent, [program], labels)
    leaves = [in_waves[rows.index(labels.index(name))] for name in ("a/0", "b/0")]
    by_name = zip(program.preorder(), recursive.states(latent[0], program), strict=True)
    recursively = [state for node, state in by_name if node.label in ("a", "b")]
    for first, second in (leaves, recursively):
        distance = float((first - second).detach().abs().max())
        assert distance > 1e-3 if tells_apart else distance < 1e-12


@pytest.mark.parametrize("passed_down", WAYS)
def test_siblings_and_texts_are_told_apart(passed_down: PassedDown) -> None:
    trees, labels = distinct([parse("(+ a b)")])
    decoder = decoder_for(labels, passed_down)
    states, _ = states_in_waves(decoder, torch.randn(1, HIDDEN, dtype=torch.double), trees, labels)
    again, _ = states_in_waves(decoder, torch.randn(1, HIDDEN, dtype=torch.double), trees, labels)
    assert float((states[1] - states[2]).detach().abs().max()) > 1e-3
    assert float((states - again).detach().abs().amax(dim=1).min()) > 1e-3


def test_a_decoder_lstm_of_the_paper_has_its_fitted_size() -> None:
    """Input [label 32; m 256], state 256, one bias a gate: 4 * 256 * (32 + 256 + 256 + 1)."""
    decoder = TreeDecoder(75, 32, 256, "merged")
    of_labels, embedding = decoder.from_labels, decoder.embedding.weight.numel()
    assert decoder.recurrent[0].numel() + sum(p.numel() for p in of_labels[0].parameters()) == 558_080
    assert sum(p.numel() for p in decoder.parameters()) == 2 * 558_080 + embedding
