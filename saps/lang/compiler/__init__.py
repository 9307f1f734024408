"""Programs compiled once and run many times: the same outcomes as the plain evaluator's, sooner.

What makes it faster, and why it changes no outcome:

- A node becomes a Python closure, so that nothing is looked up by its label while a program runs.
- Loops over a known function (a lambda, a primitive, a ``partial`` or ``combine`` of them) become Python source,
  compiled once for each shape. Whole numbers take a short way there, everything else calls the primitive itself.
- Equal parts, and parts of a lambda that do not depend on it, keep their last value with what it cost. It is used
  again if the lambda variables that it reads are the same, no more lambdas and calls are active than then, and the cost
  can be paid in full. Else the part is evaluated, so that a limit is met where it is met without all this.
- A loop pays the steps of all its calls ahead if they can be paid and nothing else costs steps within it. Else it
  calls the function for one element after the other.
"""

from saps.lang.compiler.compiled import Compiled, compile_program

__all__ = ["Compiled", "compile_program"]
