"""Growing trees without a teacher: all open nodes of all trees of a batch in one step.

The cells and the readout are those of training; here the labels come from the scores, and the labels open new nodes.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from saps.nn.attention import Memory
from saps.nn.rows import still_read
from saps.nn.tree_network import Nodes, TreeNetwork

START = -1


@dataclass(frozen=True, slots=True)
class GrowthLimits:
    """How large a grown tree may become; it is always finished within them."""

    nodes: int
    """Largest number of nodes of a tree."""
    depth: int
    """Largest number of levels of a tree."""


class Open(NamedTuple):
    """R nodes that wait for their labels: first the first children, then the others."""

    firsts: int  # how many are first children or roots
    tree: Tensor  # (R,) which tree of the batch
    parent: Tensor  # (R,) number of the parent among all nodes grown so far; -1 for a root
    parent_label: Tensor  # (R,) START for a root
    sibling_label: Tensor  # (R,) START for a first child
    source: Tensor  # (R,) as in ``Nodes``
    siblings: Tensor  # (R,) how many siblings follow
    depth: Tensor  # (R,) 1 for a root


class Grown(NamedTuple):
    """All nodes of B trees, in an order in which parents precede children and siblings stand from left to right."""

    tree: Tensor  # (R,) which tree
    parent: Tensor  # (R,) row of the parent; -1 for a root
    label: Tensor  # (R,)
    log_probability: Tensor  # (R,) of the label under the model
    held_back: Tensor  # (R,) True where a limit forbade an allowed label of higher probability


def _roots(trees: int, device: torch.device) -> Open:
    rows = torch.arange(trees, device=device)
    start = torch.full_like(rows, START)
    return Open(trees, rows, start, start, start, rows, torch.zeros_like(rows), torch.ones_like(rows))


def _spare_nodes(wave: Open, used: Tensor, limits: GrowthLimits) -> Tensor:
    """How many children each open node (R,) may open so that its tree, ``used`` nodes large (B,), can still finish."""
    waiting = torch.zeros_like(used).index_add(0, wave.tree, 1 + wave.siblings)
    rows = torch.zeros_like(used).index_add(0, wave.tree, torch.ones_like(wave.tree))
    spare = (limits.nodes - used - waiting).clamp(min=0) // rows.clamp(min=1)
    return torch.where(wave.depth < limits.depth, spare[wave.tree], 0)


def _choose(scores: Tensor, spare: Tensor, arity: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The best label of every row (R,) that fits, its log-probability among all, and whether a better did not fit."""
    log_probabilities = scores.log_softmax(dim=1)  # (R, V)
    wanted = log_probabilities.masked_fill(~allowed, float("-inf"))
    label = wanted.masked_fill(arity[None, :] > spare[:, None], float("-inf")).argmax(dim=1)
    held_back = wanted.argmax(dim=1) != label
    return label, log_probabilities.gather(1, label[:, None]).squeeze(1), held_back


def _children(wave: Open, label: Tensor, arity: Tensor, grown: int) -> Open:
    """The nodes that the labels of a wave open: first children, and the next siblings of the wave's own nodes."""
    rows = torch.arange(len(label), device=label.device)
    opened = arity[label]
    child, sibling = rows[opened > 0], rows[wave.siblings > 0]
    start = torch.full_like(child, START)
    return Open(
        firsts=len(child),
        tree=torch.cat([wave.tree[child], wave.tree[sibling]]),
        parent=torch.cat([grown + child, wave.parent[sibling]]),
        parent_label=torch.cat([label[child], wave.parent_label[sibling]]),
        sibling_label=torch.cat([start, label[sibling]]),
        source=torch.cat([child, sibling]),
        siblings=torch.cat([opened[child] - 1, wave.siblings[sibling] - 1]),
        depth=torch.cat([wave.depth[child] + 1, wave.depth[sibling]]),
    )


@torch.no_grad()
def grow(
    network: TreeNetwork, latent: Tensor, memory: Memory | None, arity: Tensor, allowed: Tensor, limits: GrowthLimits
) -> Grown:
    """Greedy decoding: latent (B, H) -> B finished trees.

    ``arity`` (V,) is the number of children of each label; ``allowed`` (B, V) tells which labels a tree may use, of
    which at least one has arity 0.
    """
    tables = network.tables()
    text = torch.arange(len(latent), device=latent.device)  # (B,) row of each tree in the memory
    used = torch.zeros(len(latent), dtype=torch.long, device=latent.device)
    states, wave = network.start(latent), _roots(len(latent), latent.device)
    parts: list[Grown] = []
    grown = 0
    while len(wave.tree):
        memory, text = still_read(memory, text, wave.tree)
        nodes = Nodes(wave.firsts, text[wave.tree], wave.parent_label, wave.sibling_label, wave.source)
        scores, states = network.step(tables, states, nodes, memory)
        spare = _spare_nodes(wave, used, limits)
        label, log_probability, held_back = _choose(scores, spare, arity, allowed[wave.tree])
        parts.append(Grown(wave.tree, wave.parent, label, log_probability, held_back))
        used = used.index_add(0, wave.tree, torch.ones_like(wave.tree))
        wave, grown = _children(wave, label, arity, grown), grown + len(label)
    return Grown(*(torch.cat(column) for column in zip(*parts, strict=True)))
