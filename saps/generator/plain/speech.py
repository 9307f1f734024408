"""What the plain register is made of: templates with plain wordings, and how sentences are built around them."""

from collections.abc import Mapping
from dataclasses import dataclass

from saps.generator.templates import Library, Template, Weighted, Wording
from saps.generator.wordings import Parts
from saps.lang.trees import Tree

ACTION = "action"
PHRASES = ("singular", "plural")
"""Forms that may stand inside others."""
PLAIN_FORMS = (*PHRASES, ACTION, "truth", "clause", "question")
IT, ARGUMENTS, FIRST, SECOND = "it", "arguments", "first", "second"
"""Marks of frames: what is asked for; the declared arguments; two actions, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainWording(Wording):
    """A wording with what it asks of its slots beside what any wording does."""

    silent: frozenset[str]
    """slots that it may leave unsaid; each must hold an argument"""
    terse: frozenset[str]
    """slots that are said by name or number, as in "the first n elements"; none of them holds another phrase"""
    ordinal: frozenset[str]
    """those of them that are said as "nth" """
    joint: frozenset[str]
    """slots that are said together, as in "two numbers" """


@dataclass(frozen=True)
class PlainTemplate(Template):
    """A template of the plain register."""

    actions: Weighted[Wording]
    """imperatives: "reverse the list" """
    constants: frozenset[str]
    """slots in which a number may stand in the place of an argument"""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that the language can say, and its words."""

    program: Tree
    words: tuple[str, ...]
    ordinals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlainNouns:
    """What arguments of one type are called."""

    heads: Weighted[Parts]
    """one marked noun: ``list*``"""
    qualifiers: Weighted[Parts]
    """what may follow: "of numbers" """
    elements: Parts
    """``{all x}``: the elements of what stands in the slot ``it``"""
    each: Parts
    """``{each x}``"""
    names: Weighted[str]
    """names of an argument that is alone of its type"""
    families: Weighted[tuple[str, ...]]
    """names of several: list1, list2, ..."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """How arguments are spoken of; marks are ``head``, ``long`` (with qualifier), ``heads`` and ``longs`` (several),
    ``name`` and ``names``."""

    named: Weighted[Parts]
    """at first, by name"""
    unnamed: Weighted[Parts]
    """at first, without a name"""
    known: Weighted[Parts]
    """again, or after a declaration, without a name"""
    ordinals: tuple[Weighted[Parts], ...]
    """the first and the second of two of a type, without names"""
    joint_named: Weighted[Parts]
    joint_unnamed: Weighted[Parts]
    declared_named: Weighted[Parts]
    declared_unnamed: Weighted[Parts]
    declared_names: Weighted[Parts]
    """several of one type in a declaration"""
    declared_several: Weighted[Parts]


@dataclass(frozen=True, slots=True)
class Speech:
    """How sentences are built."""

    verbs: Mapping[str, Weighted[Parts]]
    """by form: what makes an action of it: ``find* {it}``"""
    direct: Mapping[str, Weighted[Parts]]
    """by form: sentences that are no actions: ``what is {it}``"""
    actions: Weighted[Parts]
    """frames of actions"""
    declaring: Mapping[str, Weighted[Parts]]
    """frames that declare the arguments, of actions and of anything else"""
    sequences: Weighted[Parts]
    """two actions: ``{first} , then {second}``"""
    results: Weighted[Parts]
    """what the second calls the result of the first"""
    nouns: Mapping[str, PlainNouns]
    mentions: Mentions
    several: tuple[str, ...]
    """"two", "three", ..."""
    constants: Weighted[Constant]
    shares: Mapping[str, float]


@dataclass(frozen=True)
class PlainLibrary(Library):
    """The templates of the plain register; what they are said with is in ``speech``, not in ``sentences``."""

    speech: Speech
