"""Searches over settings of `saps train`: a space, trials that any number of processes train, and what came of them."""
