from typing import List

import torch

from dev.moco.training.engine.imported import SCALE, Pair


def right(pair: Pair, factors: List[int]) -> Pair:
    """Scales what is positive."""
    first = torch.relu(pair.first) * SCALE
    return Pair(first=first * factors[0], second=pair.second.to(torch.int64))
