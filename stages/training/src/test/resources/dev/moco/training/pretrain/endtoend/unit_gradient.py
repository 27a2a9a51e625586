"""Gradient of a rank's loss with respect to keys of unit length."""
import torch
from torch import Tensor

from dev.moco.training.pretrain.endtoend.in_batch import in_batch_loss


def unit_key_gradient(queries: Tensor, keys: Tensor, first: int, count: int, temperature: float) -> Tensor:
    leaf = keys.detach().requires_grad_()
    loss = in_batch_loss(queries, leaf, first, count, temperature)
    return torch._unwrap_optional(torch.grad([loss], [leaf])[0])
