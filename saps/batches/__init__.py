"""Tasks become tensors: the evaluation plan of a batch of trees, samplers, the data module."""
