"""What one task of the plain register speaks of: arguments, and instances with their wordings."""

from dataclasses import dataclass, field

from saps.generator.plain.speech import Constant, PlainWording
from saps.generator.templates import Template
from saps.generator.wordings import Parts


@dataclass(slots=True)
class Entity:
    """An argument as it is spoken of."""

    type: str
    name: str
    named: bool
    """the text calls it by its name"""
    nouned: bool
    """at first with a noun before the name"""
    head: str
    long: str
    place: int
    """among the arguments of its type, from 0"""
    fellows: int
    """how many arguments are of its type"""
    alone: bool
    """it is the only argument"""
    known: bool = False
    """it came up before"""
    spelled: bool = False
    """its name stands in the text"""


@dataclass(slots=True)
class Utterance:
    """An instance with the wording chosen for it; each slot has an inner instance, a constant or an argument."""

    template: Template
    wording: PlainWording
    inner: dict[str, "Utterance"]
    constants: dict[str, Constant]
    entities: dict[str, Entity]
    chosen: dict[str, Parts] = field(default_factory=dict)
    """what was taken from word lists"""
    replaced: str = ""
    """the slot whose words are those for the result of an action before"""
