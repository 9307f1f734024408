"""What each primitive does. Importing a module of this package registers its part of the table."""

from saps.lang.operations import functions, numbers, sequences

__all__ = ["functions", "numbers", "sequences"]
