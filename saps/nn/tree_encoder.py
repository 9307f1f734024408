"""An N-ary Tree-LSTM (Tai et al., 2015) that reads trees from the leaves up, one level of a whole batch at a time.

Letters: R nodes of a level, N of a batch, C children a node at most (N in the paper, 3 in AlgoLisp), H hidden size,
E embedding size, V labels, B trees. With x the embedding of a node's label, and h_k, c_k those of its child k (zero
where there is none):

    i, o, u   i = sigmoid(W_i x + sum_k U_i,k h_k + b_i), o likewise, u = tanh(W_u x + sum_k U_u,k h_k + b_u)
    f_k       sigmoid(W_f x + sum_l U_f,kl h_l + b_f)        one forget gate a child, which sees all of them
    c         i * u + sum_k f_k * c_k
    h         o * tanh(c)
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.nn.schedule import TreeArrays, as_tensor, forest_of


class LevelSchedule(NamedTuple):
    """All N nodes of B trees, the deepest first; level t is the slice ``starts[t]:starts[t + 1]``.

    A node reads its children, which stand in the level before its own; the last level holds the roots in the order of
    the trees.
    """

    label: Tensor  # (N,)
    children: Tensor  # (N, C) row of each child within the level before; where there is none, that level's size
    starts: tuple[int, ...]  # (T + 1,) where each level begins


def level_schedule(trees: Sequence[TreeArrays], most: int) -> LevelSchedule:
    """The levels of a batch of trees whose nodes have at most ``most`` (C) children."""
    forest = forest_of(trees)
    depth, parent, step = forest.depth, forest.parent, forest.step
    order = np.argsort(-depth, kind="stable")
    starts = np.searchsorted(-depth[order], -np.arange(depth.max(), -2, -1))
    row = np.empty(len(order), dtype=np.int64)  # row[i]: where node i of the forest stands in its level
    row[order] = np.arange(len(order)) - starts[depth.max() - depth[order]]
    widths = np.append(np.bincount(depth), 0)  # nodes of each depth; none below the deepest
    children = np.repeat(widths[depth + 1][:, None], most, axis=1)
    child = np.flatnonzero(parent >= 0)
    above = parent[child]
    children[above, step[child] - step[above] - 1] = row[child]
    return LevelSchedule(as_tensor(forest.label[order]), as_tensor(children[order]), tuple(starts.tolist()))


class TreeEncoder(nn.Module):
    """Trees -> one vector each, the h of the root."""

    def __init__(self, labels: int, embedding: int, hidden: int, children: int) -> None:
        """Takes V, E, H and C."""
        super().__init__()
        self.hidden, self.most_children = hidden, children
        self.embedding = nn.Embedding(labels, embedding)
        self.from_label = nn.Linear(embedding, 4 * hidden)  # i, o, u, and f, which all children share
        nn.init.ones_(self.from_label.bias[3 * hidden :])  # forget gates begin open
        weights = torch.empty(children * hidden, (3 + children) * hidden)  # i, o, u, f_1 to f_C
        self.recurrent = nn.Parameter(weights.uniform_(-1, 1) * hidden**-0.5)

    def forward(self, schedule: LevelSchedule) -> Tensor:
        """The roots of B trees (B, H)."""
        table = self.from_label(self.embedding.weight)  # (V, 4H)
        widths = [end - start for start, end in zip(schedule.starts[:-1], schedule.starts[1:], strict=True)]
        h = c = table.new_zeros(0, self.hidden)
        # split once: a slice inside the loop would cost a whole gradient a level
        for share, children in zip(
            F.embedding(schedule.label, table).split(widths), schedule.children.split(widths), strict=True
        ):
            h, c = self.level(share, children, h, c)
        return h

    def level(self, share: Tensor, children: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """h and c (R, H) of a level, given the share of its labels (R, 4H), its ``children`` (R, C) and their h and c.

        The row after the last one of the level below stands for a child that is not there.
        """
        below_h, below_c = F.pad(h, (0, 0, 0, 1)), F.pad(c, (0, 0, 0, 1))  # the zero child
        of_children = F.embedding(children, below_h).flatten(1) @ self.recurrent  # (R, C * H) -> (R, (3 + C) * H)
        sizes = [2 * self.hidden, self.hidden, self.hidden]
        gates, u, f = share.split(sizes, dim=1)
        own_gates, own_u, own_f = of_children.split([*sizes[:2], self.most_children * self.hidden], dim=1)
        i, o = (gates + own_gates).sigmoid().chunk(2, dim=1)
        forget = (f[:, None] + own_f.unflatten(1, (self.most_children, self.hidden))).sigmoid()  # (R, C, H)
        c = i * (u + own_u).tanh() + (forget * F.embedding(children, below_c)).sum(dim=1)
        return o * c.tanh(), c
