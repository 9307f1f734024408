"""What tests of several rooms share."""

import signal
from pathlib import Path

import pytest

# a shell that starts the tests in the background has them ignore Ctrl-C, and some test what Ctrl-C does
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def learned_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an exported model that answers the sentences of ``tests.learned``; not to be changed."""
    from tests.learned import export_learned  # torch only for those who need it

    folder = tmp_path_factory.mktemp("learned") / "model"
    export_learned(folder)
    return folder
