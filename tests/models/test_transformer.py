"""The two systems with a Transformer: settings, the encoder beside torch's own, and learning."""

from typing import Any

import pytest
import torch
from torch import nn

from saps.errors import UserError
from saps.generator import generate
from saps.models.folder import build_system
from saps.models.saps_transformer import SAPSTransformer
from saps.models.system import System
from saps.nn.text_encoder import Texts
from saps.nn.transformer import EncoderLayer, TransformerEncoder, sinusoids
from saps.tasks.task import Task
from tests.models.baselines import TRANSFORMER, WITH_TREE, steps_until_known, vocabularies_for


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(12, seed=6))


@pytest.mark.parametrize(("name", "sizes"), [("Transformer", TRANSFORMER), ("SAPSTransformer", WITH_TREE)])
def test_heads_that_do_not_share_the_width_are_refused_in_one_line(
    name: str, sizes: dict[str, Any], tasks: list[Task]
) -> None:
    with pytest.raises(UserError, match="heads is 3, which does not divide width, 8; make width a multiple of it"):
        build_system(name, sizes | {"heads": 3}, vocabularies_for(System, tasks))


def test_a_layer_of_the_encoder_is_that_of_torch() -> None:
    torch.manual_seed(2)
    ours = EncoderLayer(8, 2, 0.0).double()
    theirs = nn.TransformerEncoderLayer(
        8, 2, 32, dropout=0.0, activation="gelu", batch_first=True, norm_first=True, dtype=torch.double
    )
    weights, own = theirs.state_dict(), ours.state_dict()
    for kind in ("weight", "bias"):
        parts = [own[f"attention.to_query.{kind}"], own[f"attention.to_memory.{kind}"]]
        weights[f"self_attn.in_proj_{kind}"] = torch.cat(parts)
        weights[f"self_attn.out_proj.{kind}"] = own[f"attention.to_output.{kind}"]
        for place, name in ((1, "linear1"), (3, "linear2"), (0, "norm2")):
            weights[f"{name}.{kind}"] = own[f"feed.{place}.{kind}"]
    theirs.load_state_dict(weights)
    x, mask = torch.randn(3, 5, 8, dtype=torch.double), torch.arange(5) < torch.tensor([5, 2, 4])[:, None]
    expected = theirs(x, src_key_padding_mask=~mask)
    torch.testing.assert_close(ours(x, mask[:, None])[mask], expected[mask])


def test_padding_is_not_read_and_places_are_told_apart() -> None:
    torch.manual_seed(2)
    encoder = TransformerEncoder(9, 8, 2, 2, 0.0).double().eval()
    words = torch.tensor([[3, 4, 3, 5], [6, 7, 0, 0]])
    both = encoder(Texts(words, torch.tensor([4, 2])))
    alone = encoder(Texts(words[1:, :2], torch.tensor([2])))
    torch.testing.assert_close(both.memory[1, :2], alone.memory[0])
    torch.testing.assert_close(both.latent[1], alone.latent[0])
    assert not both.memory[1, 2:].any()
    assert not torch.allclose(both.memory[0, 0], both.memory[0, 2])  # the same word
    assert len(sinusoids(torch.arange(500), torch.zeros(0, 8)).unique(dim=0)) == 500


@pytest.mark.slow
def test_sixty_four_tasks_are_learned_by_heart_as_trees() -> None:
    tasks = list(generate(64, seed=2))
    sizes = WITH_TREE | {"width": 32, "heads": 4, "hidden": 64, "attention_units": 32, "max_nodes": 200}
    assert steps_until_known(SAPSTransformer, tasks, sizes, most=400)
