"""A training step of SAPS VH Att in the paper's size: by parts, against recursion, as a share of the machine's rate."""

import time
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from saps.batches.collate import Batch, collate
from saps.batches.data_module import TrainingTasks
from saps.batches.sampler import BucketSampler
from saps.bench.plain_seq2seq import PackedEncoder
from saps.bench.recursive_decoder import RecursiveDecoder
from saps.models.saps import SAPS
from saps.nn.schedule import Grid
from saps.nn.two_passes import TwoPassSchedule
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of
from saps.training.optimization import OptimizerSettings
from tests.bench.clock import Row, side_by_side
from tests.bench.network import (
    BATCH,
    EXPERIMENT,
    decoder_against_recursion,
    step_rows,
    system_of,
    train,
)

PAPER = EXPERIMENT.parent / "paper" / "saps_vh_att.yaml"
STEPS, LARGE = 12, 1536


def paper_rows(tasks: Sequence[Task]) -> list[Row]:
    """All figures of this file."""
    system = system_of(PAPER, tasks)
    numbered = TrainingTasks(tasks, system.vocabularies, None)
    places = list(BucketSampler(len(numbered), numbered.lengths, BATCH, seed=1))[: STEPS + 1]
    groups = [[numbered[place] for place in chosen] for chosen in places]
    batches = [collate(group, system.schedule) for group in groups]
    train(system, groups[:1], OptimizerSettings())  # the first step allocates what later ones find ready
    before = large_product_rate()
    parts = train(system, groups[1:], OptimizerSettings(learning_rate=1e-4))
    large = max(before, large_product_rate())
    rate = sum(3 * forward_flop(system, batch) for batch in batches[1:]) / sum(parts.seconds.values()) / 1e9
    decoder = decoder_against_recursion(system, batches)
    return [
        *step_rows(f"{PAPER.stem}, paper size", parts),
        Row("  arithmetic", f"{rate:,.0f}", f"GFLOP/s; {100 * rate / large:.0f} % of one large product's {large:,.0f}"),
        *steps_against_recursion(system, batches[:3]),
        decoder._replace(what=f"  {decoder.what}"),
    ]


def forward_flop(system: SAPS, batch: Batch) -> int:
    """Floating-point operations of the matrix products of a forward pass, real words and nodes only."""
    encoder, decoder, readout = system.encoder, system.decoder, system.readout
    words, nodes, trees = int(batch.texts.lengths.sum()), len(batch.schedule.label), len(batch.programs)
    lstms = [layer.layer for layer in (*encoder.forwards, *encoder.backwards)]
    products = [(words, lstm.weight_ih_l0) for lstm in lstms] + [(words, lstm.weight_hh_l0) for lstm in lstms]
    products += [(trees, encoder.to_latent.weight), (nodes, readout.to_label.weight)]
    if isinstance(batch.schedule, TwoPassSchedule):  # half of the weights for roots, half for other families
        families, line = len(batch.schedule.family_tree), len(batch.schedule.line_tree)
        down, across = decoder.from_parent.chunk(2, dim=1)
        products += [(line, decoder.horizontal.recurrent), (trees, across), (families - trees, down)]
    else:
        families = sum(batch.schedule.firsts)
        products += [(nodes, decoder.horizontal.recurrent), (families, decoder.from_parent)]
    products += [(families, decoder.vertical.recurrent)]
    products += [(words, readout.attention.to_key.weight), (nodes, readout.attention.to_query.weight)]
    return sum(2 * rows * weight.numel() for rows, weight in products)


def large_product_rate() -> float:
    """GFLOP/s of one large fp32 matrix product, the best of some."""
    a, b = torch.randn(2, LARGE, LARGE).unbind()
    seconds = []
    for _ in range(6):
        start = time.process_time()
        a @ b
        seconds.append(time.process_time() - start)
    return 2 * LARGE**3 / min(seconds) / 1e9


def steps_against_recursion(system: SAPS, batches: Sequence[Batch]) -> list[Row]:
    """Loss and gradients as they are, in fp32 and bf16, and with packed sequences and the decoder as a recursion."""
    twin = PackedEncoder(system.encoder)

    def batched(is_halved: bool = False) -> None:
        for batch in batches:
            with torch.autocast("cpu", torch.bfloat16, enabled=is_halved):  # as trainer.precision: bf16-mixed
                loss = system.loss(batch.texts, batch.schedule).loss
            loss.backward()

    def recursive() -> None:
        for batch in batches:
            recursive_loss(system, twin, batch).backward()

    ours, theirs = side_by_side(batched, recursive, rounds=3)
    remark = "loss and gradients; recursion and packed sequences"
    whole = Row("  batched / recursive", f"{theirs / ours:.1f} x", f"{remark}, both in fp32")
    try:
        half, full = side_by_side(lambda: batched(is_halved=True), batched, rounds=3)
    except RuntimeError:  # torch's LSTM in bf16 wants AVX-512 or better
        return [whole, Row("  bf16-mixed / fp32", "-", "this processor has no LSTM in bf16")]
    return [
        whole,
        Row("  bf16-mixed / fp32", f"{full / half:.1f} x", "loss and gradients, both batched"),
        Row("  bf16-mixed / recursive", f"{theirs / ours * full / half:.1f} x", "the product of the two"),
    ]


def recursive_loss(system: SAPS, twin: PackedEncoder, batch: Batch) -> Tensor:
    """Cross-entropy of all labels; attention and output see all nodes at once here too."""
    labels = system.vocabularies.labels
    memory, latent = twin(batch.texts)
    decoder = RecursiveDecoder(system.decoder, lambda node: labels.index(label_of(node)))
    states, wanted, slot, width = [], [], [], batch.schedule.grid.width
    for place, (program, z) in enumerate(zip(batch.programs, latent.unbind(), strict=True)):
        states += decoder.states(z, program)
        wanted += [labels.index(label_of(node)) for node in program.preorder()]
        slot += range(place * width, place * width + program.size())
    mask = torch.arange(memory.shape[1]) < batch.texts.lengths[:, None]
    prepared = system.readout.prepare(memory, mask)
    grid = Grid(torch.tensor(slot), width, batch.schedule.grid.sizes)
    read = system.readout.attend(torch.stack(states), prepared, grid)
    return F.cross_entropy(system.readout(read), torch.tensor(wanted))
