"""Greedy decoding of trees: the most probable label at all open nodes of all trees of a batch, step by step.

Letters: B trees, R nodes of a step, N nodes of all trees in the end, V labels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from saps.nn.attention import Memory
from saps.nn.schedule import START, Nodes

Step = Callable[[Tensor, Nodes, Memory], tuple[Tensor, Tensor]]
"""Rows of the step before, R nodes and the memory of their texts -> scores (R, V) and rows (R, W)."""


@dataclass(frozen=True, slots=True)
class TreeLimits:
    """How large a decoded tree may become; it is always finished within them."""

    nodes: int
    """Largest number of nodes of a tree."""
    depth: int
    """Largest number of levels of a tree."""


class OpenNodes(NamedTuple):
    """R nodes that wait for their labels: first the first children, then the others."""

    firsts: int  # how many are first children or roots
    tree: Tensor  # (R,) which tree of the batch
    parent: Tensor  # (R,) number of the parent among all nodes so far; -1 for a root
    parent_label: Tensor  # (R,) START for a root
    sibling_label: Tensor  # (R,) START for a first child
    predecessor: Tensor  # (R,) as in ``Nodes``
    siblings: Tensor  # (R,) how many siblings follow
    depth: Tensor  # (R,) 1 for a root


class Decoded(NamedTuple):
    """All nodes of B trees, in an order in which parents precede children and siblings stand from left to right."""

    tree: Tensor  # (N,) which tree
    parent: Tensor  # (N,) row of the parent; -1 for a root
    label: Tensor  # (N,)
    log_probability: Tensor  # (N,) of the label under the model
    truncated: Tensor  # (N,) True where a limit forbade a label of higher probability


@torch.no_grad()
def greedy(step: Step, rows: Tensor, memory: Memory, arity: Tensor, limits: TreeLimits) -> Decoded:
    """The rows above the roots (B, W) and the memory of B texts -> B finished trees.

    ``arity`` (V,) is the number of children of each label, below zero for what is never written; one label has arity 0.
    """
    text = torch.arange(len(rows), device=rows.device)  # (B,) where each tree's text stands in the memory
    used = torch.zeros_like(text)  # (B,) nodes so far
    nodes, done, parts = _roots(text), 0, list[Decoded]()
    while len(nodes.tree):
        memory, text = still_read(memory, text, nodes.tree)
        hang = Nodes(nodes.firsts, text[nodes.tree], nodes.parent_label, nodes.sibling_label, nodes.predecessor)
        scores, rows = step(rows, hang, memory)
        label, log_probability, truncated = _choose(scores, _spare_nodes(nodes, used, limits), arity)
        parts.append(Decoded(nodes.tree, nodes.parent, label, log_probability, truncated))
        used = used.index_add(0, nodes.tree, torch.ones_like(nodes.tree))
        nodes, done = _children(nodes, label, arity, done), done + len(label)
    return Decoded(*(torch.cat(column) for column in zip(*parts, strict=True)))


def still_read(memory: Memory, text: Tensor, tree: Tensor) -> tuple[Memory, Tensor]:
    """Leaves out the texts of finished trees once they are half of the memory.

    ``text`` (B,) is the row of each tree in the memory, ``tree`` (R,) are those that still grow; the rows of all others
    mean nothing any more. Gives the memory and the rows in it.
    """
    wanted = torch.zeros(len(memory.mask), dtype=torch.bool, device=text.device).index_fill(0, text[tree], True)
    if 2 * int(wanted.sum()) > len(wanted):
        return memory, text
    return memory.of_texts(wanted.nonzero()[:, 0]), (wanted.cumsum(0) - 1)[text]


def _roots(trees: Tensor) -> OpenNodes:
    start = torch.full_like(trees, START)
    return OpenNodes(len(trees), trees, start, start, start, trees, torch.zeros_like(trees), torch.ones_like(trees))


def _spare_nodes(nodes: OpenNodes, used: Tensor, limits: TreeLimits) -> Tensor:
    """How many children each open node (R,) may open so that its tree, ``used`` nodes large (B,), can still finish."""
    waiting = torch.zeros_like(used).index_add(0, nodes.tree, 1 + nodes.siblings)
    rows = torch.zeros_like(used).index_add(0, nodes.tree, torch.ones_like(nodes.tree))
    spare = (limits.nodes - used - waiting).clamp(min=0) // rows.clamp(min=1)
    return torch.where(nodes.depth < limits.depth, spare[nodes.tree], 0)


def _choose(scores: Tensor, spare: Tensor, arity: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The best label of every row (R,) that fits, its log-probability among all, and whether a better did not fit."""
    log_probabilities = scores.log_softmax(dim=1)  # (R, V)
    wanted = log_probabilities.masked_fill(arity < 0, float("-inf"))
    label = wanted.masked_fill(arity > spare[:, None], float("-inf")).argmax(dim=1)
    truncated = wanted.argmax(dim=1) != label
    return label, log_probabilities.gather(1, label[:, None])[:, 0], truncated


def _children(nodes: OpenNodes, label: Tensor, arity: Tensor, done: int) -> OpenNodes:
    """The nodes that the labels of a step open: first children, and the next siblings of the step's own nodes."""
    rows = torch.arange(len(label), device=label.device)
    opened = arity[label]
    child, sibling = rows[opened > 0], rows[nodes.siblings > 0]
    return OpenNodes(
        firsts=len(child),
        tree=torch.cat([nodes.tree[child], nodes.tree[sibling]]),
        parent=torch.cat([done + child, nodes.parent[sibling]]),
        parent_label=torch.cat([label[child], nodes.parent_label[sibling]]),
        sibling_label=torch.cat([torch.full_like(child, START), label[sibling]]),
        predecessor=torch.cat([child, sibling]),
        siblings=torch.cat([opened[child] - 1, nodes.siblings[sibling] - 1]),
        depth=torch.cat([nodes.depth[child] + 1, nodes.depth[sibling]]),
    )
