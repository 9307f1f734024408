"""The page of configurations is what its command writes, and its sizes are those that were trained."""

import json

from tests.configurations import PAGE, ROOT, page


def test_the_page_of_configurations_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(), "run: python -m tests.configurations"
    for row in json.loads((ROOT / "experiments" / "comparison.json").read_text(encoding="utf-8"))["rows"]:
        line = next(line for line in written.splitlines() if f"`small/{row['row']}.yaml`" in line)
        assert f"| {row['parameters']:,} |" in line
