"""That a small SAPS learns at all, and how large the paper's is."""

import torch

from saps.models.optimization import OptimizerSettings, linear_schedule, make_optimizer
from saps.models.saps import SAPS
from saps.tasks.generator import generate
from saps.tasks.vocabulary import Vocabularies, Vocabulary, vocabularies_of
from tests.models.made import SMALL, batch_of

PAPER = {"word_embedding": 200, "encoder_hidden": 256, "encoder_layers": 3, "label_embedding": 32, "hidden": 256}


def test_sixteen_tasks_are_learned_by_heart() -> None:
    tasks = list(generate(16, seed=2))
    vocabularies = vocabularies_of(tasks)
    torch.manual_seed(0)
    sizes = {"word_embedding": 24, "encoder_hidden": 24, "hidden": 48, "label_embedding": 16, "attention_units": 24}
    system = SAPS(vocabularies, **SMALL | sizes)
    batch = batch_of(tasks, vocabularies)
    optimizer, schedule = make_optimizer(system, OptimizerSettings(learning_rate=0.01, warmup_steps=10), 400)
    right = 0
    for step in range(300):
        optimizer.zero_grad()
        system.losses(batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(system.parameters(), 2.0)
        optimizer.step()
        schedule.step()
        if step % 20 == 19:
            answers = system.eval().answer(batch.texts)
            right = sum(answer.program == task.program for answer, task in zip(answers, tasks, strict=True))
            system.train()
            if right == len(tasks):
                break
    assert right == len(tasks)


def vocabularies_sized(words: int, labels: int) -> Vocabularies:
    return Vocabularies(*(Vocabulary([f"{k}/0" for k in range(count)]) for count in (words, labels)))


def counted(attention: str, units: int) -> int:
    """Trainable parameters without the table of word vectors, which the paper took ready-made."""
    vocabularies = vocabularies_sized(words=300, labels=75)
    system = SAPS(vocabularies, **PAPER, attention=attention, attention_units=units)  # type: ignore[arg-type]
    return system.parameter_count() - system.encoder.embedding.weight.numel()


def test_without_attention_the_size_is_that_fitted_to_the_paper() -> None:
    """Encoder 4,085,760, latent 393,472, two decoder LSTMs 558,080 each, labels 75 x 32, output 257 x 75."""
    assert counted("none", 1) == 4_085_760 + 393_472 + 2 * 558_080 + 75 * 32 + 257 * 75 == 5_617_067


def test_attention_costs_its_units_and_the_merging_of_the_context() -> None:
    """Additive with 150 units: keys 512 x 150, queries 256 x 150, score 150 make 115,350; merging 768 x 256 more."""
    assert counted("additive", 150) == 5_617_067 + 115_350 + (256 + 512) * 256
    assert counted("multiplicative", 150) == counted("additive", 150) - 150


def test_the_learning_rate_rises_and_falls_in_straight_lines() -> None:
    shares = [linear_schedule(step, warmup_steps=4, total_steps=12) for step in range(13)]
    assert shares[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert shares[12] == 0.0
    assert shares[5:] == sorted(shares[5:], reverse=True)
    assert linear_schedule(0, warmup_steps=0, total_steps=1) == 1.0
    assert linear_schedule(99, warmup_steps=0, total_steps=12) == 0.0


def test_the_second_bias_of_an_lstm_is_not_learned() -> None:
    system = SAPS(vocabularies_sized(9, 9), **SMALL)
    optimizer, _ = make_optimizer(system, OptimizerSettings(), 10)
    learned = {id(p) for group in optimizer.param_groups for p in group["params"]}
    names = {name for name, p in system.named_parameters() if id(p) not in learned}
    assert names
    assert all("bias_hh" in name for name in names)
