"""The card of a model that is given to others: what it learned from, how well it does, and what it cannot do."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saps.errors import UserError

EXACT = "exact match"
_SHOWN = (EXACT, "execution accuracy", "well-typed")

_CARD = """# The model that comes with saps

{system}, {parameters:,} parameters, weights in half precision. It answers `saps synthesize` and `saps serve` where no
other model is named.

## Figures

{figures}

The first row is the figure that answers name. Greedy decoding, without examples, of the weights before they were
rounded to half precision. Generated tasks to judge by are drawn as those to learn from are: one program may be in both.

## Data

{seen:,} tasks, each generated afresh and read once; no real task, and no sentence that a person wrote, is among them.
The settings of the generator (of the last command below): {generated}.
Programs that were kept out: {excluded}. The templates were written with the dev split of AlgoLisp at hand.

## How it was made

    {command}

with files of its own for `data.validation` and `data.exclude`, seed {seed}, commit
{commit}, {minutes:.0f} CPU-minutes. `make model` makes it again.

## Limits

It writes AlgoLisp and nothing else, from English, for tasks of the kind that the templates of the generator cover. It
always answers, also where it should not; examples, where there are some, choose among its candidates, and an answer
that is not sure is called so. Sentences that people type are harder for it than generated ones.

## Licence

{licence}, as the repository.
"""


def read_report(path: Path) -> Mapping[str, Any]:
    """A report of ``saps evaluate``.

    Raises:
        UserError: it cannot be read, or is no such report.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        _cells(report)
    except OSError:
        raise UserError(f"{path}: no such file; `saps evaluate --model RUN --data FILE` writes a report") from None
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{path}: no report of `saps evaluate`") from None
    return dict(report)


def figure_of(report: Mapping[str, Any]) -> str:
    """The figure of a report in one line, such as ``97.60 % exact match (488 of 500 tasks of mixed.jsonl.gz)``."""
    share = report["overall"][EXACT]
    return f"{100 * share['share']:.2f} % {EXACT} ({share['count']} of {share['of']:,} tasks of {report['data']})"


def card_of(config: Mapping[str, Any], run: Mapping[str, Any], reports: Sequence[Mapping[str, Any]]) -> str:
    """The card as Markdown.

    Args:
        config: what ``config.json`` of the model says.
        run: ``seen``, ``generated``, ``excluded``, ``command``, ``seed``, ``commit``, ``minutes`` and ``licence``.
        reports: of ``saps evaluate``; the first is the one that answers name.
    """
    head = ["| tasks | " + " | ".join(_SHOWN) + " |", "|---|" + "---|" * len(_SHOWN)]
    rows = ["| " + " | ".join(_cells(report)) + " |" for report in reports]
    about = {"system": config["system"], "parameters": config["trainable_parameters"]}
    return _CARD.format(figures="\n".join(head + rows), **about, **run)


def _cells(report: Mapping[str, Any]) -> list[str]:
    shares = [report["overall"][name] for name in _SHOWN]
    return [str(report["data"]), *(f"{100 * part['share']:.2f} % ({part['count']} of {part['of']})" for part in shares)]
