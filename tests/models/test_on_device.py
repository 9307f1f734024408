"""A training step gives its device work and waits for none of it: nothing on the way reads a number back.

Additive attention is left out: on a CPU it goes by blocks of texts, for which it reads their lengths.
"""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from saps.batches.collate import to_device
from saps.generator import generate
from saps.models import SAPS, Seq2Seq, Seq2Tree, System, Transformer
from saps.tasks.task import Task
from saps.tasks.vocabulary import vocabularies_of
from tests.bench.network import EXPERIMENT, system_of
from tests.bench.operations import in_one_call, launches_per_step
from tests.models.baselines import SEQUENCE, TRANSFORMER
from tests.models.made import KINDS, SMALL, Kind, batch_of


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(8, seed=3))


class NoWaiting(TorchDispatchMode):
    """Refuses whatever makes the program wait for a number of the device."""

    waiting = ("_local_scalar_dense", "nonzero", "masked_select", "unique", "is_nonzero", "equal")

    def __torch_dispatch__(self, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = op.overloadpacket.__name__
        by_mask = "index" in name and any(getattr(i, "dtype", None) is torch.bool for i in _indices(args))
        if name in self.waiting or by_mask:
            raise RuntimeError(f"{name} waits for the device")
        return op(*args, **(kwargs or {}))


def _indices(args: Any) -> Any:
    return args[1] if len(args) > 1 and isinstance(args[1], (list, tuple)) else ()


def step_without_numbers(system: System, tasks: Sequence[Task]) -> None:
    """Forward and backward without one number that is read back."""
    batch = batch_of(tasks, system)
    system.train()
    with NoWaiting():
        system.loss(batch.texts, batch.schedule).loss.backward()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.attention != "additive"], ids=str)
def test_a_step_of_saps_reads_no_number_back(tasks: list[Task], kind: Kind) -> None:
    sizes = SMALL | kind.settings() | {"dropout": 0.1, "word_dropout": 0.1}
    step_without_numbers(SAPS(vocabularies_of(tasks), **sizes), tasks)


@pytest.mark.parametrize("parent_feed", ["state", "horizontal", "latent"])
def test_as_an_accelerator_computes_it_a_step_reads_no_number_back(tasks: list[Task], parent_feed: str) -> None:
    sizes = SMALL | {"dropout": 0.1, "word_dropout": 0.1, "parent_feed": parent_feed}
    step_without_numbers(in_one_call(SAPS(vocabularies_of(tasks), **sizes)), tasks)


@pytest.mark.parametrize("parent_feed", ["state", "horizontal", "latent"])
def test_an_accelerator_finds_the_same_loss_and_gradients(tasks: list[Task], parent_feed: str) -> None:
    vocabularies, found = vocabularies_of(tasks), []
    for prepare in (lambda system: system, in_one_call):
        torch.manual_seed(4)
        system = prepare(SAPS(vocabularies, **SMALL, parent_feed=parent_feed)).double()
        batch = batch_of(tasks, system)
        loss = system.loss(batch.texts, batch.schedule).loss
        loss.backward()
        found.append((loss, {name: p.grad for name, p in system.named_parameters() if p.grad is not None}))
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-8)  # scores are of single precision


def test_what_a_pass_in_one_call_needs_is_made_where_it_is_computed_so(tasks: list[Task]) -> None:
    system = SAPS(vocabularies_of(tasks), **SMALL, parent_feed="horizontal")
    assert batch_of(tasks, system).schedule.ways is None
    assert batch_of(tasks, in_one_call(system)).schedule.ways is not None
    system.decoder.one_call = None
    assert batch_of(tasks, system.to("meta")).schedule.ways is not None


def test_a_step_in_half_precision_on_an_accelerator_has_finite_gradients(tasks: list[Task]) -> None:
    system = in_one_call(SAPS(vocabularies_of(tasks), **SMALL, parent_feed="horizontal"))
    batch = batch_of(tasks, system)
    with torch.autocast("cpu", torch.bfloat16):
        system.loss(batch.texts, batch.schedule).loss.backward()
    assert all(p.grad.isfinite().all() for p in system.parameters() if p.grad is not None)


def test_a_step_is_at_most_a_hundred_and_fifty_operations(tasks: list[Task]) -> None:
    system = in_one_call(system_of(EXPERIMENT, tasks))
    assert launches_per_step(system, [batch_of(tasks, system)] * 2) <= 150


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [(Seq2Seq, SEQUENCE), (Transformer, TRANSFORMER), (Seq2Tree, {})],
    ids=["Seq2Seq", "Transformer", "Seq2Tree"],
)
def test_a_step_of_the_others_reads_no_number_back(tasks: list[Task], kind: Any, sizes: dict[str, Any]) -> None:
    step_without_numbers(kind(vocabularies_of(tasks), **sizes), tasks)


def test_reading_a_number_back_is_an_error_here(tasks: list[Task]) -> None:
    class Waiting(SAPS):
        def encode(self, texts: Any) -> Any:
            return super().encode(texts._replace(words=texts.words[:, : int(texts.lengths.max())]))

    with pytest.raises(RuntimeError, match="_local_scalar_dense waits"):
        step_without_numbers(Waiting(vocabularies_of(tasks), **SMALL), tasks)


def test_a_batch_moves_as_one_copy_and_is_the_same(tasks: list[Task]) -> None:
    batch = batch_of(tasks, SAPS(vocabularies_of(tasks), **SMALL, reads="canonical_text", letters=True))
    moved = to_device(batch, torch.device("cpu", 0))  # not the name that tensors on a CPU go by
    assert moved.programs == batch.programs
    assert moved.schedule.starts == batch.schedule.starts
    before = [*batch.texts, batch.schedule.label, batch.schedule.predecessor, batch.schedule.grid.sizes]
    after = [*moved.texts, moved.schedule.label, moved.schedule.predecessor, moved.schedule.grid.sizes]
    assert all(torch.equal(*pair) for pair in zip(before, after, strict=True))
    assert len({tensor.untyped_storage().data_ptr() for tensor in after}) == 1
