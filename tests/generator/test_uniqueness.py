"""Texts are remembered in memory of a fixed size."""

from saps.generator.uniqueness import SeenTexts, text_key


def keys(start: int, end: int) -> list[bytes]:
    return [text_key(("text", str(number))) for number in range(start, end)]


def test_a_text_is_new_once() -> None:
    seen = SeenTexts()
    assert all(seen.add(key) for key in keys(0, 2000))
    assert not any(seen.add(key) for key in keys(0, 2000))
    assert all(seen.add(key) for key in keys(2000, 3000))


def test_recent_texts_are_known_and_very_old_ones_forgotten() -> None:
    seen = SeenTexts(texts=500, bits=1 << 13)  # 16 bits a text, as in the filter of full size
    taken = sum(seen.add(key) for key in keys(0, 5000))
    assert not any(seen.add(key) for key in keys(4500, 5000))
    assert sum(seen.add(key) for key in keys(0, 500)) > 490
    assert taken > 5000 * (1 - 4 / 1700)


def test_two_filters_that_see_the_same_answer_the_same() -> None:
    first, second = SeenTexts(300, 1 << 12), SeenTexts(300, 1 << 12)
    order = keys(0, 900) + keys(300, 1200)
    assert [first.add(key) for key in order] == [second.add(key) for key in order]
