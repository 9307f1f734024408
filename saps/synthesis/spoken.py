"""How sentences speak of arguments: the nouns of each type, the names that people mostly use, the words around them."""

import re

KINDS = ("int[]", "int", "string", "string[]")

_LIST = r"(?:list|array|sequence|tuple|vector|collection|series)s?"
_THE = r"(?:an?|the|this|my|given|one)(?: given| positive| whole)?"
_EACH = r"(?:each|every|all)(?: of)?(?: the)?"
NOUNS = {
    "string[]": re.compile(rf"\b{_LIST} of (?:\w+ )?(?:strings|words|texts|names)\b|\b(?:strings|words)\b"),
    "int[]": re.compile(
        rf"\b{_LIST}\b(?! of (?:strings|words|texts|names))|\b{_EACH} (?:numbers?|elements?|items?|values?|integers)\b"
    ),
    "string": re.compile(r"\b(?:string|word|text|sentence|str)\b"),
    "int": re.compile(rf"\b{_THE} (?:number|integer|int|value)\b(?! of)"),
}
"""What tells that there is an argument of a type, named or not."""

BEFORE_A_NAME = {kind: re.compile(rf"(?:{noun.pattern})(?: called| named)?$") for kind, noun in NOUNS.items()}
"""How the words end that declare the name after them."""

_STRINGS = (
    r"strings?|words?|texts?|str|char\w*|letters?|vowels?|consonants?|alphabetical\w*|lexicographic\w*|sentences?"
)
_ALSO = (
    r"palindromes?|anagrams?|substrings?|prefix\w*|suffix\w*|spaces?|upper\w*|lower\w*|names?|symbols?|strs|str\d|s\d"
)
STRINGS = re.compile(rf"\b(?:{_STRINGS})\b")
"""Words of sentences that speak of strings."""
MAYBE_STRINGS = re.compile(rf"\b(?:{_STRINGS}|{_ALSO})\b")
"""The same, and words that lists of numbers may have as well."""


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


NAMES = {
    "int[]": _words(
        """
        xs ys zs nums nums1 nums2 arr arr1 arr2 lst lst1 lst2 l1 l2 list1 list2 array1 array2 my_list input_list vals
        vec seq tup elems scores prices weights heights ages
        """
    ),
    "int": _words("n k m i j idx num val x y z lo hi threshold"),
    "string": _words("s s1 s2 str str1 str2 txt t"),
    "string[]": _words("strs texts lines word_list"),
}
"""Names by which people mostly call arguments of a type, and that are hardly words of a sentence."""

WORDS_AS_NAMES = {
    "int[]": _words("scores prices weights heights ages numbers values items elements data"),
    "string[]": _words("names words strings texts"),
}
"""Words of sentences by which people call arguments, too: "the longest string in names"."""

PLURAL = re.compile(r"\w{3,}s|each|every|all")
INSIDE = _words("in of from among inside within across")
"""After a plural, before a name of several things: "the elements of p"."""
BEFORE_A_NUMBER = _words(
    """
    than by plus minus times to below above exceed exceeds equals equal until till through between power first last
    """
)
AFTER_A_NUMBER = _words("elements items numbers words characters values times th")
OF_A_NUMBER = _words("digits digit factorial divisors factors multiples multiple power powers square root")
"""What a number has and a list has not: "the digits of a"."""
BEFORE_A_LIST = _words("sort reverse sum average concatenate")

AFTER_NAMED_A = _words(", . and or to by in with is at from than that which are has have contains into up") | {""}
"""What may stand after "a" where it is a name; after an article stands a noun."""
AFTER_THE_PRONOUN = _words("want need have get do can could would find should must add compute return am will '")
"""What stands after "i" where it is no name."""
