"""A model as a folder that people share: weights, configuration, vocabularies. Nothing in it is executed.

model.safetensors   the weights
config.json         class and sizes of the system, and what the weights were made with
words.json          the vocabulary of the texts
labels.json         the vocabulary of the trees
README.md           a card for people; may be missing

Weights may be of half precision; they are loaded in single precision.
"""

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file, save_file

from saps import __version__
from saps.errors import UserError
from saps.models.bounded import ElementsAtMost, TooLarge
from saps.models.exchange import take_place
from saps.models.registry import SYSTEMS, name_of, system_named
from saps.models.sizes import check_sizes
from saps.models.system import System
from saps.resources import resource
from saps.tasks.checksums import sha256_of
from saps.tasks.vocabulary import Vocabularies, load_vocabulary, save_vocabulary

WEIGHTS, CONFIG, WORDS, LABELS = "model.safetensors", "config.json", "words.json", "labels.json"
CARD = "README.md"
FILES = (CONFIG, WEIGHTS, WORDS, LABELS)


def grammar_hash() -> str:
    """The sha256 of the language's two files; a model belongs to the language it was trained with."""
    digest = hashlib.sha256()
    for name in ("grammar/algolisp.lark", "grammar/primitives.tsv"):
        digest.update(resource(name).read_bytes())
    return digest.hexdigest()


def build_system(name: str, sizes: Mapping[str, Any], vocabularies: Vocabularies) -> System:
    """A new system by name (``registry.system_named``) with the plain values of its constructor.

    Raises:
        UserError: there is no such system, it has no such setting, or a setting means nothing.
    """
    system = system_named(name)
    check_sizes(system, sizes)
    return system(vocabularies, **sizes)


def shapes_of(name: str, sizes: Mapping[str, Any], vocabularies: Vocabularies) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights of a system, told without their memory.

    Raises:
        UserError: as ``build_system``.
    """
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in build_system(name, sizes, vocabularies).state_dict().items()}


def export_model(
    system: System, sizes: Mapping[str, Any], folder: Path, notes: Mapping[str, Any], card: str = ""
) -> None:
    """Writes the folder, whole or not at all; an older one at the same place is replaced.

    Args:
        system: whose weights are written.
        sizes: the plain values that its constructor got.
        folder: where; its parent exists.
        notes: what else a reader should know, such as the figures of validation.
        card: text of a README.md; none is written where it is empty.
    """
    config = {
        "system": name_of(type(system)),
        "sizes": plain(sizes),
        "saps_version": __version__,
        "grammar_sha256": grammar_hash(),
        "trainable_parameters": system.parameter_count(),
        "notes": dict(notes),
    }
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh = Path(scratch) / "fresh"
        fresh.mkdir()
        save_file({k: v.detach().cpu().contiguous() for k, v in system.state_dict().items()}, fresh / WEIGHTS)
        (fresh / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        if card:
            (fresh / CARD).write_text(card, encoding="utf-8")
        save_vocabulary(system.vocabularies.words, fresh / WORDS)
        save_vocabulary(system.vocabularies.labels, fresh / LABELS)
        (fresh / WEIGHTS).chmod((fresh / CONFIG).stat().st_mode)  # safetensors keeps it to its owner
        take_place(fresh, folder, Path(scratch) / "old")


def plain(value: Any) -> Any:
    """Settings as JSON can hold them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def model_folder(path: Path) -> Path:
    """The folder of the exported model: the path itself, or ``model`` inside a run folder."""
    if not path.exists():
        raise UserError(f"{path}: no such folder; a model is a run folder or an exported model")
    if not (path / CONFIG).exists() and (path / "model").is_dir():
        return path / "model"
    return path


def weights_hash(path: Path) -> str:
    """The sha256 of a model's file of weights, by which a report says what it judged.

    Raises:
        UserError: there is no such file.
    """
    weights = model_folder(path) / WEIGHTS
    if not weights.is_file():
        raise UserError(f"{weights.parent}: the file {WEIGHTS} is missing; copy the whole folder or export it again")
    return sha256_of(weights)


def notes_of(path: Path) -> dict[str, Any]:
    """What else an exported model tells of itself, such as its figures.

    Raises:
        UserError: there is no readable configuration.
    """
    notes = _read_config(model_folder(path) / CONFIG).get("notes")
    return notes if isinstance(notes, dict) else {}


def load_model(path: Path) -> System:
    """The system of an exported model, ready to answer.

    Raises:
        UserError: a file is missing, broken, or does not fit the others, or the language has changed since.
    """
    folder = model_folder(path)
    for name in FILES:
        if not (folder / name).is_file():
            raise UserError(f"{folder}: the file {name} is missing; copy the whole model folder or export it again")
    config = _read_config(folder / CONFIG)
    mend = _mend_for(folder, config["system"])
    vocabularies = Vocabularies(load_vocabulary(folder / WORDS), load_vocabulary(folder / LABELS))
    try:
        system = _build_within(folder / WEIGHTS, config, vocabularies)
        _check_weights(folder / WEIGHTS, {key: tuple(value.shape) for key, value in system.state_dict().items()})
        weights = load_file(folder / WEIGHTS)
        _check_values(weights)
        system.load_state_dict(weights)
    except (UserError, TypeError, ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise UserError(f"{folder}: the model cannot be built ({_first_line(error)}); {mend}") from None
    return system.eval()


def _mend_for(folder: Path, name: object) -> str:
    """What helps where a model of this system cannot be built: a user's own class may have changed since.

    Raises:
        UserError: no system has the name, or the user has not named it.
    """
    try:
        system = system_named(name)
    except UserError as error:
        raise UserError(f"{folder}: {error}") from None
    if system in SYSTEMS.values():
        return "export it again"
    return f"copy the whole folder, take {name} as it was in that training, or train it again"


def _build_within(weights: Path, config: Mapping[str, Any], vocabularies: Vocabularies) -> System:
    """The system of a configuration, in no more memory than a few times its weights: the sizes may be anything."""
    most = 1_000_000 + weights.stat().st_size  # elements, each of four bytes in the file
    try:
        with ElementsAtMost(most):
            return build_system(config["system"], config["sizes"], vocabularies)
    except TooLarge:
        _check_weights(weights, shapes_of(config["system"], config["sizes"], vocabularies))
        return build_system(config["system"], config["sizes"], vocabularies)  # large by what is not in its weights


def _check_values(weights: Mapping[str, torch.Tensor]) -> None:
    """Refuses weights that are whole numbers, or that hold what is no finite number: answers would mean nothing."""
    for name, value in weights.items():
        if not value.is_floating_point():
            raise UserError(f"{name} in {WEIGHTS} is of {value.dtype}, not of floating-point numbers")
        if not value.isfinite().all():
            raise UserError(f"{name} in {WEIGHTS} holds what is no finite number")


def _check_weights(path: Path, expected: Mapping[str, tuple[int, ...]]) -> None:
    """Compares the names and shapes that a file of weights promises with those of the system."""
    with safetensors.safe_open(path, framework="pt") as file:
        found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise UserError(f"{name} is {found.get(name)} in {WEIGHTS} and {expected.get(name)} by {CONFIG}")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not JSON ({error}); export the model again") from None
    if not isinstance(config, dict) or not isinstance(config.get("sizes"), dict) or "system" not in config:
        raise UserError(f"{path}: has no 'system' and 'sizes'; export the model again")
    if config.get("grammar_sha256") != grammar_hash():
        raise UserError(
            f"{path}: the model was trained with another grammar (saps {config.get('saps_version')}) than this one "
            f"(saps {__version__}); train it again or install that version"
        )
    return config
