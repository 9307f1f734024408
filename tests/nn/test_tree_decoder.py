"""The definition of the decoder and its fast twin against the recursive one; what each form can tell apart."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings

from saps.batches.numericalise import numericalise_tree
from saps.bench.recursive_decoder import RecursiveDecoder
from saps.errors import UserError
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.nn.fast import FastTreeDecoder
from saps.nn.tree_decoder import Directions, ParentFeed, TreeDecoder
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, label_of
from tests.nn.shapes import distinct, forests

HIDDEN, EMBEDDING = 5, 3


class Form(NamedTuple):
    """A form of the decoder."""

    directions: Directions
    parent_feed: ParentFeed


FORMS = [Form("VH", "state"), Form("VH", "horizontal"), Form("VH", "latent"), Form("H", "state"), Form("V", "state")]


class OneCallDecoder(FastTreeDecoder):
    """As on an accelerator."""

    one_call = True


def decoder_for(labels: Vocabulary, form: Form, kind: type[TreeDecoder] = TreeDecoder) -> TreeDecoder:
    torch.manual_seed(7)
    return kind(len(labels), EMBEDDING, HIDDEN, form.directions, form.parent_feed).double()


def states_of(
    decoder: TreeDecoder, latent: torch.Tensor, trees: list[Tree], labels: Vocabulary
) -> tuple[torch.Tensor, list[int]]:
    """The states of all nodes, and the label of each row."""
    schedule = decoder.schedule([numericalise_tree(tree, labels) for tree in trees])
    return decoder(latent, schedule), schedule.label.tolist()


@pytest.mark.parametrize("kind", [TreeDecoder, FastTreeDecoder, OneCallDecoder])
@pytest.mark.parametrize("form", FORMS, ids="-".join)
@settings(deadline=None, max_examples=8)
@given(forest=forests)
def test_all_states_are_those_of_the_recursion(form: Form, kind: type[TreeDecoder], forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    decoder = decoder_for(labels, form, kind)
    latent = torch.randn(len(trees), HIDDEN, dtype=torch.double)
    found, rows = states_of(decoder, latent, trees, labels)
    recursive = RecursiveDecoder(decoder, lambda node: labels.index(label_of(node)))
    expected = {
        labels.index(label_of(node)): state
        for tree, of_tree in zip(trees, latent.unbind(), strict=True)
        for node, state in zip(tree.preorder(), recursive.states(of_tree, tree), strict=True)
    }
    torch.testing.assert_close(found, torch.stack([expected[row] for row in rows]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("fast", [FastTreeDecoder, OneCallDecoder])
@pytest.mark.parametrize("form", FORMS, ids="-".join)
@settings(deadline=None, max_examples=8)
@given(forest=forests)
def test_two_passes_have_the_states_and_gradients_of_the_definition(
    form: Form, fast: type[TreeDecoder], forest: list[Tree]
) -> None:
    trees, labels = distinct(forest)
    latent = torch.randn(len(trees), HIDDEN, dtype=torch.double, requires_grad=True)
    found = []
    for kind in (TreeDecoder, fast):
        decoder = decoder_for(labels, form, kind)
        states, rows = states_of(decoder, latent, trees, labels)
        gradients = torch.autograd.grad(states.square().sum(), [latent, *decoder.parameters()], allow_unused=True)
        found.append((rows, states, [torch.zeros(()) if g is None else g for g in gradients]))
    (rows, states, gradients), (fast_rows, fast_states, fast_gradients) = found
    assert rows == fast_rows
    torch.testing.assert_close(fast_states, states, rtol=0, atol=1e-12)
    torch.testing.assert_close(fast_gradients, gradients, rtol=0, atol=1e-6)


@pytest.mark.parametrize("directions", ["V", "H"])
@pytest.mark.parametrize("parent_feed", ["horizontal", "latent"])
def test_some_parent_feeds_need_both_lstms(directions: Directions, parent_feed: ParentFeed) -> None:
    with pytest.raises(UserError, match=f"needs both LSTMs; directions is {directions}"):
        TreeDecoder(9, EMBEDDING, HIDDEN, directions, parent_feed)


SIBLINGS = "(+ a b)"
LINES = "(+ (len a) b)"
MIRRORED = "(> (reduce (digits a) 0 +) (reduce (digits b) 0 +))"
BLIND = {
    Form("V", "state"): {SIBLINGS, MIRRORED},  # siblings share all that V knows: label and state of their parent
    Form("VH", "latent"): {MIRRORED},  # the labels above and before `a` and `b` are the same
}
"""The programs whose leaves a and b have equal states, and so equal labels, whatever the weights."""


@pytest.mark.parametrize("program", [SIBLINGS, LINES, MIRRORED])
@pytest.mark.parametrize("form", FORMS, ids="-".join)
def test_what_each_form_can_and_cannot_tell_apart(form: Form, program: str) -> None:
    tree = parse(program)
    labels = Vocabulary([PAD, UNKNOWN, *sorted({label_of(node) for node in tree.preorder()})])
    decoder = decoder_for(labels, form)
    recursive = RecursiveDecoder(decoder, lambda node: labels.index(label_of(node)))
    latent = torch.randn(1, HIDDEN, dtype=torch.double)
    found, rows = states_of(decoder, latent, [tree], labels)
    leaves = [found[rows.index(labels.index(name))] for name in ("a/0", "b/0")]
    by_name = zip(tree.preorder(), recursive.states(latent[0], tree), strict=True)
    recursively = [state for node, state in by_name if node.label in ("a", "b")]
    for first, second in (leaves, recursively):
        distance = float((first - second).detach().abs().max())
        assert distance < 1e-12 if program in BLIND.get(form, ()) else distance > 1e-4


@pytest.mark.parametrize("form", FORMS, ids="-".join)
def test_every_state_knows_its_text(form: Form) -> None:
    trees, labels = distinct([parse("(+ a (len b))")])
    decoder = decoder_for(labels, form)
    states, _ = states_of(decoder, torch.randn(1, HIDDEN, dtype=torch.double), trees, labels)
    again, _ = states_of(decoder, torch.randn(1, HIDDEN, dtype=torch.double), trees, labels)
    assert float((states - again).detach().abs().amax(dim=1).min()) > 1e-4


@pytest.mark.parametrize(("directions", "copies"), [("V", 1), ("H", 1), ("VH", 2)])
def test_the_decoder_of_the_paper_has_its_fitted_size(directions: Directions, copies: int) -> None:
    """Input [label 32; m 256], state 256, one bias a gate: 4 * 256 * (32 + 256 + 256 + 1) a direction."""
    decoder = TreeDecoder(75, 32, 256, directions)
    assert sum(p.numel() for p in decoder.parameters()) == copies * 558_080 + decoder.embedding.weight.numel()
