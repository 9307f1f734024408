"""The decoder in waves against the recursive one; what each way of passing down can tell apart."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings

from saps.batches.numbering import number_tree
from saps.batches.plan import plan_trees
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.nn.cells import CELLS, CellKind
from saps.nn.tree_decoder import Directions, PassedDown, TreeDecoder
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, label_of
from tests.batches.shapes import distinct, forests
from tests.nn.recursive import RecursiveDecoder

HIDDEN, EMBEDDING = 5, 3


class Form(NamedTuple):
    """A kind of decoder."""

    directions: Directions
    passed_down: PassedDown
    cell: CellKind = "lstm"


FORMS = [
    Form("VH", "merged"),
    Form("VH", "plain"),
    Form("VH", "crossed"),
    Form("H", "merged"),
    Form("H", "plain"),
    Form("H", "direction"),
    Form("V", "merged"),
    Form("V", "plain"),
]


def decoder_for(labels: Vocabulary, form: Form) -> TreeDecoder:
    torch.manual_seed(7)
    return TreeDecoder(len(labels), EMBEDDING, HIDDEN, form.passed_down, form.directions, form.cell).double()


def states_in_waves(
    decoder: TreeDecoder, latent: torch.Tensor, trees: list[Tree], labels: Vocabulary
) -> tuple[torch.Tensor, list[int]]:
    """The states of all nodes, and the label of each row."""
    plan = plan_trees([number_tree(tree, labels) for tree in trees])
    return decoder(latent, plan), plan.label.tolist()


@pytest.mark.parametrize("form", [*FORMS, *(Form("VH", "merged", cell) for cell in CELLS)], ids="-".join)
@settings(deadline=None, max_examples=8)
@given(forest=forests)
def test_waves_give_the_states_of_the_recursion(form: Form, forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    decoder = decoder_for(labels, form)
    latent = torch.randn(len(trees), HIDDEN, dtype=torch.double)
    found, rows = states_in_waves(decoder, latent, trees, labels)
    recursive = RecursiveDecoder(decoder, lambda node: labels.index(label_of(node)))
    expected = {
        labels.index(label_of(node)): state
        for tree, of_tree in zip(trees, latent.unbind(), strict=True)
        for node, state in zip(tree.preorder(), recursive.states(of_tree, tree), strict=True)
    }
    torch.testing.assert_close(found, torch.stack([expected[row] for row in rows]), rtol=0, atol=1e-12)


SIBLINGS = "(+ a b)"
LINES = "(+ (len a) b)"
MIRRORED = "(> (reduce (digits a) 0 +) (reduce (digits b) 0 +))"
BLIND = {
    Form("V", "merged"): {SIBLINGS, MIRRORED},  # siblings share all that V knows: label and state of their parent
    Form("V", "plain"): {SIBLINGS, MIRRORED},
    Form("H", "plain"): {LINES},  # both go on from `len`, one as its child, one as its sibling
    Form("VH", "plain"): {MIRRORED},  # the labels above and before `a` and `b` are the same
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
    in_waves, rows = states_in_waves(decoder, latent, [tree], labels)
    leaves = [in_waves[rows.index(labels.index(name))] for name in ("a/0", "b/0")]
    by_name = zip(tree.preorder(), recursive.states(latent[0], tree), strict=True)
    recursively = [state for node, state in by_name if node.label in ("a", "b")]
    for first, second in (leaves, recursively):
        distance = float((first - second).detach().abs().max())
        assert distance < 1e-12 if program in BLIND.get(form, ()) else distance > 1e-4


@pytest.mark.parametrize("form", FORMS, ids="-".join)
def test_every_state_knows_its_text(form: Form) -> None:
    trees, labels = distinct([parse("(+ a (len b))")])
    decoder = decoder_for(labels, form)
    states, _ = states_in_waves(decoder, torch.randn(1, HIDDEN, dtype=torch.double), trees, labels)
    again, _ = states_in_waves(decoder, torch.randn(1, HIDDEN, dtype=torch.double), trees, labels)
    assert float((states - again).detach().abs().amax(dim=1).min()) > 1e-4


@pytest.mark.parametrize(("directions", "copies"), [("V", 1), ("H", 1), ("VH", 2)])
def test_the_decoder_of_the_paper_has_its_fitted_size(directions: Directions, copies: int) -> None:
    """Input [label 32; m 256], state 256, one bias a gate: 4 * 256 * (32 + 256 + 256 + 1) a direction."""
    decoder = TreeDecoder(75, 32, 256, "merged", directions)
    assert sum(p.numel() for p in decoder.parameters()) == copies * 558_080 + decoder.embedding.weight.numel()
