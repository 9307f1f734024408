"""Tasks: the record, files of them, tokens, vocabularies, and the generator."""
