"""Trees as arrays: depth and pre-order, which other plans than the waves are made of."""

from hypothesis import given, settings

from saps.batches.numericalise import numericalise_task, numericalise_tree
from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.tasks.query import DECLARED_TEXT, EXAMPLES
from saps.tasks.task import Task
from saps.tasks.vocabulary import label_of, vocabularies_of
from tests.nn.shapes import distinct, forests


@settings(deadline=None, max_examples=40)
@given(forests)
def test_preorder_and_depth_are_those_of_the_tree(forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    for tree in trees:
        numbered = numericalise_tree(tree, labels)
        assert numbered.label[numbered.preorder].tolist() == [labels.index(label_of(node)) for node in tree.preorder()]

        def depths(node: Tree, depth: int = 0) -> list[int]:
            return [depth, *(below for child in node.children for below in depths(child, depth + 1))]

        assert numbered.depth[numbered.preorder].tolist() == depths(tree)


def test_a_task_is_numbered_as_a_reading_reads_it() -> None:
    tests = tuple(Example({"a": [1, n]}, n) for n in range(5))
    task = Task(("find", "a"), parse("(deref a 1)"), {"a": "int[]"}, "int", tests)
    for reading, expected in (
        (DECLARED_TEXT, "a int[] ; find a"),
        (EXAMPLES, "a = [ 1 0 ] -> 0 ; a = [ 1 1 ] -> 1 ; a = [ 1 2 ] -> 2 ;"),
    ):
        vocabularies = vocabularies_of([task], reading=reading)
        words = numericalise_task(task, vocabularies, reading).text.words
        assert [vocabularies.words.symbols[number] for number in words] == expected.split()
