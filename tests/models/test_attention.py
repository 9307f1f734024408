"""Which words each node of a program read: the weights of decoding, told by teacher forcing."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from saps.batches.numericalise import numericalise_tree
from saps.generator import generate
from saps.models import IO2Seq, SAPSTransformer, SearchAlone, Seq2Seq, Seq2Tree, System, Transformer
from saps.nn.attention import Attention, Memory
from saps.tasks.task import Task
from saps.tasks.vocabulary import Vocabularies, label_of
from tests.models.baselines import SEQUENCE, TRANSFORMER, WITH_TREE, untrained, vocabularies_for
from tests.models.made import KINDS, batch_of, rows_of, small, varied

TASKS = list(generate(6, seed=6))
WITHOUT = [kind for kind in KINDS if kind.attention == "none"]
WITH = [kind for kind in KINDS if kind.attention != "none"]


def systems() -> list[Any]:
    sizes = {
        Seq2Seq: SEQUENCE,
        IO2Seq: SEQUENCE,
        Seq2Tree: {"size": 8, "dropout": 0.0, "max_nodes": 40},
        Transformer: TRANSFORMER,
        SAPSTransformer: WITH_TREE,
    }
    made = [untrained(kind, vocabularies_for(kind, TASKS), its) for kind, its in sizes.items()]
    return made + [varied(small(vocabularies_for(System, TASKS), **kind.settings())) for kind in WITH]


def forced(system: System, tasks: list[Task]) -> list[Any]:
    trees = [numericalise_tree(task.program, system.vocabularies.labels) for task in tasks]
    found = system.teacher_forced(batch_of(tasks, system).texts, trees)
    assert found is not None
    return found


@pytest.mark.parametrize("system", systems(), ids=lambda system: type(system).__name__)
def test_the_weights_are_those_of_decoding(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Tensor] = []
    weigh = Attention.weigh

    def remember(self: Attention, asked: Tensor, memory: Memory, sizes: Tensor) -> Tensor:
        read.append(weigh(self, asked, memory, sizes))
        return read[-1]

    def by_definition(q: Tensor, k: Tensor, v: Tensor, attn_mask: Tensor) -> Tensor:
        scores = (q @ k.transpose(2, 3) / q.shape[3] ** 0.5).masked_fill(~attn_mask, float("-inf"))
        read.append(scores.softmax(dim=3).mean(dim=1))  # last comes the text of the last layer
        return scores.softmax(dim=3) @ v

    found = forced(system, TASKS)
    texts = batch_of(TASKS, system).texts
    monkeypatch.setattr(Attention, "weigh", remember)
    monkeypatch.setattr(functional, "scaled_dot_product_attention", by_definition)
    for row, (task, (log_probabilities, attention)) in enumerate(zip(TASKS, found, strict=True)):
        assert attention.shape == (task.program.size(), texts.lengths[row])
        torch.testing.assert_close(
            attention.sum(dim=1), torch.ones(len(attention), dtype=attention.dtype), rtol=0, atol=1e-5
        )
        stepper = system.stepper(rows_of(texts, [row]))
        state = stepper.start()[0]
        for place, node in enumerate(task.program.preorder()):
            label = system.vocabularies.labels.index(label_of(node))
            scores, (state,) = stepper.step([state])
            weights = read[-1][0].mean(dim=0)  # Seq2Tree asks twice a node
            torch.testing.assert_close(attention[place], weights.to(attention.dtype), rtol=1e-4, atol=1e-6)
            assert log_probabilities[place] == pytest.approx(scores[0, label], rel=1e-4, abs=1e-5)
            state = stepper.advance(state, label)


@pytest.mark.parametrize("kind", WITHOUT, ids=str)
def test_without_attention_there_are_only_probabilities(kind: Any) -> None:
    system = small(vocabularies_for(System, TASKS), **kind.settings())
    assert all(one.attention is None and one.log_probabilities.isfinite().all() for one in forced(system, TASKS))


def test_what_reads_nothing_attends_to_nothing() -> None:
    system = SearchAlone(vocabularies_for(SearchAlone, TASKS))
    assert all(one.attention is None for one in forced(system, TASKS))


def test_a_system_that_does_not_say_gives_nothing() -> None:
    assert System(vocabularies_for(System, TASKS)).teacher_forced(batch_of(TASKS, small_one()).texts, []) is None


def small_one() -> System:
    return small(vocabularies_for(System, TASKS))


def test_a_label_that_the_system_does_not_know_is_impossible() -> None:
    words, labels = vocabularies_for(System, TASKS)
    system = small(Vocabularies(words, type(labels)(labels.symbols[:-1])))
    missing = labels.symbols[-1]
    log_probabilities = torch.cat([one.log_probabilities for one in forced(system, TASKS)])
    nodes = [label_of(node) for task in TASKS for node in task.program.preorder()]
    assert [bool(value.isinf()) for value in log_probabilities] == [name == missing for name in nodes]
