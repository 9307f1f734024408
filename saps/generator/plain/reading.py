"""From the files of plain templates to their library, with an error of file:line for whatever does not fit together."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from saps.generator.inputs import Modes
from saps.generator.loading import merged, read_instances, read_modes, read_word_lists, shipped_library
from saps.generator.plain.lines import plain_parts, with_verb
from saps.generator.plain.speech import ACTION, PHRASES, PLAIN_FORMS, PlainLibrary, PlainTemplate, PlainWording
from saps.generator.plain.speech_reader import read_speech
from saps.generator.template_reader import by_weight, check_name, read_program, read_slots
from saps.generator.templates import Slot, Template
from saps.generator.wording_notation import lines_of, links_in, marked_in, names_in, said_in
from saps.generator.wordings import BOTH, NAME, NTH, ONE, OWN, SHORT, Parts, WordLists
from saps.generator.yaml_nodes import Located, read_yaml
from saps.lang.trees import Tree
from saps.resources import resource

FOLDER = "data/templates/plain"
SECTIONS = ("words", "inputs", "speech", "instances", "wordings", "templates")
_KEYS = ("weight", "inner", "constants", *PLAIN_FORMS)
_NEW_KEYS = ("root", "result", "program", "slots", *_KEYS)


@cache
def plain_library() -> PlainLibrary:
    """The plain register of the templates that come with the package, and the templates that only it has.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    sections: dict[str, list[Located]] = {name: [] for name in SECTIONS}
    for path in sorted(resource(FOLDER).glob("*.yaml")):
        for name, value in read_yaml(path).mapping(known=SECTIONS).items():
            sections[name].append(value)
    published = shipped_library()
    lists = read_word_lists(merged(sections["words"]))
    modes = read_modes(merged(sections["inputs"]), (resource(FOLDER),))
    known = {template.name: template for template in published.templates}
    templates: list[Template] = []
    for name, value in merged(sections["wordings"]).items():
        if name not in known:
            raise value.error(f"no published template is called {name!r}; new ones stand under `templates`")
        templates.append(_reworded(known[name], value, lists))
    for name, value in merged(sections["templates"]).items():
        if name in known:
            raise value.error(f"{name!r} is a published template; its plain wordings stand under `wordings`")
        templates.append(_new(name, value, lists, modes))
    return PlainLibrary(
        tuple(templates),
        published.sentences,
        modes,
        read_instances(sections["instances"][0]),
        read_speech(merged(sections["speech"]), lists),
    )


class _Pattern(NamedTuple):
    """What a template is before it is said."""

    name: str
    root: str
    result: str
    program: Tree
    slots: tuple[Slot, ...]


def _reworded(template: Template, value: Located, lists: WordLists) -> PlainTemplate:
    entries = value.mapping(known=_KEYS)
    pattern = _Pattern(template.name, template.root, template.result, template.program, template.slots)
    return _said(pattern, value, entries, lists)


def _new(name: str, value: Located, lists: WordLists, modes: Modes) -> PlainTemplate:
    entries = value.mapping(known=_NEW_KEYS, needed=("result", "program", "slots"))
    check_name(name, value)
    slots = read_slots(entries["slots"], modes)
    root = entries["root"].text() if "root" in entries else name
    program = read_program(entries["program"], slots, entries["result"])
    return _said(_Pattern(name, root, entries["result"].text(), program, slots), value, entries, lists)


def _said(pattern: _Pattern, value: Located, entries: Mapping[str, Located], lists: WordLists) -> PlainTemplate:
    names = {slot.name for slot in pattern.slots}
    wordings = [
        wording
        for form in PLAIN_FORMS
        if form in entries
        for wording in _wordings(form, entries[form], lists, names, pattern.result)
    ]
    if not wordings:
        raise value.error(f"no wording; add lines under one of {', '.join(PLAIN_FORMS)}")
    phrases = [wording for wording in wordings if wording.form in PHRASES]
    inner = entries["inner"].number() if "inner" in entries else 1.0
    return PlainTemplate(
        name=pattern.name,
        root=pattern.root,
        result=pattern.result,
        program=pattern.program,
        slots=tuple(replace(slot, is_open=_is_open(slot.name, wordings, phrases)) for slot in pattern.slots),
        letters=(),
        weight=entries["weight"].number() if "weight" in entries else 1.0,
        inner=inner if phrases and pattern.result != "bool" else 0.0,
        wordings=by_weight(wordings),
        inner_wordings=by_weight(phrases),
        actions=by_weight([wording for wording in wordings if wording.form == ACTION]),
        constants=_constants(entries, pattern.slots),
    )


def _is_open(slot: str, wordings: Collection[PlainWording], phrases: Collection[PlainWording]) -> bool:
    """Whether another phrase may stand in the slot, in some wording at the root and, inside others, in some phrase."""

    def fits(wording: PlainWording) -> bool:
        return slot not in wording.arguments | wording.terse

    return any(map(fits, wordings)) and (not phrases or any(map(fits, phrases)))


def _constants(entries: Mapping[str, Located], slots: tuple[Slot, ...]) -> frozenset[str]:
    """The slots that may hold a number: those that the template names, else all for numbers beside other types."""
    numbers = frozenset(slot.name for slot in slots if slot.type == "int")
    if "constants" not in entries:
        return numbers if len(numbers) < len(slots) else frozenset()
    wanted = frozenset(entries["constants"].words())
    if not wanted <= numbers:
        raise entries["constants"].error(f"{min(wanted - numbers)!r} is no slot of the type int; name such slots")
    return wanted


def _wordings(form: str, value: Located, lists: WordLists, slots: Collection[str], result: str) -> list[PlainWording]:
    wordings = []
    for weight, text, place in lines_of(value):
        parts = plain_parts(text, lists, place)
        unknown = names_in(parts) - {*slots}
        if unknown:
            raise place.error(f"{{{min(unknown)}}} is not a slot of this template")
        if (form == "truth") != (result == "bool") and form not in ("question", ACTION):
            raise place.error(f"a {form} does not name a result of the type {result}; use another form")
        wordings.append(_wording(form, with_verb(parts) if form == ACTION else parts, slots, weight, place))
    return wordings


def _wording(form: str, parts: Parts, slots: Collection[str], weight: float, place: Located) -> PlainWording:
    links = links_in(parts)

    def linked(*wanted: str) -> frozenset[str]:
        return frozenset(name for link, name in links if link in wanted)

    silent = frozenset(slots) - said_in(parts)
    return PlainWording(
        form=form,
        statements=(),
        phrase=parts,
        names=frozenset(names_in(parts)),
        same_as="",
        arguments=frozenset(marked_in(parts, NAME)) | linked(OWN) | silent,
        single=frozenset(marked_in(parts, ONE)),
        weight=weight,
        place=place.place(),
        silent=silent,
        terse=linked(SHORT, NTH),
        ordinal=linked(NTH),
        joint=linked(BOTH),
    )
