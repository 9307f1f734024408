"""Public benchmarks of tasks written by people, joined with our own programs by task id."""
