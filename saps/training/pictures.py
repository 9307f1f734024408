"""Pictures of programs as trees, and of the words that their nodes read."""

import io
import math
from collections.abc import Iterator, Sequence

from saps.lang.trees import Tree

MOST_NODES = 40  # larger trees cannot be read in a picture


def draw_trees(trees: Sequence[tuple[str, Tree | None]], sentence: str) -> bytes:
    """Programs side by side, each under its title, as a PNG; None is drawn as nothing."""
    from matplotlib.figure import Figure  # slow to import, and only pictures need it

    figure = Figure(figsize=(5 * len(trees), 3.5))  # without a layout engine, which takes longer than the drawing
    figure.subplots_adjust(left=0.02, right=0.98, bottom=0.02, top=0.83, wspace=0.04)
    for number, (title, tree) in enumerate(trees, 1):
        axes = figure.add_subplot(1, len(trees), number)
        axes.set_axis_off()
        axes.set_title(title, fontsize="small")
        if tree is None or tree.size() > MOST_NODES:
            axes.text(0.5, 0.5, "no program" if tree is None else f"{tree.size()} nodes", ha="center")
            continue
        places: list[tuple[float, float, str, float, float]] = []
        _place(tree, 0, [0.0], places)
        axes.plot(*zip(*_lines(places), strict=True), color="0.7", linewidth=1, zorder=1)
        for x, y, label, *_ in places:
            box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "0.6"}
            axes.text(x, y, label, ha="center", va="center", fontsize=7, bbox=box, parse_math=False)
        axes.set_xlim(min(place[0] for place in places) - 0.7, max(place[0] for place in places) + 0.7)
        axes.set_ylim(min(place[1] for place in places) - 0.5, 0.5)
    figure.suptitle(sentence, fontsize="small", wrap=True, parse_math=False)
    return _png(figure)


def _lines(places: Sequence[tuple[float, float, str, float, float]]) -> Iterator[tuple[float, float]]:
    """The lines from the nodes up to their parents as one, broken by gaps."""
    for x, y, _, above_x, above_y in places:
        yield from ((x, y), (above_x, above_y), (math.nan, math.nan))


def _place(tree: Tree, depth: int, free: list[float], places: list[tuple[float, float, str, float, float]]) -> float:
    """Places leaves from left to right and every other node above the middle of its children; gives the node's x."""
    if tree.children:
        first = len(places)
        below = [_place(child, depth + 1, free, places) for child in tree.children]
        x = (below[0] + below[-1]) / 2
        for at in range(first, len(places)):
            if places[at][1] == -depth - 1:
                places[at] = (*places[at][:3], x, -float(depth))
    else:
        x, free[0] = free[0], free[0] + 1
    places.append((x, -float(depth), tree.label, x, -float(depth)))
    return x


def draw_attention(words: Sequence[str], labels: Sequence[str], weights: Sequence[Sequence[float]]) -> bytes:
    """How much each node, from top to bottom in pre-order, reads each word of the sentence, as a PNG."""
    from matplotlib.figure import Figure

    width, height = 1.5 + 0.22 * len(words), 1.2 + 0.17 * len(labels)
    figure = Figure(figsize=(width, height))
    figure.subplots_adjust(left=1.3 / width, right=1 - 0.1 / width, bottom=0.95 / height, top=1 - 0.1 / height)
    axes = figure.add_subplot()
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(words)), words, rotation=90, fontsize=7, parse_math=False)
    axes.set_yticks(range(len(labels)), labels, fontsize=7, parse_math=False)
    return _png(figure)


def _png(figure: object) -> bytes:
    image = io.BytesIO()
    figure.savefig(image, dpi=80, format="png")  # type: ignore[attr-defined]
    return image.getvalue()
