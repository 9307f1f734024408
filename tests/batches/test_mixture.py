"""Batches of a file's tasks and generated ones: their shares, and that they are a function of seed and number."""

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest

from saps.batches.collate import Batch
from saps.batches.data_module import TaskData
from saps.batches.mixture import MixedData, MixedWindows, TrainingTasks
from saps.batches.read_data import read_data
from saps.batches.sampler import WINDOW
from saps.batches.settings import DataSettings
from saps.errors import UserError
from saps.generator import Switches
from saps.lang.trees import Tree
from saps.nn.schedule import schedule_of
from saps.tasks.vocabulary import UNKNOWN
from tests.training.made import write_data

SIZE, SHARE = 4, 0.25
FRESH = int(WINDOW * SIZE * SHARE)  # of a window


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> DataSettings:
    train, validation = write_data(tmp_path_factory.mktemp("mixture"), 70, 10)
    return DataSettings(validation, train, generated=Switches(), generated_share=SHARE, batch_size=SIZE)


@pytest.fixture(scope="module")
def data(settings: DataSettings) -> MixedData:
    found = read_data(settings, seed=3)
    assert isinstance(found, MixedData)
    return found


def batches(data: TaskData, count: int, done: int = 0, rank: int = 0, world: int = 1) -> list[Batch]:
    return list(islice(data.training_batches(schedule_of, done, rank, world), count))


def programs(found: list[Batch]) -> list[tuple[Tree, ...]]:
    return [batch.programs for batch in found]


def test_a_window_has_its_share_of_generated_tasks(data: MixedData) -> None:
    of_file = {task.program for task in data.train_tasks}
    for window in (programs(batches(data, WINDOW, done)) for done in (0, WINDOW)):
        seen = [program for batch in window for program in batch]
        fresh = sum(program not in of_file for program in seen)
        assert len(seen) == WINDOW * SIZE
        assert FRESH - 8 <= fresh <= FRESH  # a few common programs are generated as well
        assert sum(0 < sum(p in of_file for p in batch) < SIZE for batch in window) > WINDOW / 2


def test_every_task_of_the_file_comes_once_a_pass(data: MixedData) -> None:
    tasks = TrainingTasks(data.train_tasks, data.vocabularies, None)
    windows = MixedWindows(data.stream, data.vocabularies, data.settings, tasks)
    places = [place for window in range(7) for place in windows.places(window)]  # 1,050: fifteen passes
    assert Counter(places) == Counter((index, epoch) for epoch in range(15) for index in range(70))
    orders = [[index for index, of in places if of == epoch] for epoch in (0, 1)]
    assert orders[0] != orders[1]


def test_batches_go_on_wherever_a_run_was_resumed(settings: DataSettings, data: MixedData) -> None:
    changed = read_data(replace(settings, substitution=0.5), seed=3)
    for one in (data, changed):
        whole = programs(batches(one, 2 * WINDOW + 10))
        for done in (0, 7, WINDOW, WINDOW + 20):
            assert programs(batches(one, 30, done)) == whole[done : done + 30]
    assert programs(batches(changed, 30)) != programs(batches(data, 30))


def test_processes_see_different_windows_and_workers_change_nothing(settings: DataSettings, data: MixedData) -> None:
    alone = programs(batches(data, 2 * WINDOW))
    assert programs(batches(data, WINDOW, rank=1, world=2)) == alone[WINDOW:]
    assert programs(batches(read_data(replace(settings, workers=2), seed=3), 2 * WINDOW)) == alone


def test_nothing_is_unknown(data: MixedData) -> None:
    unknown = data.vocabularies.words.index(UNKNOWN)
    for batch in batches(data, WINDOW):
        assert not (batch.texts.words == unknown).any()
        assert not (batch.schedule.label == unknown).any()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"generated_share": 0.0}, "both are given; mix them by data.generated_share, between 0 and 1 and not 0"),
        ({"generated_share": 1.0}, "both are given; mix them by data.generated_share, between 0 and 1 and not 1"),
        ({"train": None}, r"data\.generated_share 0\.25: is for a mixture; give data\.train and data\.generated both"),
        ({"generated": None, "generated_share": 1.0}, r"data\.generated_share 1: is for a mixture"),
    ],
)
def test_a_share_that_means_nothing_is_refused(
    settings: DataSettings, changes: dict[str, None], complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint):
        replace(settings, **changes)
