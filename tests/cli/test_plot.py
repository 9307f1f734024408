"""`saps plot`: the curves of runs as an image."""

from pathlib import Path

import pytest

from saps.cli import main
from saps.training.curves import read_runs

NEW = "step,epoch,seconds,train_loss,val_loss,val_exact_match\n2,0,1.5,3.0,,\n4,0,3.0,2.5,,\n4,0,3.5,,2.7,0.25\n"
OLD = "step,epoch,seconds,train_loss,learning_rate,val_loss,val_exact_match\n3,0,2.0,2.0,0.1,,\n6,0,4.0,,,1.5,0.5\n"


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    for name, text in (("new", NEW), ("old", OLD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.csv").write_text(text)
    return [tmp_path / "new", tmp_path / "old"]


def test_curves_are_those_of_the_files(runs: list[Path]) -> None:
    new, old = read_runs(runs, "seconds")
    assert (new.name, old.name) == ("new", "old")
    assert new.columns["train_loss"] == [(1.5, 3.0), (3.0, 2.5)]
    assert new.columns["val_exact_match"] == [(3.5, 0.25)]
    assert old.columns["val_loss"] == [(4.0, 1.5)]
    assert [run.name for run in read_runs([runs[0], runs[0]], "step")] == [str(runs[0])] * 2


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_many_runs_are_one_image(suffix: str, runs: list[Path], tmp_path: Path) -> None:
    image = tmp_path / f"curves.{suffix}"
    assert main(["plot", *map(str, runs), "--output", str(image)]) == 0
    assert image.read_bytes().startswith(b"\x89PNG" if suffix == "png" else b"<?xml")
    if suffix == "svg":
        text = image.read_text()
        assert [name for name in ("train loss", "val loss", "val exact match", "new", "old") if name not in text] == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nowhere"], "nowhere: holds no metrics.csv"),
        (["new", "--metric", "mfu"], "no run has values of 'mfu' yet; there are: epoch, seconds, step, train_loss"),
        (["new", "--output", "curves.txt"], "curves.txt: is no image; let its name end in .png"),
        (["broken"], "broken/metrics.csv: cannot be read (could not convert string to float: 'y'); is it"),
        (["other"], "other/metrics.csv: cannot be read (it has no column 'step'); is it the metrics.csv of a run?"),
        (["large"], "large/metrics.csv: cannot be read (field larger than field limit"),
        (["empty"], "no run has values of 'train_loss' yet"),
        ([], "RUN"),
    ],
)
def test_a_mistake_gets_one_line(
    words: list[str],
    complaint: str,
    runs: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(runs[0].parent)
    large = f"step,train_loss\n1,{'1' * 200_000}\n"
    texts = {"broken": "step,train_loss\n1,y\n", "empty": "", "other": "name,age\na,1\n", "large": large}
    for name, text in texts.items():
        Path(name).mkdir()
        Path(name, "metrics.csv").write_text(text)
    assert main(["plot", *words]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert not Path("curves.png").exists()
