"""Losses over what several ranks have gathered, and their gradients, for CollectivesGradientTest."""
from typing import List

import torch
from torch import Tensor


def contrast_gradients(own: Tensor, gathered: Tensor, rank: int) -> List[Tensor]:
    """Gradients of a rank's loss for its own rows, N x D, and for all of them; each row is to find itself."""
    queries = own.detach().requires_grad_()
    keys = gathered.detach().requires_grad_()
    scores = torch.div(torch.matmul(queries, keys.t()), 0.2)
    matches = torch.arange(rank * own.size(0), (rank + 1) * own.size(0))
    gradients = torch.grad([torch.cross_entropy_loss(scores, matches)], [queries, keys])
    return [torch._unwrap_optional(gradients[0]), torch._unwrap_optional(gradients[1])]


def whole_gradient(rows: Tensor, ranks: int) -> Tensor:
    """Gradient of the sum of all ranks' losses for all rows."""
    leaf = rows.detach().requires_grad_()
    scores = torch.div(torch.matmul(leaf, leaf.t()), 0.2)
    losses = torch.cross_entropy_loss(scores, torch.arange(rows.size(0)))
    return torch._unwrap_optional(torch.grad([torch.mul(losses, ranks)], [leaf])[0])


def norm_sums(x: Tensor) -> Tensor:
    """Sum and sum of squares of each channel of N x C, as 2 x C."""
    return torch.stack([x.sum([0]), torch.mul(x, x).sum([0])])


def normalize(x: Tensor, sums: Tensor, count: int) -> Tensor:
    mean = torch.div(sums[0], count)
    variance = torch.sub(torch.div(sums[1], count), torch.mul(mean, mean))
    return torch.mul(torch.sub(x, mean), torch.rsqrt(torch.add(variance, 1e-5)))


def norm_backward_sums(x: Tensor, sums: Tensor, count: int, output_gradient: Tensor) -> Tensor:
    """Sum of the output's gradient, and of its product with the output, as 2 x C."""
    y = normalize(x, sums, count)
    return torch.stack([output_gradient.sum([0]), torch.mul(output_gradient, y).sum([0])])


def norm_backward(x: Tensor, sums: Tensor, count: int, output_gradient: Tensor, backward_sums: Tensor) -> Tensor:
    mean = torch.div(sums[0], count)
    variance = torch.sub(torch.div(sums[1], count), torch.mul(mean, mean))
    y = normalize(x, sums, count)
    centered = torch.sub(output_gradient, torch.div(backward_sums[0], count))
    projected = torch.mul(y, torch.div(backward_sums[1], count))
    return torch.mul(torch.sub(centered, projected), torch.rsqrt(torch.add(variance, 1e-5)))


def whole_norm_gradient(x: Tensor, output_gradient: Tensor) -> Tensor:
    """Gradient of a batch norm over all rows, by autograd."""
    leaf = x.detach().requires_grad_()
    y = torch.batch_norm(leaf, None, None, None, None, True, 0.1, 1e-5, False)
    return torch._unwrap_optional(torch.grad([torch.mul(y, output_gradient).sum()], [leaf])[0])
