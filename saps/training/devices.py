"""Whether this machine can train as it is asked to."""

import torch
from torch import nn

from saps.errors import UserError
from saps.training.launching import launch_of
from saps.training.settings import TrainerSettings

_TYPES = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}


def check_devices(settings: TrainerSettings) -> None:
    """Checks that this machine has the GPUs that are asked for, and the arithmetic where it is the CPU that trains.

    Without any GPU ``auto`` trains on the CPU.

    Raises:
        UserError: it has not, or the settings contradict torchrun or srun.
    """
    found, wanted = torch.accelerator.device_count(), launch_of(settings).devices
    if settings.accelerator == "gpu" and not found:
        raise UserError("trainer.accelerator gpu: torch sees no GPU on this machine; use cpu or auto")
    if settings.accelerator != "cpu" and 0 < found < wanted:
        raise UserError(f"trainer.devices {wanted}: this machine has {found}; ask for no more")
    on_cpu = settings.accelerator == "cpu" or not found
    if on_cpu and settings.precision in _TYPES and not has_lstm_in(_TYPES[settings.precision]):
        raise UserError(f"trainer.precision {settings.precision}: this processor has no LSTM in it; use 32-true")


def has_lstm_in(dtype: torch.dtype) -> bool:
    """Whether torch's LSTM learns in a type on this processor; bfloat16 wants AVX-512 or better."""
    lstm = nn.LSTM(8, 8)
    try:
        with torch.autocast("cpu", dtype):
            outputs, _ = lstm(torch.zeros(2, 1, 8))
        outputs.float().sum().backward()
    except RuntimeError:
        return False
    return True
