"""The encoder on padded rows against torch's packed sequences."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from saps.demonstrations.cells import CELLS, CellKind
from saps.demonstrations.sequences import layers_of
from saps.nn.fast import FastTextEncoder
from saps.nn.text_encoder import TextEncoder, Texts


def packed_twin(encoder: TextEncoder) -> nn.LSTM:
    """torch's bidirectional LSTM with the weights of the encoder."""
    first = encoder.forwards[0].layer
    twin = nn.LSTM(first.input_size, first.hidden_size, len(encoder.forwards), bidirectional=True).double()
    for layer, pair in enumerate(zip(encoder.forwards, encoder.backwards, strict=True)):
        for lstm, suffix in zip(pair, ("", "_reverse"), strict=True):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                twin.get_parameter(f"{name}_l{layer}{suffix}").data.copy_(lstm.layer.get_parameter(f"{name}_l0").data)
    return twin


def packed(encoder: TextEncoder, twin: nn.LSTM, words: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Memory (B, S, M), zero beyond the words, and latent vectors (B, Z)."""
    x = pack_padded_sequence(encoder.embedding(words.t()), lengths, enforce_sorted=False)
    outputs, (finals, _) = twin(x)
    memory, _ = pad_packed_sequence(outputs, total_length=words.shape[1])
    return memory.transpose(0, 1), encoder.to_latent(finals.transpose(0, 1).flatten(1))


def made(
    layers: int, rows: list[int], cell: CellKind = "lstm", one_call: bool | None = None
) -> tuple[TextEncoder, Tensor, Tensor]:
    torch.manual_seed(3)
    encoder = FastTextEncoder(11, 4, 6, layers, 5, 0.0, layers_of(cell)).double()
    encoder.one_call = one_call
    for name, parameter in encoder.named_parameters():
        if "bias_ih" in name:
            nn.init.uniform_(parameter)
    lengths = torch.tensor(rows)
    words = torch.randint(1, 11, (len(rows), max(rows)))
    words[torch.arange(max(rows)) >= lengths[:, None]] = 0
    return encoder, words, lengths


@pytest.mark.parametrize("one_call", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("rows", [[1], [4, 4], [7, 1, 3, 5, 2]])
def test_padded_rows_equal_packed_sequences(layers: int, rows: list[int], one_call: bool) -> None:
    encoder, words, lengths = made(layers, rows, one_call=one_call)
    twin = packed_twin(encoder)
    found = encoder(Texts(words, lengths))
    memory, latent = packed(encoder, twin, words, lengths)
    torch.testing.assert_close(found.memory * found.mask[:, :, None], memory, rtol=0, atol=1e-12)
    torch.testing.assert_close(found.latent, latent, rtol=0, atol=1e-12)


@pytest.mark.parametrize("one_call", [False, True])
def test_gradients_equal_those_through_packed_sequences(one_call: bool) -> None:
    encoder, words, lengths = made(2, [6, 2, 4], one_call=one_call)
    twin = packed_twin(encoder)
    weights = torch.randn(3, 6, 12, dtype=torch.double)
    found = encoder(Texts(words, lengths))
    (found.latent.sum() + (weights * found.memory * found.mask[:, :, None]).sum()).backward()
    own = [
        encoder.embedding.weight.grad.clone(),
        encoder.forwards[0].layer.weight_ih_l0.grad,
        encoder.backwards[1].layer.weight_hh_l0.grad,
    ]
    encoder.embedding.weight.grad = None
    memory, latent = packed(encoder, twin, words, lengths)
    (latent.sum() + (weights * memory).sum()).backward()
    theirs = [encoder.embedding.weight.grad, twin.weight_ih_l0.grad, twin.weight_hh_l1_reverse.grad]
    torch.testing.assert_close(own, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("one_call", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_more_padding_changes_nothing_and_the_mask_tells_words_from_padding(cell: CellKind, one_call: bool) -> None:
    encoder, words, lengths = made(2, [5, 3], cell, one_call)
    wider = nn.functional.pad(words, (0, 4))
    found, padded = encoder(Texts(words, lengths)), encoder(Texts(wider, lengths))
    assert padded.mask.sum(dim=1).tolist() == [5, 3]
    torch.testing.assert_close(padded.latent, found.latent, rtol=0, atol=1e-12)
    torch.testing.assert_close(padded.memory[0, :5], found.memory[0], rtol=0, atol=1e-12)
    torch.testing.assert_close(padded.memory[1, :3], found.memory[1, :3], rtol=0, atol=1e-12)


def test_the_encoder_of_the_paper_has_its_fitted_size() -> None:
    """Three layers of 256 a direction over vectors of 200, one bias a gate; final states 1,536 -> 256."""
    encoder = TextEncoder(10, 200, 256, 3, 256, dropout=0.0)
    counts = {
        name: sum(p.numel() for p in part.parameters() if p.requires_grad) for name, part in encoder.named_children()
    }
    assert counts["forwards"] + counts["backwards"] == 4_085_760
    assert counts["to_latent"] == 393_472


def test_a_large_batch_that_is_read_in_parts_equals_packed_sequences() -> None:
    rows = torch.randint(1, 10, (150,), generator=torch.Generator().manual_seed(1)).tolist()
    encoder, words, lengths = made(2, rows)
    found = encoder.eval()(Texts(words, lengths))
    memory, latent = packed(encoder, packed_twin(encoder), words, lengths)
    torch.testing.assert_close(found.memory * found.mask[:, :, None], memory)
    torch.testing.assert_close(found.latent, latent)
    assert found.mask.sum(dim=1).tolist() == rows
