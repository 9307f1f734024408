"""The tree autoencoder: its loss against the recursive parts, what it refuses, and learning."""

import pytest
import torch
from torch.nn import functional as F

from saps.bench.recursive_decoder import RecursiveDecoder
from saps.errors import UserError
from saps.generator import generate
from saps.models.tree_autoencoder import TreeAutoencoder
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of
from tests.models.baselines import steps_until_known, untrained, vocabularies_for
from tests.models.made import batch_of
from tests.nn.test_tree_encoder import recursively

SIZES = {"label_embedding": 3, "hidden": 5, "dropout": 0.0, "max_nodes": 40}


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(12, seed=6))


def test_without_texts_the_loss_is_that_of_programs_read_and_written_recursively(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(TreeAutoencoder, tasks)
    assert list(vocabularies.words) == ["<pad>", "<unk>"]
    system = untrained(TreeAutoencoder, vocabularies, SIZES, spread=1.0)
    decoder = RecursiveDecoder(system.decoder, lambda node: vocabularies.labels.index(label_of(node)))
    losses = []
    for task in tasks:
        latent, _ = recursively(system.encoder, task.program, vocabularies.labels)
        states = decoder.states(latent, task.program)
        for node, state in zip(task.program.preorder(), states, strict=True):
            scores = system.readout.to_label(state)
            losses.append(F.cross_entropy(scores, torch.tensor(vocabularies.labels.index(label_of(node)))))
    batch = batch_of(tasks, system)
    found, expected = system.loss(batch.texts, batch.schedule).loss, torch.stack(losses).mean()
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)
    weights = [weight for weight in system.parameters() if weight.requires_grad]
    for ours, theirs in zip(*(torch.autograd.grad(loss, weights) for loss in (found, expected)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_a_program_comes_back_as_the_same_whatever_stands_beside_it(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(TreeAutoencoder, tasks)
    system = untrained(TreeAutoencoder, vocabularies, SIZES)
    together = system.validate(*batch_of(tasks, system)[:2])
    alone = [system.validate(*batch_of([task], system)[:2])[0] for task in tasks]
    assert [answer.program for answer in together] == [answer.program for answer in alone]
    assert len({answer.log_probability for answer in together}) == len({task.program for task in tasks})


def test_a_sentence_is_no_question_for_it(tasks: list[Task]) -> None:
    vocabularies = vocabularies_for(TreeAutoencoder, tasks)
    system = untrained(TreeAutoencoder, vocabularies, SIZES)
    with pytest.raises(UserError, match="answers no sentence"):
        system.answer(batch_of(tasks, system).texts)
    with pytest.raises(UserError, match="needs both LSTMs"):
        TreeAutoencoder(vocabularies, directions="V", parent_feed="horizontal")


@pytest.mark.slow
def test_sixty_four_programs_are_learned_by_heart() -> None:
    tasks = list(generate(64, seed=2))
    assert steps_until_known(TreeAutoencoder, tasks, {"hidden": 128, "dropout": 0.0}, most=400)
