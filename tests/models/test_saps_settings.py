"""Settings of SAPS that mean nothing, or that do not go together."""

from typing import Any

import pytest

from saps.errors import UserError
from saps.lang.trees import Tree
from saps.models.folder import build_system
from tests.models.made import LANGUAGE, SMALL, told, with_labels

TASKS = told([Tree("a")] * 6)

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"directions": "HV"}, r"directions is 'HV'; it must be one of V, H, VH"),
    ({"parent_feed": "up"}, r"parent_feed is 'up'; it must be one of state, horizontal, latent"),
    ({"context": "mixed"}, r"context is 'mixed'; it must be one of merged, added"),
    ({"cell": "gru"}, r"SAPS has no setting 'cell'; it has: word_embedding"),
    ({"word_vectors": "/dev/zero"}, r"SAPS has no setting 'word_vectors'"),
    ({"parent_feed": "horizontal", "directions": "H"}, r"needs both LSTMs; directions is H"),
    ({"context": "added"}, r"'added' to states of 7; encoder_hidden is 5"),
]


@pytest.mark.parametrize(("changed", "complaint"), WRONG)
def test_settings_that_mean_nothing_are_refused_in_one_line(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        build_system("SAPS", SMALL | changed, with_labels(TASKS, LANGUAGE))
    assert "\n" not in str(caught.value)
