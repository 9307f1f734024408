"""What all systems with a sequence decoder share: loss, greedy answers, and the door to search."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from saps.batches.collate import Batch, Texts, pad_texts
from saps.batches.linear import Brackets, LinearForm, linear_form
from saps.batches.numbering import START
from saps.errors import UserError
from saps.models.base import Answer, Losses, System
from saps.models.bracket_stepper import BracketStepper
from saps.models.optimization import OptimizerSettings
from saps.models.sequence_stepper import SequenceStepper
from saps.nn.rows import still_read
from saps.nn.sequence_decoder import SequenceDecoder
from saps.nn.text_encoder import Encoded
from saps.tasks.vocabulary import Vocabularies, split_label


class SequenceSystem(System):
    """A text encoder before a sequence decoder. A subclass sets ``decoder`` and defines ``encode``.

    What the decoder writes is read by the parser of the language, and may turn out to be no program.
    """

    decoder: SequenceDecoder

    def __init__(
        self, vocabularies: Vocabularies, form: LinearForm, max_tokens: int, optimizer: OptimizerSettings | None
    ) -> None:
        """Takes the vocabularies, how programs become lines, where decoding gives up, and how weights are learned."""
        super().__init__(vocabularies, optimizer)
        self.linear = linear_form(form, vocabularies.labels)
        self.max_tokens = max_tokens
        self.register_buffer("opened", torch.from_numpy(self.linear.opened).long(), persistent=False)  # (V,)
        self.opened: Tensor

    def encode(self, texts: Texts) -> Encoded:
        """The memory, mask and latent vectors of B texts."""
        raise NotImplementedError(f"{type(self).__name__} must define encode(texts)")

    def losses(self, batch: Batch) -> Losses:
        """Cross-entropy of every token, averaged over all tokens of the batch."""
        encoded = self.encode(batch.texts)
        lines = [self.linear.numbers(tree) for tree in batch.trees]
        padded = pad_texts(lines).to(self.device)
        memory = self.decoder.prepare(encoded.memory, encoded.mask)
        scores = self.decoder(encoded.latent, padded.words, padded.lengths, memory)  # (R, V)
        target = torch.from_numpy(np.concatenate(lines)).long().to(self.device)  # (R,)
        loss = F.cross_entropy(scores, target, label_smoothing=self.optimizer_settings.label_smoothing)
        return Losses(loss, (scores.argmax(dim=1) == target).float().mean())

    @torch.no_grad()
    def answer(self, texts: Texts) -> Sequence[Answer]:
        """Greedy decoding of B texts together; a line that is not over after ``max_tokens`` tokens is no program."""
        encoded = self.encode(texts)
        memory = self.decoder.prepare(encoded.memory, encoded.mask)
        states = self.decoder.start(encoded.latent)
        line = torch.arange(len(states), device=states.device)  # those that are not over
        text = line  # (B,) where the text of each stands in the memory
        before = torch.full_like(line, START)
        to_come = torch.ones_like(line)  # things that each line still wants; 0 where it is over
        total = torch.zeros(len(states), dtype=torch.double, device=states.device)
        written = torch.zeros(len(states), self.max_tokens, dtype=torch.long, device=states.device)
        for place in range(self.max_tokens):
            memory, text = still_read(memory, text, line)
            scores, states = self.decoder.step(states, before, text[line], memory)
            best, before = scores.log_softmax(dim=1)[:, 2:].max(dim=1)  # PAD and UNKNOWN are never written
            before = before + 2
            written[line, place] = before
            total[line] += best
            to_come[line] += self.opened[before]
            is_open = to_come[line] > 0
            line, states, before = line[is_open], states[is_open], before[is_open]
            if not len(line):
                break
        rows = zip(written[:, : place + 1].tolist(), to_come.tolist(), total.tolist(), strict=True)
        return [self._answer(*row) for row in rows]

    def _answer(self, line: list[int], to_come: int, log_probability: float) -> Answer:
        """A line, padded with zeros where it was over, as a program."""
        if to_come:
            return Answer(None, log_probability, f"the line is not over after {self.max_tokens} tokens")
        try:
            return Answer(self.linear.program([token for token in line if token]), log_probability)
        except UserError as error:
            return Answer(None, log_probability, str(error))

    @torch.no_grad()
    def stepper(self, texts: Texts) -> SequenceStepper | BracketStepper:
        """The decoder as search sees it, for B texts."""
        encoded = self.encode(texts)
        memory = self.decoder.prepare(encoded.memory, encoded.mask)
        if isinstance(self.linear, Brackets):
            arity = [split_label(label)[1] for label in self.vocabularies.labels]
            return BracketStepper(self.decoder, encoded.latent, memory, self.linear, arity)
        return SequenceStepper(self.decoder, encoded.latent, memory)
