"""How a model takes sentences that the generator's parser reads in two ways: are both among its first candidates?

    python -m tests.synthesis.ambiguous FILE --model MODEL --first 2000

FILE holds tasks in the published dialect; each sentence with two readings and no third is asked once, by beam search of
ten candidates, without examples.
"""

import argparse
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import torch

from saps.generator import shipped_library
from saps.generator.parser import TextParser
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.files import read_tasks
from saps.tasks.query import query_of
from saps.tasks.task import Task


def read_twice(path: Path, first: int) -> Iterator[tuple[Task, tuple[Tree, Tree]]]:
    """The tasks with two readings of the text, of the first ones of a file, each text once."""
    parser = TextParser(shipped_library())
    seen: set[tuple[str, ...]] = set()
    for task in itertools.islice(read_tasks(path), first):
        readings = [parse.program for parse in parser.parse(task.text, task.args).parses]
        if len(readings) == 2 and task.text not in seen:
            seen.add(task.text)
            yield task, (readings[0], readings[1])


def main() -> None:
    """Prints the counts; with ``--list`` the sentences whose readings are not both among the first two."""
    asking = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asking.add_argument("file", type=Path)
    asking.add_argument("--model", type=Path, required=True)
    asking.add_argument("--first", type=int, default=2000, help="tasks of the file that are looked at")
    asking.add_argument("--list", action="store_true")
    asked = asking.parse_args()
    torch.set_num_threads(1)
    synthesizer = Synthesizer.load(asked.model)
    counts: Counter[str] = Counter()
    for task, readings in read_twice(asked.file, asked.first):
        found = [candidate.program for candidate in synthesizer.candidates([query_of(task, 0)], 10)[0]]
        counts["sentences with two readings"] += 1
        counts["the task's own program first"] += found[0] == task.program
        counts["the task's own program among the first two"] += task.program in found[:2]
        counts["both among the first two"] += {*readings} <= {*found[:2]}
        counts["both among the ten"] += {*readings} <= {*found}
        if asked.list and not {*readings} <= {*found[:2]}:
            print(" ".join(task.text), *map(to_lisp, readings), "found", *map(to_lisp, found[:2]), sep="\n    ")
    for what, count in counts.items():
        print(f"{count:5}  {what}")


if __name__ == "__main__":
    main()
