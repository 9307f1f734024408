"""Parts that are made together: fair, and the same bytes whoever makes them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from saps.errors import UserError
from saps.generator import Switches, shipped_library
from saps.generator.manifest import MANIFEST, Recipe, make_again, make_parts, parse_counts, read_manifest
from saps.generator.production import CHUNK, Division
from saps.generator.selection import parse_combination
from saps.tasks.checksums import sha256_of
from saps.tasks.files import read_tasks
from saps.tasks.hashes import program_hash

PAIR = "basic_int_array_part inside basic_reduce_int_array"
COUNTS = {"train": 5 * CHUNK, "dev": 30, "test": 20}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three parts and the held-out one."""
    folder = tmp_path_factory.mktemp("parts")
    make_parts(Recipe(7, Switches(hold_out=[PAIR], tests=2), COUNTS), folder)
    return folder


def test_parts_have_their_counts_and_share_neither_program_nor_text(folder: Path) -> None:
    parts = {name: list(read_tasks(folder / f"{name}.jsonl.gz")) for name in (*COUNTS, "held_out")}
    assert {name: len(tasks) for name, tasks in parts.items()} == COUNTS | {"held_out": 20}
    tasks = sum(map(len, parts.values()))
    assert sum(len({task.program for task in part}) for part in parts.values()) == len(
        {task.program for part in parts.values() for task in part}
    )
    assert len({task.text for part in parts.values() for task in part}) == tasks


def test_the_combination_is_in_its_own_part_alone(folder: Path) -> None:
    combination = parse_combination(PAIR, shipped_library().templates)
    for name in (*COUNTS, "held_out"):
        held = [combination.is_in(task.program) for task in read_tasks(folder / f"{name}.jsonl.gz")]
        assert all(held) if name == "held_out" else not any(held)


def test_the_manifest_makes_the_same_bytes_again_with_two_processes(folder: Path, tmp_path: Path) -> None:
    make_again(read_manifest(folder / MANIFEST), set(), tmp_path, workers=2)
    names = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert len(names) == 5
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_manifest_says_what_was_made(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    assert (manifest["seed"], manifest["switches"]["hold_out"], manifest["switches"]["tests"]) == (7, [PAIR], 2)
    for part in manifest["parts"]:
        assert part["sha256"] == sha256_of(folder / part["file"])
        assert part["tasks"] == len(list(read_tasks(folder / part["file"])))


def set_version(manifest: dict[str, Any]) -> None:
    manifest["templates_sha256"] = "0" * 64


def set_sum(manifest: dict[str, Any]) -> None:
    manifest["parts"][1]["unpacked_sha256"] = "0" * 64


def set_excluded(manifest: dict[str, Any]) -> None:
    manifest["excluded_sha256"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (set_version, "with other templates"),
        (set_sum, "dev.jsonl.gz: not what the manifest describes"),
        (set_excluded, "0 programs, not those that were kept out"),
    ],
)
def test_what_is_not_the_same_again_is_said(
    change: Callable[[dict[str, Any]], None], complaint: str, folder: Path, tmp_path: Path
) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest)
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(UserError) as caught:
        make_again(read_manifest(tmp_path / MANIFEST), set(), tmp_path / "again")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{}", "saps, seed, switches"), ('{"seed": 1, "sed": 2}', "'sed' is not known"), ("[", "not YAML")],
)
def test_a_manifest_that_is_none_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(UserError) as caught:
        read_manifest(tmp_path / MANIFEST)
    assert complaint in str(caught.value)


def test_a_program_keeps_its_part_whatever_the_counts_add_up_to() -> None:
    names = [program_hash(task.program) for task in read_tasks_of_sample()]
    small, large = Division({"train": 90, "dev": 10}, 1), Division({"train": 9000, "dev": 1000}, 1)
    assert [small.part_of(name) for name in names] == [large.part_of(name) for name in names]
    other = Division({"train": 90, "dev": 10}, 2)
    assert [small.part_of(name) for name in names] != [other.part_of(name) for name in names]


def read_tasks_of_sample() -> list[Any]:
    from saps.resources import resource

    return list(read_tasks(resource("data/sample.jsonl")))


@pytest.mark.parametrize("written", ["train", "train=", "train=0", "train=x", "=5", "tr ain=5", "../x=3"])
def test_a_part_is_written_with_a_number(written: str) -> None:
    with pytest.raises(UserError, match="needs a name of its own and a number") as caught:
        parse_counts([written])
    assert caught.value.setting == "parts"


def test_a_part_that_gets_no_programs_is_given_up(tmp_path: Path) -> None:
    """Strings can be read from the end in one way: all texts have one program, which falls into one part."""
    switches = Switches(only=["strings_reversed"], max_depth=1, tests=0)
    with pytest.raises(UserError, match=r"no more than about \d+ different texts for the part (train|dev)"):
        make_parts(Recipe(1, switches, {"train": 10, "dev": 10}), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_held_out_part_needs_something_to_hold_out(tmp_path: Path) -> None:
    recipe = Recipe(1, Switches(), {"train": 10, "held_out": 10})
    with pytest.raises(UserError, match="nothing is held out"):
        make_parts(recipe, tmp_path)
    with pytest.raises(UserError, match="name a part beside held_out"):
        make_parts(replace(recipe, counts={"held_out": 10}), tmp_path)


def test_no_part_is_there_where_one_cannot_be_made(tmp_path: Path) -> None:
    switches = Switches(hold_out=["filter prime inside median"], instances={1: 1.0}, tests=0)
    with pytest.raises(UserError, match="0 of 200000 programs have one of the combinations"):
        make_parts(Recipe(1, switches, {"train": 5}), tmp_path)
    assert list(tmp_path.iterdir()) == []
