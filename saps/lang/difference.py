"""Where two programs differ."""

from saps.lang.trees import Tree


def differences(one: Tree, other: Tree) -> list[tuple[Tree, Tree]]:
    """The subtrees in which two programs differ, each beside the one that stands in its place, from left to right.

    The programs are laid on each other from the root down: where label and number of children agree, the children are
    compared; where they do not, the two subtrees are one difference. Equal programs have none.
    """
    found, pairs = [], [(one, other)]
    while pairs:
        a, b = pairs.pop()
        if a.label != b.label or len(a.children) != len(b.children):
            found.append((a, b))
        else:
            pairs.extend(zip(reversed(a.children), reversed(b.children), strict=True))
    return found
