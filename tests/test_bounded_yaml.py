"""Short YAML that stands for very much ends at once, wherever YAML is read."""

import time
from pathlib import Path

import pytest
import yaml
from jsonargparse import ActionConfigFile

from saps.bounded_yaml import MAX_CHARACTERS, MAX_DEPTH, check_yaml, compose_yaml, load_yaml
from saps.cli.settings import new_parser, parse
from saps.errors import UserError

LINES = [
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
]
BOMBS = {
    "aliases of aliases": ("\n".join(["a: &a [x, x, x, x, x, x, x, x, x]", *LINES]), "more than 100,000 values"),
    "merged mappings": (
        "a: &a {x: 1}\n" + "\n".join(line.replace("[", "{<<: [").replace("]", "]}") for line in LINES),
        "more",
    ),
    "an alias in its anchor": ("a: &a [*a]", r"\*a stands before the end of what it names"),
    "an alias without an anchor": ("a: *b", r"\*b stands before"),
    "deep lists": ("a: " + "[" * 100_000, "nest"),
    "deep blocks": ("\n".join(" " * depth + "a:" for depth in range(200)), "nest"),
    "a huge file": ("#" * (MAX_CHARACTERS + 1), "too many to read"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_at_once(name: str, tmp_path: Path) -> None:
    text, message = BOMBS[name]
    path, start = tmp_path / "bomb.yaml", time.perf_counter()
    path.write_text(text)
    with pytest.raises(yaml.YAMLError, match=message):
        load_yaml(text)
    with pytest.raises(UserError, match=rf"bomb.yaml:\d+: not YAML: .*{message}"):
        compose_yaml(path)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("name", BOMBS)
def test_settings_are_read_within_the_same_bounds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMBS[name][0])
    parser = new_parser("train", None)
    parser.add_argument("--config", action=ActionConfigFile)
    parser.add_argument("--a", type=dict)
    with pytest.raises(UserError, match=BOMBS[name][1]) as caught:
        parse(parser, ["--config", str(path)])
    assert len(str(caught.value)) < 300


def test_aliases_that_stand_for_little_are_read() -> None:
    assert load_yaml("a: &a [1, {b: 2}]\nc: [*a, *a]") == {"a": [1, {"b": 2}], "c": [[1, {"b": 2}]] * 2}
    assert load_yaml("a: &a {x: 1}\nb: {<<: *a, y: 2}")["b"] == {"x": 1, "y": 2}
    check_yaml("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    check_yaml("")
