"""The words of a command made short: few tasks, few steps. The one place where what is run is not what is written."""

from collections.abc import Callable, Sequence

TASKS, STEPS = 300, 4
_TRAINING = {
    "--trainer.max_steps": str(STEPS),
    "--trainer.max_time": "",
    "--trainer.validate_every": "2",
    "--trainer.log_every": "2",
    "--data.batch_size": "4",
}


def shortened(words: Sequence[str]) -> list[str]:
    """The words of a ``saps`` command as they are run."""
    name = " ".join(words[: 2 if words[0] in ("data", "study") else 1])
    return _SHORT.get(name, list)(words)


def _train(words: Sequence[str]) -> list[str]:
    if any(word.startswith("--resume") or word.endswith("help") for word in words):
        return [*words]
    return [*words, *(word for flag in _TRAINING.items() for word in flag)]  # the last of two equal flags holds


def _generate(words: Sequence[str]) -> list[str]:
    short = _valued(words, {"--count": str(TASKS), "--workers": "1"})
    is_count = [name.isidentifier() and number.isdigit() for name, _, number in (word.partition("=") for word in short)]
    return [
        f"{word.partition('=')[0]}={min(60, int(word.partition('=')[2]))}" if counts and word[0] not in "123" else word
        for word, counts in zip(short, is_count, strict=True)
    ]


def _compare(words: Sequence[str]) -> list[str]:
    short = {"--budget": f"{STEPS}steps", "--seeds": "1", "--search": "3", "--search-tasks": "3"}
    rows = [word for word in words if word.endswith(".yaml") and "=" not in word]
    return [word for word in _valued(words, short) if word not in rows[2:]]


def _evaluate(words: Sequence[str]) -> list[str]:
    return [*_valued(words, {"--budget": "5"}), *(["--first", "5"] if "--model" in words else [])]


def _demo(words: Sequence[str]) -> list[str]:
    return [*words, "--steps", "3"]


def _valued(words: Sequence[str], values: dict[str, str]) -> list[str]:
    """The words with other values behind some flags."""
    return [values.get(before, word) for before, word in zip(["", *words], words, strict=False)]


_SHORT: dict[str, Callable[[Sequence[str]], list[str]]] = {
    "train": _train,
    "data generate": _generate,
    "compare": _compare,
    "evaluate": _evaluate,
    "demo": _demo,
    "bench": lambda words: [*words, "--seconds", "0.1", "--batches", "1", "--batch-size", "8"],
    "study perturbation": lambda words: [*words, "--first", "5"],
    "study search": lambda words: [*words, "--first", "5"],
    "study data": lambda words: [*words, "--budget", "256", "--sizes", "40"],
    "study compositional": lambda words: [*words, "--budget", f"{STEPS}steps", "--tasks", "20"],
}
