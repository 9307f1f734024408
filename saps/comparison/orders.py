"""Whether the systems stand in the order that the papers give them."""

from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

from saps.comparison.published import Published
from saps.comparison.results import EXACT, Row


class Order(NamedTuple):
    """A pair of rows, of which the first is said to be better, compared seed by seed in exact match."""

    better: str
    worse: str
    difference: float
    """Of the means over the seeds that both have, in percent points."""
    held: int
    """In how many of these seeds it is better."""
    seeds: int


def check_orders(rows: Sequence[Row], published: Published) -> list[Order]:
    """The published orders, of the pairs of which both have been trained with the same seeds."""
    exact = {row.name: {result.seed: result.share(EXACT) or 0.0 for result in row.results} for row in rows}
    orders = []
    for better, worse in published.orders:
        seeds = exact.get(better, {}).keys() & exact.get(worse, {}).keys()
        if seeds:
            differences = [exact[better][seed] - exact[worse][seed] for seed in sorted(seeds)]
            held = sum(difference > 0 for difference in differences)
            orders.append(Order(better, worse, mean(differences), held, len(differences)))
    return orders
