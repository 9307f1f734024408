"""The templates of a library as a grammar: an automaton for each type of phrase, for questions and for statements."""

from collections.abc import Iterator, Mapping
from math import log

from saps.generator.parser.automaton import LETTER, OTHERS, Item, ParsedStatement, State, StatePool
from saps.generator.parser.binding import bind
from saps.generator.parser.forest import Rule
from saps.generator.templates import FORMS, Library, Template, Weighted, Wording
from saps.generator.wordings import Parts, Words

QUESTION_GOAL = "question"
STATEMENT_GOAL = "statement"
ARGUMENT_SHARE = 0.6  # of the slots that are never drawn, so that they hold an argument; only ranks the readings


def root_goal(form: str) -> str:
    """The goal of a phrase that a question asks for."""
    return f"root {form}"


class TemplateGrammar:
    """The rules of a library by goal, each goal as an automaton."""

    argument_score = log(ARGUMENT_SHARE)

    def __init__(self, library: Library) -> None:
        """Lists the rules of each goal; the states are made while texts are parsed."""
        self._library = library
        self._pool = StatePool()
        self._starts: dict[tuple[str, bool], State] = {}
        self._items: dict[str, dict[Item, float]] = {STATEMENT_GOAL: {}, QUESTION_GOAL: {}}
        for form in FORMS:
            self._add_questions(form)
        for template in library.templates:
            self._add_template(template)

    def start(self, goal: str, cut: bool) -> State:
        """The state before the first word of a phrase for a goal; ``cut``: its "the" may be missing."""
        if (goal, cut) not in self._starts:
            items = {item._replace(cut=cut): score for item, score in self._items.get(goal, {}).items()}
            self._starts[goal, cut] = self._pool.state(items)
        return self._starts[goal, cut]

    def definition(self, said: ParsedStatement, number: int) -> "Definition | None":
        """The phrase that a statement introduces, the ``number``-th of its text; None if it cannot be said so."""
        template, wording = said.item.rule.template, said.item.rule.wording
        assert template is not None  # only lines of templates are statements
        assert wording is not None
        unbound = dict(said.item.forms)
        if _changes_one_thing(template, wording):
            unbound[wording.same_as] = unbound.get(wording.same_as, OTHERS) & OTHERS
        form = wording.form
        if wording.same_as:
            form = said.bound[wording.same_as].form if wording.same_as in said.bound else ""
        if form and form not in unbound.pop(wording.same_as, {form}):
            return None
        phrase, items, mark = bind(wording.phrase, said.bound), {}, f"statement {number}"
        for goal, share in self._goals(template, wording, form):
            rule = Rule(
                _goals(template), share + said.score, template, wording, form, said.bound, f"statement {number}"
            )
            items[goal] = Item(rule, phrase, chosen=said.item.chosen, forms=tuple(unbound.items()))
        return Definition(items, mark)

    def _add_questions(self, form: str) -> None:
        lines = self._library.sentences.questions[form]
        for parts, share in zip(lines.options, _shares(lines), strict=True):
            rule = Rule({"it": root_goal(form)}, share)
            self._items[QUESTION_GOAL][Item(rule, parts)] = 0.0
        self._items[root_goal(form)] = {}

    def _add_template(self, template: Template) -> None:
        for wording in template.wordings.options:
            if wording.statements:
                rule = Rule(_goals(template), 0.0, template, wording, STATEMENT_GOAL)
                self._items[STATEMENT_GOAL][Item(rule, _joined(wording.statements))] = 0.0
            elif not wording.same_as:  # a slot as it stands would be another name for itself
                for goal, share in self._goals(template, wording, wording.form):
                    rule = Rule(_goals(template), share, template, wording, wording.form)
                    self._items.setdefault(goal, {})[Item(rule, wording.phrase)] = 0.0

    def _goals(self, template: Template, wording: Wording, form: str) -> Iterator[tuple[str, float]]:
        """The goals that a wording serves, with the logarithm of its share among all that serve them."""
        if template.weight > 0:
            share = log(template.weight / self._library.roots.totals[-1])
            for root_form in (form,) if form else FORMS:
                yield root_goal(root_form), share + _share(wording, template.wordings)
        if template.inner > 0 and wording in template.inner_wordings.options:
            share = log(template.inner / self._library.inner[template.result].totals[-1])
            share += log((1 - ARGUMENT_SHARE) * self._library.filled[template.result])
            yield template.result, share + _share(wording, template.inner_wordings)


class Definition:
    """A phrase that a statement introduced: words that from now on mean what the statement made of them."""

    def __init__(self, items: Mapping[str, Item], mark: str) -> None:
        """``items`` by the goal that the phrase serves; ``mark`` tells it from the other statements of the text."""
        self.mark = mark
        self._items = items
        self._pool = StatePool()  # of its own: it goes away with the text

    def start(self, goal: str, cut: bool) -> State | None:
        """The state before the phrase, if it serves the goal."""
        item = self._items.get(goal)
        return self._pool.state({item._replace(cut=cut): 0.0}) if item else None


def _goals(template: Template) -> dict[str, str]:
    return {slot.name: slot.type for slot in template.slots} | dict.fromkeys(template.letters, LETTER)


def _changes_one_thing(template: Template, wording: Wording) -> bool:
    """Whether the generator says so only of a phrase that is no plural; it does where it has another wording."""
    is_slot = any(slot.name == wording.same_as for slot in template.slots)
    return is_slot and not all(other.same_as for other in template.wordings.options)


def _joined(statements: tuple[Parts, ...]) -> Parts:
    """Statements that follow each other as one line."""
    joined = statements[0]
    for statement in statements[1:]:
        joined += (Words((",",)), *statement)
    return joined


def _shares(lines: Weighted[Parts]) -> list[float]:
    return [log(weight / lines.totals[-1]) for weight in lines.weights]


def _share(wording: Wording, among: Weighted[Wording]) -> float:
    return log(wording.weight / among.totals[-1])
