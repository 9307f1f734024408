"""The errors of a file of predictions by kind, told by the labels of both programs alone, as Markdown.

saps evaluate --model RUN --data FILE --save-predictions PREDICTIONS
python -m tests.synthesis.errors FILE PREDICTIONS
"""

import sys
from collections import Counter
from pathlib import Path

from saps.evaluation.predictions import read_predictions
from saps.lang.trees import Tree
from saps.tasks.files import read_tasks


def kind(wanted: Tree, given: Tree) -> str:
    """How a wrong program differs from the one that was wanted."""
    of_wanted, of_given = (Counter(node.label for node in tree.preorder()) for tree in (wanted, given))
    if of_wanted == of_given:
        return "the same labels in another order"
    if of_wanted <= of_given:
        return "labels added"
    if of_given <= of_wanted:
        return "labels dropped"
    if sum((of_wanted - of_given).values()) == sum((of_given - of_wanted).values()) == 1:
        return "one label in the place of another"
    return "several labels in the place of others"


def main() -> None:
    """Prints how many errors there are of each kind."""
    data, predictions = map(Path, sys.argv[1:])
    tasks = list(read_tasks(data))
    pairs = zip(tasks, read_predictions(predictions, len(tasks)), strict=True)
    wrong = [(task.program, given) for task, given in pairs if given != task.program]
    kinds = Counter(kind(*pair) if isinstance(pair[1], Tree) else "not parsed" for pair in wrong)
    print(f"{len(wrong)} errors of {len(tasks)}")
    for name, count in kinds.most_common():
        print(f"| {name} | {count} |")


if __name__ == "__main__":
    main()
