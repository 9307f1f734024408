"""Wordings written back in the notation of the template files, and derivations as lines."""

from collections.abc import Iterator

from saps.generator.parser.derivations import Derivation
from saps.generator.templates import Wording
from saps.generator.wordings import Agreeing, Alternatives, Named, Parts, Words

_STEP = "  "


def notation(wording: Wording) -> str:
    """A wording as a line of a template file, but for its weight: ``square each <element> of {list} => {list}``."""
    return " => ".join(_written(parts) for parts in (*wording.statements, wording.phrase))


def _written(parts: Parts) -> str:
    return " ".join(_part(part) for part in parts)


def _part(part: Words | Named | Agreeing | Alternatives) -> str:
    if isinstance(part, Words):
        return " ".join(part.words)
    if isinstance(part, Named):
        return f"{{{part.link} {part.name}}}" if part.link else f"{{{part.name}}}"
    if isinstance(part, Agreeing):
        return f"{{{part.name}: {_written(part.one)} | {_written(part.many)}}}"
    return f"<{part.key}>" if part.key else f"[{'|'.join(map(_written, part.options))}]"


def tree_lines(derivation: Derivation, indent: str = "", slot: str = "") -> Iterator[str]:
    """A derivation, a line an instance, then its wording where one was read, then what is in its slots."""
    root = f" ({derivation.template.root})" if derivation.template.root != derivation.template.name else ""
    yield f"{indent}{slot}{derivation.template.name}{root} -> {derivation.template.result}"
    if derivation.wording is not None:
        line = f'{derivation.wording.form}: "{notation(derivation.wording)}"'
        yield f"{indent}{_STEP}{line} ({derivation.wording.place})"
    for inner, filler in zip(derivation.template.slots, derivation.fillers, strict=True):
        if isinstance(filler, Derivation):
            yield from tree_lines(filler, indent + _STEP, f"{inner.name} = ")
        else:
            yield f"{indent}{_STEP}{inner.name} = argument {filler} ({inner.type})"
