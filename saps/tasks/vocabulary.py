"""Vocabularies: words of the text, and labels (name, arity) of tree nodes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from saps.errors import UserError
from saps.lang.trees import Tree
from saps.tasks.canonical import canonical_program
from saps.tasks.query import TEXT, Reading, query_of
from saps.tasks.task import Task

PAD, UNKNOWN = "<pad>", "<unk>"


class Vocabulary:
    """A list of symbols with numbers: symbol i of the list has number i."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self.symbols = tuple(symbols)
        self._index = {symbol: number for number, symbol in enumerate(self.symbols)}
        if len(self._index) != len(self.symbols):
            twice = next(symbol for symbol, count in Counter(self.symbols).items() if count > 1)
            raise UserError(f"a vocabulary holds {twice!r} twice; every symbol stands once")

    def __len__(self) -> int:
        return len(self.symbols)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self.symbols)

    def index(self, symbol: str) -> int:
        """The number of a symbol, or that of ``UNKNOWN`` (1) for one that is not in the list."""
        return self._index.get(symbol, 1)


def _vocabulary(counts: Counter[str], minimum: int, alphabet: Sequence[str] = ()) -> Vocabulary:
    """What occurs often enough, most frequent first, after PAD (0) and UNKNOWN (1); then the rest of the alphabet."""
    kept = sorted((symbol for symbol, count in counts.items() if count >= minimum), key=lambda s: (-counts[s], s))
    return Vocabulary(tuple(dict.fromkeys((PAD, UNKNOWN, *kept, *alphabet))))


def label_of(node: Tree) -> str:
    """The label of a node as the decoder sees it: ``name/arity``, so that arity is a function of the label."""
    return f"{node.label}/{node.arity}"


def split_label(label: str) -> tuple[str, int]:
    """Name and arity of a label: ``"+/2"`` -> ``("+", 2)``; PAD and UNKNOWN have arity 0."""
    if label in (PAD, UNKNOWN):
        return label, 0
    name, _, arity = label.rpartition("/")
    return name, int(arity)


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Writes the symbols as a JSON list."""
    path.write_text(json.dumps(vocabulary.symbols, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def load_vocabulary(path: Path) -> Vocabulary:
    """Reads what ``save_vocabulary`` wrote.

    Raises:
        UserError: the file is missing, is not a JSON list of strings, or does not begin with PAD and UNKNOWN.
    """
    try:
        symbols = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: the vocabulary is missing; copy the whole model folder") from None
    except ValueError as error:
        raise UserError(f"{path}: not a JSON list of symbols ({error}); export the model again") from None
    if not isinstance(symbols, list) or not all(isinstance(symbol, str) for symbol in symbols):
        raise UserError(f"{path}: not a JSON list of symbols; export the model again")
    if symbols[:2] != [PAD, UNKNOWN]:
        raise UserError(f"{path}: begins with {symbols[:2]} instead of {[PAD, UNKNOWN]}; export the model again")
    return Vocabulary(symbols)


class Vocabularies(NamedTuple):
    """What a model reads and writes: words of the text (and what else its reading writes), labels of the tree."""

    words: Vocabulary
    labels: Vocabulary


def vocabularies_of(tasks: Iterable[Task], minimum: int = 1, reading: Reading = TEXT) -> Vocabularies:
    """What a reading makes of the tasks, and every label of their programs.

    Args:
        tasks: what is learned from.
        minimum: a word of the texts that occurs less often is left out.
        reading: which tokens are read; those of its alphabet are never left out.
    """
    words: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    for task in tasks:
        if reading.canonical:
            words.update(reading.tokens(query_of(task, 0)))
        elif reading.reads_text:
            words.update(task.text)
        program = canonical_program(task.program, task.text, task.args) if reading.canonical else task.program
        labels.update(label_of(node) for node in program.preorder())
    return Vocabularies(_vocabulary(words, minimum, reading.alphabet), _vocabulary(labels, 1))
