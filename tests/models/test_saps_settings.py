"""Settings of SAPS that do not go together, and what an exported model keeps of word vectors."""

from pathlib import Path
from typing import Any

import pytest
import torch

from saps.errors import UserError
from saps.lang.trees import Tree
from saps.models.folder import build_system, export_model, load_model
from saps.models.saps import SAPS
from tests.models.made import LANGUAGE, SMALL, batch_of, told, with_labels

TASKS = told([Tree("a")] * 6)

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"directions": "HV"}, r"--model\.directions is 'HV'; it must be one of V, H, VH"),
    ({"passed_down": "up"}, r"--model\.passed_down is 'up'; it must be one of merged, plain"),
    ({"cell": "lstn"}, r"--model\.cell is 'lstn'; it must be one of lstm, peephole"),
    ({"context": "mixed"}, r"--model\.context is 'mixed'; it must be one of merged, added"),
    ({"train_word_vectors": 1}, r"--model\.train_word_vectors is 1; it must be true or false"),
    ({"word_vectors": 3}, r"--model\.word_vectors is 3; it must be a file"),
    ({"word_vectors": "none.txt"}, r"none\.txt: no such file of word vectors"),
    ({"passed_down": "crossed", "directions": "H"}, r"needs both recurrences; --model\.directions is H"),
    ({"passed_down": "direction"}, r"a bit in the input of H; --model\.directions is VH"),
    ({"passed_down": "fed", "attention": "none"}, r"--model\.passed_down is 'fed'.*set --model\.attention"),
    ({"context": "added"}, r"'added' to states of 7; --model\.encoder_hidden is 5"),
]


@pytest.mark.parametrize(("changed", "complaint"), WRONG)
def test_settings_that_mean_nothing_are_refused_in_one_line(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        build_system("SAPS", SMALL | changed, with_labels(TASKS, LANGUAGE))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("trained", [True, False])
def test_an_exported_model_is_whole_without_the_file_of_its_word_vectors(tmp_path: Path, trained: bool) -> None:
    vocabularies = with_labels(TASKS, LANGUAGE)
    file = tmp_path / "vectors.txt"
    file.write_text("".join(f"{word} {k} 0.5 1 1 1 -1\n" for k, word in enumerate(vocabularies.words)))
    sizes = SMALL | {"word_vectors": file, "train_word_vectors": trained}
    system = build_system("SAPS", sizes, vocabularies).eval()
    assert isinstance(system, SAPS)
    assert float(system.encoder.embedding.weight[4, 0].detach()) == 4.0
    assert "holds" in system.remarks[0]
    learned = sum(p.numel() for p in system.parameters() if p.requires_grad)
    free = build_system("SAPS", SMALL, vocabularies).parameter_count()
    assert learned == free - (0 if trained else 6 * len(vocabularies.words))

    export_model(system, sizes, tmp_path / "model", {})
    file.unlink()
    loaded = load_model(tmp_path / "model")
    texts = batch_of(TASKS, vocabularies).texts
    assert list(loaded.answer(texts)) == list(system.answer(texts))
    torch.testing.assert_close(loaded.get_parameter("encoder.embedding.weight"), system.encoder.embedding.weight.data)
