"""Fetching: several addresses, downloads that break off, and files that are not the right one."""

import contextlib
import hashlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from saps.cli import main
from saps.errors import UserError
from saps.tasks import download
from saps.tasks.checksums import git_blob_of, sha256_of
from saps.tasks.fetch import copy_split, fetch_split, mirror_address
from saps.tasks.splits import Split, read_splits, verify

CONTENT = bytes(range(256)) * 1000
SPLIT = Split("dev", "tasks.jsonl.gz", 10, (), len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class Mirror(BaseHTTPRequestHandler):
    """A server with one good file and several ways of failing; it notes what it was asked for."""

    asked: list[tuple[str, str | None]] = []  # noqa: RUF012  # path and Range of each request

    def do_GET(self) -> None:
        kind, begin = self.path.split("/")[1].replace("%20", " "), self._begin()
        type(self).asked.append((self.path, self.headers.get("Range")))
        if kind == "missing":
            return self.send_error(404)
        if kind == "norange":
            begin = 0
        if kind in self.ODD:
            return self.ODD[kind](self)
        if begin >= len(CONTENT):
            return self.send_error(416)
        content = b"<html>gone</html>" if kind == "wrong" else CONTENT[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        breaks_off = kind == "breaks" and begin < 150_000
        self.wfile.write(content[:100_000] if breaks_off else content)
        return None

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.end_headers()

    def _drip(self, before: bytes, drop: bytes) -> None:
        """Sends a few bytes now and then, for as long as somebody reads."""
        with contextlib.suppress(OSError):
            self.wfile.write(before)
            for _ in range(100):
                self.wfile.write(drop)
                time.sleep(0.02)

    ODD: ClassVar[dict[str, Callable[["Mirror"], None]]] = {
        "ftp": lambda self: self._redirect("ftp://127.0.0.1/x"),
        "file": lambda self: self._redirect("file:///etc/passwd"),
        "nowhere": lambda self: self._redirect("http://[/"),
        "colours": lambda self: self.send_error(500, "\x1b[31mred\x1b]0;title\x07"),
        "drips": lambda self: self._drip(b"HTTP/1.0 200 OK\r\nContent-Length: 256000\r\n\r\n", b"x"),
        "drips headers": lambda self: self._drip(b"HTTP/1.0 200 OK\r\n", b"x: y\r\n"),
        "drips chunks": lambda self: self._drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1"),
    }

    def _begin(self) -> int:
        return int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the tests' output quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    Mirror.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()
        thread.join()


def get(folder: Path, *addresses: str) -> Path:
    return fetch_split(replace(SPLIT, addresses=addresses), folder, [], say=lambda line: None)


def test_a_file_arrives_whole(server: str, tmp_path: Path) -> None:
    path = get(tmp_path / "new folder", f"{server}/good/tasks.jsonl.gz")
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]


def test_a_right_file_that_is_there_is_not_fetched_again(server: str, tmp_path: Path) -> None:
    (tmp_path / SPLIT.file).write_bytes(CONTENT)
    get(tmp_path, f"{server}/good/tasks.jsonl.gz")
    assert Mirror.asked == []


def test_a_wrong_file_that_is_there_is_not_overwritten(server: str, tmp_path: Path) -> None:
    (tmp_path / SPLIT.file).write_bytes(b"mine")
    with pytest.raises(UserError, match=r"4 bytes.*move the file away"):
        get(tmp_path, f"{server}/good/tasks.jsonl.gz")
    assert (tmp_path / SPLIT.file).read_bytes() == b"mine"


def test_a_broken_off_download_goes_on_where_it_stopped(server: str, tmp_path: Path) -> None:
    assert get(tmp_path, f"{server}/breaks/tasks.jsonl.gz").read_bytes() == CONTENT
    assert [asked[1] for asked in Mirror.asked] == [None, "bytes=100000-", "bytes=200000-"]


def test_a_part_from_an_earlier_call_is_taken_up(server: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl.gz.part").write_bytes(CONTENT[:1234])
    assert get(tmp_path, f"{server}/good/tasks.jsonl.gz").read_bytes() == CONTENT
    assert [asked[1] for asked in Mirror.asked] == ["bytes=1234-"]


def test_a_whole_part_needs_no_more_bytes(server: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl.gz.part").write_bytes(CONTENT)
    assert get(tmp_path, f"{server}/good/tasks.jsonl.gz").read_bytes() == CONTENT


def test_a_server_without_ranges_sends_all_again(server: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl.gz.part").write_bytes(CONTENT[:1234])
    assert get(tmp_path, f"{server}/norange/tasks.jsonl.gz").read_bytes() == CONTENT


def test_a_part_of_another_file_is_thrown_away(server: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl.gz.part").write_bytes(b"another file")
    assert get(tmp_path, f"{server}/good/tasks.jsonl.gz").read_bytes() == CONTENT


def test_the_next_address_serves_when_the_first_are_dead_or_wrong(server: str, tmp_path: Path) -> None:
    lines: list[str] = []
    addresses = ("http://127.0.0.1:9/x", f"{server}/missing/x", f"{server}/wrong/x", f"{server}/good/x")
    path = fetch_split(replace(SPLIT, addresses=addresses), tmp_path, [], lines.append)
    assert path.read_bytes() == CONTENT
    assert "404" in lines[3]
    assert "17 bytes, but the published tasks.jsonl.gz has 256000" in lines[5]


def test_a_mirror_comes_first(server: str, tmp_path: Path) -> None:
    split = replace(SPLIT, addresses=(f"{server}/missing/x",))
    fetch_split(split, tmp_path, [f"{server}/good"], say=lambda line: None)
    assert [asked[0] for asked in Mirror.asked] == ["/good/tasks.jsonl.gz"]


def test_without_a_network_the_error_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none of 1 addresses.*refused.*take it from there") as error:
        get(tmp_path, "http://127.0.0.1:9/tasks.jsonl.gz")
    assert "\n" not in str(error.value)
    assert error.value.setting == "from_file"
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_checksum_is_known_by_its_content(server: str, tmp_path: Path) -> None:
    def check_content(path: Path) -> None:
        if path.read_bytes() != CONTENT:
            raise UserError(f"{path}: other content")

    addresses, lines = (f"{server}/wrong/x", f"{server}/good/x"), list[str]()
    split = Split("dev", "tasks.jsonl", 10, addresses, check_content=check_content)
    assert fetch_split(split, tmp_path, [], lines.append).read_bytes() == CONTENT
    assert "other content" in lines[1]
    fetch_split(split, tmp_path, [], lines.append)
    assert lines[-1].endswith("is there already, and its content is right")


def test_nothing_wrong_is_kept(server: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="wrong content"):
        get(tmp_path, f"{server}/wrong/tasks.jsonl.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder_to_fetch_into(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file: is not a folder; name another") as error:
        get(tmp_path / "file", "http://127.0.0.1:9/tasks.jsonl.gz")
    assert error.value.setting == "folder"


def test_an_endless_answer_is_cut(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_LARGEST", 100_000)
    with pytest.raises(UserError, match="this is not the file"):
        get(tmp_path, f"{server}/good/tasks.jsonl.gz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "reason"), [("ftp", "no web address"), ("file", "not allowed"), ("nowhere", "Invalid IPv6 URL")]
)
def test_a_redirect_leads_to_web_addresses_only(server: str, tmp_path: Path, kind: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        get(tmp_path, f"{server}/{kind}/x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("drips", "less than 1024 bytes a second came"),
        ("drips%20headers", "no answer"),
        ("drips%20chunks", "no answer"),
    ],
)
def test_a_server_that_drips_is_given_up(
    server: str, tmp_path: Path, kind: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.3)
    start = time.monotonic()
    with pytest.raises(UserError, match=reason):
        get(tmp_path, f"{server}/{kind}/x")
    assert time.monotonic() - start < 1.5


def test_escape_codes_of_a_server_stay_there(server: str, tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(UserError) as caught:
        fetch_split(replace(SPLIT, addresses=(f"{server}/colours/x",)), tmp_path, [], lines.append)
    assert r"500 \x1b[31mred" in lines[1]
    assert all(line.isprintable() for line in (*lines, str(caught.value)))


def test_two_fetches_of_one_file_do_not_collide(server: str, tmp_path: Path) -> None:
    said: list[str] = []
    split = replace(SPLIT, addresses=(f"{server}/breaks/tasks.jsonl.gz",))
    threads = [threading.Thread(target=fetch_split, args=(split, tmp_path, [], said.append)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in tmp_path.iterdir()] == [SPLIT.file]
    assert (tmp_path / SPLIT.file).read_bytes() == CONTENT
    assert len(Mirror.asked) == 3
    assert sum("is there already" in line for line in said) == 3


BROKEN = ["http://[", "http://[::1", "http://host:x/", "http://host:99999/", "http://ho st/", "http://h/\x1b[31m"]


@pytest.mark.parametrize("mirror", BROKEN)
def test_a_broken_mirror_is_one_line(mirror: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "fetch", "dev", "--folder", str(tmp_path), "--mirror", mirror]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "is no address" in error
    assert error.rstrip().isprintable()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", [f"http://{'a' * 70}.invalid/x", "http://127.0.0.1:9/ö", "http://u:p@127.0.0.1/x"])
def test_an_address_that_cannot_be_asked_is_one_failure(address: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="none of 1 addresses"):
        get(tmp_path, address)


@pytest.mark.parametrize("mirror", ["data/mirror", "file:///etc", "ftp://host/x", "https://"])
def test_a_mirror_is_a_web_address(mirror: str) -> None:
    with pytest.raises(UserError, match="is no address") as error:
        mirror_address(mirror, SPLIT)
    assert error.value.setting == "mirror"


def test_a_mirror_may_name_the_file_or_its_folder() -> None:
    assert mirror_address("https://host/a/", SPLIT) == "https://host/a/tasks.jsonl.gz"
    assert mirror_address("https://host/b/tasks.jsonl.gz?dl=1", SPLIT) == "https://host/b/tasks.jsonl.gz?dl=1"


def test_from_file_takes_the_right_file_only(tmp_path: Path) -> None:
    source = tmp_path / "copy.gz"
    source.write_bytes(CONTENT)
    assert copy_split(SPLIT, source, tmp_path / "data").read_bytes() == CONTENT
    source.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(UserError, match="its sha256 is") as error:
        copy_split(SPLIT, source, tmp_path / "other")
    assert error.value.setting == "from_file"
    with pytest.raises(UserError, match="no such file"):
        copy_split(SPLIT, tmp_path / "nowhere", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_git_blob_id_is_what_git_says(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    asked_git = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True).stdout.strip()
    assert git_blob_of(path) == asked_git
    assert sha256_of(path) == SPLIT.sha256
    verify(replace(SPLIT, sha256=None, git_blob=asked_git), path)
    with pytest.raises(UserError, match="git blob id"):
        verify(replace(SPLIT, sha256=None, git_blob="0" * 40), path)


def test_the_published_splits_can_all_be_checked() -> None:
    splits = read_splits()
    assert list(splits) == ["train", "dev", "test"]
    for split in splits.values():
        assert split.sha256 or split.git_blob
        assert all(mirror_address(address, split) == address for address in split.addresses)
