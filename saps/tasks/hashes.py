"""One short name for a program."""

import hashlib
import json

from saps.lang.spelling import to_short
from saps.lang.trees import Tree


def program_hash(program: Tree) -> str:
    """The sha256, in hex, of the program as a JSON tree without white space.

    The published lists of held-out programs are made in the same way, so hashes compare across projects.
    """
    spelled = json.dumps(to_short(program), separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(spelled.encode("ascii")).hexdigest()
