"""Building a system while its tensors stay within bounds, since the sizes in a shared folder may be anything."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_FACTORIES = (torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn)


class TooLarge(Exception):
    """More elements were asked for than allowed."""


class ElementsAtMost(TorchFunctionMode):
    """Within this context, new tensors together have at most so many elements.

    The meta device tells shapes as well, but drawing weights on it imports torch's compiler: 1.5 CPU-seconds, where all
    else that a question needs takes 2.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _FACTORIES:
            shape = kwargs.get("size", args[0] if args and isinstance(args[0], Sequence) else args)
            self._left -= math.prod(shape)
            if self._left < 0:
                raise TooLarge
        return func(*args, **kwargs)
