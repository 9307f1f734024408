"""Sets generated tasks beside real ones: sizes, shares, what is covered, what templates derive, what is missing."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from saps.cli.data.reading import add_skip_bad, add_templates, records_to_skip, report_skipped, template_files
from saps.errors import UserError, check_range
from saps.generator import extended_library
from saps.generator.realism import Comparison, Coverage, Derivability, Missing, Profile, compare, read_untested
from saps.tasks.atomic import check_outputs, dump_json
from saps.tasks.statistics import SizeSummary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data compare``."""
    parser.add_argument("generated", type=Path, metavar="GENERATED", help="tasks that were made, JSONL or JSONL.gz")
    parser.add_argument("real", type=Path, metavar="REAL", help="the tasks that they should be like")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures as JSON as well")
    parser.add_argument("--missing", type=int, default=5, metavar="N", help="entries of each list that are shown (5)")
    add_templates(parser)
    parser.add_argument("--no-derive", action="store_true", help="do not ask what templates derive of REAL")
    add_skip_bad(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the comparison."""
    check_range("--missing", args.missing, 0)
    check_outputs([("json", args.json)], [args.generated, args.real, *template_files(args.templates)])
    library = None if args.no_derive else extended_library(*args.templates or ())
    for path in (args.generated, args.real):
        if not path.exists():
            raise UserError(f"{path}: no such file; check the path")
    skipped = records_to_skip(args.skip_bad)
    generated, real = (read_untested(path, skipped) for path in (args.generated, args.real))
    comparison = compare(generated, real, library, args.missing)
    report_skipped(skipped)
    if args.json is not None:
        dump_json(args.json, comparison.as_json())
    print("\n".join(_lines(comparison)))
    return 0


def _lines(comparison: Comparison) -> Iterator[str]:
    generated, real = comparison.generated, comparison.real
    yield _row("", "generated", "real")
    yield from _size_lines(generated, real)
    yield _row("drop a name", _percent(generated.dropped), _percent(real.dropped))
    yield _row("say a statement first", _percent(generated.statements), _percent(real.statements))
    yield from _share_lines("opening", generated.openings, real.openings)
    yield from _share_lines("result", generated.return_types, real.return_types)
    yield from _share_lines("arguments", generated.arguments, real.arguments)
    yield from _share_lines("root", generated.roots, real.roots)
    yield ""
    yield "of REAL, GENERATED covers"
    for name, coverage in comparison.coverage.items():
        yield _coverage_line(name, coverage)
    if comparison.derivability:
        yield from _derivability_lines(comparison.derivability)
    for name, coverage in comparison.coverage.items():
        yield from _missing_lines(f"{name} that GENERATED lacks", coverage.missing)


def _size_lines(generated: Profile, real: Profile) -> Iterator[str]:
    yield _row("tasks", str(generated.tasks), str(real.tasks))
    yield _row("distinct programs", str(generated.programs), str(real.programs))
    yield _row("distinct texts", str(generated.texts), str(real.texts))
    yield _row("", "mean, median, 95 %, max", "mean, median, 95 %, max")
    yield _row("words of a text", _sizes(generated.text_tokens), _sizes(real.text_tokens))
    yield _row("nodes of a program", _sizes(generated.nodes), _sizes(real.nodes))
    yield _row("depth of a program", _sizes(generated.depth), _sizes(real.depth))


def _row(name: str, generated: str, real: str) -> str:
    return f"{name:<40} {generated:>25} {real:>25}".rstrip()


def _sizes(sizes: SizeSummary) -> str:
    return f"{sizes.mean:.1f}, {sizes.median}, {sizes.percentile_95}, {sizes.max}"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _share_lines(what: str, generated: Mapping[str, float], real: Mapping[str, float]) -> Iterator[str]:
    """A row for each name, those of the real tasks first."""
    for name in dict.fromkeys((*real, *generated)):
        yield _row(f"{what} {name}", _percent(generated.get(name, 0.0)), _percent(real.get(name, 0.0)))


def _coverage_line(name: str, coverage: Coverage) -> str:
    kinds = _of(coverage.kinds_covered, coverage.kinds)
    return f"  {name:<14} {kinds} kinds, {_of(coverage.occurrences_covered, coverage.occurrences)} occurrences"


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole} ({_percent(part / whole) if whole else 'none'})"


def _derivability_lines(derivability: Derivability) -> Iterator[str]:
    tasks = derivability.tasks
    yield ""
    yield "of REAL, the templates derive"
    yield f"  {'programs':<14} {_of(derivability.programs, tasks)}"
    yield f"  {'texts':<14} {_of(derivability.texts, tasks)} with the right program"
    yield f"  {'':<14} {_of(derivability.best, tasks)} as the first reading; {derivability.ambiguous} have several"
    yield from _missing_lines("sub-trees of programs without a template", derivability.missing_parts)
    yield from _missing_lines("texts not understood: words read <> words not understood", derivability.unread)
    yield from _missing_lines("texts that read as other programs only", derivability.misread)


def _missing_lines(title: str, missing: Sequence[Missing]) -> Iterator[str]:
    if missing:
        yield ""
        yield f"{title}, most frequent first"
        for entry in missing:
            yield f"  {entry.count:>6}  {entry.what}"
            yield f"          in: {entry.example}"
