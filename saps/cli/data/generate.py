"""Makes new tasks: one file, or parts that share no program with a manifest that makes them again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser
from jsonargparse.typing import PositiveInt

from saps.cli.data.reading import records_to_skip, report_skipped, template_files
from saps.cli.data.switch_flags import add_switches, given_switches, switches_of
from saps.cli.settings import add_settings, flag, new_parser, parse, settings_of
from saps.errors import UserError
from saps.generator.manifest import (
    MANIFEST,
    Manifest,
    Recipe,
    make_again,
    make_parts,
    parse_counts,
    part_file,
    read_manifest,
)
from saps.generator.production import write_parts
from saps.generator.streams import make_stream
from saps.generator.switches import Switches
from saps.tasks.atomic import check_outputs
from saps.tasks.excluded import read_all_excluded

_SEED = 1


@dataclass(frozen=True, slots=True)
class Generating:
    """What ``saps data generate`` takes beside the switches."""

    count: PositiveInt | None = None
    """How many tasks, with --output."""
    output: Path | None = flag(None, metavar="FILE")
    """A .jsonl or .jsonl.gz file."""
    parts: tuple[str, ...] = flag((), nargs="+", metavar="NAME=COUNT")
    """Such as train=100000 dev=5000 test=5000."""
    output_folder: Path | None = flag(None, metavar="FOLDER")
    """Where the parts and their manifest go."""
    manifest: Path | None = flag(None, metavar="FILE")
    """Make the parts of this manifest again."""
    seed: int | None = flag(None, metavar="N")
    """The same seed makes the same tasks; 1 by default."""
    workers: PositiveInt = flag(1, metavar="N")
    """Processes; the tasks are the same."""
    exclude: tuple[Path, ...] = flag((), nargs="+", metavar="FILE")
    """Make no task with a program of these files (tasks, or hashes of programs)."""
    skip_bad: bool = False
    """Leave bad records of those files out, and say how many."""
    switches: Path | None = flag(None, metavar="FILE")
    """A YAML file of the switches below; flags win."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command line as read: what to write, and the switches that it gives."""

    generating: Generating
    given: Mapping[str, Any]


def make_parser() -> ArgumentParser:
    """The flags of ``saps data generate``."""
    parser = new_parser("data generate", __doc__)
    add_settings(parser, Generating)
    add_switches(parser)
    return parser


def parse_arguments(argv: Sequence[str]) -> Request:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    parsed = parse(make_parser(), argv)
    return Request(settings_of(parsed, Generating), given_switches(parsed))


def run(request: Request) -> int:
    """Writes the tasks and says how many."""
    if request.generating.manifest is not None:
        return _again(request.generating, request.generating.manifest, request.given)
    switches = switches_of(request.generating.switches, request.given)
    if request.generating.parts:
        return _parts(request.generating, switches)
    return _file(request.generating, switches)


def _file(generating: Generating, switches: Switches) -> int:
    if generating.count is None or generating.output is None:
        raise UserError("--count and --output are needed, or --parts and --output-folder; see --help")
    if generating.output_folder is not None:
        raise UserError("--output-folder goes with --parts; a single file goes where --output says")
    inputs = [generating.switches, *generating.exclude, *template_files(switches.templates)]
    check_outputs([("output", generating.output)], inputs)
    excluded = _excluded(generating, generating.exclude)
    stream = make_stream(_seed(generating), switches, exclude=excluded)
    write_parts([(stream, {"all": generating.count})], {"all": generating.output}, generating.workers)
    print(f"{generating.output}: {generating.count} tasks (seed {stream.seed}, {len(excluded)} programs kept out)")
    return 0


def _parts(generating: Generating, switches: Switches) -> int:
    if generating.output_folder is None or generating.count is not None or generating.output is not None:
        raise UserError("--parts needs --output-folder, and neither --count nor --output")
    names = tuple(str(path) for path in generating.exclude)
    counts = parse_counts(generating.parts)
    inputs = [generating.switches, *generating.exclude, *template_files(switches.templates)]
    check_outputs(_files(generating.output_folder, counts), inputs)
    excluded = _excluded(generating, generating.exclude)
    recipe = Recipe(_seed(generating), switches, counts, excluded, names)
    _say(make_parts(recipe, generating.output_folder, generating.workers), generating.output_folder)
    return 0


def _again(generating: Generating, path: Path, given: Mapping[str, Any]) -> int:
    """Makes the parts of a manifest again; files may lie elsewhere than they did."""
    others = given.keys() - {"templates"}
    others |= {
        name for name in ("count", "output", "parts", "seed", "switches") if getattr(generating, name) not in (None, ())
    }
    if others or generating.output_folder is None:
        wrong = f"--{min(others).replace('_', '-')} is fixed by it" if others else "--output-folder is missing"
        raise UserError(f"--manifest: {wrong}; it goes with --output-folder, --workers, --exclude and --templates")
    manifest = read_manifest(path)
    if "templates" in given:
        manifest = manifest.with_templates(given["templates"])
    files = generating.exclude or [Path(name) for name in manifest.recipe.exclude_files]
    check_outputs(_files(generating.output_folder, manifest.recipe.counts), [path, *files])
    excluded = _excluded(generating, files)
    _say(make_again(manifest, excluded, generating.output_folder, generating.workers), generating.output_folder)
    return 0


def _files(folder: Path, parts: Iterable[str]) -> list[tuple[str, Path]]:
    """All that is written for parts, as ``check_outputs`` takes it."""
    return [("output_folder", folder / name) for name in (MANIFEST, *map(part_file, parts))]


def _excluded(generating: Generating, files: Iterable[Path]) -> set[str]:
    skipped = records_to_skip(generating.skip_bad)
    excluded = read_all_excluded(files, skipped)
    report_skipped(skipped)
    return excluded


def _say(manifest: Manifest, folder: Path) -> None:
    for part in manifest.parts:
        print(f"{folder / part.file}: {part.tasks} tasks")
    print(f"{folder / MANIFEST}: the manifest")


def _seed(generating: Generating) -> int:
    return _SEED if generating.seed is None else generating.seed
