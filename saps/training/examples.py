"""What each validation found, task by task: written into the run's folder, and logged to W&B from there."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor, distributed

from saps.batches.collate import Batch
from saps.batches.numericalise import numericalise_tree
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.models.system import Prediction
from saps.nn.text_encoder import Texts
from saps.tasks.atomic import dump_json
from saps.training.module import TrainingModule
from saps.training.pictures import MOST_NODES, draw_attention, draw_trees
from saps.training.run_folder import VALIDATIONS

COLUMNS = ("sentence", "wanted", "given", "verdict", "log probability")
TREES, MAPS = 3, 2  # pictures a validation

Counts = dict[str, tuple[int, int]]
"""Of each kind of task, how many were answered with their own program, and how many there are."""


class Judged(NamedTuple):
    """A task of a validation with its answer."""

    batch: Batch
    place: int  # in the batch
    prediction: Prediction

    @property
    def wanted(self) -> Tree:
        return self.batch.programs[self.place]

    def verdict(self) -> str:
        """What there is to say of the answer without running it."""
        if self.prediction.program == self.wanted:
            return "exact match"
        return "another program" if self.prediction.program is not None else self.prediction.problem


class ValidationExamples(Callback):
    """Writes ``validations/STEP`` and publishes it: predictions of the first process, counts of all of them."""

    def __init__(
        self, folder: Path, examples: int, templates: Mapping[Tree, str], publish: Callable[[Path, int], None]
    ) -> None:
        """Prepares.

        Args:
            folder: of the run.
            examples: how many predictions are written.
            templates: what each program of the validation was made from, where that is known.
            publish: gets the folder of a validation and its step.
        """
        self.folder, self.examples, self.publish = folder / VALIDATIONS, examples, publish
        self.templates = templates

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Asks for the predictions."""
        assert isinstance(pl_module, TrainingModule)
        pl_module.predictions = ([], [])

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes what the weights that did better have found."""
        assert isinstance(pl_module, TrainingModule)
        assert pl_module.predictions is not None
        pairs = pl_module.predictions[pl_module.is_average_better]
        pl_module.predictions = None
        judged = [Judged(batch, place, prediction) for batch, found in pairs for place, prediction in enumerate(found)]
        counts = {"depth": _counts(judged, lambda tree: f"{tree.depth():02}"),
                  "template": _counts(judged, self.templates.get)}  # fmt: skip
        counts = _of_all_processes(trainer, counts)
        if not trainer.is_global_zero:
            return
        step = trainer.global_step
        place = self.folder / str(step)
        place.mkdir(parents=True, exist_ok=True)
        shown = judged[:: max(1, -(-len(judged) // self.examples))]
        rows = [_row(one, pl_module) for one in shown]
        dump_json(place / "examples.json", {"columns": COLUMNS, "rows": rows, **counts})
        for name, picture in self._pictures(shown, pl_module):
            (place / name).write_bytes(picture)
        self.publish(place, step)

    def _pictures(self, shown: list[Judged], module: TrainingModule) -> Iterator[tuple[str, bytes]]:
        small = [one for one in shown if one.wanted.size() <= MOST_NODES]
        for number, one in enumerate(_spread(small, TREES)):
            sides = [("wanted", one.wanted), (f"given: {one.verdict()}", one.prediction.program)]
            yield f"trees-{number}.png", draw_trees(sides, " ".join(_words(one, module)))
        for number, one in enumerate(_spread(small, MAPS)):
            weights = _attention(one, module)
            if weights is not None:
                labels = [node.label for node in one.wanted.preorder()]
                yield f"attention-{number}.png", draw_attention(_words(one, module), labels, weights)


def _spread(judged: list[Judged], count: int) -> list[Judged]:
    return judged[:: max(1, -(-len(judged) // count))]


def _counts(judged: Iterable[Judged], kind_of: Callable[[Tree], str | None]) -> Counts:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in judged:
        kind = kind_of(one.wanted)
        if kind is not None:
            counts[kind][0] += one.prediction.program == one.wanted
            counts[kind][1] += 1
    return {kind: (right, tasks) for kind, (right, tasks) in sorted(counts.items())}


def _of_all_processes(trainer: pl.Trainer, counts: Mapping[str, Counts]) -> dict[str, Counts]:
    if trainer.world_size == 1:
        return dict(counts)
    gathered: list[Any] = [None] * trainer.world_size
    distributed.all_gather_object(gathered, dict(counts))
    total: dict[str, Counts] = {name: {} for name in counts}
    for of_process in gathered:
        for name, found in of_process.items():
            for kind, (right, tasks) in found.items():
                before = total[name].get(kind, (0, 0))
                total[name][kind] = (before[0] + right, before[1] + tasks)
    return {name: dict(sorted(found.items())) for name, found in total.items()}


def _row(one: Judged, module: TrainingModule) -> list[Any]:
    given = one.prediction.program
    spelt = "" if given is None else to_lisp(given)
    return [" ".join(_words(one, module)), to_lisp(one.wanted), spelt, one.verdict(), one.prediction.log_probability]


def _words(one: Judged, module: TrainingModule) -> list[str]:
    symbols, length = module.system.vocabularies.words.symbols, int(one.batch.texts.lengths[one.place])
    return [symbols[number] for number in one.batch.texts.words[one.place, :length].tolist()]


@torch.no_grad()
def _attention(one: Judged, module: TrainingModule) -> list[list[float]] | None:
    """How much each node of the true program reads each word (n, S); None for a system without attention."""
    system, row = module.system, slice(one.place, one.place + 1)
    parts: list[Any] = [part[row] if isinstance(part, Tensor) else part for part in one.batch.texts]
    texts = Texts(*parts)
    was_training = system.training
    system.eval()
    with module.better_weights():
        found = system.teacher_forced(texts, [numericalise_tree(one.wanted, system.vocabularies.labels)])
    system.train(was_training)
    weights = found[0].attention if found else None
    return None if weights is None else weights[:, : int(one.batch.texts.lengths[one.place])].tolist()
