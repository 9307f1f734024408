"""Splits of what templates compose to: some compositions are learned from, others judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from saps.generator import shipped_library
from saps.generator.manifest import part_file, sha256_of_hashes, templates_sha256
from saps.generator.production import write_parts
from saps.generator.streams import make_stream
from saps.generator.switch_files import switches_from
from saps.generator.switches import Switches
from saps.generator.tasks import HELD_OUT
from saps.generator.yaml_nodes import Located, read_yaml
from saps.studies.made import as_setting, check_made, check_there, compare_made, told
from saps.studies.trained import Setting
from saps.tasks.excluded import read_all_excluded

LEARNED, JUDGED = 0.0, 1.0
"""Places on the axis: compositions of the kind that is learned from, and those that never are."""
PLACES = {LEARNED: "learned", JUDGED: "never learned"}
"""What they are called."""


@dataclass(frozen=True, slots=True)
class CompositionalSplit:
    """What is learned from, and what judges."""

    name: str
    learn: Switches
    judge: Switches | None
    """None: what ``learn.hold_out`` names judges."""


def read_splits(path: Path) -> list[CompositionalSplit]:
    """The splits of a YAML file.

    Raises:
        UserError: ``file:line: what is wrong; what to do``.
    """
    whole = read_yaml(path).mapping(known=("learn", "splits"), needed=("splits",))
    common = _given(whole, "learn")
    return [_split(name, entry, common) for name, entry in whole["splits"].mapping().items()]


def settings_of(
    splits: Sequence[CompositionalSplit], tasks: int, excluded: Sequence[Path], folder: Path, is_made: bool = False
) -> list[Setting]:
    """A setting for each split, whose files are made where they are not there: ``tasks`` of either side judge.

    Args:
        splits: what is learned from, and what judges.
        tasks: how many judge, of the compositions that are learned from and of those that are not.
        excluded: files whose programs come up on neither side.
        folder: of the study.
        is_made: whether the files must be there.

    Raises:
        UserError: a split has too few tasks, or a file cannot be read or written, is not there, or was made of
            something else.
    """
    files = {split.name: _files(split, folder) for split in splits}
    kept_out = frozenset(read_all_excluded(excluded))
    if is_made:
        check_there(path for sides in files.values() for path in sides)
    for split in splits:
        learned, judged = files[split.name]
        if is_made:
            compare_made(judged.parent, _made_of(split, tasks, kept_out))
        else:
            _make(split, tasks, kept_out, learned, judged)
    return [_setting(split, excluded, *files[split.name]) for split in splits]


def _files(split: CompositionalSplit, folder: Path) -> tuple[Path, Path]:
    """What judges: compositions of the kind that is learned from, and the others."""
    place = folder / "tasks" / split.name
    return place / part_file("validation"), place / part_file("judge")


def _setting(split: CompositionalSplit, excluded: Sequence[Path], learned: Path, judged: Path) -> Setting:
    overrides = (
        ("data.train", "null"),
        ("data.generated", as_setting(split.learn)),
        ("data.validation", str(learned)),
        ("data.exclude+", f"[{', '.join(map(str, [learned, judged, *excluded]))}]"),
    )
    return Setting(split.name, overrides, {(split.name, JUDGED): judged, (split.name, LEARNED): learned})


def _made_of(split: CompositionalSplit, tasks: int, kept_out: frozenset[str]) -> dict[str, Any]:
    """What the files of a split depend on, besides the templates."""
    judge = None if split.judge is None else told(split.judge)
    kept = {"programs kept out": sha256_of_hashes(kept_out)}
    return {"learn": told(split.learn), "judge": judge, "tasks": tasks, **kept}


def _make(split: CompositionalSplit, tasks: int, kept_out: frozenset[str], learned: Path, judged: Path) -> None:
    """Writes what judges, if it is not there: first the compositions that are learned from, then the others."""
    stream = make_stream(2, split.learn, exclude=kept_out)
    if split.judge is None:
        rare = make_stream(2, split.learn, HELD_OUT, exclude=kept_out)
    else:
        rare = make_stream(3, split.judge, exclude=kept_out)._replace(is_exact=True)  # fewer templates may be learned
    templates = [templates_sha256(side) for side in (split.learn, split.judge) if side is not None]
    check_made(judged.parent, {**_made_of(split, tasks, kept_out), "templates": templates})
    if judged.exists():
        return
    write_parts([(stream, {"validation": tasks})], {"validation": learned})
    write_parts([(rare, {"judge": tasks})], {"judge": judged})


def _split(name: str, entry: Located, common: Mapping[str, Any]) -> CompositionalSplit:
    parts = entry.mapping(known=("learn", "judge", "never_inside"))
    learn = replace(Switches(), **{**common, **_given(parts, "learn")})
    if "never_inside" in parts:
        held_out = [
            f"{inner} inside {outer}"
            for inner in parts["never_inside"].words()
            for outer in _roots_that_take(inner, parts["never_inside"])
        ]
        learn = replace(learn, hold_out=[*learn.hold_out, *held_out])
    if ("judge" in parts) == bool(learn.hold_out):
        raise entry.error(f"{name}: either 'judge' or what is held out judges; give one of them")
    judge = replace(Switches(), **{**common, **_given(parts, "judge")}) if "judge" in parts else None
    return CompositionalSplit(name, learn, judge)


def _given(parts: Mapping[str, Located], name: str) -> dict[str, Any]:
    """The switches of a part, if it is there, that are not as by default."""
    return told(switches_from(parts[name])) if name in parts else {}


def _roots_that_take(name: str, entry: Located) -> list[str]:
    """The roots whose slots a template may fill."""
    templates = shipped_library().templates
    results = {template.result for template in templates if name in (template.name, template.root)}
    if not results:
        raise entry.error(f"{name!r}: no template has this name; they are in data/templates")
    return sorted({one.root for one in templates for slot in one.slots if slot.type in results})
