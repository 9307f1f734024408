"""IO2Seq: a program from examples alone, the floor of Neural Program Search's table."""

from saps.models.seq2seq import Seq2Seq
from saps.tasks.query import EXAMPLES


class IO2Seq(Seq2Seq):
    """The network of ``Seq2Seq`` over the examples that a task shows, written as one line of tokens, without its text.

    It is judged on the tests that it is not shown.
    """

    reading = EXAMPLES
