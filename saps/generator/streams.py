"""Tasks without end: the stream of a seed and some switches, and the first tasks of it with different texts."""

from collections.abc import Collection, Iterator

from saps.errors import UserError
from saps.generator.selection import all_templates, library_of, parse_combination, plain_library_of, selected
from saps.generator.switches import Switches
from saps.generator.tasks import FILES, Stream
from saps.generator.templates import Library
from saps.generator.uniqueness import SAME_TEXTS, SeenTexts, text_key
from saps.tasks.task import Task


def generate(
    count: int,
    seed: int,
    *,
    switches: Switches | None = None,
    library: Library | None = None,
    exclude: Collection[str] = frozenset(),
) -> Iterator[Task]:
    """``count`` tasks with texts that differ from each other.

    Task number i is drawn from a stream of its own that depends on ``seed`` and i alone, so a shorter run is the
    beginning of a longer one and the work can be divided among processes.

    Args:
        count: how many; 0 or more.
        seed: any integer.
        switches: what kind of tasks.
        library: templates in the place of those that ``switches.templates`` names.
        exclude: hashes (``program_hash``) of programs that must not come up.

    Raises:
        UserError: an argument out of its range, or templates that cannot give as many tasks.
    """
    if count < 0:
        raise UserError(f"{count} tasks cannot be made; ask for 0 or more")
    return _generate(count, make_stream(seed, switches or Switches(), library=library, exclude=exclude))


def _generate(count: int, stream: Stream) -> Iterator[Task]:
    seen, made, repeated, index = SeenTexts(), 0, 0, 0
    while made < count:
        for task in stream.tasks(index):
            repeated = 0 if seen.add(text_key(task.clean_text or task.text)) else repeated + 1
            check_repeated(repeated, made)
            if not repeated and made < count:
                made += 1
                yield task
        index += 1


def check_repeated(repeated: int, made: int) -> None:
    """Raises ``UserError`` where so many texts in a row were not new that no other may come."""
    if repeated > SAME_TEXTS:
        raise UserError(f"the templates give no more than about {made} different texts; ask for fewer tasks")


def make_stream(
    seed: int,
    switches: Switches,
    name: str = FILES,
    *,
    library: Library | None = None,
    exclude: Collection[str] = frozenset(),
) -> Stream:
    """The stream of a seed for some switches.

    Raises:
        UserError: the switches name templates that are not there, or combinations that cannot be.
    """
    plain = plain_library_of(switches)
    if switches.register == "plain" and plain is not None:
        chosen: Library = plain
    else:
        chosen = library_of(switches) if library is None else selected(library, switches)
    known = chosen.templates if plain is None else all_templates(chosen, plain)
    held_out = tuple(parse_combination(text, known) for text in switches.hold_out)
    return Stream(seed, name, switches, chosen, frozenset(exclude), held_out, plain)
