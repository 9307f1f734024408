"""Which name stands for which system, and that no model folder chooses what is imported."""

import json
import sys
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.models import registry
from saps.models.folder import load_model
from saps.models.registry import SYSTEMS, admit, admit_path, name_of, system_named
from saps.models.saps import SAPS
from saps.models.system import System

OWN = '''
"""A system of one's own, and a trace of having been imported."""
from pathlib import Path
from saps.models.saps import SAPS

Path(__file__).with_name("imported").touch()

class Mine(SAPS):
    """SAPS under another name."""

class Other:
    """No system."""
'''


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module that leaves a file behind when it is imported."""
    monkeypatch.setattr(registry, "_own", {})
    monkeypatch.delitem(sys.modules, "own_module", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv(registry.ENVIRONMENT, raising=False)
    (tmp_path / "own_module.py").write_text(OWN)
    yield tmp_path
    sys.modules.pop("own_module", None)


def renamed(folder: Path, target: Path, system: str) -> Path:
    """A copy of an exported model that says it is of another system."""
    target.mkdir()
    for path in folder.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    config = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(json.dumps(config | {"system": system}))
    return target


def test_the_systems_of_the_package_are_found_by_their_names() -> None:
    assert {"SAPS", "Seq2Tree", "Seq2Seq", "IO2Seq", "TreeAutoencoder"} <= set(SYSTEMS)
    assert all(system_named(name) is system and name_of(system) == name for name, system in SYSTEMS.items())


def test_a_model_folder_never_makes_a_module_run(own: Path, learned_model: Path) -> None:
    folder = renamed(learned_model, own / "model", "own_module.Mine")
    with pytest.raises(UserError, match=r"does not run unasked.*--system own_module.Mine or by SAPS_SYSTEM$") as told:
        load_model(folder)
    assert "export" not in str(told.value)
    assert not (own / "imported").exists()


def test_a_model_is_loaded_once_the_user_has_named_its_class(own: Path, learned_model: Path) -> None:
    folder = renamed(learned_model, own / "model", "own_module.Mine")
    assert admit_path("own_module.Mine") == "own_module.Mine"
    assert type(load_model(folder)).__name__ == "Mine"
    assert (own / "imported").exists()


def test_the_environment_names_classes_too_and_no_others_are_imported(
    own: Path, learned_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(registry.ENVIRONMENT, "elsewhere.Thing, own_module.Mine")
    with pytest.raises(UserError, match="own code"):
        load_model(renamed(learned_model, own / "other", "own_module.Other"))
    assert not (own / "imported").exists()
    assert type(load_model(renamed(learned_model, own / "model", "own_module.Mine"))).__name__ == "Mine"


def test_a_class_that_has_changed_since_its_training_is_told_of(own: Path, learned_model: Path) -> None:
    with (own / "own_module.py").open("a") as file:
        file.write("\nclass Changed(SAPS):\n    def __init__(self, vocabularies, size: int) -> None:\n        pass\n")
    assert admit_path("own_module.Changed") == "own_module.Changed"
    with pytest.raises(UserError, match=r"no setting 'word_embedding'.*take own_module.Changed as it was") as told:
        load_model(renamed(learned_model, own / "model", "own_module.Changed"))
    assert "export" not in str(told.value)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("own_module.Nothing", "is no system; name a subclass"),
        ("own_module.inner.Mine", r"cannot be imported \(No module named 'own_module.inner'.*; its folder must be in"),
        ("needs.Mine", r"cannot be imported \(No module named 'no_such_package'\); install no_such_package$"),
        ("misspelt.Mine", r"cannot be imported \(.*misspelt\.py:2: SyntaxError: .*\); mend it there$"),
        ("failing.Mine", r"cannot be imported \(.*failing\.py:3: ValueError: too few\); mend it there$"),
        ("nowhere.Mine", r"cannot be imported \(No module named 'nowhere'\); its folder must be in PYTHONPATH"),
        ("own_module.Other", "is no system"),
        ("Mine", "is no system; name a subclass"),
        ("", "is no system"),
        ("os.path", "is no system"),
    ],
)
def test_what_is_no_system_is_refused(path: str, complaint: str, own: Path) -> None:
    (own / "needs.py").write_text("import no_such_package\n")
    (own / "misspelt.py").write_text("import os\nclass Mine(:\n")
    (own / "failing.py").write_text("def made():\n    # in two lines\n    raise ValueError('too few\\n...')\nmade()\n")
    with pytest.raises(UserError, match=complaint):
        admit_path(path)


@pytest.mark.parametrize("name", ["Seq9", None, 3, ["SAPS"], {"a": 1}, "", ".", "a.b\nc"])
def test_a_name_that_stands_for_nothing_is_refused_in_one_line(name: object) -> None:
    with pytest.raises(UserError, match="no system") as caught:
        system_named(name)
    assert "\n" not in str(caught.value)


def test_a_class_with_the_name_of_one_of_ours_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_own", {})
    impostor: type[System] = type("SAPS", (SAPS,), {"__module__": "elsewhere"})
    assert admit(impostor) == "elsewhere.SAPS"
    assert system_named("SAPS") is SAPS
    assert system_named("elsewhere.SAPS") is impostor
