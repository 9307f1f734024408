"""That a small SAPS learns at all, and how large the paper's is."""

from itertools import islice
from pathlib import Path

import pytest
import torch

from saps.cli.train import parse_arguments, settings_of
from saps.generator import generate
from saps.models.folder import build_system
from saps.models.saps import SAPS
from saps.tasks.vocabulary import Vocabularies, Vocabulary, vocabularies_of
from saps.training.optimization import OptimizerSettings, make_optimizer, stepwise_schedule
from tests.models.made import SMALL, by_heart

PAPER = Path(__file__).resolve().parents[2] / "experiments" / "paper"


def test_sixteen_tasks_are_learned_by_heart() -> None:
    tasks = list(generate(16, seed=2))
    vocabularies = vocabularies_of(tasks)
    torch.manual_seed(0)
    sizes = {"word_embedding": 24, "encoder_hidden": 24, "hidden": 48, "label_embedding": 16, "attention_units": 24}
    system = SAPS(vocabularies, **SMALL | sizes)
    looks = by_heart(system, tasks, 400, OptimizerSettings(learning_rate=0.01, warmup_steps=10))
    right = 0
    for programs in islice(looks, 15):  # 300 steps
        right = sum(program == task.program for program, task in zip(programs, tasks, strict=True))
        if right == len(tasks):
            break
    assert right == len(tasks)


def vocabularies_sized(words: int, labels: int) -> Vocabularies:
    return Vocabularies(*(Vocabulary([f"{k}/0" for k in range(count)]) for count in (words, labels)))


PUBLISHED = {
    "saps_v": (5_058_987, "5.06"),
    "saps_v_att": (5_058_987 + 115_350, "5.17"),
    "saps_h": (5_058_987, "5.06"),
    "saps_h_att": (5_058_987 + 115_350, "5.17"),
    "saps_vh": (5_617_067, "5.62"),
    "saps_vh_att": (5_617_067 + 115_350, "5.73"),
}
"""Fitted sizes, and the millions that the paper prints.

Encoder 4,085,760, latent 393,472, each decoder LSTM 558,080, labels 75 x 32, output 257 x 75; attention of 150 units:
keys 512 x 150, queries 256 x 150, score 150.
"""


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_systems_of_the_paper_have_their_printed_sizes(name: str) -> None:
    """Trainable parameters without the table of word vectors, which the paper took ready-made."""
    settings = settings_of(parse_arguments(["--config", str(PAPER / f"{name}.yaml")]))
    with torch.device("meta"):
        system = build_system(settings.system, settings.sizes, vocabularies_sized(words=300, labels=75))
    count = system.parameter_count() - system.get_parameter("encoder.embedding.weight").numel()
    fitted, printed = PUBLISHED[name]
    assert count == fitted
    assert f"{count / 1e6:.2f}" == printed


def test_merging_the_context_costs_a_layer() -> None:
    counts = {}
    for context in ("added", "merged"):
        sizes = SMALL | {"encoder_hidden": 7, "context": context}
        counts[context] = SAPS(vocabularies_sized(9, 9), **sizes).parameter_count()
    assert counts["merged"] - counts["added"] == (14 + 7) * 7


def test_the_learning_rate_rises_and_falls_in_straight_lines() -> None:
    shares = [stepwise_schedule(step, warmup_steps=4, total_steps=12) for step in range(13)]
    assert shares[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert shares[12] == 0.0
    assert shares[5:] == sorted(shares[5:], reverse=True)
    assert stepwise_schedule(0, warmup_steps=0, total_steps=1) == 1.0
    assert stepwise_schedule(99, warmup_steps=0, total_steps=12) == 0.0


def test_the_second_bias_of_an_lstm_is_not_learned() -> None:
    system = SAPS(vocabularies_sized(9, 9), **SMALL)
    optimizer, _ = make_optimizer(system, OptimizerSettings(), 10)
    learned = {id(p) for group in optimizer.param_groups for p in group["params"]}
    names = {name for name, p in system.named_parameters() if id(p) not in learned}
    assert names
    assert all("bias_hh" in name for name in names)
