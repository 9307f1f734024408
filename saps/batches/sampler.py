"""Which tasks stand together in a batch: batches of similar length, in an order that a seed fixes."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

from saps.batches.numericalise import NumericalTask

WINDOW = 50  # batches that are sorted by length together: short rows meet short rows, the order stays random
SAMPLED = 4  # windows for whose batches common shapes are made

Order = Callable[[NumericalTask], int]
"""By what tasks are sorted within a window."""


def shape_order(task: NumericalTask) -> int:
    """Sorts tasks so that neighbours waste little padding: by words in steps of 6, then by nodes."""
    return len(task.text.words) // 6 * 1000 + len(task.tree.label)


def node_order(task: NumericalTask) -> int:
    """Sorts tasks by nodes in steps of 8, and by words up and down by turns, so that few shapes hold all batches."""
    step, words = len(task.tree.label) // 8, len(task.text.words)
    return step * 10_000 + (words if step % 2 == 0 else 9_999 - words)


def order_for(shapes: int) -> Order:
    """The order for batches that are to have so many shapes; 0 for any."""
    return node_order if shapes else shape_order


class BucketSampler(Sampler[list[tuple[int, int]]]):
    """Batches of tasks of similar length, each as (index, epoch); the order is a function of (seed, epoch) alone.

    The epoch stands beside the index for data that changes from one pass to the next.

    Shards itself: a batch is ``batch_size`` tasks for each of ``world`` processes, of which number ``rank`` gets every
    world-th, so that the processes see together what one would see in batches that are so much larger. A last batch
    with fewer tasks than processes is left out.
    """

    def __init__(
        self,
        tasks: int,
        lengths: Callable[[int], Sequence[int]],
        batch_size: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
        start: int = 0,
    ) -> None:
        """Plans the epochs.

        Args:
            tasks: how many there are.
            lengths: gives the length of each task in an epoch, by which they are grouped.
            batch_size: tasks a batch; the last batch of an epoch may be smaller.
            seed: fixes the order.
            rank: number of this process.
            world: number of processes.
            start: batches already seen in the first epoch that is iterated, to go on in its middle.
        """
        self.tasks, self.lengths = tasks, lengths
        self.batch_size, self.seed = batch_size, seed
        self.rank, self.world = rank, world
        self.epoch, self.start = 0, start

    def go_to(self, batches_done: int) -> None:
        """The next iteration goes on after so many batches of this process, counted over all passes.

        Lightning's own count of passes is not right in a run that was resumed more than once at their ends.
        """
        self.epoch, self.start = divmod(batches_done, max(1, len(self)))

    def __len__(self) -> int:
        batches, rest = divmod(self.tasks, self.batch_size * self.world)
        return batches + (rest >= self.world)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        rng = np.random.default_rng((self.seed, self.epoch))
        order = rng.permutation(self.tasks)
        lengths = np.asarray(self.lengths(self.epoch))
        batches: list[list[int]] = []
        size = self.batch_size * self.world
        for window in np.array_split(order, np.arange(0, len(order), WINDOW * size)[1:]):
            window = window[np.argsort(lengths[window], kind="stable")]
            batches += (window[at : at + size].tolist() for at in range(0, len(window), size))
        numbers = [number for number in rng.permutation(len(batches)) if len(batches[number]) >= self.world]
        first, self.start = self.start, 0
        mine = (batches[number][self.rank :: self.world] for number in numbers[first:])
        return iter([[(index, self.epoch) for index in tasks] for tasks in mine])
