"""The collector works rarely inside and as before outside, whoever leaves last."""

import gc

import pytest

from saps.search.fast import NEW_OBJECTS, collected_rarely


def test_rounds_are_rare_inside_and_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with collected_rarely():
        assert gc.get_threshold() == (NEW_OBJECTS, *before[1:])
        with pytest.raises(KeyError), collected_rarely():
            raise KeyError
        assert gc.get_threshold() == (NEW_OBJECTS, *before[1:])
    assert gc.get_threshold() == before


@pytest.mark.parametrize("own", [(0, 10, 10), (10 * NEW_OBJECTS, 5, 5)])
def test_a_collector_that_is_off_or_rarer_still_stays_so(own: tuple[int, int, int]) -> None:
    before = gc.get_threshold()
    gc.set_threshold(*own)
    try:
        with collected_rarely():
            assert gc.get_threshold() == own
        assert gc.get_threshold() == own
    finally:
        gc.set_threshold(*before)
