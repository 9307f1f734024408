"""Addition of decimal strings by Seq2Seq: reads "47+906", writes "953".

The encoder and decoder of the attentional Seq2Seq in small. Numbers are padded with zeros on the left, so that every
line of a batch is equally long, and the sum is written from its last digit, as one adds by hand.

Letters: B sums, S signs of a question, T digits of an answer.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from saps.demonstrations.cells import CellKind
from saps.demonstrations.learning import learn
from saps.demonstrations.sequences import layers_of
from saps.nn.attention import Memory, MultiplicativeAttention
from saps.nn.readout import LabelReadout
from saps.nn.sequence_decoder import SequenceDecoder, line_schedule
from saps.nn.text_encoder import Encoded, TextEncoder, Texts

DIGITS = 3  # of a number
PLUS = 10  # the sign behind the ten digits
EMBEDDING, ENCODER, HIDDEN, UNITS = 16, 48, 96, 32
BATCH = 64
RATE = 0.005
STEPS = 2000
HELD_OUT = 10  # one of so many pairs of numbers is never learned from
JUDGED = 1000  # sums


class DecimalSums(NamedTuple):
    """Questions and answers as digits."""

    question: Tensor  # (B, S) S = 2 * DIGITS + 1
    answer: Tensor  # (B, T) T = DIGITS + 1, the last digit first


def random_sums(count: int, judging: bool, draws: torch.Generator) -> DecimalSums:
    """Sums of two numbers of up to ``DIGITS`` digits, of those pairs that are held out for judging or of the others."""
    most = 10**DIGITS
    numbers = torch.randint(most, (2, 3 * HELD_OUT * count if judging else 2 * count), generator=draws)
    is_held_out = (numbers[0] * 7919 + numbers[1] * 104_729) % 1009 % HELD_OUT == 0
    left, right = numbers[:, is_held_out == judging][:, :count]
    plus = torch.full((len(left), 1), PLUS)
    question = torch.cat([_digits(left, DIGITS).flip(1), plus, _digits(right, DIGITS).flip(1)], dim=1)
    return DecimalSums(question, _digits(left + right, DIGITS + 1))


def _digits(numbers: Tensor, count: int) -> Tensor:
    """numbers (B,) -> their digits (B, count), the last one first."""
    return numbers[:, None] // 10 ** torch.arange(count) % 10


class DecimalAdder(nn.Module):
    """Seq2Seq with attention."""

    def __init__(self, cell: CellKind) -> None:
        super().__init__()
        self.encoder = TextEncoder(PLUS + 1, EMBEDDING, ENCODER, 1, HIDDEN, 0.0, layers_of(cell))
        attention = MultiplicativeAttention(HIDDEN, 2 * ENCODER, UNITS)
        readout = LabelReadout(HIDDEN, 2 * ENCODER, 10, attention, "merged", 0.0)
        self.decoder = SequenceDecoder(10, EMBEDDING, HIDDEN, readout, layers_of(cell))

    def forward(self, sums: DecimalSums) -> Tensor:
        """The loss () under teacher forcing."""
        encoded, memory = self._read(sums.question)
        schedule = line_schedule(list(sums.answer.int().numpy()))
        return F.cross_entropy(self.decoder(encoded.latent, schedule, memory), schedule.label)

    def _read(self, question: Tensor) -> tuple[Encoded, Memory]:
        encoded = self.encoder(Texts(question, torch.full((len(question),), question.shape[1])))
        return encoded, self.decoder.readout.prepare(encoded.memory, encoded.mask)

    @torch.no_grad()
    def answer(self, question: Tensor) -> Tensor:
        """question (B, S) -> the digits (B, T) that it writes, each with those before it as its input."""
        encoded, memory = self._read(question)
        state, rows = self.decoder.start(encoded.latent), torch.arange(len(question))
        before = torch.full_like(rows, -1)
        digits = []
        for _ in range(DIGITS + 1):
            scores, state = self.decoder.step(state, before, rows, memory)
            before = scores.argmax(1)
            digits.append(before)
        return torch.stack(digits, dim=1)


def demonstrate(cell: CellKind, seed: int, steps: int, say: Callable[[str], None]) -> dict[str, float]:
    """Learns from random sums; percent of whole sums right, of pairs of numbers that it has never seen."""
    torch.manual_seed(seed)
    draws = torch.Generator().manual_seed(seed)
    adder = DecimalAdder(cell)
    learn(adder, lambda: adder(random_sums(BATCH, False, draws)), steps, RATE, say)
    judged = random_sums(JUDGED, True, torch.Generator().manual_seed(seed + 1))
    answer = adder.answer(judged.question)
    for row in range(3):
        say(f"{_text(judged.question[row])} = {_text(answer[row].flip(0))}")
    is_right = (answer == judged.answer).all(1)
    return {"unseen sums that are right, %": 100 * is_right.float().mean().item()}


def _text(digits: Tensor) -> str:
    return "".join("+" if digit == PLUS else str(digit) for digit in digits.tolist())
