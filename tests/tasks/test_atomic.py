"""Writing output: whole or not at all, through links, into pipes and devices, never over what is read."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from saps.cli import main
from saps.errors import UserError
from saps.generator import generate
from saps.tasks.atomic import atomic_writer, check_outputs, make_folder
from saps.tasks.files import read_tasks, write_tasks


def write(path: Path, content: bytes = b"new") -> None:
    with atomic_writer(path) as file:
        file.write(content)


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    link.symlink_to(target)  # not there yet
    for content in (b"one", b"two"):
        write(link, content)
        assert link.is_symlink()
        assert target.read_bytes() == content
    assert [path.name for path in target.parent.iterdir()] == ["target"]


def test_links_in_a_circle_are_a_mistake_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UserError, match="cannot be written"):
        write(tmp_path / "a")
    assert (tmp_path / "a").is_symlink()


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    thread = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    thread.start()
    write(pipe)
    thread.join()
    assert read == [b"new"]
    assert pipe.is_fifo()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a device")
def test_a_device_is_written_into(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o020666, os.makedev(1, 3))
        device.write_bytes(b"")
    except OSError:
        pytest.skip("no devices can be made or opened here")
    write(device)
    assert device.is_char_device()


def test_tasks_go_into_a_pipe_of_the_shell(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "saps.cli", "data", "generate", "--count", "3", "--output", "/dev/stdout"]
    done = subprocess.run(words, capture_output=True, check=True)
    lines = done.stdout.splitlines(keepends=True)
    (tmp_path / "tasks.jsonl").write_bytes(b"".join(lines[:3]))
    assert len(list(read_tasks(tmp_path / "tasks.jsonl"))) == 3
    assert lines[3].startswith(b"/dev/stdout: 3 tasks")


def test_an_open_stream_goes_on_where_it_stands(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from saps.tasks.atomic import dump_json\n"
        "print('before'); dump_json(Path('/dev/stdout'), 1); dump_json(Path('/dev/fd/1'), 2); print('after')"
    )
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out").read_text() == "before\n1\n2\nafter\n"


def test_a_told_end_leaves_nothing_half_written(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from saps.tasks.atomic import atomic_writer\n"
        "with atomic_writer(Path(sys.argv[1])) as file:\n"
        "    print('writing', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path / "file"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
        process.terminate()
        assert process.wait(10) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_the_handling_of_signals_is_as_before_in_the_end(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    write(tmp_path / "file")
    assert signal.getsignal(signal.SIGTERM) == before


def test_outputs_are_no_inputs_under_any_name(tmp_path: Path) -> None:
    data, link, hard = tmp_path / "data", tmp_path / "link", tmp_path / "hard"
    data.write_bytes(b"")
    link.symlink_to(data)
    hard.hardlink_to(data)
    for output in (data, link, hard, tmp_path / "." / "data"):
        with pytest.raises(UserError, match="is read by the same command") as caught:
            check_outputs([("json", output)], [None, data])
        assert caught.value.setting == "json"
    with pytest.raises(UserError, match="new: is written as --output by the same command"):
        check_outputs([("output", tmp_path / "new"), ("curve", tmp_path / "x" / ".." / "new")], [data])
    check_outputs([("output", Path("/dev/null")), ("curve", Path("/dev/null")), ("plot", None)], [Path("/dev/null")])


def test_an_output_below_a_file_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"x\.json: cannot be written \(Not a directory\); choose") as caught:
        check_outputs([("output", tmp_path / "file" / "new" / "x.json")], [])
    assert caught.value.setting == "output"
    check_outputs([("output", tmp_path / "new" / "folder" / "x.json")], [])


@pytest.mark.parametrize("name", ["x" * 250, "x" * 300, "x" * 300 + "/x.json", "d/" * 2_500 + "x.json"])
def test_an_output_with_too_long_a_name_is_refused_before_anything_is_done(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be written \(File name too long\); choose") as caught:
        check_outputs([("output", tmp_path / name)], [])
    assert caught.value.setting == "output"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_in_a_closed_folder_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="Permission denied"):
        check_outputs([("output", tmp_path / "x.json")], [])


COMMANDS = {
    "evaluate": ["evaluate", "--data", "a.jsonl", "--predictions", "b.jsonl", "--output", "{}"],
    "explain": ["data", "explain", "a.jsonl", "--predictions", "{}"],
    "compare data": ["data", "compare", "a.jsonl", "b.jsonl", "--json", "{}"],
    "generate": ["data", "generate", "--count", "1", "--exclude", "a.jsonl", "b.jsonl", "--output", "{}"],
    "compare": ["compare", "a.jsonl", "--test", "b.jsonl", "--output", "{}"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_over_its_input(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "b.jsonl"):
        write_tasks(tmp_path / name, generate(2, seed=1))
    before = (tmp_path / "a.jsonl").read_bytes()
    for name in ("a.jsonl", "b.jsonl")[: 1 if command == "explain" else 2]:
        assert main([word.format(name) for word in COMMANDS[command]]) == 2
        assert "is read by the same command" in capsys.readouterr().err
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {before}
    assert len(list(tmp_path.iterdir())) == 2


def test_of_folders_that_cannot_be_made_none_stays(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be made \(File name too long\)"):
        make_folder(tmp_path / "deep" / "deeper" / ("x" * 300))
    assert list(tmp_path.iterdir()) == []
    make_folder(tmp_path / "deep" / "deeper")
    assert (tmp_path / "deep" / "deeper").is_dir()
