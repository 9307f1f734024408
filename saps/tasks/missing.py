"""Which command makes a file of tasks that is not there, by the places that the shipped configurations give them."""

from pathlib import Path

_GENERATE = "saps data generate --count 2000 --seed 77 --no-tests"
_MADE_BY = {
    "data/metaset3.{name}.jsonl.gz": "saps data fetch {part} --folder {folder}",
    "data/algolisp/{name}.jsonl.gz": "saps data split data/metaset3.dev.jsonl.gz --parts train=0.9 validation=0.1 "
    "--output-folder {folder}",
    "data/generated/mixed.jsonl.gz": f"{_GENERATE} --register mixed --output {{path}}",
    "data/generated/validation.jsonl.gz": f"{_GENERATE} --output {{path}}",
    "runs/quickstart/data/{name}.jsonl.gz": "saps quickstart",
    "runs/small/data/{name}.jsonl.gz": "saps data generate --parts validation=640 test=960 --instances 1=1 2=1 3=1 "
    "--output-folder {folder}",
}
_PARTS = ("train", "dev", "validation", "test")


def how_to_get(path: Path) -> str:
    """What to do about a file that is not there: the command that makes it, where its place tells that."""
    written = path.as_posix()
    for place, command in _MADE_BY.items():
        for part in _PARTS:
            wanted = place.format(name=part)
            if written == wanted or written.endswith(f"/{wanted}"):
                return f"make it by '{command.format(part=part, folder=path.parent.as_posix(), path=written)}'"
    return "check the path"
