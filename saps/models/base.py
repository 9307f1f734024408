"""What every system shares: a Lightning module that learns from batches and answers texts with programs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytorch_lightning as pl
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor, nn

from saps.batches.collate import Batch, Texts
from saps.lang.trees import Tree
from saps.models.optimization import OptimizerSettings, make_optimizer
from saps.nn.word_vectors import use_word_vectors
from saps.search.step import Step
from saps.tasks.query import TEXT, Reading
from saps.tasks.vocabulary import Vocabularies


class Losses(NamedTuple):
    """The loss of a batch, and what is worth seeing beside it."""

    loss: Tensor  # () mean cross-entropy of the labels: what is minimised
    label_accuracy: Tensor  # () share of labels that are the most probable ones under teacher forcing


class Answer(NamedTuple):
    """A predicted program with its log-probability under the model."""

    program: Tree | None  # None where what was written is no program
    log_probability: float
    problem: str = ""  # why it is none
    held_back: bool = False  # limits on size and depth made it another program than the one decoded label by label


class System(pl.LightningModule):
    """A system of the table. A subclass defines ``losses`` and ``answer``; the rest is the same for all.

    Its constructor takes the vocabularies and then only plain values, so that its configuration can be written down.
    """

    reading: ClassVar[Reading] = TEXT
    """What it reads of a task; ``Texts`` are the numbers of these tokens."""
    read_at_start: ClassVar[frozenset[str]] = frozenset()
    """Settings that name files whose content becomes weights: an exported model is whole without them."""

    def __init__(self, vocabularies: Vocabularies, optimizer: OptimizerSettings | None = None) -> None:
        super().__init__()
        self.vocabularies = vocabularies
        self.optimizer_settings = optimizer or OptimizerSettings()
        self.remarks: list[str] = []  # what is worth saying when a run begins
        self.time_used: Callable[[], float] | None = None  # share of the run's time, where time is what it is given

    def read_word_vectors(self, embedding: nn.Embedding, path: Path | None, trained: bool) -> None:
        """Fills the embedding of the words from a file of ready-made vectors, where one is named.

        Raises:
            UserError: the file is no such file, or its vectors have another size.
        """
        if path is not None:
            words = self.vocabularies.words.symbols
            self.remarks.append(use_word_vectors(embedding, Path(path), words, trained))

    def losses(self, batch: Batch) -> Losses:
        """The loss of a batch under teacher forcing."""
        raise NotImplementedError(f"{type(self).__name__} must define losses(batch)")

    def answer(self, texts: Texts) -> Sequence[Answer]:
        """The most probable program that greedy decoding finds for each of B texts."""
        raise NotImplementedError(f"{type(self).__name__} must define answer(texts)")

    def answers_to(self, batch: Batch) -> Sequence[Answer]:
        """What validation judges: the answers to the texts of a batch."""
        return self.answer(batch.texts)

    def stepper(self, texts: Texts) -> Step[Any]:
        """The system as search sees it, for B texts."""
        raise NotImplementedError(f"{type(self).__name__} must define stepper(texts)")

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """One step of the optimiser sees one batch."""
        losses = self.losses(batch)
        self.log("train_loss", losses.loss, batch_size=len(batch.programs), prog_bar=True)
        return losses.loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Loss under teacher forcing, and exact match of the greedy answers."""
        losses = self.losses(batch)
        answers = self.answers_to(batch)
        right = sum(answer.program == program for answer, program in zip(answers, batch.programs, strict=True))
        size = len(batch.programs)
        self.log("val_loss", losses.loss, batch_size=size, sync_dist=True)
        self.log("val_label_accuracy", losses.label_accuracy, batch_size=size, sync_dist=True)
        self.log("val_exact_match", right / size, batch_size=size, sync_dist=True, prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """Adam with the schedule of ``OptimizerSettings`` over all steps, or all the time, of the run."""
        steps = 0 if self.time_used else int(self.trainer.estimated_stepping_batches)
        optimizer, schedule = make_optimizer(self, self.optimizer_settings, steps, self.time_used)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def parameter_count(self) -> int:
        """Number of trainable parameters."""
        return sum(parameter.numel() for parameter in self.parameters() if parameter.requires_grad)
