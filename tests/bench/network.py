"""What batching buys: the decoder against the recursion, the encoder against packed sequences, decoding, a step."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from saps.batches.collate import Batch, collate
from saps.batches.data_module import TrainingTasks
from saps.batches.numericalise import NumericalTask
from saps.batches.sampler import BucketSampler
from saps.bench.plain_seq2seq import PackedEncoder
from saps.bench.recursive_decoder import RecursiveDecoder
from saps.cli.train import parse_arguments, settings_of
from saps.models.folder import build_system
from saps.models.saps import SAPS
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of, vocabularies_of
from saps.training.optimization import OptimizerSettings, make_optimizer
from tests.bench.clock import Row, side_by_side

EXPERIMENT = Path(__file__).resolve().parents[2] / "experiments" / "saps_vh_att.yaml"
QUICKSTART = EXPERIMENT.with_name("quickstart.yaml")
BATCH, STEPS = 32, 300


def system_of(experiment: Path, tasks: Sequence[Task], *changes: str) -> SAPS:
    """SAPS in the sizes of an experiment, with some flags, for the vocabularies of some tasks."""
    settings = settings_of(parse_arguments(["--config", str(experiment), *changes]))
    torch.manual_seed(1)
    system = build_system(settings.system, settings.sizes, vocabularies_of(tasks))
    assert isinstance(system, SAPS)
    return system


def batches_of(system: SAPS, tasks: Sequence[Task], size: int) -> list[Batch]:
    """One epoch of bucketed batches."""
    numbered = TrainingTasks(tasks, system.vocabularies, None, system.reading)
    sampler = BucketSampler(len(numbered), numbered.lengths, size, seed=1)
    return [collate([numbered[place] for place in places], system.schedule) for places in sampler]


def decoder_against_recursion(system: SAPS, batches: Sequence[Batch]) -> Row:
    """Forward and backward through all node states of a few batches."""
    labels, decoder = system.vocabularies.labels, system.decoder
    chosen = batches[:3]
    size = decoder.hidden
    latents = [torch.randn(len(batch.programs), size, requires_grad=True) for batch in chosen]

    def together() -> None:
        for batch, latent in zip(chosen, latents, strict=True):
            decoder(latent, batch.schedule).sum().backward()

    def recursively() -> None:
        for batch, latent in zip(chosen, latents, strict=True):
            recursive = RecursiveDecoder(decoder, lambda node: labels.index(label_of(node)))
            pairs = zip(latent.unbind(), batch.programs, strict=True)
            torch.stack([state for z, tree in pairs for state in recursive.states(z, tree)]).sum().backward()

    batched, recursion = side_by_side(together, recursively, rounds=3)
    nodes = sum(len(batch.schedule.label) for batch in chosen)
    remark = f"{nodes / batched:,.0f} against {nodes / recursion:,.0f} nodes per CPU-second, forward and backward"
    return Row(f"decoder, {decoder.parent_feed}: batched / recursive", f"{recursion / batched:.1f} x", remark)


def encoder_against_packing(system: SAPS, batches: Sequence[Batch]) -> Row:
    """Forward and backward through the text encoder, and through torch's packed sequences of the same sizes."""
    encoder, twin = system.encoder, PackedEncoder(system.encoder)
    chosen = batches[:10]

    def padded() -> None:
        for batch in chosen:
            found = encoder(batch.texts)
            (found.latent.sum() + found.memory.sum()).backward()

    def packed() -> None:
        for batch in chosen:
            memory, latent = twin(batch.texts)
            (memory.sum() + latent.sum()).backward()

    ours, theirs = side_by_side(padded, packed, rounds=5)
    words = sum(int(batch.texts.lengths.sum()) for batch in chosen)
    remark = f"{words / ours:,.0f} against {words / theirs:,.0f} words per CPU-second, forward and backward"
    return Row("encoder: padded / packed", f"{theirs / ours:.1f} x", remark)


class Parts:
    """CPU seconds by part of a training step."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.tasks = 0

    @contextmanager
    def part(self, name: str) -> Any:
        """Counts what happens inside towards a part."""
        start = time.process_time()
        yield
        self.seconds[name] += time.process_time() - start


def train_a_while(system: SAPS, tasks: Sequence[Task]) -> Parts:
    """Some hundred training steps, so that what is decoded later resembles programs."""
    numbered = TrainingTasks(tasks, system.vocabularies, None, system.reading)
    samplers = [BucketSampler(len(numbered), numbered.lengths, BATCH, seed) for seed in range(STEPS)]
    places = [place for sampler in samplers for place in sampler][:STEPS]
    groups = [[numbered[place] for place in chosen] for chosen in places]
    return train(system, groups, OptimizerSettings(learning_rate=0.005, warmup_steps=20))


def train(system: SAPS, groups: Sequence[Sequence[NumericalTask]], settings: OptimizerSettings) -> Parts:
    """A training step on each group of tasks."""
    optimizer, schedule = make_optimizer(system, settings, len(groups))
    parts = Parts()
    for group in groups:
        with parts.part("loading"):
            batch = collate(group, system.schedule)
        with parts.part("encoder"):
            encoded = system.encode(batch.texts)
        with parts.part("decoder"):
            states = system.decoder(encoded.latent, batch.schedule)
        with parts.part("attention, output, loss"):
            memory, _ = system.start(encoded)
            read = system.readout.attend(states, memory, batch.schedule.grid)
            loss = F.cross_entropy(system.readout(read), batch.schedule.label)
        with parts.part("backward"):
            optimizer.zero_grad()
            loss.backward()
        with parts.part("clipping, optimiser"):
            nn.utils.clip_grad_norm_(system.parameters(), 2.0)
            optimizer.step()
            schedule.step()
        parts.tasks += len(group)
    return parts


def step_rows(what: str, parts: Parts) -> list[Row]:
    """Tasks a second, and the share of each part."""
    total = sum(parts.seconds.values())
    shares = [Row(f"  {name}", f"{100 * seconds / total:.1f} %") for name, seconds in parts.seconds.items()]
    return [Row(what, f"{parts.tasks / total:,.0f}", f"tasks per CPU-second, batches of {BATCH}"), *shares]
