"""Ready-made word vectors from a file: GloVe or word2vec text, plain or .gz, or .npy with a list of words beside it."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from saps.errors import UserError
from saps.models.system import System
from saps.tasks.vocabulary import Vocabulary
from saps.training.settings import PretrainedSettings

WORDS_SUFFIX = ".words"  # beside vectors.npy stands vectors.words, one word a line


class WordVectors(NamedTuple):
    """A vector for every word of a vocabulary."""

    table: NDArray[np.float32]  # (V, E)
    found: int  # how many of the words the file holds
    missing: tuple[str, ...]  # those that it does not; they got the average of those found


@lru_cache(maxsize=1)  # the settings are tried out before a run begins, and then used
def read_word_vectors(path: Path, words: tuple[str, ...], size: int) -> WordVectors:
    """The vectors of ``words``, whose first two, PAD and UNKNOWN, get zero and the average.

    Where the file holds a word twice, the first counts.

    Raises:
        UserError: the file is missing or broken, its vectors have another size, or it holds none of the words.
    """
    row_of = {word: row for row, word in enumerate(words) if row > 1}
    table, found = np.zeros((len(words), size), dtype=np.float32), np.zeros(len(words), dtype=bool)
    for place, word, vector in (
        _npy_rows(path, row_of, size) if path.suffix == ".npy" else _text_rows(path, row_of, size)
    ):
        row = row_of[word]
        if found[row]:
            continue
        if not np.isfinite(vector).all():
            raise UserError(f"{place}: the vector of {word!r} holds what is no finite number; mend the file")
        table[row], found[row] = vector, True
    if not found.any():
        raise UserError(f"{path}: holds none of the {len(row_of)} words of the training texts; give another file")
    missing = ~found
    missing[0] = False  # PAD
    table[missing] = table[found].mean(axis=0)
    return WordVectors(table, int(found.sum()), tuple(word for word, row in row_of.items() if missing[row]))


EMBEDDING = "encoder.embedding.weight"  # where a system has the vectors of its words


def check_word_vectors(
    settings: PretrainedSettings, shapes: Mapping[str, tuple[int, ...]], words: Vocabulary
) -> WordVectors | None:
    """The ready-made vectors for a system whose weights have these shapes; None where none are named.

    Raises:
        UserError: as ``read_word_vectors``, or the system has no vectors of words.
    """
    if settings.word_vectors is None:
        return None
    if EMBEDDING not in shapes:
        named = f"pretrained.word_vectors {settings.word_vectors}"
        raise UserError(f"{named}: the system has no {EMBEDDING}; leave it out")
    return read_word_vectors(settings.word_vectors, words.symbols, shapes[EMBEDDING][1])


def use_word_vectors(system: System, settings: PretrainedSettings) -> list[str]:
    """Fills the embedding of the words where a file is named, and tells the coverage.

    Raises:
        UserError: as ``check_word_vectors``.
    """
    shapes = {name: tuple(value.shape) for name, value in system.state_dict().items()}
    vectors = check_word_vectors(settings, shapes, system.vocabularies.words)
    if vectors is None:
        return []
    weight = system.get_parameter(EMBEDDING)
    _fill(weight, torch.from_numpy(vectors.table))
    weight.requires_grad_(settings.train_word_vectors)
    known = len(vectors.table) - 2
    shown = ", ".join(vectors.missing[:5]) + (", ..." if len(vectors.missing) > 5 else "")
    remark = f"; the average for {shown}" if vectors.missing else ""
    share = 100 * vectors.found / known
    return [f"word vectors: {settings.word_vectors} holds {vectors.found} of {known} words ({share:.1f} %){remark}"]


@torch.no_grad()
def _fill(weight: Tensor, table: Tensor) -> None:
    weight.copy_(table)


Row = tuple[str, str, NDArray[np.float32]]
"""Where it stands (file:line), a wanted word, its vector (E,)."""


def _text_rows(path: Path, wanted: dict[str, int], size: int) -> Iterator[Row]:
    """The wanted lines ``word number ... number``; a first line of two numbers is word2vec's header."""
    with _reading(path) as file:
        for number, raw in enumerate(file, 1):
            line = raw.rstrip()
            spaces = line.count(" ")
            if number == 1 and spaces == 1 and line.replace(" ", "").isdigit():
                continue
            if spaces < size or (number <= 2 and spaces > size):
                wrong = f"has {spaces} numbers after its word; model.init_args.word_embedding is {size}"
                raise UserError(f"{path}:{number}: {wrong}; set it to the size of the vectors, or mend the line")
            word = line.split(" ", 1)[0] if spaces == size else line.rsplit(" ", size)[0]  # some words hold spaces
            if word in wanted:
                yield f"{path}:{number}", word, _numbers(path, number, line.rsplit(" ", size)[1:])


def _numbers(path: Path, line: int, fields: list[str]) -> NDArray[np.float32]:
    try:
        return np.array([float(field) for field in fields], dtype=np.float32)
    except ValueError as error:
        raise UserError(f"{path}:{line}: {error}; a line is a word and its numbers, with a space between") from None


def _npy_rows(path: Path, wanted: dict[str, int], size: int) -> Iterator[Row]:
    """The wanted rows of an array (words, E) and the list of words beside it."""
    beside = path.with_suffix(WORDS_SUFFIX)
    with _reading(path), _reading(beside) as file:
        words = [line.rstrip() for line in file]
    try:
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise UserError(f"{path}: not an array of numbers ({str(error).splitlines()[0]}); save it by np.save") from None
    if table.ndim != 2 or table.dtype.kind != "f" or len(table) != len(words):
        raise UserError(f"{path}: is {table.dtype} {table.shape}; for the {len(words)} words of {beside} it must be "
                        f"floats ({len(words)}, {size})")  # fmt: skip
    if table.shape[1] != size:
        wrong = f"vectors of {table.shape[1]}; model.init_args.word_embedding is {size}"
        raise UserError(f"{path}: {wrong}, set it to their size")
    for row, word in enumerate(words):
        if word in wanted:
            yield f"{beside}:{row + 1}", word, np.asarray(table[row], dtype=np.float32)


@contextmanager
def _reading(path: Path) -> Iterator[IO[str]]:
    """Opens a text file, plain or .gz; bytes that are no UTF-8 spoil only the word that they stand in."""
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8", errors="replace") as file:
            yield file
    except FileNotFoundError:
        raise UserError(f"{path}: no such file of word vectors; see pretrained.word_vectors") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read ({error}); fetch it again") from None
