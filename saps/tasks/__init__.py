"""Tasks: the record, files of them, tokens and vocabularies."""
