"""Two models side by side, in a terminal: figures on the same tasks, and answers to the same sentences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from saps.evaluation.pairs import signed
from saps.evaluation.statistics import paired_test
from saps.lang.spelling import to_lisp
from saps.synthesis.chosen_model import is_boxed
from saps.synthesis.from_text import query_from_text
from saps.synthesis.notation import read_examples
from saps.synthesis.synthesizer import Synthesizer

EXACT, PASSES = "exact match", ("exact match", "passes all tests")


def side_by_side(new: Path, old: Path, page: Path, samples: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Lines that compare two models.

    Args:
        new: folder of the model that ``page`` is about.
        old: folder of the one that it is compared with there.
        page: as ``saps evaluate --report`` has written it, with its tasks beside it.
        samples: sentences with an example each, ``text`` and ``examples``.
    """
    models = [Synthesizer.load(new), Synthesizer.load(old)]
    names = [_name(new), _name(old)]
    width = max(map(len, names))
    yield f"{'':<{width}}  {'parameters':>10}  {'exact match':>11}  {'passes all tests':>16}"
    lines = page.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
    tasks = [json.loads(line) for line in lines]
    verdicts = [[task["verdict"] for task in tasks], [task["against"]["verdict"] for task in tasks]]
    for name, model, found in zip(names, models, verdicts, strict=True):
        exact, passed = (100 * sum(one in kinds for one in found) / len(found) for kinds in ((EXACT,), PASSES))
        yield f"{name:<{width}}  {model.system.parameter_count():>10,}  {exact:>9.2f} %  {passed:>14.2f} %"
    right, also = ([one == EXACT for one in found] for found in verdicts)
    test = paired_test(right, also, [task["wanted"] for task in tasks])
    yield f"difference in exact match: {100 * test.difference:+.2f} points (95 % interval {signed(test.interval)})"
    yield "The first has learned from none of the programs of these tasks; the second may have met some."
    for sample in samples:
        yield f"\n{sample['text']}"
        yield from (f"  {name:<{width}}  {_answer(model, sample)}" for name, model in zip(names, models, strict=True))


def _name(folder: Path) -> str:
    return "the one that comes with saps" if is_boxed(folder) else str(folder)


def _answer(model: Synthesizer, sample: Mapping[str, str]) -> str:
    """The program, and whether it passes the example."""
    result = model.synthesize(query_from_text(sample["text"], examples=read_examples([sample["examples"]])))
    return f"{to_lisp(result.program)}  ({'passes' if result.passes else 'does not pass'} {sample['examples']})"
