"""Search over partial programs; a model reaches it only as log-probabilities of labels."""
