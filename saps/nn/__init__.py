"""Plain torch modules: cells, the text encoder, attention, the tree decoder."""
