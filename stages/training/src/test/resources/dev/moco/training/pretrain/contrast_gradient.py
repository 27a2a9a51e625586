"""Gradient of the loss with respect to queries that are not yet of unit length."""
import torch
from torch import Tensor

from dev.moco.training.pretrain.moco import infonce_logits, infonce_loss
from dev.moco.training.resnet.functional import l2_normalize


def query_gradient(raw: Tensor, keys: Tensor, queue: Tensor, temperature: float) -> Tensor:
    leaf = raw.detach().requires_grad_()
    loss = infonce_loss(infonce_logits(l2_normalize(leaf), keys, queue, temperature))
    return torch._unwrap_optional(torch.grad([loss], [leaf])[0])
