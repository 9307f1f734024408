"""``make bench``: how fast the parts are, as ratios and rates of one run on one core."""

import time

import torch

from saps.generator import Switches, generate
from saps.generator.streams import make_stream
from saps.generator.tasks import TRAINING
from saps.tasks.task import Task
from tests.bench.clock import Row, seconds_of, table
from tests.bench.interpreter import interpreter_rows
from tests.bench.network import (
    BATCH,
    EXPERIMENT,
    QUICKSTART,
    batches_of,
    decoder_against_recursion,
    encoder_against_packing,
    step_rows,
    system_of,
    train_a_while,
)
from tests.bench.operations import operations_rows
from tests.bench.paper import paper_rows
from tests.bench.search import batches_against_single, search_rates, small_budgets_first
from tests.bench.systems import systems_side_by_side
from tests.bench.tracking import tracking_rows

TASKS = 1500


def language_rates() -> tuple[list[Row], list[Task]]:
    """The generator makes the tasks of all other measurements; their programs run on their tests."""
    list(generate(1, seed=1))  # reads the templates
    tasks: list[Task] = []
    making = seconds_of(lambda: tasks.extend(generate(TASKS, seed=1)))
    stream = make_stream(1, Switches(tests=0), TRAINING)
    drawing = seconds_of(lambda: [stream.tasks(index) for index in range(TASKS)])
    rows = [
        Row("generator", f"{TASKS / making:,.0f}", "tasks with ten tests per CPU-second"),
        Row("  text and program", f"{TASKS / drawing:,.0f}", "tasks per CPU-second, as in endless training"),
    ]
    plain = make_stream(1, Switches(register="plain", tests=0), TRAINING)
    plain.tasks(0)  # reads the plain templates
    saying = seconds_of(lambda: [plain.tasks(index) for index in range(TASKS)])
    rows.append(Row("  in plain English", f"{TASKS / saying:,.0f}", "tasks per CPU-second, text and program"))
    return [*rows, *interpreter_rows(tasks)], tasks


def main() -> None:
    """Prints the table."""
    torch.set_num_threads(1)
    started = time.monotonic()
    rows, tasks = language_rates()
    system = system_of(EXPERIMENT, tasks)
    batches = batches_of(system, tasks, BATCH)
    nodes = sum(task.program.size() for task in tasks) / len(tasks)
    words = sum(len(task.text) for task in tasks) / len(tasks)
    print(f"torch {torch.__version__}, 1 thread; {system.parameter_count():,} parameters ({EXPERIMENT.name});")
    print(f"{len(tasks)} generated tasks of {words:.0f} words and {nodes:.0f} nodes on average\n", flush=True)
    rows += [encoder_against_packing(system, batches), decoder_against_recursion(system, batches)]
    rows += step_rows("training step", train_a_while(system, tasks))
    rows += operations_rows(tasks)
    rows += tracking_rows(system, batches)
    rows += paper_rows(tasks)
    rows += batches_against_single(system, tasks)
    rows += search_rates(system, tasks)
    small = system_of(QUICKSTART, tasks)
    train_a_while(small, tasks)
    rows.append(Row(f"in the sizes of {QUICKSTART.name}", "", f"{small.parameter_count():,} parameters"))
    rows += batches_against_single(small, tasks)
    rows += search_rates(small, tasks)
    rows += small_budgets_first(small, tasks)
    rows += systems_side_by_side(tasks)
    print(table(rows))
    print(f"\n{time.monotonic() - started:.0f} seconds")


if __name__ == "__main__":
    main()
