"""The data that a training names."""

from saps.batches.data_module import TaskData
from saps.batches.endless import GeneratedData
from saps.batches.mixture import MixedData
from saps.batches.settings import DataSettings
from saps.errors import UserError
from saps.tasks.missing import how_to_get
from saps.tasks.query import TEXT, Reading


def check_files(settings: DataSettings) -> None:
    """Checks, where the data will be read elsewhere, that its files are there.

    Raises:
        UserError: one is not.
    """
    named = [("validation", settings.validation), ("train", settings.train)]
    for name, path in [*named, *(("exclude", path) for path in settings.exclude)]:
        if path is not None and not path.is_file():
            raise UserError(f"data.{name}: {path}: no such file; {how_to_get(path)}")


def read_data(settings: DataSettings, seed: int, reading: Reading = TEXT) -> TaskData:
    """The data that the settings name: a file of tasks, generated ones, or a mixture of both.

    Raises:
        UserError: a file cannot be read, a program stands on both sides, or nothing is left to learn from.
    """
    if settings.is_mixture:
        return MixedData(settings, seed, reading)
    return (TaskData if settings.generated is None else GeneratedData)(settings, seed, reading)
