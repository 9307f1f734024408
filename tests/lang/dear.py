"""Programs that once cost far more than they may, and others that try."""

from itertools import product
from typing import Any

HUNDRED, THOUSAND = "(range 0 (* 10 10))", "(range 0 (* 10 (* 10 10)))"
ALWAYS = "(lambda2 arg1)"
LARGE = "(pow 2 (- (pow 10 (+ 2 2)) 1))"
"""An integer of nearly as many bits as are allowed."""
LONG = '(reduce (range 0 (+ 10 (+ 1 2))) "z" (lambda2 (str_concat arg1 arg1)))'
"""A string of 8,192 characters."""
COLLIDING = "(- (pow 2 (+ 40 (+ 10 (+ 10 1)))) 1)"
"""Its multiples have the same hash value in Python."""
DICTIONARY = f"(reduce {HUNDRED} (dict-new int int) (lambda2 (dict-insert arg1 arg2 0)))"
DEEPER = "(combine (partial0 (array-new int) append) (partial0 true if))"


def _many(value: str, where: str = THOUSAND) -> str:
    """A list that holds one value many times."""
    return f"(map {where} (partial0 {value} {ALWAYS}))"


DEAR: dict[str, str] = {
    "a shared string": _many(LONG),
    "a shared list of a shared string": _many(_many(LONG), "(range 0 (+ 40 10))"),
    "a shared list of a large integer": _many(_many(LARGE), HUNDRED),
    "dictionaries that share a dictionary": _many(_many(_many(DICTIONARY))),
    "dictionaries in dictionaries": "(map (range 0 (* 10 10)) (partial0 (reduce (range 0 2) 0 (lambda2 (reduce "
    "(range 0 (* 10 40)) (dict-new int int) (lambda2 (dict-insert arg1 arg2 (append (array-new int) arg1)))))) "
    "(lambda2 arg1)))",
    "equal dictionaries": f"(invoke1 (lambda1 (== arg1 arg1)) {_many(_many(DICTIONARY))})",
    "powers of one": f"(map {HUNDRED} (lambda1 (map (map {THOUSAND} (lambda1 1)) (partial1 (+ {LARGE} arg1) pow))))",
    "ranges of large integers": f"(map {HUNDRED} (partial0 {LARGE} (lambda2 (range arg1 (+ arg1 (* 10 (* 10 10)))))))",
    "keys with the same hash": f"(reduce {THOUSAND} (dict-new int int) "
    f"(lambda2 (dict-insert arg1 (* arg2 {COLLIDING}) 0)))",
    "deep lists compared": f"(invoke1 (lambda1 (map {HUNDRED} (partial0 arg1 (lambda2 (== (append arg1 arg2) arg1))))) "
    f"(reduce (range 0 40) (array-new int) (lambda2 (reduce {THOUSAND} arg1 {DEEPER}))))",
    "empty lists looked for": f"(invoke1 (lambda1 (map {THOUSAND} (partial0 arg1 contains))) (map {THOUSAND} (lambda1 "
    "(append (array-new int) (array-new int)))))",
    "long strings sorted": f"(invoke1 (lambda1 (map {HUNDRED} (lambda1 (sort (append arg2 b))))) {_many('b')})".replace(
        "arg2", f"(map {THOUSAND} (lambda1 (if (== 0 (% arg1 2)) b c)))"
    ),
    "long strings compared": f"(map {THOUSAND} (lambda1 (map {THOUSAND} (lambda1 (if (< b c) 0 1)))))",
    "long strings found equal": f"(map {THOUSAND} (lambda1 (map (map {THOUSAND} (lambda1 b)) (partial0 c ==))))",
    "the later of long strings": f"(map {THOUSAND} (lambda1 (map {THOUSAND} (lambda1 (strlen (str_max b c))))))",
    "absolute values": f"(map {THOUSAND} (lambda1 (map (map {THOUSAND} (lambda1 d)) abs)))",
    "numbers looked for among numbers": f"(map {THOUSAND} (lambda1 (contains {THOUSAND} (- 0 1))))",
}
"""By name, with ``INPUTS``."""
INPUTS: dict[str, Any] = {
    "a": [1, 2, 3],
    "b": "z" * 200_000,
    "c": "z" * 199_999 + "\N{GRINNING FACE}",
    "d": -(10**4_299),
}


def many_loops() -> str:
    """A program of 9,129 nodes with 830 loops, no two alike: each would be worth a millisecond of Python's compiler."""
    orders, sums = ["+", "-", "*", "min", "max", "<", ">", "<=", ">=", "=="], ["+", "-", "*", "min", "max"]
    choices = product(orders, sums, sums, ["1", "2", "10"], ["1", "2"])
    loops = [f"(map a (lambda1 ({f} arg1 ({g} {n} ({h} arg1 {m})))))" for f, g, h, n, m in choices][:830]
    while len(loops) > 1:
        pairs = list(zip(loops[::2], loops[1::2], strict=False))
        loops = [f"(append {first} {second})" for first, second in pairs] + loops[2 * len(pairs) :]
    return loops[0]
