"""Free decoding: within its limits, and with the probabilities of training, whichever way a tree is grown."""

import numpy as np
import pytest
import torch
from torch import Tensor

from saps.lang.trees import Tree
from saps.lang.types import ANY
from saps.models.saps import SAPS
from saps.nn.attention import Memory
from saps.nn.greedy import TreeLimits, greedy
from saps.nn.readout import LabelReadout
from saps.nn.schedule import Nodes
from saps.search.beam import beam_search
from saps.search.constraints import Bounds, Constraints
from saps.tasks.vocabulary import Vocabularies, label_of, split_label, vocabularies_of
from tests.models.made import (
    KINDS,
    LANGUAGE,
    Kind,
    arities_are_right,
    batch_of,
    rows_of,
    small,
    teacher_forced,
    told,
    varied,
    with_labels,
)
from tests.nn.shapes import distinct, places, random_forest

kinds = pytest.mark.parametrize("kind", KINDS, ids=str)
UNTOLD = told([Tree("a")] * 24)  # texts that matter, programs that do not


def along_the_stepper(system: SAPS, texts: object, programs: list[Tree]) -> list[float]:
    """The log-probability of each program, label by label in pre-order, all of them in one ``step``."""
    stepper, labels = system.stepper(texts), system.vocabularies.labels  # type: ignore[arg-type]
    nodes = [[labels.index(label_of(node)) for node in program.preorder()] for program in programs]
    states, total = dict(enumerate(stepper.start())), [0.0] * len(programs)
    for place in range(max(map(len, nodes))):
        alive = [k for k in states if place < len(nodes[k])]
        found, seen = stepper.step([states[k] for k in alive])
        for row, k in enumerate(alive):
            total[k] += float(found[row, nodes[k][place]])
            states[k] = stepper.advance(seen[row], nodes[k][place])
    assert all(state.top is None for state in states.values())
    return total


class Forcing:
    """Stands for the step in ``greedy``: sees which nodes are asked for, and offers only the true labels."""

    def __init__(self, system: SAPS, trees: list[Tree]) -> None:
        self.system = system
        found = list(places(trees, system.vocabularies.labels))
        self.roots = [place.label for place in found if place.parent == -1]
        self.truth = {(place.parent, place.sibling): place.label for place in found if place.parent != -1}
        self.log_probability: dict[int, float] = {}

    def step(self, before: Tensor, nodes: Nodes, memory: Memory) -> tuple[Tensor, Tensor]:
        """Notes the log-probability of the true labels of this step, then makes them certain."""
        pairs = list(zip(nodes.parent_label.tolist(), nodes.sibling_label.tolist(), strict=True))
        wanted = self.roots if (-1, -1) in pairs else [self.truth[pair] for pair in pairs]
        scores, rows = self.system.step(before, nodes, memory)
        places = torch.arange(len(scores))
        found = scores.log_softmax(dim=1)[places, wanted].tolist()
        self.log_probability |= dict(zip(wanted, found, strict=True))
        return torch.zeros_like(scores).index_put((places, torch.tensor(wanted)), torch.tensor(50.0)), rows


@kinds
def test_teacher_forcing_free_running_and_stepping_agree_on_probabilities(kind: Kind) -> None:
    trees, labels = distinct(random_forest(4, 6, 15))
    tasks = told(trees)
    vocabularies = Vocabularies(vocabularies_of(tasks).words, labels)
    system = varied(small(vocabularies, **kind.settings()))
    batch = batch_of(tasks, system)
    expected = teacher_forced(system, batch).tolist()

    forcing = Forcing(system, trees)
    memory, rows = system.start(system.encode(batch.texts))
    decoded = greedy(forcing.step, rows, memory, system.arity, TreeLimits(nodes=1000, depth=1000))
    assert len(decoded.label) == sum(tree.size() for tree in trees)
    of_trees = [sum(forcing.log_probability[labels.index(label_of(n))] for n in tree.preorder()) for tree in trees]
    np.testing.assert_allclose(of_trees, expected, rtol=1e-4, atol=1e-5)
    assert [answer.program for answer in system._predictions(decoded, len(trees))] == trees

    np.testing.assert_allclose(along_the_stepper(system, batch.texts, trees), expected, rtol=1e-4, atol=1e-5)
    assert min(expected) < -10  # the trees are long and the labels many: equal by chance they are not


