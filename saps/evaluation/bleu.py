"""Smoothed BLEU of a program against another, over their nodes in pre-order."""

from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from saps.lang.trees import Tree

RULE = "sentence BLEU-4 over labels in pre-order, +1 smoothing (Lin and Och 2004), mean over tasks"

_SMOOTHING = SmoothingFunction().method2


def bleu(reference: Tree, prediction: Tree | None) -> float:
    """BLEU in [0, 1]: 1 for the program itself, 0 for no prediction.

    Counts of two- to four-grams get one added (Lin and Och, 2004), since short programs would score 0 otherwise; a
    prediction of fewer than four nodes is scored on the n-grams that it has.
    """
    if prediction is None:
        return 0.0
    if prediction == reference:
        return 1.0
    references = [[node.label for node in reference.preorder()]]
    nodes = [node.label for node in prediction.preorder()]
    return float(sentence_bleu(references, nodes, smoothing_function=_SMOOTHING, auto_reweigh=True))
