"""A training step of the other systems beside that of SAPS VH Att, all in the sizes of the paper."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import nn

from saps.batches.collate import collate
from saps.batches.numericalise import numericalise_task
from saps.cli.train import parse_arguments, settings_of
from saps.models.folder import build_system
from saps.models.registry import system_named
from saps.tasks.task import Task
from saps.tasks.vocabulary import vocabularies_of
from tests.bench.clock import Row, side_by_side

PAPER = Path(__file__).resolve().parents[2] / "experiments" / "paper"
BATCH, BATCHES, ROUNDS = 32, 2, 3
BESIDE = (
    ("Seq2Seq", "seq2seq"),
    ("Seq2Tree", "seq2tree"),
    ("Transformer", "transformer"),
    ("SAPS, Transformer encoder", "saps_transformer"),
)


def training_steps(name: str, tasks: Sequence[Task]) -> Callable[[], None]:
    """Some steps of a system on batches of tasks of similar length, the same for every system."""
    settings = settings_of(parse_arguments(["--config", str(PAPER / f"{name}.yaml")]))
    reading = system_named(settings.system).reading
    vocabularies = vocabularies_of(tasks, reading=reading)
    torch.manual_seed(1)
    system = build_system(settings.system, settings.sizes, vocabularies)
    ordered = sorted(tasks, key=lambda task: (len(task.text), task.program.size()))
    middle = len(ordered) // 2 - BATCH * BATCHES // 2
    chosen = [ordered[middle + BATCH * place :][:BATCH] for place in range(BATCHES)]
    numerical = [[numericalise_task(task, vocabularies, reading) for task in part] for part in chosen]
    batches = [collate(part, system.schedule) for part in numerical]
    optimizer = torch.optim.AdamW([weight for weight in system.parameters() if weight.requires_grad])

    def steps() -> None:
        for batch in batches:
            optimizer.zero_grad()
            system.loss(batch.texts, batch.schedule).loss.backward()
            nn.utils.clip_grad_norm_(system.parameters(), 2.0)
            optimizer.step()

    return steps


def systems_side_by_side(tasks: Sequence[Task]) -> list[Row]:
    """How much faster or slower SAPS VH Att learns than each of the others; the first has its encoder."""
    saps = training_steps("saps_vh_att", tasks)
    rows = []
    for what, name in BESIDE:
        ours, theirs = side_by_side(saps, training_steps(name, tasks), ROUNDS)
        rates = [BATCH * BATCHES / seconds for seconds in (ours, theirs)]
        remark = f"{rates[0]:,.0f} against {rates[1]:,.0f} tasks per CPU-second, training, paper size"
        rows.append(Row(f"SAPS VH Att / {what}", f"{theirs / ours:.2f} x", remark))
    return rows
