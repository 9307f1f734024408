"""From a folder of template files to a library, with an error of file:line for whatever does not fit together."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from saps.errors import UserError
from saps.generator.inputs import DRAW, Modes
from saps.generator.mode_settings import parse_setting
from saps.generator.template_reader import read_template, read_wordings
from saps.generator.templates import FORMS, Library, Nouns, Sentences, Template, Weighted
from saps.generator.wording_notation import parse_word_list
from saps.generator.wordings import Alternatives, Named, Parts, WordLists
from saps.generator.yaml_nodes import Located, read_yaml
from saps.resources import resource

SECTIONS = ("words", "inputs", "sentences", "instances", "templates")
Entries = Mapping[str, Located]


def load_library(*folders: Path | str) -> Library:
    """The library of all ``*.yaml`` files in the folders, those of later folders added to the earlier ones.

    The sections ``sentences`` and ``instances`` stand once; the entries of the others come together from all files.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    sections: dict[str, list[Located]] = {name: [] for name in SECTIONS}
    for path in _files(folders):
        for name, value in read_yaml(path).mapping(known=SECTIONS).items():
            sections[name].append(value)
    lists = read_word_lists(merged(sections["words"]))
    modes = read_modes(merged(sections["inputs"]), folders)
    sentences = _sentences(_only("sentences", sections, folders), lists)
    instances = read_instances(_only("instances", sections, folders))
    templates = []
    for name, value in merged(sections["templates"]).items():
        template = read_template(name, value, lists, modes)
        _check_fit(template, value, sentences, instances)
        templates.append(template)
    library = Library(tuple(templates), sentences, modes, instances)
    if not library.roots:
        raise UserError(f"{folders[0]}: no template with a weight above 0; add one")
    return library


@cache
def shipped_library() -> Library:
    """The library of the templates that come with the package."""
    return load_library(resource("data/templates"))


def extended_library(*folders: Path | str) -> Library:
    """The shipped templates and those of your own folders.

    Raises:
        UserError: as ``load_library``.
    """
    return load_library(resource("data/templates"), *folders)


def _files(folders: tuple[Path | str, ...]) -> list[Path]:
    files: list[Path] = []
    for folder in map(Path, folders):
        found = sorted(folder.glob("*.yaml"))
        if not found:
            raise UserError(f"{folder}: no folder with *.yaml files of templates; check the path")
        files.extend(found)
    return files


def merged(sections: list[Located]) -> dict[str, Located]:
    """The entries of a section over all files; each name stands once.

    Raises:
        UserError: a name stands in two files.
    """
    entries: dict[str, Located] = {}
    for section in sections:
        for name, value in section.mapping().items():
            if name in entries:
                raise value.error(f"{name!r} is also in {entries[name].path}; give one of them another name")
            entries[name] = value
    return entries


def _only(name: str, sections: Mapping[str, list[Located]], folders: tuple[Path | str, ...]) -> Located:
    """The one place where a section stands."""
    found = sections[name]
    if not found:
        raise UserError(f"{folders[0]}: no file has the section `{name}`; name the shipped folder before your own")
    if len(found) > 1:
        raise found[1].error(f"the section `{name}` is also in {found[0].path}; keep one")
    return found[0]


def read_word_lists(entries: Entries) -> WordLists:
    """The word lists of a section; each may name those before it.

    Raises:
        UserError: ``file:line: what is wrong``.
    """
    lists: dict[str, Alternatives] = {}
    for name, value in entries.items():
        try:
            lists[name] = parse_word_list(name, value.text(), lists)
        except UserError as error:
            raise value.error(str(error)) from None
    return lists


def read_modes(entries: Entries, folders: tuple[Path | str, ...]) -> Modes:
    """The input modes of a section.

    Raises:
        UserError: ``file:line: what is wrong``, or what the first of the folders lacks.
    """
    modes: dict[str, dict[str, Any]] = {name: {} for name in entries}
    for name, value in entries.items():
        for setting, text in value.mapping().items():
            try:
                modes[name][setting] = parse_setting(setting, text.text())
            except UserError as error:
                raise text.error(str(error)) from None
    try:
        return Modes(modes)
    except UserError as error:
        raise UserError(f"{folders[0]}: {error}") from None


def _sentences(value: Located, lists: WordLists) -> Sentences:
    keys = ("openings", "questions", "nouns", "dropped")
    entries = value.mapping(known=keys, needed=keys)
    openings = [wording.phrase for wording, _ in read_wordings("bare", entries["openings"], lists)]
    forms = entries["questions"].mapping(known=FORMS, needed=FORMS)
    nouns = entries["nouns"].mapping(known=tuple(DRAW))
    return Sentences(
        openings=(Alternatives(tuple(openings)),),
        questions={form: _questions(form, lines, lists) for form, lines in forms.items()},
        nouns={type_name: _nouns(words) for type_name, words in nouns.items()},
        dropped=entries["dropped"].number(),
    )


def _questions(form: str, value: Located, lists: WordLists) -> Weighted[Parts]:
    wordings = read_wordings(form, value, lists)
    for wording, place in wordings:
        if wording.names != {"it"} or wording.statements:
            raise place.error("a question speaks of {it} and of nothing else")
        if wording.phrase[-1] != Named("it", ""):
            raise place.error("a question ends with {it}")
    if not wordings:
        raise value.error("no line; write at least {it}")
    return Weighted(tuple(w.phrase for w, _ in wordings), tuple(w.weight for w, _ in wordings))


def _nouns(value: Located) -> Nouns:
    keys = ("one", "many", "given")
    texts = value.mapping(known=keys, needed=keys)
    return Nouns(*(texts[key].text() for key in keys))


def read_instances(value: Located) -> Weighted[int]:
    """How many templates make up a program.

    Raises:
        UserError: ``file:line: what is wrong``.
    """
    entries = value.mapping()
    counts = [int(name) if name.isdecimal() else 0 for name in entries]
    if not counts or 0 in counts:
        raise value.error("lines of the form `count: weight` are wanted here, such as 2: 0.5")
    instances = Weighted(tuple(counts), tuple(weight.number() for weight in entries.values()))
    if not instances:
        raise value.error("all weights are 0; give one of the counts more")
    return instances


def _check_fit(template: Template, value: Located, sentences: Sentences, instances: Weighted[int]) -> None:
    """A template goes together with what stands around it: nouns for its types, letters enough for its names."""
    for slot in template.slots:
        if slot.type not in sentences.nouns:
            raise value.error(f"the section `sentences` has no nouns for {slot.type}; add them there")
    most = len(ascii_lowercase) // max(instances.options)
    if len(template.slots) + len(template.letters) > most:
        raise value.error(f"more than {most} slots and letters; the alphabet would not do for a whole program")
