"""A small SAPS that knows a few sentences by heart: a model with answers that tests can predict."""

from pathlib import Path

import torch

from saps.batches.collate import collate
from saps.batches.numericalise import numericalise_task
from saps.lang.spelling import parse
from saps.models.folder import export_model
from saps.models.saps import SAPS
from saps.tasks.task import Task
from saps.tasks.vocabulary import vocabularies_of

SUM_OF_EVEN = "given an array of numbers a , find the sum of even elements in a"
LARGEST = "consider an array of strings a , what is the length of the alphabetically largest string in a"
BIGGER = "you are given an array of numbers a and a number b , what are elements of a that are bigger than b"
REVERSE = "given an array of numbers a , reverse a"
DIVIDE = "given a number a and a number b , find a divided by b"
COMBINE = "given a number a and a number b , combine a and b"

KNOWN = (
    (SUM_OF_EVEN, "(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)"),
    (LARGEST, '(strlen (reduce a "" str_max))'),
    (BIGGER, "(filter a (partial1 b >))"),
    (REVERSE, "(reverse a)"),
    (DIVIDE, "(/ a b)"),
    (COMBINE, "(+ a b)"),
    (COMBINE, "(+ a b)"),
    (COMBINE, "(* a b)"),  # half as probable as the sum
)

SIZES = {
    "word_embedding": 16,
    "encoder_hidden": 16,
    "encoder_layers": 1,
    "label_embedding": 12,
    "hidden": 32,
    "attention_units": 16,
    "dropout": 0.0,
}


def export_learned(folder: Path) -> None:
    """Trains the system for about two seconds and exports it."""
    tasks = [Task(tuple(text.split()), parse(code), {}, "int", ()) for text, code in KNOWN]
    vocabularies = vocabularies_of(tasks)
    torch.manual_seed(1)
    system = SAPS(vocabularies, **SIZES)  # type: ignore[arg-type]
    batch = collate([numericalise_task(task, vocabularies) for task in tasks], system.schedule)
    optimizer = torch.optim.Adam(system.parameters(), lr=0.01)
    for _ in range(200):
        optimizer.zero_grad()
        system.loss(batch.texts, batch.schedule).loss.backward()
        optimizer.step()
    export_model(system, SIZES, folder, {"val_exact_match": 0.75, "val_loss": float("nan")})
