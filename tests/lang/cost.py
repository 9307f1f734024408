"""What a program costs, from its text to its printed value, in a process of its own."""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saps.lang.errors import ProgramError
from saps.lang.interpreter import Outcome, run
from saps.lang.plain import run_plainly
from saps.lang.printing import printed
from saps.lang.spelling import parse

MOST_SECONDS = 1.0
"""CPU seconds that no program may take, whatever its inputs."""
MOST_MIB = 200.0
_KILLED_AFTER = 20  # seconds of the clock
_ADDRESSES = 3 * 2**30  # bytes, so that a bad program does not take the machine

Evaluate = Callable[..., Outcome]
EVALUATORS: Mapping[str, Evaluate] = {"compiled": run, "plain": run_plainly}


class Cost(NamedTuple):
    """CPU seconds and the memory that was added, at most, with how the program ended."""

    seconds: float
    mib: float
    end: str

    @property
    def share(self) -> float:
        """The greater share of what a program may cost."""
        return max(self.seconds / MOST_SECONDS, self.mib / MOST_MIB)


def cost_of(code: str, inputs: Mapping[str, Any], evaluate: Evaluate = run) -> Cost:
    """The cost of one program; it counts as far too dear if it does not come back."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        os.write(writer, json.dumps(_measured(code, inputs, evaluate)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return Cost(*json.loads(told)) if told else Cost(_KILLED_AFTER, 0.0, "died")


def _measured(code: str, inputs: Mapping[str, Any], evaluate: Evaluate) -> Cost:
    signal.alarm(_KILLED_AFTER)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    before, start = _resident_bytes(), time.process_time()
    try:
        outcome = evaluate(parse(code), inputs)
        end = f"{outcome.kind}: {outcome.message or printed(outcome.value, 40)}"
    except ProgramError as error:
        end = f"no program: {error}"
    except BaseException as error:
        end = f"CRASH {error!r}"[:200]
    return Cost(time.process_time() - start, (_peak_bytes() - before) / 2**20, end)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:  # no Linux: the peak so far is no less
        return _peak_bytes()
