"""Several processes train together; one of them writes and speaks."""

from pytorch_lightning.utilities import rank_zero_only


def is_first_process() -> bool:
    """Whether this is the process that writes, of those that train together."""
    return not getattr(rank_zero_only, "rank", 0)


def say(line: str) -> None:
    """Prints a line, once however many processes train."""
    if is_first_process():
        print(line, flush=True)
