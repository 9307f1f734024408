"""`python -m tests.docs_check [PAGE ...]`: exit code 1 where a command does not do what its page says."""

import importlib
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.docs_check.folder import TABLE, commit, left_behind, make_clone, make_own_files, make_stand_ins
from tests.docs_check.pages import PAGES, ROOT, Command, commands_of
from tests.docs_check.running import run_line, run_words

_LOADED = ("train", "evaluate", "synthesize", "compare", "serve", "sweep", "plot", "data", "data.generate")


def check(pages: list[Path]) -> int:
    """Runs the commands of pages, each page in a folder of its own; how many fail."""
    os.environ |= {"PYTHONPATH": str(ROOT), "WANDB_MODE": "disabled", "OMP_NUM_THREADS": "1"}
    for name in _LOADED:
        importlib.import_module(f"saps.cli.{name}")
    importlib.import_module("saps.synthesis.synthesizer")
    failed, start = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "base"
        base.mkdir()
        make_clone(base)
        make_stand_ins(base, run_words)
        for name in TABLE["same_run"]:
            shutil.copytree(base / "runs/FOLDER", base / name)
        commit(base)
        print(f"stand-ins: {time.monotonic() - start:.0f} s", flush=True)
        for page in pages:
            folder = Path(place) / page.stem
            shutil.copytree(base, folder)
            make_own_files(folder, str(page.relative_to(ROOT)))
            failed += sum(not _is_right(command, folder) for command in commands_of(page))
            if page.name == "README.md" and (found := left_behind(folder)):
                print(f"FAILED  git does not ignore what its commands write: {found}", flush=True)
                failed += 1
            shutil.rmtree(folder)
    spent = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{failed} failed; {time.monotonic() - start:.0f} s, {spent:.0f} CPU-seconds")
    return failed


def _is_right(command: Command, folder: Path) -> bool:
    reason = next((why for line, why in TABLE["left_out"].items() if command.line.startswith(line)), "")
    if command.line.startswith("export "):
        reason = "sets what the check has set"
    if reason:
        print(f"left out        {command.place}  {command.line}\n                ({reason})", flush=True)
        return True
    wanted = next((code for line, code in TABLE["fails"].items() if command.line.startswith(line)), 0)
    until = next((words for line, words in TABLE["waits"].items() if command.line.startswith(line)), "")
    ended = [run_line(line, folder, until) for line in command.variants()]
    is_right = all(one.code == wanted for one in ended)
    verdict = "ok" if is_right else "FAILED"
    print(f"{verdict:<6} {sum(one.seconds for one in ended):>6.1f} s  {command.place}  {command.line}", flush=True)
    for one in ended if not is_right else []:
        print("\n".join(f"       | {line}" for line in [f"exit code {one.code}", *one.output.splitlines()[-12:]]))
    return is_right


if __name__ == "__main__":
    sys.exit(min(1, check([ROOT / name for name in sys.argv[1:]] or [*PAGES])))
