"""Search over hypotheses, programs with holes; a model reaches it only as log-probabilities of labels."""
