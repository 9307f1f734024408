"""Every command of the README and of `docs/`, run as written in a folder like an empty clone: `make docs-check`.

`pages.py` finds the commands, `words.py` makes them short, `folder.py` makes the folder with generated data in the
place of real data, `running.py` runs a command, and `commands.yaml` says what is not run and why.
"""
