"""A mistake for a test."""
import torch
from torch import Tensor


def wrong(x: Tensor) -> Tensor:
    return torch.nothing(x)
