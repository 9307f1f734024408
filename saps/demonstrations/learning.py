"""What the demonstrations share: how a small network learns from batches made on the way."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

LOOKS = 5  # lines about the loss in a whole training
GRADIENT_CLIP = 1.0


def learn(network: nn.Module, loss: Callable[[], Tensor], steps: int, rate: float, say: Callable[[str], None]) -> None:
    """Adam, with a rate that falls to zero along a line.

    Args:
        network: whose parameters learn.
        loss: makes the next batch and gives its loss ().
        steps: how many.
        rate: the learning rate of the first step.
        say: takes a line now and then.
    """
    network.train()
    optimizer = torch.optim.Adam((p for p in network.parameters() if p.requires_grad), lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_CLIP)
        optimizer.step()
        schedule.step()
        if step % max(1, steps // LOOKS) == 0:
            say(f"step {step}/{steps}  loss {value.item():.4f}")
    network.eval()
