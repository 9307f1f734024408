"""Any system, and any data, as Lightning wants them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor, distributed, nn

from saps.batches.collate import Batch, to_device
from saps.batches.data_module import TaskData
from saps.batches.sampler import BucketSampler
from saps.models.system import Loss, Prediction, System
from saps.training.averaging import WeightAverage
from saps.training.optimization import OptimizerSettings, make_optimizer
from saps.training.replay import Replay
from saps.training.selection import Selection, ValidationFigures

Answered = tuple[Batch, list[Prediction]]


class TrainingModule(pl.LightningModule):
    """Trains and validates one system."""

    def __init__(
        self,
        system: System,
        optimizer: OptimizerSettings,
        selection: Selection,
        time_used: Callable[[], float] | None = None,
        average: WeightAverage | None = None,
        replay: bool = False,
    ) -> None:
        """Of a system and how it is trained.

        Args:
            system: whose weights are learned.
            optimizer: by which optimiser and schedule.
            selection: says whether the weights or their average are better.
            time_used: the share of the run's time that is over, where it is time that the run is given.
            average: of the weights, where one is kept; it is validated as well.
            replay: whether steps are recorded and replayed.
        """
        super().__init__()
        self.system, self.optimizer_settings, self.selection = system, optimizer, selection
        self.time_used, self.average = time_used, average
        self.loss_of = Replay(system).loss if replay else system.loss
        self.labels = self.labels_of_batch = 0
        """How many labels, one for each node, this process has learned from, and those of its last batch."""
        self.predictions: tuple[list[Answered], list[Answered]] | None = None
        """Where somebody asks for them: the answers of a validation, by the weights and by their average."""
        self.is_average_better = False
        """Whether the average did at least as well as the weights themselves in the last validation."""

    def on_train_epoch_start(self) -> None:
        """Counts passes over a file by the batches seen: Lightning repeats one in a run resumed twice at their ends."""
        sampler = getattr(self.trainer.train_dataloader, "batch_sampler", None)
        if isinstance(sampler, BucketSampler):
            loop = self.trainer.fit_loop
            sampler.go_to(loop.total_batch_idx + 1)
            counted = loop.epoch_progress.current
            counted.processed = counted.completed = sampler.epoch  # type: ignore[attr-defined]  # it has both

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """One step of the optimiser sees one batch."""
        found = self.loss_of(batch.texts, batch.schedule)
        self.labels_of_batch = found.labels
        self.labels += found.labels
        loss, weight = self._over_all_processes(found)
        self.log("train_loss", loss, batch_size=len(batch.programs), prog_bar=True)
        return found.loss * weight

    def _over_all_processes(self, found: Loss) -> tuple[Tensor, Tensor | float]:
        """The loss of the labels of all processes, and the weight of this one's in the mean of their gradients."""
        world = self.trainer.world_size
        if world == 1:
            return found.loss, 1.0
        own = found.loss.detach().float()
        sums = torch.stack([own * found.labels, torch.full_like(own, found.labels)])
        distributed.all_reduce(sums)
        total, labels = sums.unbind()
        return total / labels, found.labels * world / labels

    def on_validation_epoch_start(self) -> None:
        """Begins to count, for the weights and for their average."""
        self._judged = torch.zeros(1 if self.average is None else 2, 4, dtype=torch.float64, device=self.device)

    def validation_step(self, batch: Batch | None, batch_idx: int) -> None:
        """Loss under teacher forcing, and exact match of the greedy answers; None where there are too few batches."""
        if batch is None:
            return
        self._judged[0] += self._judge(batch, 0)
        if self.average is not None:
            with self.average.swapped_in():
                self._judged[1] += self._judge(batch, 1)

    def _judge(self, batch: Batch, weights: int) -> Tensor:
        loss = self.system.loss(batch.texts, batch.schedule)
        predictions = self.system.validate(batch.texts, batch.schedule)
        right = sum(found.program == program for found, program in zip(predictions, batch.programs, strict=True))
        if self.predictions is not None:
            self.predictions[weights].append((batch, predictions))
        size = len(batch.programs)
        found = [float(loss.loss) * size, float(loss.label_accuracy) * size, right, size]
        return torch.tensor(found, dtype=torch.float64, device=self.device)

    def on_validation_epoch_end(self) -> None:
        """The figures of all tasks: sums over all processes, so that they do not depend on how many there are."""
        judged = self._judged
        if self.trainer.world_size > 1:
            distributed.all_reduce(judged)
        figures = [ValidationFigures(*(total / tasks for total in totals)) for *totals, tasks in judged.tolist()]
        if self.average is not None:
            self._compare(*figures)
        for name, value in figures[self.is_average_better]._asdict().items():
            self.log(name, value, prog_bar=name == "val_exact_match")

    def _compare(self, raw: ValidationFigures, average: ValidationFigures) -> None:
        """Which weights are better."""
        for name, figures in (("raw", raw), ("average", average)):
            self.log(f"val_loss_{name}", figures.val_loss)
            self.log(f"val_exact_match_{name}", figures.val_exact_match)
        self.is_average_better = self.selection.key(average) >= self.selection.key(raw)

    @contextmanager
    def better_weights(self) -> Iterator[dict[str, Any]]:
        """Within it the system has the weights that did better in the last validation; gives what to note of them."""
        if self.average is None:
            yield {}
        elif self.is_average_better:
            with self.average.swapped_in():
                yield {"weights": f"average with decay {self.average.decay}"}
        else:
            yield {"weights": "raw"}

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """By the norm. Lightning refuses this to fused optimisers under bf16 too, where no gradient is scaled."""
        if self.trainer.precision == "bf16-mixed" and gradient_clip_val:
            nn.utils.clip_grad_norm_(self.parameters(), gradient_clip_val)
        else:
            self.clip_gradients(optimizer, gradient_clip_val, gradient_clip_algorithm)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """Adam with the schedule of ``OptimizerSettings`` over all steps, or all the time, of the run."""
        steps = 0 if self.time_used else int(self.trainer.estimated_stepping_batches)
        fused = self.trainer.precision != "16-mixed"
        optimizer, schedule = make_optimizer(self.system, self.optimizer_settings, steps, self.time_used, fused)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class DataModule(pl.LightningDataModule):
    """The batches of some data, as a system wants to have them.

    The number of batches done is the whole state: a resumed run goes on with the very batch that was next.
    """

    def __init__(self, data: TaskData, system: System, shapes: int = 0) -> None:
        """Of some data for a system; of training batches in so many shapes, 0 for any."""
        super().__init__()
        self.data, self.system, self.shapes, self.batches_done = data, system, shapes, 0

    def train_dataloader(self) -> Iterable[Batch]:
        """Batches of the training tasks, sharded among the processes of the trainer."""
        rank, world = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        return self.data.training_batches(self.system.schedule, self.batches_done, rank, world, self.shapes)

    def val_dataloader(self) -> Iterable[Batch | None]:
        """Each validation task once, by one of the processes."""
        rank, world = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        return self.data.validation_batches(self.system.schedule, rank, world)

    def state_dict(self) -> dict[str, Any]:
        """How many batches each process has seen, and how many processes; Lightning puts it into the checkpoint."""
        trainer = self.trainer
        batches = trainer.fit_loop.total_batch_idx + 1 if trainer else self.batches_done
        return {"batches_done": batches, "processes": trainer.world_size if trainer else 1}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on after the batches that a checkpoint has seen."""
        self.batches_done = state_dict["batches_done"]

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Moves the tensors of a batch; programs stay as they are."""
        return to_device(batch, device)
