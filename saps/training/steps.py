"""Steps of the optimiser, which may be of several batches."""

import pytorch_lightning as pl


def ends_step(trainer: pl.Trainer, batch_idx: int) -> bool:
    """Whether a step ends with this batch of the epoch, as the last one of every epoch does."""
    batches = batch_idx + 1
    return batches % trainer.accumulate_grad_batches == 0 or batches == trainer.num_training_batches
