"""In which order tasks are seen."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.batches.sampler import WINDOW, BucketSampler

laws = settings(deadline=None, max_examples=40)
sizes = st.integers(1, 60)


def bucket_sampler(
    lengths: Sequence[int], batch_size: int, seed: int, rank: int = 0, world: int = 1, start: int = 0
) -> BucketSampler:
    """A sampler of tasks whose lengths are the same in every epoch."""
    return BucketSampler(len(lengths), lambda epoch: lengths, batch_size, seed, rank, world, start)


def epoch_of(sampler: BucketSampler, epoch: int) -> list[list[tuple[int, int]]]:
    sampler.epoch = epoch
    return list(sampler)


@laws
@given(tasks=sizes, batch=st.integers(1, 9), seed=st.integers(0, 9), epoch=st.integers(0, 3))
def test_every_task_comes_once_an_epoch(tasks: int, batch: int, seed: int, epoch: int) -> None:
    sampler = bucket_sampler(range(tasks), batch, seed)
    batches = epoch_of(sampler, epoch)
    assert sorted(place for of_batch in batches for place in of_batch) == [(index, epoch) for index in range(tasks)]
    assert len(batches) == len(sampler)
    assert all(1 <= len(of_batch) <= batch for of_batch in batches)
    assert sum(len(of_batch) < batch for of_batch in batches) <= 1


def test_the_order_is_that_of_seed_and_epoch() -> None:
    lengths = np.random.default_rng(0).integers(0, 9, 50)
    first = epoch_of(bucket_sampler(lengths, 4, seed=1), 2)
    assert epoch_of(bucket_sampler(lengths, 4, seed=1), 2) == first
    sampler = bucket_sampler(lengths, 4, seed=1)
    epoch_of(sampler, 0)
    assert epoch_of(sampler, 2) == first  # whatever was drawn before
    indices = {
        tuple(index for batch in epoch_of(bucket_sampler(lengths, 4, seed), epoch) for index, _ in batch)
        for seed, epoch in ((1, 2), (1, 3), (2, 2))
    }
    assert len(indices) == 3


@laws
@given(tasks=st.integers(8, 60), batch=st.integers(1, 4), world=st.integers(1, 4), epoch=st.integers(0, 2))
def test_processes_see_together_what_one_sees_in_larger_batches(tasks: int, batch: int, world: int, epoch: int) -> None:
    shards = [epoch_of(bucket_sampler(range(tasks), batch, 3, rank, world), epoch) for rank in range(world)]
    assert len({len(shard) for shard in shards}) == 1
    seen = [index for shard in shards for of_batch in shard for index, _ in of_batch]
    assert len(set(seen)) == len(seen)
    whole = epoch_of(bucket_sampler(range(tasks), batch * world, 3), epoch)
    together = [sorted(place for part in parts for place in part) for parts in zip(*shards, strict=True)]
    assert together == [sorted(of_batch) for of_batch in whole if len(of_batch) >= world]
    assert len(whole) - sum(map(len, shards)) < world  # what does not divide evenly is left for another epoch


@laws
@given(start=st.integers(0, 8), rank=st.integers(0, 1))
def test_a_start_leaves_out_exactly_the_batches_before_it_and_only_once(start: int, rank: int) -> None:
    whole = bucket_sampler(range(35), 2, seed=5, rank=rank, world=2)
    resumed = bucket_sampler(range(35), 2, seed=5, rank=rank, world=2, start=start)
    assert epoch_of(resumed, 4) == epoch_of(whole, 4)[start:]
    assert epoch_of(resumed, 5) == epoch_of(whole, 5)


@laws
@given(passes=st.integers(0, 3), start=st.integers(0, 17), tasks=st.integers(35, 36))
def test_batches_are_counted_over_all_passes(passes: int, start: int, tasks: int) -> None:
    whole, resumed = (bucket_sampler(range(tasks), 2, seed=5) for _ in range(2))
    resumed.go_to(passes * 18 + start)
    assert list(resumed) == epoch_of(whole, passes)[start:]


def test_batches_hold_tasks_of_similar_length_and_come_in_no_order_of_length() -> None:
    lengths = np.random.default_rng(1).integers(0, 1000, 8 * WINDOW)
    batches = [lengths[[index for index, _ in batch]] for batch in bucket_sampler(lengths, 8, seed=0)]
    assert np.mean([np.ptp(batch) for batch in batches]) < 50  # of 1000; by chance it would be about 780
    means = [batch.mean() for batch in batches]
    assert abs(np.corrcoef(means, range(len(means)))[0, 1]) < 0.4


@pytest.mark.parametrize("world", [1, 2])
def test_fewer_batches_than_processes_leave_none(world: int) -> None:
    assert len(bucket_sampler([1], 4, seed=0, world=world)) == (world == 1)


def test_lengths_are_those_of_the_epoch() -> None:
    lengths = {0: [1, 9] * 8, 1: [1] * 8 + [9] * 8}
    sampler = BucketSampler(16, lambda epoch: lengths[epoch], 8, seed=0)
    for epoch, of_epoch in lengths.items():
        grouped = [{of_epoch[index] for index, _ in batch} for batch in epoch_of(sampler, epoch)]
        assert sorted(map(sorted, grouped)) == [[1], [9]]
