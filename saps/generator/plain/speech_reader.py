"""The section ``speech`` of the plain register: frames of sentences, nouns, names, mentions and constants."""

from collections.abc import Mapping
from dataclasses import fields

from saps.generator.inputs import DRAW
from saps.generator.plain.lines import plain_parts, weighted_lines
from saps.generator.plain.speech import PLAIN_FORMS, Constant, Mentions, PlainNouns, Speech
from saps.generator.templates import Weighted
from saps.generator.wording_notation import lines_of, names_in
from saps.generator.wordings import Parts, WordLists
from saps.generator.yaml_nodes import Located
from saps.lang.inference import check
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import parse
from saps.lang.types import parse_type

_MENTIONED = {"head", "long", "heads", "longs", "name", "names"}
_SHARES = ("verbs", "named", "nouned", "declared", "letters", "constants", "sequences", "it", "possessive")


def read_speech(entries: Mapping[str, Located], lists: WordLists) -> Speech:
    """The speech out of the entries of the section, each of which stands once over all files.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    nouns = entries["nouns"].mapping(known=tuple(DRAW), needed=tuple(DRAW))
    shares = entries["shares"].mapping(known=_SHARES, needed=_SHARES)
    return Speech(
        verbs=_by_form(entries["verbs"], lists),
        direct=_by_form(entries["direct"], lists),
        actions=_frames(entries["actions"], lists),
        declaring={name: _frames(value, lists) for name, value in entries["declaring"].mapping().items()},
        sequences=weighted_lines(entries["sequences"], lists),
        results=weighted_lines(entries["results"], lists),
        nouns={name: _nouns(value, lists) for name, value in nouns.items()},
        mentions=_mentions(entries["mentions"], lists),
        several=tuple(entries["several"].words()),
        constants=_constants(entries["constants"]),
        shares={name: value.number() for name, value in shares.items()},
    )


def _by_form(value: Located, lists: WordLists) -> Mapping[str, Weighted[Parts]]:
    return {form: _frames(lines, lists) for form, lines in value.mapping(known=PLAIN_FORMS).items()}


def _frames(value: Located, lists: WordLists) -> Weighted[Parts]:
    frames = weighted_lines(value, lists)
    for frame in frames.options:
        if "it" not in names_in(frame) or names_in(frame) > {"it", "arguments"}:
            raise value.error("a frame speaks of {it}, once declaring {arguments}, and of nothing else")
    return frames


def _nouns(value: Located, lists: WordLists) -> PlainNouns:
    keys = ("heads", "qualifiers", "all", "each", "names", "families")
    entries = value.mapping(known=keys, needed=keys)
    return PlainNouns(
        heads=weighted_lines(entries["heads"], lists),
        qualifiers=_with_nothing(entries["qualifiers"], lists),
        elements=plain_parts(entries["all"].text().strip(), lists, entries["all"]),
        each=plain_parts(entries["each"].text().strip(), lists, entries["each"]),
        names=_names(entries["names"]),
        families=_families(entries["families"]),
    )


def _with_nothing(value: Located, lists: WordLists) -> Weighted[Parts]:
    """Lines of which ``-`` stands for no words."""
    found = [
        (weight, () if text == "-" else plain_parts(text, lists, place)) for weight, text, place in lines_of(value)
    ]
    return Weighted(tuple(parts for _, parts in found), tuple(weight for weight, _ in found))


def _names(value: Located) -> Weighted[str]:
    found = [(weight, name, place) for weight, text, place in lines_of(value) for name in text.split()]
    for _, name, place in found:
        _checked([name], place)
    return Weighted(tuple(name for _, name, _ in found), tuple(weight for weight, _, _ in found))


def _families(value: Located) -> Weighted[tuple[str, ...]]:
    found = [(weight, tuple(_checked(text.split(), place))) for weight, text, place in lines_of(value)]
    return Weighted(tuple(names for _, names in found), tuple(weight for weight, _ in found))


def _checked(names: list[str], place: Located) -> list[str]:
    for name in names:
        if (
            name in PRIMITIVES
            or not name.isidentifier()
            or name != name.lower()
            or name in ("self", "main", "arg1", "arg2")
        ):
            raise place.error(
                f"{name!r} means something in programs already, or is no name in small letters; take another one"
            )
    return names


def _mentions(value: Located, lists: WordLists) -> Mentions:
    keys = tuple(field.name for field in fields(Mentions))
    entries = value.mapping(known=keys, needed=keys)
    lines = {name: weighted_lines(entries[name], lists) for name in keys if name != "ordinals"}
    ordinals = tuple(weighted_lines(each, lists) for each in entries["ordinals"].items())
    for parts in (parts for group in (*lines.values(), *ordinals) for parts in group.options):
        if not names_in(parts) <= _MENTIONED:
            raise value.error(f"a mention speaks of {', '.join(sorted(_MENTIONED))} and of nothing else")
    return Mentions(ordinals=ordinals, **lines)


def _constants(value: Located) -> Weighted[Constant]:
    """Lines such as ``x3 (+ 1 2) = 3|three = 3rd|third``."""
    constants, weights = [], []
    for weight, text, place in lines_of(value):
        program, words, ordinals = (piece.strip() for piece in text.rsplit(" = ", 2))
        tree = parse(program)
        check(tree, {}, parse_type("int"))
        if not words or not ordinals:
            raise place.error("a constant is written (+ 1 2) = 3|three = 3rd|third")
        constants.append(Constant(tree, tuple(words.split("|")), tuple(ordinals.split("|"))))
        weights.append(weight)
    return Weighted(tuple(constants), tuple(weights))
