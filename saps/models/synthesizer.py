"""A sentence, and optionally examples, becomes a program: the whole road behind one class."""

import difflib
import functools
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch

from saps.batches.collate import Texts, pad_texts
from saps.batches.numbering import number_words
from saps.errors import UserError
from saps.lang.interpreter import Limits
from saps.lang.types import parse_type
from saps.models.base import Answer, System
from saps.models.folder import load_model
from saps.search.beam import Candidate, beam_search
from saps.search.choose import Choice, Example, choose
from saps.search.constraints import Constraints
from saps.tasks.asked import Asked
from saps.tasks.phrases import Group, read_frame
from saps.tasks.task import Test
from saps.tasks.tokens import tokenize
from saps.tasks.vocabulary import Vocabulary, split_label

_NOUNS = (  # of free sentences, the longer first: "a list of strings a" declares no string
    ("string[]", r"(?:array|list)s? of (?:strings|words)"),
    ("int[]", r"(?:array|list)s?(?: of (?:numbers|integers|ints))?"),
    ("int", r"(?:number|integer|int)s?"),
    ("string", r"(?:string|word)s?"),
)
_NAME = rf"[a-z](?![a-z])(?! (?:{'|'.join(noun for _, noun in _NOUNS)}))"  # in "a and a string", the second a is none
_NAMES = rf"{_NAME}(?:(?: , and| ,| and) {_NAME})*"
_LOOSE = [(kind, re.compile(rf"\b(an? )?(?:integer )?{noun}\b(?: ({_NAMES}))?")) for kind, noun in _NOUNS]
_OPENING = re.compile(r"(?:you are given|given|consider|for|take|let) [^,]*")


class Synthesis(NamedTuple):
    """What the model answers to one sentence."""

    text: tuple[str, ...]  # the words as the model saw them
    arguments: Mapping[str, str]  # name -> type, as given or as guessed
    candidates: Sequence[Candidate]  # most probable first
    choice: Choice  # the answer among them


@dataclass(frozen=True)
class Synthesizer:
    """A trained system that answers sentences.

    >>> synthesizer = Synthesizer.load(Path("runs/quickstart"))  # doctest: +SKIP
    >>> answer = synthesizer.synthesize("given an array of numbers a , find the sum of a")  # doctest: +SKIP
    """

    system: System

    @classmethod
    def load(cls, folder: Path) -> "Synthesizer":
        """The system of an exported model or of a run folder.

        Raises:
            UserError: the folder holds no whole model.
        """
        return cls(load_model(folder))

    def synthesize(
        self,
        text: str,
        arguments: Mapping[str, str] | None = None,
        examples: Sequence[Example] = (),
        candidates: int = 10,
        allow_unknown: bool = False,
        limits: Limits | None = None,
    ) -> Synthesis:
        """Decodes by beam search under the rules of the language; examples, where given, choose among the candidates.

        Args:
            text: the sentence, in any case and spacing.
            arguments: name -> type; guessed from the sentence where not given.
            examples: inputs and wanted outputs.
            candidates: width of the beam.
            allow_unknown: read words that the model has not learned as one unknown word instead of refusing them.
            limits: budget of each run of a candidate on an example.

        Raises:
            UserError: the sentence is empty or holds unknown words.
        """
        words = tokenize(text)
        if not words:
            raise UserError("the sentence is empty; say what the program should do")
        if not allow_unknown and self.system.reading.reads_text:
            refuse_unknown(words, self.system.vocabularies.words)
        known = dict(arguments) if arguments is not None else guess_arguments(words)
        asked = Asked(words, known, tuple(Test(example.input, example.output) for example in examples))
        found = self.candidates([asked], candidates)[0]
        choice = choose([candidate.program for candidate in found], examples, limits)
        return Synthesis(words, known, found, choice)

    @torch.no_grad()
    def candidates(self, asked: Sequence[Asked], width: int) -> list[list[Candidate]]:
        """The most probable programs for each of some questions, by one beam search."""
        rules = [self.rules(question) for question in asked]
        self.system.eval()
        return beam_search(self.system.stepper(self._texts(asked)), rules, width)

    @torch.no_grad()
    def greedy(self, asked: Sequence[Asked]) -> list[Answer]:
        """What greedy decoding finds for each of some questions, as validation does."""
        self.system.eval()
        return list(self.system.answer(self._texts(asked)))

    def rules(self, asked: Asked) -> Constraints:
        """What the programs that answer a question may look like.

        Raises:
            UserError: no program is possible with the labels of the model.
        """
        return _rules(self.system.vocabularies.labels.symbols, tuple(asked.arguments.items()), asked.result)

    def _texts(self, asked: Sequence[Asked]) -> Texts:
        """What the system reads of some questions, as numbers."""
        words, tokens = self.system.vocabularies.words, self.system.reading.tokens
        return pad_texts([number_words(tokens(question), words) for question in asked]).to(self.system.device)


@functools.lru_cache(maxsize=2_000)
def _rules(labels: tuple[str, ...], arguments: tuple[tuple[str, str], ...], result: str) -> Constraints:
    """Questions with the same declarations share their rules."""
    kinds = {name: parse_type(written) for name, written in arguments}
    return Constraints([split_label(label) for label in labels], kinds, None, parse_type(result))


def refuse_unknown(words: Sequence[str], vocabulary: Vocabulary) -> None:
    """Refuses words that the model has not learned, with the nearest ones that it has.

    Raises:
        UserError: there is such a word.
    """
    unknown = list(dict.fromkeys(word for word in words if word not in vocabulary))
    if not unknown:
        return
    hints = []
    for word in unknown:
        near = difflib.get_close_matches(word, list(vocabulary)[2:], n=2, cutoff=0.6)
        hints.append(repr(word) + (f" (perhaps {' or '.join(map(repr, near))})" if near else ""))
    raise UserError(
        f"the model has not learned {', '.join(hints)}; say it in other words, or read it as unknown by --allow-unknown"
    )


def guess_arguments(words: Sequence[str]) -> dict[str, str]:
    """Names and types of the arguments that a sentence declares.

    ``given an array of numbers a and a number b , find ...`` -> ``{"a": "int[]", "b": "int"}``. A declaration without a
    name gets the first letter that stands nowhere in the sentence, or "a", which is mostly the article. A sentence that
    does not begin with declarations is searched for such nouns.
    """
    groups = read_frame(words).groups or _loose_groups(" ".join(words))
    arguments = {name: group.kind for group in groups for name in group.names}
    taken = {*arguments} | ({*words} - {"a"})
    free = (letter for letter in string.ascii_lowercase if letter not in taken)
    return arguments | dict(zip(free, (group.kind for group in groups if not group.names), strict=False))


def _loose_groups(text: str) -> list[Group]:
    """Nouns with names anywhere; without, only where the sentence begins as a declaration: "given an array , find"."""
    opening = _OPENING.match(text)
    end = opening.end() if opening else 0
    found: list[tuple[int, Group]] = []
    for kind, pattern in _LOOSE:
        for match in pattern.finditer(text):
            names = tuple(re.findall(rf"\b{_NAME}", match[2] or ""))
            if names or (match[1] and match.start() < end):
                found.append((match.start(), Group(kind, names)))
        text = pattern.sub(lambda match: "#" * len(match[0]), text)
    return [group for _, group in sorted(found)]
