"""Train, dev and test made together, and the manifest that makes the same bytes again."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from saps import __version__
from saps.errors import UserError
from saps.generator.plain.reading import FOLDER as PLAIN_FOLDER
from saps.generator.production import WrittenPart, write_parts
from saps.generator.streams import make_stream
from saps.generator.switch_files import switches_from
from saps.generator.switches import Switches
from saps.generator.tasks import FILES, HELD_OUT
from saps.generator.yaml_nodes import read_yaml
from saps.resources import resource
from saps.tasks.atomic import dump_json
from saps.tasks.split import PART_NAME

MANIFEST = "manifest.json"
HELD_OUT_PART = "held_out"  # the part of the combinations that the switch ``hold_out`` names


@dataclass(frozen=True)
class Recipe:
    """What is to be made."""

    seed: int
    switches: Switches
    counts: Mapping[str, int]
    """Tasks of each part, by name; ``held_out`` may be among them where combinations are held out."""
    exclude: Collection[str] = frozenset()
    """Hashes of programs that must not come up."""
    exclude_files: tuple[str, ...] = ()
    """Where they were read, for the manifest."""


@dataclass(frozen=True)
class Manifest:
    """What was made, and all that is needed to make it again."""

    saps: str
    """The version that made it."""
    recipe: Recipe
    excluded_sha256: str
    """Of the hashes of the excluded programs, sorted, one a line."""
    templates_sha256: str
    """Of all files of templates and of noise, as ``templates_sha256`` tells it."""
    parts: tuple[WrittenPart, ...]

    def with_templates(self, folders: Collection[str]) -> "Manifest":
        """The same, with templates of your own that lie elsewhere than they did."""
        switches = replace(self.recipe.switches, templates=list(folders))
        return replace(self, recipe=replace(self.recipe, switches=switches))


def parse_counts(written: Collection[str]) -> dict[str, int]:
    """The counts of ``["train=1000", "dev=50"]``.

    Raises:
        UserError: a part is written otherwise or stands twice.
    """
    counts: dict[str, int] = {}
    for part in written:
        name, _, count = part.partition("=")
        if not PART_NAME.fullmatch(name) or name in counts or not count.isdecimal() or not int(count):
            raise UserError(f"part {part!r} needs a name of its own and a number; write train=100000 dev=5000", "parts")
        counts[name] = int(count)
    return counts


def part_file(name: str) -> str:
    """The name of the file of a part."""
    return f"{name}.jsonl.gz"


def templates_sha256(switches: Switches) -> str:
    """One checksum of all files that tasks are made of."""
    state = hashlib.sha256()
    folders = [resource("data/templates"), *map(Path, switches.templates)]
    if switches.register != "published":
        folders.append(resource(PLAIN_FOLDER))
    files = [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
    for path in [*files, resource("data/noise.yaml")]:
        state.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return state.hexdigest()


def make_parts(recipe: Recipe, folder: Path, workers: int = 1) -> Manifest:
    """Makes the parts in a folder, ``NAME.jsonl.gz`` each, and the manifest beside them.

    The parts share no program and no text. The combinations that the switch ``hold_out`` names are in the part
    ``held_out`` and in no other; it has as many tasks as the smallest part if ``recipe`` gives no number.

    Raises:
        UserError: the recipe cannot be filled, or the folder cannot be written.
    """
    counts = {name: count for name, count in recipe.counts.items() if name != HELD_OUT_PART}
    if not counts:
        raise UserError(f"name a part beside {HELD_OUT_PART}, such as train=1000", "parts")
    if HELD_OUT_PART in recipe.counts and not recipe.switches.hold_out:
        raise UserError(f"nothing is held out for {HELD_OUT_PART}; name 'TEMPLATE inside TEMPLATE'", "hold_out")
    sources = [(make_stream(recipe.seed, recipe.switches, FILES, exclude=recipe.exclude), counts)]
    if recipe.switches.hold_out:
        held_out = recipe.counts.get(HELD_OUT_PART, min(counts.values()))
        rare = make_stream(recipe.seed, recipe.switches, HELD_OUT, exclude=recipe.exclude)
        sources.append((rare, {HELD_OUT_PART: held_out}))
    files = {name: folder / part_file(name) for _, wanted in sources for name in wanted}
    parts = tuple(write_parts(sources, files, workers))
    manifest = Manifest(__version__, recipe, sha256_of_hashes(recipe.exclude), templates_sha256(recipe.switches), parts)
    dump_json(folder / MANIFEST, _plain(manifest))
    return manifest


def make_again(manifest: Manifest, exclude: Collection[str], folder: Path, workers: int = 1) -> Manifest:
    """Makes what a manifest describes, and checks that it is the same.

    Args:
        manifest: as ``read_manifest`` gives it.
        exclude: hashes of the programs that were kept out.
        folder: where the parts go.
        workers: processes.

    Raises:
        UserError: templates or excluded programs are others than they were, or what comes out is.
    """
    recipe = manifest.recipe
    if templates_sha256(recipe.switches) != manifest.templates_sha256:
        raise UserError(
            f"the manifest was made by saps {manifest.saps} with other templates than these of saps {__version__}; "
            "use that version, and the same folders of templates",
            "templates",
        )
    if sha256_of_hashes(exclude) != manifest.excluded_sha256:
        raise UserError(
            f"{len(exclude)} programs, not those that were kept out; name the files that the manifest does",
            "exclude",
        )
    again = make_parts(
        Recipe(recipe.seed, recipe.switches, recipe.counts, exclude, recipe.exclude_files), folder, workers
    )
    for old, new in zip(manifest.parts, again.parts, strict=True):
        if old.unpacked_sha256 != new.unpacked_sha256:
            raise UserError(
                f"{folder / new.file}: not what the manifest describes; it was made by saps {manifest.saps}, this is "
                f"saps {__version__}"
            )
    return again


def read_manifest(path: Path) -> Manifest:
    """Reads a manifest; ``recipe.exclude`` is empty, as only the names of the files are in it.

    Raises:
        UserError: ``file:line: what is wrong``.
    """
    keys = ("saps", "seed", "switches", "exclude", "excluded_sha256", "templates_sha256", "parts")
    value = read_yaml(path)
    entries = value.mapping(known=keys, needed=keys)
    fields = tuple(WrittenPart.__dataclass_fields__)
    parts = []
    for entry in entries["parts"].items():
        texts = {name: field.text() for name, field in entry.mapping(known=fields, needed=fields).items()}
        if not texts["tasks"].isdecimal():
            raise entry.error(f"the number of tasks is {texts['tasks']!r}")
        parts.append(
            WrittenPart(texts["name"], texts["file"], int(texts["tasks"]), texts["sha256"], texts["unpacked_sha256"])
        )
    try:
        seed = int(entries["seed"].text())
    except ValueError:
        raise entries["seed"].error(f"{entries['seed'].text()!r} is no whole number") from None
    recipe = Recipe(
        seed,
        switches_from(entries["switches"]),
        {part.name: part.tasks for part in parts},
        exclude_files=tuple(entries["exclude"].words()),
    )
    excluded, templates = entries["excluded_sha256"].text(), entries["templates_sha256"].text()
    return Manifest(entries["saps"].text(), recipe, excluded, templates, tuple(parts))


def sha256_of_hashes(hashes: Collection[str]) -> str:
    """One checksum of the hashes of many programs, in any order."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(hashes)).encode()).hexdigest()


def _plain(manifest: Manifest) -> dict[str, object]:
    """The manifest as JSON writes it."""
    recipe = manifest.recipe
    return {
        "saps": manifest.saps,
        "seed": recipe.seed,
        "switches": asdict(recipe.switches),
        "exclude": list(recipe.exclude_files),
        "excluded_sha256": manifest.excluded_sha256,
        "templates_sha256": manifest.templates_sha256,
        "parts": [asdict(part) for part in manifest.parts],
    }
