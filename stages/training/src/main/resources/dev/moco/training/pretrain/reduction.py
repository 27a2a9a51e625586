"""Sums of flat gradients over ranks, in place, and rows of a batch."""
import torch
from torch import Tensor


def average_ranks(total: Tensor, ranks: int) -> Tensor:
    """Divides a sum over processes, in place. Returns its length in float64."""
    return torch.linalg_vector_norm(total.div_(ranks)).to(torch.float64)


def clear_gradient(gradient: Tensor) -> Tensor:
    return gradient.zero_()


def add_gradient(total: Tensor, gradient: Tensor) -> Tensor:
    return total.add_(gradient)


def rows(x: Tensor, indices: Tensor) -> Tensor:
    return torch.index_select(x, 0, indices)
