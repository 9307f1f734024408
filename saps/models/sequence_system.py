"""What all systems share that write a program as a line: the loss, greedy answers, and what a line spells.

A line is the labels of the program in pre-order, ``reduce/3 a/0 0/0 +/0``: since labels tell their arities it needs no
brackets and no end symbol. It is over when no node waits.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from saps.batches.collate import to_device
from saps.errors import UserError
from saps.lang.spelling import parse
from saps.models.system import Loss, Prediction, System, TeacherForced, by_program
from saps.models.tree_system import cross_entropy
from saps.nn.attention import Memory
from saps.nn.greedy import still_read
from saps.nn.schedule import START, TreeArrays
from saps.nn.sequence_decoder import LineSchedule, SequenceDecoder, line_schedule
from saps.nn.text_encoder import Encoded, Texts
from saps.nn.transformer_decoder import TransformerDecoder
from saps.tasks.vocabulary import Vocabularies, split_label


class SequenceSystem(System):
    """A subclass sets ``decoder`` and defines ``encode`` and ``stepper``.

    What the decoder writes is read by the parser of the language, and may turn out to be no program.
    """

    decoder: SequenceDecoder | TransformerDecoder

    def __init__(self, vocabularies: Vocabularies, max_tokens: int) -> None:
        """Takes the vocabularies, and after how many tokens decoding gives up on a line."""
        super().__init__(vocabularies)
        self.max_tokens = max_tokens
        self.names = [split_label(label) for label in vocabularies.labels]
        opened = torch.tensor([arity - 1 for _, arity in self.names])
        self.register_buffer("opened", opened, persistent=False)  # (V,) how much more has to come after a label
        self.opened: Tensor

    def schedule(self, trees: Sequence[TreeArrays]) -> LineSchedule:
        return line_schedule([tree.label[tree.preorder] for tree in trees])

    def loss(self, texts: Texts, schedule: LineSchedule) -> Loss:
        """Cross-entropy of every token, averaged over all N tokens of the batch."""
        encoded = self.encode(texts)
        return cross_entropy(self.decoder(encoded.latent, schedule, self._memory(encoded)), schedule.label)

    @torch.no_grad()
    def teacher_forced(self, texts: Texts, trees: Sequence[TreeArrays]) -> list[TeacherForced]:
        encoded, schedule = self.encode(texts), to_device(self.schedule(trees), self.device)
        scores, weights = self.decoder.scores_and_weights(encoded.latent, schedule, self._memory(encoded))
        orders = [range(len(tree.label)) for tree in trees]  # a line is in pre-order
        return by_program(scores, schedule.label, weights, schedule.grid, texts.lengths, orders)

    @torch.no_grad()
    def answer(self, texts: Texts) -> list[Prediction]:
        """Greedy decoding of B texts together; a line that is not over after ``max_tokens`` tokens is no program."""
        encoded = self.encode(texts)
        memory, states = self._memory(encoded), self.decoder.start(encoded.latent)
        line = torch.arange(len(states), device=states.device)  # those that are not over
        text = line  # (B,) where the text of each stands in the memory
        before = torch.full_like(line, START)
        to_come = torch.ones_like(line)  # nodes that each line still wants; 0 where it is over
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
        return [self._prediction(*row) for row in rows]

    def _memory(self, encoded: Encoded) -> Memory:
        return self.decoder.prepare(encoded)

    def _prediction(self, line: list[int], to_come: int, log_probability: float) -> Prediction:
        """A line, padded with zeros where it was over, as a program."""
        if to_come:
            return Prediction(None, log_probability, f"the line is not over after {self.max_tokens} tokens")
        return prediction_of([self.names[token] for token in line if token], log_probability)


def prediction_of(line: Sequence[tuple[str, int]], log_probability: float) -> Prediction:
    """A whole line of labels (name, arity) as the program that it spells, if it spells one."""
    try:
        return Prediction(parse(spell(line)), log_probability)
    except UserError as error:
        return Prediction(None, log_probability, str(error))


def spell(line: Sequence[tuple[str, int]]) -> str:
    """Labels (name, arity) in pre-order as Lisp: each call is closed after as many operands as its label says."""
    words: list[str] = []
    waiting: list[int] = []  # operands that each open call still wants
    for name, arity in line:
        words.append(f"({name}" if arity else name)
        if arity:
            waiting.append(arity)
            continue
        while waiting:
            waiting[-1] -= 1
            if waiting[-1]:
                break
            waiting.pop()
            words.append(")")
    return " ".join(words)
