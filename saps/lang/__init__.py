"""The AlgoLisp language: trees, spellings, types, primitives, and the interpreter with its limits."""
