"""Links and names of files in the pages lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest

from saps.cli.train import parse_arguments, settings_of

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "data" / "README.md",
    ROOT / "experiments" / "RESULTS.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
FOLDERS = "saps|tests|docs|grammar|experiments"
NAMED = re.compile(rf"(?<![\w/.-])(?:{FOLDERS})/[\w./*-]*[\w*/]")
RENAMED = re.compile(r"experiments/passed_down/")  # the old name of a folder, told as such
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"(?s)```.*?```", "", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pages
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        place, _, heading = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), target
        if heading:
            assert heading in anchors(file.read_text(encoding="utf-8")), target


@pages
def test_files_that_are_named_exist(page: Path) -> None:
    for name in NAMED.findall(page.read_text(encoding="utf-8")):
        if not RENAMED.match(name):
            assert list(ROOT.glob(name)), name


@pages
def test_dotted_names_lead_to_what_they_name(page: Path) -> None:
    """Such as ``saps.nn.fast`` or ``saps.models.registry.admit``: packages, modules, and a name in the last of them."""
    for dotted in re.findall(r"(?<![\w/.])saps(?:\.\w+)+", page.read_text(encoding="utf-8")):
        place, names = ROOT / "saps", dotted.split(".")[1:]
        while names and (place / names[0]).is_dir():
            place /= names.pop(0)
        file = (place / names.pop(0)).with_suffix(".py") if names and names[0].islower() else place / "__init__.py"
        if not file.exists():
            file, names = place / "__init__.py", [file.stem, *names]
        assert file.exists(), dotted
        assert all(re.search(rf"\b{name}\b", file.read_text(encoding="utf-8")) for name in names), dotted


def trainings() -> list[str]:
    """The commands on all pages that train by a configuration of the repository."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ") if page.exists() else ""
        lines = re.findall(r"^    (saps train .*--config.*)$", text.partition("<!-- saps compare: begin -->")[0], re.M)
        found += [line for line in lines if "passed_down" not in line and "bag.yaml" not in line]
    return found


@pytest.mark.parametrize("line", trainings())
def test_trainings_have_settings_that_there_are(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert settings_of(parse_arguments(shlex.split(line, comments=True)[2:]))
