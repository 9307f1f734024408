"""Lightning's callbacks for a run that is gone on with: after it has ended, or from another place."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint


class Patience(EarlyStopping):
    """Ends a run that no longer gets better, and does not let it learn any further when it is resumed."""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Called before the first step, with what a checkpoint has said."""
        if self.wait_count >= self.patience:
            trainer.should_stop = True


class BestCheckpoint(ModelCheckpoint):
    """Keeps the checkpoint of the best validation; a run whose folder was moved remembers which one that was."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from a checkpoint, whose paths are those of the place where it was written."""

        def moved(path: str) -> str:
            return str(Path(str(self.dirpath)) / Path(path).name) if path else path

        state = {**state_dict, "dirpath": self.dirpath}
        for name in ("best_model_path", "kth_best_model_path", "last_model_path"):
            state[name] = moved(state[name])
        state["best_k_models"] = {moved(path): value for path, value in state["best_k_models"].items()}
        super().load_state_dict(state)
