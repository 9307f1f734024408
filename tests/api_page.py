"""`python -m tests.api_page` writes docs/api.md from the public docstrings of the modules that other code enters by."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "api.md"
DOORS = (
    "lang.trees lang.example lang.spelling lang.types lang.inference lang.interpreter",
    "tasks.task tasks.files tasks.query tasks.split tasks.vocabulary tasks.canonical tasks.hashes",
    "search.step search.beam search.tree_beam search.choose search.constraints search.trial search.hypothesis",
    "generator.switches generator.streams generator.tasks generator.rewording generator.parser.text_parser "
    "generator.parser.program_parser",
    "batches.settings batches.data_module",
    "models.system models.registry models.folder models.saps models.seq2seq models.transformer models.ensemble",
    "synthesis.from_text synthesis.settings synthesis.synthesizer synthesis.result synthesis.decoding",
    "training.settings training.fit training.run_folder",
    "evaluation.predictions evaluation.judge evaluation.metrics evaluation.statistics evaluation.pairs "
    "evaluation.report",
    "studies.findings studies.perturbation studies.searching studies.trained",
)
HEAD = """# The package from Python

This page is written by `python -m tests.api_page` from the docstrings of the modules by which other code enters, room
by room as the [README](../README.md) lists them. Arguments, errors and sources stand in the docstrings: `help(name)`.

```python
from pathlib import Path

from saps.lang.spelling import to_lisp
from saps.synthesis.from_text import query_from_text
from saps.synthesis.synthesizer import Synthesizer

synthesizer = Synthesizer.load(Path("data/model"))
result = synthesizer.synthesize(query_from_text("given an array of numbers a , find the sum of its even elements"))
print(to_lisp(result.program))
```
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_room(modules.split()) for modules in DOORS)


def _room(modules: list[str]) -> str:
    room = modules[0].partition(".")[0]
    about = _first(ast.parse((ROOT / "saps" / room / "__init__.py").read_text(encoding="utf-8")))
    return f"\n## saps.{room}\n\n{about}\n" + "".join(map(_module, modules))


def _module(name: str) -> str:
    path = ROOT / "saps" / Path(*name.split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lines = "".join(line for node in tree.body for line in _member(node))
    return f"\n### `saps.{name}`\n\n{_first(tree)}\n\n{lines}"


def _member(node: ast.stmt, indent: str = "") -> Iterator[str]:
    """The lines of a public class or function; of a class also those of its public methods."""
    if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
        return
    signature = node.name if isinstance(node, ast.ClassDef) else _signature(node)
    about = _first(node)
    yield f"{indent}- `{signature}`" + (f": {about}\n" if about else "\n")
    for inner in node.body if isinstance(node, ast.ClassDef) else ():
        yield from _member(inner, indent + "  ")


def _signature(node: ast.FunctionDef) -> str:
    if any(isinstance(one, ast.Name) and one.id in ("property", "cached_property") for one in node.decorator_list):
        return f"{node.name}: {ast.unparse(node.returns)}" if node.returns else node.name
    arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("cls, ")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({'' if arguments in ('self', 'cls') else arguments}){returns}"


def _first(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: written")
