"""Ready-made word vectors: every format, coverage, and complaints that name file and line."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from saps.errors import UserError
from saps.models.saps import SAPS
from saps.models.search_alone import SearchAlone
from saps.tasks.vocabulary import Vocabularies, Vocabulary
from saps.training.settings import PretrainedSettings
from saps.training.word_vectors import read_word_vectors, use_word_vectors
from tests.training.made import SIZES

WORDS = ("<pad>", "<unk>", "array", "of", "numbers", "zzz")
VOCABULARIES = Vocabularies(Vocabulary(WORDS), Vocabulary(["<pad>", "<unk>", "a/0"]))
ROWS = {"the": [9.0, 9, 9], "array": [1.0, 2, 3], "numbers": [3.0, 4, -1], "of": [0.5, 0, 1e-3]}
LINES = [" ".join([word, *map(str, row)]) for word, row in ROWS.items()]


def glove(path: Path) -> Path:
    path.write_text("\n".join([*LINES, "array 7 7 7", ". . . 5 5 5"]) + "\n")
    return path


def word2vec(path: Path) -> Path:
    path.write_text("\n".join([f"{len(LINES)} 3", *(line + " " for line in LINES)]))
    return path


def zipped(path: Path) -> Path:
    path.with_suffix(".txt.gz").write_bytes(gzip.compress("\n".join(LINES).encode()))
    return path.with_suffix(".txt.gz")


def array(path: Path) -> Path:
    np.save(path.with_suffix(".npy"), np.array(list(ROWS.values()), dtype=np.float64))
    path.with_suffix(".words").write_text("\n".join(ROWS) + "\n")
    return path.with_suffix(".npy")


@pytest.mark.parametrize("write", [glove, word2vec, zipped, array])
def test_every_format_gives_the_same_vectors(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    vectors = read_word_vectors(write(tmp_path / "vectors.txt"), WORDS, 3)
    known = np.array([ROWS[word] for word in ("array", "of", "numbers")], dtype=np.float32)
    np.testing.assert_array_equal(vectors.table[2:5], known)
    np.testing.assert_array_equal(vectors.table[0], 0)
    np.testing.assert_allclose(vectors.table[[1, 5]], [known.mean(axis=0)] * 2, rtol=1e-6)
    assert (vectors.found, vectors.missing) == (3, ("zzz",))


@pytest.mark.parametrize("trained", [True, False])
def test_an_embedding_is_filled_frozen_or_not_and_coverage_is_told(tmp_path: Path, trained: bool) -> None:
    settings = PretrainedSettings(word_vectors=glove(tmp_path / "glove.txt"), train_word_vectors=trained)
    system = SAPS(VOCABULARIES, **SIZES | {"word_embedding": 3})
    free = system.parameter_count()
    told = use_word_vectors(system, settings)
    weight = system.encoder.embedding.weight
    torch.testing.assert_close(weight[2].detach(), torch.tensor([1.0, 2, 3]))
    assert system.parameter_count() == free - (0 if trained else weight.numel())
    assert told == [f"word vectors: {tmp_path / 'glove.txt'} holds 3 of 4 words (75.0 %); the average for zzz"]


def test_a_system_that_reads_no_words_by_vectors_says_so(tmp_path: Path) -> None:
    system = SearchAlone(VOCABULARIES)
    with pytest.raises(UserError, match=r"the system has no encoder\.embedding\.weight; leave it out"):
        use_word_vectors(system, PretrainedSettings(word_vectors=glove(tmp_path / "glove.txt")))


def write(name: str, content: bytes) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return made


def short_list(folder: Path) -> Path:
    path = array(folder / "vectors.txt")
    path.with_suffix(".words").write_text("array\n")
    return path


def without_list(folder: Path) -> Path:
    path = array(folder / "vectors.txt")
    path.with_suffix(".words").unlink()
    return path


def objects(folder: Path) -> Path:
    path = array(folder / "vectors.txt")
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    return path


DAMAGES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no file": (lambda folder: folder / "none.txt", r"none\.txt: no such file"),
    "a folder": (lambda folder: folder, r"cannot be read"),
    "vectors of another size": (write("a.txt", b"the 1 2\narray 1 2\n"), r"a\.txt:1: has 2 numbers .*is 3"),
    "longer vectors": (write("a.txt", b"the 1 2 3 4\n"), r"a\.txt:1: has 4 numbers"),
    "a short line": (write("a.txt", b"array 1 2 3\nof 1 2 3\nthe 1\n"), r"a\.txt:3: has 1 numbers"),
    "a word for a number": (write("a.txt", b"the 1 2 3\narray 1 x 3\n"), r"a\.txt:2: could not convert .*'x'"),
    "not a number": (write("a.txt", b"array 1 nan 3\n"), r"a\.txt:1: the vector of 'array' holds"),
    "other words": (write("a.txt", b"Array 1 2 3\n"), r"holds none of the 4 words"),
    "empty": (write("a.txt", b""), r"holds none of the 4 words"),
    "no gzip": (write("a.txt.gz", b"array 1 2 3\n"), r"a\.txt\.gz: cannot be read"),
    "gzip cut off": (write("a.txt.gz", gzip.compress(b"array 1 2 3\n" * 99)[:-12]), r"a\.txt\.gz: cannot be read"),
    "no array": (write("a.npy", b"array 1 2 3\n"), r"no such file"),
    "a list too short": (short_list, r"vectors\.npy: is float64 \(4, 3\); for the 1 words"),
    "no list": (without_list, r"vectors\.words: no such file"),
    "objects for numbers": (objects, r"vectors\.npy: not an array of numbers"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, damage: str) -> None:
    made, complaint = DAMAGES[damage]
    with pytest.raises(UserError, match=complaint) as caught:
        read_word_vectors(made(tmp_path), WORDS, 3)
    assert "\n" not in str(caught.value)


def test_vectors_of_another_size_in_an_array_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"vectors of 3; model\.init_args\.word_embedding is 5"):
        read_word_vectors(array(tmp_path / "vectors.txt"), WORDS, 5)
