"""SAPS with a plain recursive decoder: its encoder, and behind it one tree after another, one node after another."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from saps.batches.collate import Batch
from saps.bench.recursive_decoder import RecursiveDecoder, keys_of, read_by
from saps.models.saps import SAPS
from saps.models.sequence_system import prediction_of
from saps.models.system import Prediction
from saps.nn.text_encoder import Encoded, Texts
from saps.tasks.vocabulary import label_of, split_label


class PlainSAPS:
    """The loss and the greedy answers of a ``SAPS``, whose weights it reads and learns, without any schedule."""

    def __init__(self, system: SAPS) -> None:
        self.system, self.labels = system, system.vocabularies.labels
        self.names = [split_label(label) for label in self.labels]
        self.unwritten = system.arity < 0  # (V,) what no program has

    def loss(self, batch: Batch) -> Tensor:
        """The mean cross-entropy of the labels of all nodes of a batch."""
        encoded, decoder = self.system.encode(batch.texts), self._decoder()
        scores, numbers = [], []
        for (latent, words), program in zip(_texts_of(encoded, batch.texts), batch.programs, strict=True):
            states = torch.stack(decoder.states(latent, program))  # (n, H)
            scores.append(self._scores(states, words, keys_of(self.system.readout, words)))
            numbers += [self.labels.index(label_of(node)) for node in program.preorder()]
        return F.cross_entropy(torch.cat(scores), torch.tensor(numbers, device=self.system.device))

    @torch.no_grad()
    def answer(self, texts: Texts) -> list[Prediction]:
        """Greedy decoding of B texts, one after another, each in pre-order."""
        decoder = self._decoder()
        pairs = _texts_of(self.system.encode(texts), texts)
        return [self._grown(decoder, latent, words) for latent, words in pairs]

    def _grown(self, decoder: RecursiveDecoder, latent: Tensor, words: Tensor) -> Prediction:
        line: list[int] = []
        keys, limits, waiting = keys_of(self.system.readout, words), self.system.limits, 1

        def write(state: Tensor, depth: int) -> tuple[int, Sequence[int]]:
            nonlocal waiting
            spare = limits.nodes - len(line) - waiting if depth < limits.depth else 0
            forbidden = self.unwritten | (self.system.arity > spare)
            scores = self._scores(state, words, keys).masked_fill(forbidden, float("-inf"))
            line.append(int(scores.argmax()))
            arity = self.names[line[-1]][1]
            waiting += arity - 1
            return line[-1], [depth + 1] * arity

        decoder.walk(latent, 1, write)
        return prediction_of([self.names[number] for number in line], 0.0)

    def _scores(self, states: Tensor, words: Tensor, keys: Tensor) -> Tensor:
        """States (n, H) or (H,) -> the scores (n, V) or (V,) of their labels."""
        return self.system.readout(read_by(self.system.readout, states, words, keys))

    def _decoder(self) -> RecursiveDecoder:
        return RecursiveDecoder(self.system.decoder, lambda node: self.labels.index(label_of(node)))


def _texts_of(encoded: Encoded, texts: Texts) -> list[tuple[Tensor, Tensor]]:
    """The latent vector (H,) and the words (S, M) of each text, without padding."""
    rows = zip(encoded.latent.unbind(), encoded.memory.unbind(), texts.lengths.tolist(), strict=True)
    return [(latent, memory[:length]) for latent, memory, length in rows]
