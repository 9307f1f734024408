"""The data that a training names."""

from saps.batches.data_module import TaskData
from saps.batches.endless import GeneratedData
from saps.batches.mixture import MixedData
from saps.batches.settings import DataSettings
from saps.tasks.query import TEXT, Reading


def read_data(settings: DataSettings, seed: int, reading: Reading = TEXT) -> TaskData:
    """The data that the settings name: a file of tasks, generated ones, or a mixture of both.

    Raises:
        UserError: a file cannot be read, a program stands on both sides, or nothing is left to learn from.
    """
    if settings.is_mixture:
        return MixedData(settings, seed, reading)
    return (TaskData if settings.generated is None else GeneratedData)(settings, seed, reading)
