"""A part of a file that is written by a program, between two marks, beside parts that people write."""

from pathlib import Path

from saps.errors import UserError
from saps.tasks.atomic import atomic_writer

BEGIN, END = "<!-- saps compare: begin -->", "<!-- saps compare: end -->"


def replace_section(path: Path, text: str) -> None:
    """Puts ``text`` between the marks of a file; all else in it stays. Without marks or file, it is added at the end.

    Raises:
        UserError: the marks are not one pair, or the file cannot be read or written.
    """
    old = _read(path)
    section = f"{BEGIN}\n{text.strip()}\n{END}\n"
    if BEGIN not in old and END not in old:
        new = old + ("\n" if old and not old.endswith("\n\n") else "") + section
    elif old.count(BEGIN) == old.count(END) == 1 and old.index(BEGIN) < old.index(END):
        after = old.partition(END)[2].removeprefix("\n")
        new = old.partition(BEGIN)[0] + section + after
    else:
        raise UserError(f"{path}: must hold '{BEGIN}' once and '{END}' once after it, or neither; mend it by hand")
    with atomic_writer(path) as file:
        file.write(new.encode())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}); name another --output") from None
