"""A mistake in a function that Java cannot call, for a test."""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.engine.imported import Pair


def wrong_list(pairs: List[Pair]) -> Tensor:
    return torch.nothing(pairs[0].first)
