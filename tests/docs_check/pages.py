"""The commands that stand on a page: indented lines whose first word is one of a shell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
_WORDS = r"saps|make|python|git|source|export|curl|wandb|printf|sbatch|rows=.*|[A-Z_]+=[^ ]* saps|runs/[\w/]+/bin/\w+"
_COMMAND = re.compile(rf"^ {{4}}(?:\$ )?((?:{_WORDS})(?= |$).*)$")
_CHOICE = re.compile(r"(?<= )[\w-]+(?:\|[\w-]+)+(?= |$)")
_OPTIONAL = re.compile(r" \[(--[^\]]*)\]")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A line of a page, its continuations in it."""

    page: Path
    number: int
    """Of its first line."""
    line: str

    @property
    def place(self) -> str:
        """``docs/data.md:44``."""
        return f"{self.page.relative_to(ROOT)}:{self.number}"

    def variants(self) -> list[str]:
        """The commands that a notation such as ``a|b`` or ``[--flag VALUE]`` stands for: each choice, all options."""
        line = _OPTIONAL.sub(r" \1", self.line)
        found = _CHOICE.search(line)
        if found is None:
            return [line]
        return [line[: found.start()] + one + line[found.end() :] for one in found[0].split("|")]


def commands_of(page: Path) -> Iterator[Command]:
    """The commands of a page, in their order."""
    text = _FENCE.sub(lambda found: "\n" * found[0].count("\n"), page.read_text(encoding="utf-8"))
    lines = text.splitlines()
    for at, first in enumerate(lines):
        found = _COMMAND.match(first)
        if found is None:
            continue
        line, end = found[1], at
        while line.endswith("\\"):
            end += 1
            line = f"{line[:-1].rstrip()} {lines[end].strip()}"
        yield Command(page, at + 1, line)


def fences(page: Path, language: str) -> list[str]:
    """What stands on a page between fences of a language."""
    return [text for name, text in _FENCE.findall(page.read_text(encoding="utf-8")) if name == language]
