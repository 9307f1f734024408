"""Names letter by letter: a model of language in small, which then makes up names of its own.

Reads the letters of a name one by one and says how probable each next letter is, the end of the name included. Judged
on names that it has not seen, in nats a letter, beside letters that are drawn by their frequency alone.

Letters: B names, T signs of the longest one with its end, V signs.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.demonstrations.cells import CellKind
from saps.demonstrations.learning import learn
from saps.demonstrations.sequences import sequence_layer
from saps.resources import resource

SIGNS = "\nabcdefghijklmnopqrstuvwxyz"  # the line break begins and ends a name
EMBEDDING, HIDDEN, DROPOUT = 16, 96, 0.4
BATCH = 64
RATE = 0.005
STEPS = 300
HELD_OUT = 10  # one of so many names judges
NOT_JUDGED = -1  # what stands behind the end of shorter names
SAMPLES, LONGEST = 200, 20  # names that are made up, and their letters at most


def read_names() -> list[str]:
    """The names that travel with the package."""
    return resource("experiments/demonstrations/names.txt").read_text(encoding="utf-8").split()


class NameWriter(nn.Module):
    """Embedding, a layer of cells, scores of the next sign."""

    def __init__(self, cell: CellKind) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(SIGNS), EMBEDDING)
        self.layer = sequence_layer(cell, EMBEDDING, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.to_sign = nn.Linear(HIDDEN, len(SIGNS))

    def forward(self, signs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """signs (T, B), state (B, W) or none -> scores of what follows each (T, B, V), and the state after the last."""
        outputs, state = self.layer(self.embedding(signs), state)
        return self.to_sign(self.dropout(outputs)), state

    def loss(self, names: Sequence[str]) -> Tensor:
        """Nats a sign () over all signs of the names, their ends included."""
        after = _as_signs(names)  # (T, B)
        before = F.pad(after[:-1], (0, 0, 1, 0)).clamp(min=0)  # a name begins with the sign that ends it, number 0
        return F.cross_entropy(self(before)[0].flatten(0, 1), after.flatten(), ignore_index=NOT_JUDGED)

    @torch.no_grad()
    def write(self, count: int, draws: torch.Generator) -> list[str]:
        """Makes up so many names."""
        before, state, written = torch.zeros(1, count, dtype=torch.long), None, []
        for _ in range(LONGEST):
            scores, state = self(before, state)
            before = torch.multinomial(scores[0].softmax(1), 1, generator=draws).t()  # (1, B)
            written.append(before[0])
        lines = torch.stack(written, dim=1).tolist()
        return ["".join(SIGNS[sign] for sign in line).partition("\n")[0] for line in lines]


def _as_signs(names: Sequence[str]) -> Tensor:
    """Names with their ends as numbers (T, B)."""
    rows = [torch.tensor([SIGNS.index(sign) for sign in f"{name}\n"]) for name in names]
    return nn.utils.rnn.pad_sequence(rows, padding_value=NOT_JUDGED)


def unigram_loss(learned: Sequence[str], judged: Sequence[str]) -> float:
    """Nats a sign where each is drawn by its frequency in the names that are learned from, with one count more each."""
    counts = Counter(SIGNS) + Counter("\n".join([*learned, ""]))
    total = sum(counts.values())
    signs = "\n".join([*judged, ""])
    return -sum(log(counts[sign] / total) for sign in signs) / len(signs)


def demonstrate(cell: CellKind, seed: int, steps: int, say: Callable[[str], None]) -> dict[str, float]:
    """Learns from nine tenths of the names; nats a letter on the others, and how many of its own names are new."""
    torch.manual_seed(seed)
    draws = torch.Generator().manual_seed(seed)
    names = read_names()
    shuffled = [names[place] for place in torch.randperm(len(names), generator=draws).tolist()]
    judged, learned = shuffled[: len(names) // HELD_OUT], shuffled[len(names) // HELD_OUT :]
    writer = NameWriter(cell)

    def loss() -> Tensor:
        return writer.loss([learned[place] for place in torch.randint(len(learned), (BATCH,), generator=draws)])

    learn(writer, loss, steps, RATE, say)
    made_up = writer.write(SAMPLES, draws)
    new = [name for name in made_up if name and name not in names]
    say(f"it writes: {', '.join(new[:12])}")
    with torch.no_grad():
        nats = writer.loss(judged).item()
    return {
        "nats a letter, unseen names": nats,
        "nats a letter by frequency alone": unigram_loss(learned, judged),
        "its own names that are in no list, %": 100 * len(new) / len(made_up),
    }
