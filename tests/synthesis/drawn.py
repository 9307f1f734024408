"""A hundred sentences of the plain register drawn at random, with the answers of a model, good and bad, as Markdown.

    python -m tests.synthesis.drawn MODEL --seed 4321

Greedy, without examples. An answer is right if it gives the wanted output in all ten tests of its task.
"""

import argparse
from collections import Counter
from pathlib import Path

import torch

from saps.generator.streams import generate
from saps.generator.switches import Switches
from saps.lang.interpreter import compile_program
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import query_of
from saps.tasks.task import Task


def verdict(task: Task, program: Tree) -> str:
    """Whether a program is the task's own, or does the same in its tests, or is wrong."""
    if program == task.program:
        return "same program"
    run = compile_program(program).run
    return "same outputs" if all(run(test.input).gives(test.output) for test in task.tests) else "wrong"


def main() -> None:
    """Prints the counts, then a row for each sentence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=4321)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    synthesizer = Synthesizer.load(arguments.model)
    tasks = list(generate(arguments.count, arguments.seed, switches=Switches(register="plain")))
    answers = [found.program for found in synthesizer.greedy([query_of(task, 0) for task in tasks])]
    verdicts = [verdict(task, program) for task, program in zip(tasks, answers, strict=True)]
    print(", ".join(f"{count} {what}" for what, count in Counter(verdicts).most_common()))
    for task, program, found in zip(tasks, answers, verdicts, strict=True):
        wanted = f"; wanted `{to_lisp(task.program)}`" if found == "wrong" else ""
        row = f"| {' '.join(task.text)} | `{to_lisp(program)}` | {found}{wanted} |"
        print(row.replace("||", "\\|\\|"))


if __name__ == "__main__":
    main()
