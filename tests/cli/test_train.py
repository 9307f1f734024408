"""What `saps train` says of a mistake in its settings, before anything is written."""

from pathlib import Path

import pytest

from saps.cli import main
from saps.cli.train import make_parser
from saps.generator import generate
from saps.tasks.files import write_tasks

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = str(ROOT / "experiments" / "quickstart.yaml")


CONFIGS = [
    path
    for path in sorted((ROOT / "experiments").rglob("*.yaml"))
    if path.parent.name not in ("sweeps", "studies", "other_toolkits")
]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_shipped_configuration_parses(path: Path) -> None:
    config = make_parser().parse_args(["--config", str(path)])
    assert config.model.class_path.startswith("saps.models.")


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--trainer.max_step", "5"], "perhaps max_steps"),  # no abbreviations: they would change meaning with time
        (["--trainer.max_steps", "many"], "max_steps"),
        (["--model.init_args.hiden", "5"], "perhaps hidden"),
        (["--model.init_args.optimizer.learning_rat", "1"], "perhaps learning_rate"),
        (["--model.class_path", "saps.models.SABS"], "SABS"),
        (["--data.train", "nowhere.jsonl"], "--data.train: nowhere.jsonl"),
    ],
)
def test_a_wrong_flag(
    flags: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--config", QUICKSTART, *flags]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("key", "misspelt"), [("hidden", "hiden"), ("batch_size", "batchsize")])
def test_a_misspelt_key_is_found_in_its_file(
    key: str, misspelt: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Path(QUICKSTART).read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:"))
    lines[number - 1] = lines[number - 1].replace(key, misspelt)
    config = tmp_path / "mine.yaml"
    config.write_text("\n".join(lines), encoding="utf-8")
    assert main(["train", "--config", str(config)]) == 2
    error = capsys.readouterr().err
    assert f"{config}:{number}: " in error
    assert f"perhaps {key}" in error


def test_a_flag_wins_over_the_file_and_the_file_over_the_default() -> None:
    config = make_parser().parse_args(["--config", QUICKSTART, "--data.batch_size", "7"])
    assert config.data.batch_size == 7
    assert config.model.init_args.hidden == 128  # the file's; the default is 256
    assert config.trainer.gradient_clip == 2.0  # the default's


def test_an_existing_run_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_text("seed: 1\n", encoding="utf-8")
    tasks = list(generate(60, seed=1))
    held = tasks[0].program
    write_tasks(tmp_path / "train.jsonl", (task for task in tasks if task.program != held))
    write_tasks(tmp_path / "validation.jsonl", (task for task in tasks if task.program == held))
    files = ["--data.train", str(tmp_path / "train.jsonl"), "--data.validation", str(tmp_path / "validation.jsonl")]
    assert main(["train", "--config", QUICKSTART, *files, "--run", str(tmp_path / "run")]) == 2
    assert "--resume" in capsys.readouterr().err
    assert (tmp_path / "run" / "config.yaml").read_text(encoding="utf-8") == "seed: 1\n"
