"""Makes new tasks: one file, or parts that share no program with a manifest that makes them again."""

import argparse
from pathlib import Path

from saps.cli.data.switch_flags import add_switches, given_switches, switches_of
from saps.errors import UserError, check_range
from saps.generator.manifest import MANIFEST, Manifest, Recipe, make_again, make_parts, parse_counts, read_manifest
from saps.generator.production import write_parts
from saps.generator.streams import make_stream
from saps.tasks.excluded import read_all_excluded

_SEED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data generate``."""
    parser.add_argument("--count", type=int, help="how many tasks, with --output")
    parser.add_argument("--output", type=Path, metavar="FILE", help="a .jsonl or .jsonl.gz file")
    parser.add_argument(
        "--parts", nargs="+", action="extend", metavar="NAME=COUNT", help="such as train=100000 dev=5000 test=5000"
    )
    parser.add_argument("--output-folder", type=Path, metavar="FOLDER", help="where the parts and their manifest go")
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="make the parts of this manifest again")
    parser.add_argument("--seed", type=int, help=f"the same seed makes the same tasks (default: {_SEED})")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes; the tasks are the same")
    parser.add_argument(
        "--exclude",
        type=Path,
        nargs="+",
        action="extend",
        metavar="FILE",
        help="make no task with a program of these files (tasks, or hashes of programs)",
    )
    add_switches(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the tasks and says how many."""
    check_range("--workers", args.workers, 1)
    if args.manifest is not None:
        return _again(args)
    if args.parts is not None:
        return _parts(args)
    return _file(args)


def _file(args: argparse.Namespace) -> int:
    if args.count is None or args.output is None:
        raise UserError("--count and --output are needed, or --parts and --output-folder; see --help")
    if args.output_folder is not None:
        raise UserError("--output-folder goes with --parts; a single file goes where --output says")
    check_range("--count", args.count, 1)
    excluded = read_all_excluded(args.exclude or ())
    stream = make_stream(_seed(args), switches_of(args), exclude=excluded)
    write_parts([(stream, {"all": args.count})], {"all": args.output}, args.workers)
    print(f"{args.output}: {args.count} tasks (seed {stream.seed}, {len(excluded)} programs kept out)")
    return 0


def _parts(args: argparse.Namespace) -> int:
    if args.output_folder is None or args.count is not None or args.output is not None:
        raise UserError("--parts needs --output-folder, and neither --count nor --output")
    names = tuple(str(path) for path in args.exclude or ())
    excluded = read_all_excluded(args.exclude or ())
    recipe = Recipe(_seed(args), switches_of(args), parse_counts(args.parts), excluded, names)
    _say(make_parts(recipe, args.output_folder, args.workers), args.output_folder)
    return 0


def _again(args: argparse.Namespace) -> int:
    """Makes the parts of a manifest again; files may lie elsewhere than they did."""
    others = given_switches(args).keys() - {"templates"}
    others |= {name for name in ("count", "output", "parts", "seed", "switches") if getattr(args, name) is not None}
    if others or args.output_folder is None:
        wrong = f"--{min(others).replace('_', '-')} is fixed by it" if others else "--output-folder is missing"
        raise UserError(f"--manifest: {wrong}; it goes with --output-folder, --workers, --exclude and --templates")
    manifest = read_manifest(args.manifest)
    if args.templates is not None:
        manifest = manifest.with_templates(args.templates)
    excluded = read_all_excluded(args.exclude or [Path(name) for name in manifest.recipe.exclude_files])
    _say(make_again(manifest, excluded, args.output_folder, args.workers), args.output_folder)
    return 0


def _say(manifest: Manifest, folder: Path) -> None:
    for part in manifest.parts:
        print(f"{folder / part.file}: {part.tasks} tasks")
    print(f"{folder / MANIFEST}: the manifest")


def _seed(args: argparse.Namespace) -> int:
    return _SEED if args.seed is None else int(args.seed)
