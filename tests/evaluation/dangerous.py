"""Jobs that worker processes import by name, some of which kill their worker."""

import os
import signal
import time


def double(job: int) -> int:
    """Twice the job, after the worker's death for 13 and for the negative ones."""
    if job == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    if job < 0:
        os._exit(3)
    return 2 * job


def fail(job: int) -> int:
    raise KeyError(f"job {job} is ours to mend")


def sleep(job: float) -> float:
    time.sleep(job)
    return job


def hoard(job: int) -> int:
    """The number of bytes asked for, after having held them."""
    return len(bytearray(job))


def die_once(job: str) -> str:
    """The job, a path; where there is nothing yet, a file is put there and the worker dies."""
    if not os.path.exists(job):
        with open(job, "w"):
            os.kill(os.getpid(), signal.SIGKILL)
    return job
