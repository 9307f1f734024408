"""An ordinary attentional Seq2Seq on packed sequences, as torch's own modules have it.

Letters: B texts, S words, T tokens of the longest line, E size of an embedding, H hidden size, M size of a word's
value, Z size of the latent vector, A attention units, V tokens.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from saps.models.seq2seq import Seq2Seq
from saps.models.sequence_system import prediction_of
from saps.models.system import Prediction
from saps.nn.text_encoder import TextEncoder, Texts

Module = TypeVar("Module", bound=nn.Module)

State = tuple[Tensor, Tensor]
"""Outputs and memory cells of an LSTM (1, B, H)."""


class PackedEncoder(nn.Module):
    """torch's bidirectional LSTM over packed sequences, with the sizes and the weights of a ``TextEncoder``."""

    def __init__(self, encoder: TextEncoder) -> None:
        super().__init__()
        layers = [layer for pair in zip(encoder.forwards, encoder.backwards, strict=True) for layer in pair]
        depth, dropout = len(layers) // 2, encoder.dropout.p
        inputs, hidden = encoder.embedding.embedding_dim, encoder.to_latent.in_features // len(layers)
        self.embedding = _embedding_like(encoder.embedding)
        self.lstm = nn.LSTM(inputs, hidden, depth, bidirectional=True, dropout=dropout if depth > 1 else 0.0)
        names = [f"_l{layer}{end}" for layer in range(depth) for end in ("", "_reverse")]
        for name, layer in zip(names, layers, strict=True):
            _copy_lstm(layer, self.lstm, name)
        self.to_latent = _linear_like(encoder.to_latent)
        self.dropout = nn.Dropout(dropout)

    def forward(self, texts: Texts) -> tuple[Tensor, Tensor]:
        """B texts -> memory (B, S, M) and latent vectors (B, Z)."""
        x = self.dropout(self.embedding(texts.words.t()))  # (S, B, E)
        outputs, (finals, _) = self.lstm(pack_padded_sequence(x, texts.lengths.cpu(), enforce_sorted=False))
        memory, _ = pad_packed_sequence(outputs)  # (S, B, M)
        latent = self.to_latent(self.dropout(finals.transpose(0, 1).flatten(1)))
        return self.dropout(memory).transpose(0, 1), latent


class PlainSeq2Seq(nn.Module):
    """The sizes and the weights of a ``Seq2Seq`` with multiplicative attention in modules of its own."""

    def __init__(self, system: Seq2Seq) -> None:
        super().__init__()
        decoder, readout, attention = system.decoder, system.decoder.readout, system.decoder.readout.attention
        assert attention is not None
        assert readout.merge is not None
        self.names = system.names  # (name, arity) of each token
        self.opened, self.max_tokens = system.opened, system.max_tokens  # (V,) what is still to come after a token
        self.encoder = PackedEncoder(system.encoder)
        self.embedding = _embedding_like(decoder.embedding)
        self.lstm = nn.LSTM(decoder.embedding.embedding_dim, decoder.layer.hidden)
        _copy_lstm(decoder.layer, self.lstm, "_l0")
        self.to_query, self.to_key = _linear_like(attention.to_query), _linear_like(attention.to_key)
        self.merge, self.to_label = _linear_like(readout.merge), _linear_like(readout.to_label)
        self.dropout = nn.Dropout(readout.dropout.p)

    def loss(self, texts: Texts, lines: Tensor) -> Tensor:
        """Teacher forcing: B texts and the true lines (B, T), padded with zeros -> the mean loss of their tokens."""
        memory, latent = self.encoder(texts)
        x = F.pad(self.embedding(lines[:, :-1].t()), (0, 0, 0, 0, 1, 0))  # (T, B, E): nothing before the first token
        outputs, _ = self.lstm(x, _begun(latent))  # (T, B, H)
        scores = self._scores(outputs.transpose(0, 1), memory, self.to_key(memory), _mask(texts))  # (B, T, V)
        return F.cross_entropy(scores.flatten(0, 1), lines.flatten(), ignore_index=0)

    @torch.no_grad()
    def answer(self, texts: Texts) -> list[Prediction]:
        """Greedy decoding of B texts together until all lines are over."""
        memory, latent = self.encoder(texts)
        keys, mask, state = self.to_key(memory), _mask(texts), _begun(latent)
        x = latent.new_zeros(1, len(latent), self.embedding.embedding_dim)
        to_come = torch.ones(len(latent), dtype=torch.long, device=latent.device)
        written: list[Tensor] = []
        while len(written) < self.max_tokens and bool((to_come > 0).any()):
            outputs, state = self.lstm(x, state)  # (1, B, H)
            scores = self._scores(outputs.transpose(0, 1), memory, keys, mask)[:, 0]  # (B, V)
            token = scores[:, 2:].argmax(dim=1) + 2  # no padding, nothing unknown
            written.append(token.masked_fill(to_come == 0, 0))
            to_come = torch.where(to_come > 0, to_come + self.opened[token], to_come)
            x = self.embedding(token)[None]
        rows = torch.stack(written, dim=1).tolist()
        return [prediction_of([self.names[token] for token in row if token], 0.0) for row in rows]

    def _scores(self, states: Tensor, memory: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        """States (B, n, H), memory (B, S, M), keys (B, S, A), mask (B, S) -> scores (B, n, V)."""
        asked = self.to_query(states) @ keys.transpose(1, 2) / keys.shape[2] ** 0.5
        weights = asked.masked_fill(~mask[:, None], float("-inf")).softmax(dim=-1)  # (B, n, S)
        merged = torch.tanh(self.merge(torch.cat([states, weights @ memory], dim=2)))
        return self.to_label(self.dropout(merged))


def _begun(latent: Tensor) -> State:
    """The state before the first token: its output is z, its memory cell zero."""
    return latent[None].contiguous(), torch.zeros_like(latent)[None]


def _mask(texts: Texts) -> Tensor:
    """(B, S) True where there is a word."""
    return torch.arange(texts.words.shape[1], device=texts.words.device) < texts.lengths[:, None]


def _embedding_like(embedding: nn.Embedding) -> nn.Embedding:
    sizes = embedding.num_embeddings, embedding.embedding_dim
    return _loaded(nn.Embedding(*sizes, padding_idx=embedding.padding_idx), embedding)


def _linear_like(linear: nn.Linear) -> nn.Linear:
    return _loaded(nn.Linear(linear.in_features, linear.out_features, bias=linear.bias is not None), linear)


def _loaded(copy: Module, original: nn.Module) -> Module:
    copy.load_state_dict(original.state_dict(), strict=False)
    weight = original.get_parameter("weight")
    return copy.to(weight.device, weight.dtype)


@torch.no_grad()
def _copy_lstm(layer: nn.Module, lstm: nn.LSTM, name: str) -> None:
    """The weights of a ``FusedLayer`` into one layer and direction of an LSTM."""
    of_layer = dict(layer.named_parameters())
    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        own = of_layer[f"layer.{kind}_l0"]
        lstm.to(own.device, own.dtype).get_parameter(kind + name).copy_(own)
