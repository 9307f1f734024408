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