@kinds
def test_an_answer_comes_with_the_probability_that_training_gives_it(kind: Kind) -> None:
    vocabularies = with_labels(UNTOLD, LANGUAGE)
    system = varied(small(vocabularies, **kind.settings(), max_nodes=40))
    answers = system.answer(batch_of(UNTOLD, system).texts)
    answered = [
        task.__class__(task.text, answer.program, {}, "int", ()) for task, answer in zip(UNTOLD, answers, strict=True)
    ]
    expected = teacher_forced(system, batch_of(answered, system))
    np.testing.assert_allclose([answer.log_probability for answer in answers], expected, rtol=1e-4, atol=1e-5)
    assert len({answer.program for answer in answers}) > 2  # V, which gives siblings one label, has few


@pytest.mark.parametrize(("nodes", "depth"), [(1, 9), (2, 9), (3, 3), (9, 2), (30, 1), (30, 5), (200, 24)])
def test_trees_of_an_untrained_network_are_whole_and_within_the_limits(nodes: int, depth: int) -> None:
    vocabularies = with_labels(UNTOLD, LANGUAGE)
    texts = batch_of(UNTOLD, small(vocabularies)).texts
    sizes = set()
    for seed in range(4):
        system = varied(small(vocabularies, seed, max_nodes=nodes, max_depth=depth), seed, leaves=-seed)
        programs = [answer.program for answer in system.answer(texts)]
        assert len(programs) == len(UNTOLD)
        for program in programs:
            assert program.size() <= nodes
            assert program.depth() <= depth
            assert arities_are_right(program, vocabularies.labels)
        sizes |= {program.size() for program in programs}
    assert max(sizes) > nodes // 2 or depth < 3  # the limits bind: without them these trees would be larger


def test_a_text_gets_the_same_program_alone_in_a_batch_and_in_any_order() -> None:
    vocabularies = with_labels(UNTOLD, LANGUAGE)
    system = varied(small(vocabularies, max_nodes=40))
    texts = batch_of(UNTOLD, system).texts
    together = system.answer(texts)
    alone = [system.answer(rows_of(texts, [row]))[0] for row in range(len(UNTOLD))]
    order = torch.randperm(len(UNTOLD), generator=torch.Generator().manual_seed(1)).tolist()
    shuffled = system.answer(rows_of(texts, order))
    assert [answer.program for answer in alone] == [answer.program for answer in together]
    assert [answer.program for answer in shuffled] == [together[row].program for row in order]
    assert len({answer.program for answer in together}) > 5


@kinds
def test_a_beam_of_one_finds_the_greedy_answer(kind: Kind) -> None:
    vocabularies = with_labels(UNTOLD, LANGUAGE)
    system = varied(small(vocabularies, **kind.settings()), leaves=3.0)
    texts = batch_of(UNTOLD, system).texts
    kinds = {"a": ANY, "b": ANY}
    rules = Constraints([split_label(label) for label in vocabularies.labels], kinds, Bounds(200, 24))
    found = beam_search(system.stepper(texts), [rules] * len(UNTOLD), width=1)
    compared = 0
    for answer, (best,) in zip(system.answer(texts), found, strict=True):
        if answer.program.size() <= 30 and rules.numbers(answer.program):  # else the rules lead elsewhere
            assert best.program == answer.program
            assert best.log_probability == pytest.approx(answer.log_probability, rel=1e-4, abs=1e-5)
            compared += 1
    assert compared >= 8


def test_a_wider_beam_finds_programs_at_least_as_probable() -> None:
    vocabularies = with_labels(UNTOLD, LANGUAGE)
    system = varied(small(vocabularies), leaves=3.0)
    texts = rows_of(batch_of(UNTOLD, system).texts, range(6))
    rules = Constraints([split_label(label) for label in vocabularies.labels], {"a": ANY, "b": ANY}, Bounds(20, 8))
    for narrow, wide in zip(*(beam_search(system.stepper(texts), [rules] * 6, width) for width in (1, 8)), strict=True):
        assert wide[0].log_probability >= narrow[0].log_probability - 1e-5


def test_the_readout_without_attention_sees_the_state_alone() -> None:
    readout = LabelReadout(4, 6, 5, None, "merged", dropout=0.0)
    states, words = torch.randn(3, 4), torch.randn(1, 2, 6)
    memory = readout.prepare(words, torch.ones(1, 2, dtype=torch.bool))
    assert readout.attend_rows(states, torch.zeros(3, dtype=torch.long), memory) is states
    torch.testing.assert_close(readout(states), readout.to_label(states))
