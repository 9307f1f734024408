"""Where the files that are not Python lie: `grammar/` and `data/`.

A wheel carries them inside the package (`saps/_resources`); a checkout has them beside it.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The path of a shipped file or folder, such as ``grammar/algolisp.lark``.

    Raises:
        FileNotFoundError: the installation is broken: neither place holds it.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent):
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(f"saps is installed without its file {name}; reinstall the package")
