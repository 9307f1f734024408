"""Attentional Seq2Seq: the same text encoder as SAPS, and a recurrent decoder that writes the program as a line.

A line is the labels of the program in pre-order, ``reduce/3 a/0 0/0 +/0``: since labels tell their arities it needs no
brackets and no end symbol. It is over when no node waits.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from saps.batches.collate import to_device
from saps.errors import UserError
from saps.lang.spelling import parse
from saps.models.sequence_stepper import SequenceStepper
from saps.models.system import Loss, Prediction, System, TeacherForced, by_program
from saps.models.tree_system import cross_entropy
from saps.nn.attention import AttentionKind, Memory
from saps.nn.fast import FastTextEncoder, make_attention
from saps.nn.greedy import still_read
from saps.nn.readout import LabelReadout
from saps.nn.schedule import START, TreeArrays
from saps.nn.sequence_decoder import LineSchedule, SequenceDecoder, line_schedule
from saps.nn.text_encoder import Encoded, Texts
from saps.tasks.letters import BUCKETS
from saps.tasks.query import Reads, reading_of
from saps.tasks.vocabulary import Vocabularies, split_label


class Seq2Seq(System):
    """A sequence to sequence model with attention (Bahdanau et al., 2015; Luong et al., 2015).

    Text (B, S) -> memory (B, S, 2 * encoder_hidden) and latent (B, hidden) -> states of all tokens -> tokens. What the
    decoder writes is read by the parser of the language, and may turn out to be no program.
    """

    def __init__(
        self,
        vocabularies: Vocabularies,
        word_embedding: int = 128,
        encoder_hidden: int = 128,
        encoder_layers: int = 2,
        token_embedding: int = 64,
        hidden: int = 256,
        attention: AttentionKind = "multiplicative",
        attention_units: int = 128,
        dropout: float = 0.2,
        max_tokens: int = 400,
        word_dropout: float = 0.0,
        reads: Reads = "text",
        letters: bool = False,
    ) -> None:
        """Builds the network.

        Args:
            vocabularies: the words it reads and the labels it writes.
            word_embedding: size of a word's vector.
            encoder_hidden: size of the text encoder, per direction.
            encoder_layers: layers of the text encoder.
            token_embedding: size of a token's vector in the decoder.
            hidden: size of the decoder's states and of the latent vector.
            attention: the kind of attention over the words, or none.
            attention_units: width of the attention's keys and queries.
            dropout: share of activations dropped in training.
            max_tokens: tokens after which decoding gives up on a line.
            word_dropout: share of words read as unknown in training, so that unknown words mean something.
            reads: the sentence alone or after the types of its arguments; ``canonical``: arguments named by place.
            letters: read words by their letters too, so that none is unknown.
        """
        super().__init__(vocabularies)
        if self.reading.reads_text:
            self.reading = reading_of(reads, letters)
        words, labels, memory = len(vocabularies.words), len(vocabularies.labels), 2 * encoder_hidden
        self.max_tokens = max_tokens
        self.names = [split_label(label) for label in vocabularies.labels]
        opened = torch.tensor([arity - 1 for _, arity in self.names])
        self.register_buffer("opened", opened, persistent=False)  # (V,) how much more has to come after a label
        self.opened: Tensor
        self.encoder = FastTextEncoder(
            words,
            word_embedding,
            encoder_hidden,
            encoder_layers,
            hidden,
            dropout,
            buckets=BUCKETS if letters else 0,
            word_dropout=word_dropout,
        )
        attend = make_attention(attention, hidden, memory, attention_units)
        readout = LabelReadout(hidden, memory, labels, attend, "merged", dropout)
        self.decoder = SequenceDecoder(labels, token_embedding, hidden, readout)

    def encode(self, texts: Texts) -> Encoded:
        return self.encoder(texts)

    def schedule(self, trees: Sequence[TreeArrays]) -> LineSchedule:
        return line_schedule([tree.label[tree.preorder] for tree in trees])

    def loss(self, texts: Texts, schedule: LineSchedule) -> Loss:
        """Cross-entropy of every token, averaged over all N tokens of the batch."""
        encoded = self.encode(texts)
        return cross_entropy(self.decoder(encoded.latent, schedule, self._memory(encoded)), schedule.label)

    @torch.no_grad()
    def teacher_forced(self, texts: Texts, trees: Sequence[TreeArrays]) -> list[TeacherForced]:
        encoded, schedule = self.encode(texts), to_device(self.schedule(trees), self.device)
        memory, readout = self._memory(encoded), self.decoder.readout
        states = self.decoder.states(encoded.latent, schedule)
        scores = readout(readout.attend(states, memory, schedule.grid))
        orders = [range(len(tree.label)) for tree in trees]  # a line is in pre-order
        weights = readout.weigh(states, memory, schedule.grid)
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
        return self.decoder.readout.prepare(encoded.memory, encoded.mask, encoded.latent[:, :0])

    def _prediction(self, line: list[int], to_come: int, log_probability: float) -> Prediction:
        """A line, padded with zeros where it was over, as a program."""
        if to_come:
            return Prediction(None, log_probability, f"the line is not over after {self.max_tokens} tokens")
        try:
            return Prediction(parse(spell([self.names[token] for token in line if token])), log_probability)
        except UserError as error:
            return Prediction(None, log_probability, str(error))

    @torch.no_grad()
    def stepper(self, texts: Texts) -> SequenceStepper:
        encoded = self.encode(texts)
        return SequenceStepper(self.decoder, encoded.latent, self._memory(encoded))


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
