"""What a run is told: every field is a setting of the YAML file and a flag of ``saps train``."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from saps.restricted import Count, CountFromZero, NonNegative, Share
from saps.training.budget import Budget, parse_time, parse_wall_time
from saps.training.selection import Criterion

SECTIONS = ("data", "model", "optimizer", "trainer", "pretrained", "tracking")
"""The groups of settings, with which their names begin; beside them there is ``seed``."""
NO_SETTING = f"is no setting of a training; they begin with {', '.join(SECTIONS)}"


def is_setting(name: str) -> bool:
    """Whether a name may be that of a setting of a training, not of what ``saps train`` does with it."""
    return name == "seed" or name.partition(".")[0] in SECTIONS


@dataclass(frozen=True)
class TrainerSettings:
    """How long to train, how often to look, and on what."""

    max_steps: Count = 6000
    """Steps of the optimiser; the schedule of the learning rate ends with the last one."""
    max_time: str = ""
    """Time of training instead of ``max_steps``: 10m, 90s, 2h on the wall's clock, 10m-cpu of the processor's.

    Validations and checkpoints do not count; the schedule of the learning rate goes by the time."""
    max_wall: str = ""
    """Time on the wall's clock, such as 11h50m, from the start of the process on, after which the run stops with a
    checkpoint and exit code 124: what a cluster gives, less a margin. It says nothing about how long the run learns."""
    validations: Count = 5
    """Validations in ``max_time``, at equal shares of it; without one ``validate_every`` says when."""
    validate_every: Count = 500
    """Steps between two validations; the last step is validated where ``max_steps`` is a multiple of it."""
    select: Criterion = "exact_match"
    """Which figure of the validations the exported model, the best checkpoint and early stopping go by."""
    patience: CountFromZero = 0
    """Validations without a better figure of ``select`` after which training stops; 0 trains to the last step."""
    checkpoint_every: Count = 250
    """Steps between two checkpoints to resume from."""
    log_every: Count = 50
    """Steps between two lines of training metrics."""
    gradient_clip: NonNegative = 2.0
    """Largest norm of the gradient; 0 does not clip."""
    accumulate: Count = 1
    """Batches a step of the optimiser."""
    average: Share = 0.0
    """Decay of an exponential moving average of the weights, such as 0.999; it is validated beside them, and the better
    of the two are exported. 0 averages nothing."""
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """Arithmetic of the network; bf16-mixed on a CPU wants AVX-512 or better, and brings little there."""
    replay: CountFromZero = 0
    """Shapes, such as 16, to which nearly all batches are padded; of each, forward and backward are recorded once as a
    CUDA graph and replayed from then on. 0 replays nothing."""
    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    """Where to train."""
    devices: Count | None = None
    """Processes a node, one a GPU; unset, as many as torchrun or srun has started, else 1."""
    nodes: Count | None = None
    """Machines of the cluster; unset, as many as torchrun or srun uses, else 1."""
    profiler: Literal["simple", "torch"] | None = None
    """Writes into the run's folder profile/ where the time goes: simple, by hook; torch, by operation, as a trace."""
    threads: CountFromZero = 0
    """Threads of the CPU for each process; 0 leaves it to torch and OMP_NUM_THREADS."""

    def __post_init__(self) -> None:
        """Refuses a time that is none."""
        self.budget()
        self.most_seconds()

    def budget(self) -> Budget | None:
        """The budget of time; None for a run that counts steps.

        Raises:
            UserError: ``max_time`` is no time.
        """
        return parse_time(self.max_time, "trainer.max_time") if self.max_time else None

    def most_seconds(self) -> float | None:
        """Seconds that the process may take; None for any number.

        Raises:
            UserError: ``max_wall`` is no time of the wall's clock.
        """
        return parse_wall_time(self.max_wall, "trainer.max_wall") if self.max_wall else None


@dataclass(frozen=True)
class PretrainedSettings:
    """What the run starts from instead of chance: another model such as a tree autoencoder, or word vectors."""

    model: Path | None = None
    """Its run folder or exported model; unset, all weights start at random."""
    parts: list[str] = field(default_factory=lambda: ["decoder", "readout.to_label"])
    """Which weights, by the beginnings of their names: the cells and label vectors of a decoder, and its output."""
    frozen_steps: CountFromZero = 0
    """Steps of the optimiser for which these weights stay as they are; then they are learned like all others.

    With ``max_time`` they stay so for the same share of the time as these steps are of ``max_steps``."""
    word_vectors: Path | None = None
    """File of ready-made word vectors (GloVe or word2vec text, plain or .gz, or .npy with .words)."""
    train_word_vectors: bool = True
    """Whether ready-made vectors are learned further."""


@dataclass(frozen=True)
class TrackingSettings:
    """Where metrics go besides ``metrics.csv``, which is always written."""

    wandb: Literal["offline", "online", "disabled"] | None = None
    """Weights & Biases; unset, the environment variable WANDB_MODE decides, and without one it is offline."""
    project: str | None = None
    """The project in Weights & Biases; unset, the environment variable WANDB_PROJECT decides, and without one saps."""
    name: str | None = None
    """The run's name there; unset, that of its folder."""
    group: str | None = None
    """Runs of a group are shown together there; unset, the environment variable WANDB_RUN_GROUP decides."""
    job_type: str = "train"
    """What kind of run it is there."""
    tags: list[str] = field(default_factory=list)
    """Its tags there."""
    examples: CountFromZero = 30
    """Predictions in the table that each validation logs there; some are drawn as pictures. 0 logs none of it."""
    tensorboard: bool = False
    """Whether metrics go to TensorBoard as well, in the run's folder tensorboard/."""
