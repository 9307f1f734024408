"""What a comparison will take, told before it trains anything."""

from collections.abc import Sequence

from saps.comparison.jobs import Job
from saps.comparison.running import is_done, is_trained, needed_by
from saps.training.budget import TIME_UNITS, Budget


def what_it_takes(jobs: Sequence[Job], budget: Budget, written: str) -> str:
    """One line on the trainings and judgements to do, and on the trainings' time where the budget is one of time.

    Args:
        jobs: of all rows and seeds.
        budget: of each training.
        written: the budget as the user wrote it.
    """
    waiting = {job.folder: job for job in jobs if not is_done(job)}
    before = filter(None, map(needed_by, waiting.values()))
    unfinished = waiting | {job.folder: job for job in before if not is_done(job)}
    count = sum(not is_trained(job) for job in unfinished.values())
    trainings = f"{count} {'training' if count == 1 else 'trainings'} of {written} to do"
    if judged := len(unfinished) - count:
        trainings += f", {judged} only to judge"
    trainings += f", {len(jobs) - len(waiting)} done before"
    if budget.unit not in TIME_UNITS or not count:
        return f"{trainings}, one after another"
    clock = "" if budget.unit == "wall seconds" else " of the processor"
    return f"{trainings}: about {in_words(count * budget.amount)}{clock}, one after another; judging comes on top of it"


def in_words(seconds: float) -> str:
    """A time as people say it: ``6 h 5 min``, ``12 min``, ``50 s``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
