"""Loss and gradients of the whole system against the recursive decoder."""

import pytest
import torch
from torch.nn import functional as F

from saps.batches.collate import Batch
from saps.bench.recursive_decoder import RecursiveDecoder, attended
from saps.lang.trees import Tree
from saps.models.saps import SAPS
from saps.nn.text_encoder import Texts
from saps.tasks.vocabulary import Vocabularies, label_of, vocabularies_of
from tests.models.made import KINDS, Kind, batch_of, small, told
from tests.nn.shapes import distinct, random_forest


def relabelled(forest: list[Tree]) -> list[Tree]:
    """Four names, so that labels repeat within a tree and between trees."""
    trees, _ = distinct(forest)

    def renamed(tree: Tree) -> Tree:
        return Tree("pqrs"[int(tree.label[1:]) % 4], tuple(renamed(child) for child in tree.children))

    return [renamed(tree) for tree in trees]


def recursive_loss(system: SAPS, batch: Batch, vocabularies: Vocabularies) -> torch.Tensor:
    """The mean cross-entropy of all nodes, computed tree by tree and node by node."""

    def number(node: Tree) -> int:
        return vocabularies.labels.index(label_of(node))

    encoded = system.encode(batch.texts)
    losses = []
    texts = zip(encoded.latent.unbind(), encoded.memory.unbind(), batch.texts.lengths.tolist(), strict=True)
    for program, (latent, memory, length) in zip(batch.programs, texts, strict=True):
        states = RecursiveDecoder(system.decoder, number).states(latent, program)
        for node, state in zip(program.preorder(), states, strict=True):
            scores = system.readout.to_label(attended(system.readout, state, memory[:length]))
            losses.append(F.cross_entropy(scores, torch.tensor(number(node))))
    return torch.stack(losses).mean()


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(("trees", "nodes"), [(1, 1), (1, 30), (8, 25)])
def test_loss_and_gradients_equal_those_of_the_recursive_decoder(kind: Kind, trees: int, nodes: int) -> None:
    tasks = told(relabelled(random_forest(trees + nodes, trees, nodes)))
    vocabularies = vocabularies_of(tasks)
    system = small(vocabularies, **kind.settings())
    batch = batch_of(tasks, system)
    gradients = []
    losses = (system.loss(batch.texts, batch.schedule).loss.double(), recursive_loss(system, batch, vocabularies))
    for loss in losses:
        system.zero_grad()
        loss.backward()
        gradients.append(
            {name: torch.zeros_like(p) if p.grad is None else p.grad for name, p in system.named_parameters()}
        )
    torch.testing.assert_close(*losses, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-6)
    reached = {name for name, gradient in gradients[0].items() if gradient.abs().max() > 0}
    assert {"encoder.embedding.weight", "decoder.from_parent"} <= reached
    cells = [cell for cell in ("vertical", "horizontal") if getattr(system.decoder, cell) is not None]
    for name in ("from_input", "recurrent") if trees > 1 else ():  # a root or a chain has no labels beside it
        assert {f"decoder.{cell}.{name}" for cell in cells} <= reached


def test_the_share_of_right_labels_is_counted_over_nodes() -> None:
    tasks = told([Tree("+", (Tree("a"), Tree("b"))), Tree("a")])
    vocabularies = vocabularies_of(tasks)
    system = small(vocabularies)
    with torch.no_grad():
        system.readout.to_label.weight.zero_()
        system.readout.to_label.bias.zero_()[vocabularies.labels.index("a/0")] = 1.0
    assert float(system.loss(*batch_of(tasks, system)[:2]).label_accuracy) == 0.5


def test_words_are_dropped_only_in_training_and_never_padding() -> None:
    tasks = told([Tree("a"), Tree("a"), Tree("a")], seed=1)
    vocabularies = vocabularies_of(tasks)
    system = small(vocabularies, word_dropout=0.999)
    texts = batch_of(tasks, system).texts
    unknown = torch.where(texts.words > 1, 1, texts.words)
    seen = {}
    with torch.no_grad():
        for name, words in (("all", texts.words), ("none", unknown)):
            seen[name] = system.encoder(Texts(words, texts.lengths)).latent
        torch.testing.assert_close(system.encode(texts).latent, seen["all"])
        system.train()
        torch.testing.assert_close(system.encode(texts).latent, seen["none"])
