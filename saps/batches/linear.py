"""Programs as lines of tokens, for decoders that know only sequences.

========== ==========================================
brackets   ``( reduce a 0 + ) <end>``
arities    ``reduce/3 a/0 0/0 +/0``
========== ==========================================

A line of arities needs no end symbol: it is over when no node waits. Both are read back by the parser of the language.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from saps.batches.numbering import NumberedTree, Numbers
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, split_label

LinearForm = Literal["brackets", "arities"]
END, OPEN, CLOSE = "<end>", "(", ")"
_AFTER_SYMBOLS = 5  # PAD, UNKNOWN and the three above stand before the names


class Linear:
    """A way of writing trees as lines, given the labels of their nodes; made by ``linear_form``.

    ``tokens`` are all T tokens, beginning with PAD and UNKNOWN. ``opened`` (T,) tells how much more has to come after a
    token: a line begins with one thing to come, and is over at zero.
    """

    tokens: tuple[str, ...]
    opened: Numbers

    def numbers(self, tree: NumberedTree) -> Numbers:
        """The line of a tree, as numbers of tokens."""
        raise NotImplementedError(f"{type(self).__name__} must define numbers")

    def words(self, line: Sequence[int]) -> list[str]:
        """A line as the words of the Lisp spelling, whether it is a program or not."""
        raise NotImplementedError(f"{type(self).__name__} must define words")

    def program(self, line: Sequence[int]) -> Tree:
        """The program that a line spells.

        Raises:
            ProgramError: it spells none.
        """
        return parse(" ".join(self.words(line)))


class Arities(Linear):
    """Labels in pre-order; the tokens are the labels."""

    def __init__(self, labels: Vocabulary) -> None:
        self.tokens = labels.symbols
        self._labels = [split_label(label) for label in labels]
        self.opened = np.array([arity - 1 for _, arity in self._labels], dtype=np.int32)

    def numbers(self, tree: NumberedTree) -> Numbers:
        """As ``Linear.numbers``."""
        return tree.label[tree.preorder]

    def words(self, line: Sequence[int]) -> list[str]:
        """As ``Linear.words``: each call is closed after as many operands as its label says."""
        words: list[str] = []
        waiting: list[int] = []  # operands that each open call still wants
        for token in line:
            name, arity = self._labels[token]
            words += [OPEN, name] if arity else [name]
            if arity:
                waiting.append(arity)
                continue
            while waiting:
                waiting[-1] -= 1
                if waiting[-1]:
                    break
                waiting.pop()
                words.append(CLOSE)
        return words


class Brackets(Linear):
    """Names, and brackets around calls; the end has a token of its own."""

    def __init__(self, labels: Vocabulary) -> None:
        known = [split_label(label) for label in labels][2:]
        names = list(dict.fromkeys(name for name, _ in known))  # one token for a name, called or as a value
        self.tokens = (PAD, UNKNOWN, END, OPEN, CLOSE, *names)
        self.opened = np.where(np.arange(len(self.tokens)) == self.tokens.index(END), -1, 0).astype(np.int32)
        place = {name: _AFTER_SYMBOLS + number for number, name in enumerate(names)}
        self.name_of = np.array([0, 1, *(place[name] for name, _ in known)], dtype=np.int32)  # (V,) token of each label
        self.is_call = np.array([False, False, *(arity > 0 for _, arity in known)])  # (V,)

    def numbers(self, tree: NumberedTree) -> Numbers:
        """As ``Linear.numbers``."""
        label, depth = tree.label[tree.preorder], tree.depth[tree.preorder]
        name, is_call = self.name_of[label], self.is_call[label]
        closed = np.maximum(0, depth - np.append(depth[1:], 0))  # calls that end with each node
        pieces = 1 + is_call + closed
        first = np.cumsum(pieces) - pieces
        line = np.full(pieces.sum() + 1, self.tokens.index(CLOSE), dtype=np.int32)
        line[first] = np.where(is_call, self.tokens.index(OPEN), name)
        line[first[is_call] + 1] = name[is_call]
        line[-1] = self.tokens.index(END)
        return line

    def words(self, line: Sequence[int]) -> list[str]:
        """As ``Linear.words``."""
        return [self.tokens[token] for token in line if self.tokens[token] != END]


FORMS: dict[LinearForm, type[Arities] | type[Brackets]] = {"arities": Arities, "brackets": Brackets}


def linear_form(form: LinearForm, labels: Vocabulary) -> Linear:
    """The way of writing that a setting names."""
    return FORMS[form](labels)
