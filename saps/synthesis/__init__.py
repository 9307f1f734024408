"""A question becomes an answer: ``Query`` -> ``Synthesizer`` -> ``Result``, which commands, page and judging enter."""
