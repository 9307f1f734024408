"""What a sweep file says becomes what Optuna draws."""

from typing import Any

import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from saps.errors import UserError
from saps.sweeps.space import distributions, parse_values, word_of
from saps.sweeps.wandb_file import parameter

WRITTEN: list[tuple[Any, BaseDistribution]] = [
    ({"choices": [64, "a", None, True]}, CategoricalDistribution([64, "a", None, True])),
    ({"choices": [[1, 2], {"a": 1}]}, CategoricalDistribution(["[1, 2]", '{"a": 1}'])),
    ({"min": 1, "max": 9}, IntDistribution(1, 9)),
    ({"min": 0, "max": 8, "step": 2}, IntDistribution(0, 8, step=2)),
    ({"min": 16, "max": 256, "log": True}, IntDistribution(16, 256, log=True)),
    ({"min": 0, "max": 1.0}, FloatDistribution(0.0, 1.0)),
    ({"min": "1e-4", "max": 0.1, "log": True}, FloatDistribution(0.0001, 0.1, log=True)),
    ({"min": 0.0, "max": 0.5, "step": 0.1}, FloatDistribution(0.0, 0.5, step=0.1)),
]


@pytest.mark.parametrize(("written", "expected"), WRITTEN)
def test_values_become_distributions(written: Any, expected: BaseDistribution) -> None:
    assert parse_values(written).distribution() == expected


def test_optuna_draws_from_the_space() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {"rate": parse_values({"min": 0.001, "max": 0.1, "log": True}), "size": parse_values({"choices": [1, 2]})}
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(1))
    drawn = [study.ask(distributions(space)).params for _ in range(20)]
    assert all(0.001 <= one["rate"] <= 0.1 for one in drawn)
    assert {one["size"] for one in drawn} == {1, 2}


MISTAKES: list[tuple[Any, str]] = [
    (3, "neither choices nor a range"),
    ({"choices": []}, "gives none"),
    ({"choices": [1, 1]}, "1 more than once"),
    ({"min": 1}, "a range without max"),
    ({"min": 1, "max": 2, "base": 3}, "base: no part of a range"),
    ({"min": 2, "max": 2}, "no range"),
    ({"min": "few", "max": 2}, "min: 'few' is no number"),
    ({"min": 1, "max": ".inf"}, "max: '.inf' is no number"),
    ({"min": True, "max": 2}, "min: True is no number"),
    ({"min": 0.0, "max": 1.0, "log": True}, "begins above 0"),
    ({"min": 1, "max": 2, "log": "yes"}, "log: yes is neither true nor false"),
    ({"min": 1, "max": 4, "step": 9}, "step 9: must be above 0 and at most 3"),
    ({"min": 1, "max": 4, "step": 0.5}, "the bounds are whole numbers"),
    ({"min": 1, "max": 4, "step": 1, "log": True}, "a logarithmic range has none"),
]


@pytest.mark.parametrize(("written", "complaint"), MISTAKES)
def test_what_is_no_range_is_told(written: Any, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint.replace("[", r"\[")):
        parse_values(written)


def test_values_are_written_as_flags_take_them() -> None:
    assert [word_of(value) for value in (True, None, 0.001, "VH", 3)] == ["true", "null", "0.001", "VH", "3"]


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ({"min": 32, "max": 160, "step": 48}, [32, 80, 128]),
        ({"min": 0.1, "max": 0.4, "step": 0.1}, [0.1, 0.2, 0.3, 0.4]),
        ({"min": 0, "max": 1.0, "step": 0.3}, [0.0, 0.3, 0.6, 0.9]),
    ],
)
def test_wandb_is_given_the_very_values_of_a_range_with_a_step(written: Any, values: list[Any]) -> None:
    """Its own rounding would make 48, 96 and 144 of the first."""
    assert parameter(parse_values(written)) == {"values": values}
    assert {type(value) for value in parse_values(written).steps()} == {type(values[0])}  # type: ignore[union-attr]
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(1))
    drawn = {study.ask({"x": parse_values(written).distribution()}).params["x"] for _ in range(60)}
    assert sorted(drawn) == pytest.approx(values)
