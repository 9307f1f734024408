"""One template out of a template file, checked in itself."""

import re
from collections.abc import Collection, Mapping, Sequence

from saps.errors import UserError
from saps.generator.inputs import DRAW, Modes
from saps.generator.templates import FORMS, Slot, Template, Weighted, Wording
from saps.generator.wording_notation import lines_of, links_in, marked_in, names_in, parse_wording, said_in
from saps.generator.wordings import NAME, ONE, PLAIN_LINKS, Named, Parts, WordLists
from saps.generator.yaml_nodes import Located
from saps.lang.inference import check
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.lang.types import parse_type

SPELLING = re.compile(r"[a-z][a-z0-9_]*")
STATEMENT = "=>"  # stands after what is said before the question
RESERVED = ("arg1", "arg2", "self", "main", "it")
KEYS = ("root", "result", "program", "slots", "letters", "weight", "inner", *FORMS)


def read_template(name: str, value: Located, lists: WordLists, modes: Modes) -> Template:
    """The template of a name.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    entries = value.mapping(known=KEYS, needed=("result", "program", "slots"))
    check_name(name, value)
    slots = read_slots(entries["slots"], modes)
    letters = tuple(entries["letters"].words()) if "letters" in entries else ()
    wordings = _all_wordings(entries, lists, {slot.name for slot in slots}, set(letters))
    phrases = [wording for wording in wordings if wording.form != "question"]
    if not phrases:
        raise value.error(f"no wording; add lines under one of {', '.join(FORMS[:-1])}")
    return Template(
        name=name,
        root=entries["root"].text() if "root" in entries else name,
        result=entries["result"].text(),
        program=read_program(entries["program"], slots, entries["result"]),
        slots=slots,
        letters=letters,
        weight=entries["weight"].number() if "weight" in entries else 1.0,
        inner=entries["inner"].number() if "inner" in entries else 1.0,
        wordings=by_weight(wordings),
        inner_wordings=by_weight(phrases),
    )


def read_wordings(form: str, value: Located, lists: WordLists) -> list[tuple[Wording, Located]]:
    """The wordings of a form, one a line, each with its place.

    Raises:
        UserError: a line is not in the notation of wordings.
    """
    wordings = []
    for weight, text, place in lines_of(value):
        try:
            parts = [parse_wording(piece, lists) for piece in text.split(STATEMENT)]
        except UserError as error:
            raise place.error(str(error)) from None
        if not all(parts):
            raise place.error(f"nothing on one side of {STATEMENT}; write STATEMENT {STATEMENT} PHRASE")
        wordings.append((_wording(form, parts, weight, place.place()), place))
    return wordings


def _wording(form: str, parts: list[Parts], weight: float, place: str) -> Wording:
    """The wording of a phrase, the last of the parts, and the statements before it."""
    *statements, phrase = parts
    same_as = _same_as(phrase)

    def marked(link: str) -> frozenset[str]:
        return frozenset().union(*(marked_in(part, link) for part in parts))

    return Wording(
        form=form,
        statements=tuple(statements),
        phrase=phrase,
        names=frozenset().union(*map(names_in, parts)),
        same_as=same_as,
        arguments=marked(NAME),
        single=marked(ONE) | ({same_as} if same_as else set()),
        weight=weight,
        place=place,
    )


def check_name(name: str, value: Located) -> None:
    """Raises ``UserError`` where the name of a template or slot is not spelled as one."""
    if not SPELLING.fullmatch(name):
        raise value.error(f"the name {name!r} is not made of small letters, digits and _; rename it")


def read_slots(value: Located, modes: Modes) -> tuple[Slot, ...]:
    """The slots of a template, at least one.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    slots = tuple(_slot(slot, text, modes) for slot, text in value.mapping().items())
    if not slots:
        raise value.error("a template needs a slot; its output would always be the same")
    return slots


def _slot(name: str, value: Located, modes: Modes) -> Slot:
    """A slot out of ``TYPE`` or ``TYPE MODE``."""
    check_name(name, value)
    if name in PRIMITIVES or name in RESERVED:
        raise value.error(f"the slot name {name!r} means something in programs already; take another one")
    type_name, _, mode = value.text().partition(" ")
    if type_name not in DRAW:
        raise value.error(f"a slot has one of the types {', '.join(DRAW)}, not {type_name!r}")
    if mode and mode.strip() not in modes:
        raise value.error(f"{mode.strip()!r} is no input mode; known: {', '.join(modes)}")
    return Slot(name, type_name, mode.strip())


def read_program(value: Located, slots: tuple[Slot, ...], result: Located) -> Tree:
    """The pattern: well typed with its slots as arguments, every slot in use.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    try:
        result_type = parse_type(result.text())
    except UserError as error:
        raise result.error(str(error)) from None
    try:
        pattern = parse(value.text())
        check(pattern, {slot.name: parse_type(slot.type) for slot in slots}, result_type)
    except UserError as error:
        raise value.error(str(error)) from None
    used = {node.label for node in pattern.preorder()}
    unused = [slot.name for slot in slots if slot.name not in used]
    if unused:
        raise value.error(f"the slot {unused[0]} is not in the program; use it there or remove it")
    return pattern


def _all_wordings(
    entries: Mapping[str, Located], lists: WordLists, slots: Collection[str], letters: Collection[str]
) -> list[Wording]:
    """The wordings of all forms; each speaks of all slots and of nothing unknown."""
    wordings = []
    for form in (form for form in FORMS if form in entries):
        for wording, place in read_wordings(form, entries[form], lists):
            unknown = wording.names.difference(slots, letters)
            if unknown:
                raise place.error(f"{{{min(unknown)}}} is neither a slot nor among the letters of this template")
            alien = {link for part in (*wording.statements, wording.phrase) for link, _ in links_in(part)} & {
                *PLAIN_LINKS
            }
            if alien:
                raise place.error(f"{{{min(alien)} ...}} is a mark of the plain register; see docs/generator.md")
            silent = set(slots).difference(*map(said_in, (*wording.statements, wording.phrase)))
            if silent:
                raise place.error(f"{{{min(silent)}}} is not said in this wording, or not in all of its choices")
            wordings.append(wording)
    return wordings


def _same_as(phrase: Parts) -> str:
    """The slot or letter that is the whole phrase, or ""."""
    if len(phrase) == 1 and isinstance(phrase[0], Named) and not phrase[0].link:
        return phrase[0].name
    return ""


def by_weight(wordings: Sequence[Wording]) -> Weighted[Wording]:
    """Wordings to choose from by their weights."""
    return Weighted(tuple(wordings), tuple(wording.weight for wording in wordings))
