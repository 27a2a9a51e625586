"""Layers of an encoder whose batch norms have the statistics of the whole batch, one call for each chunk of it.

Between the calls the caller combines the statistics of all chunks and processes (GlobalNormEncoder.java). C channels;
inputs of a batch norm are N x C x height x width, or N x C in a head.
"""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.resnet.functional import average_pool_backward

GLOBAL_NORM_EPS = 1.0e-05


def by_channel(x: Tensor, like: Tensor) -> Tensor:
    return x.view([1, -1, 1, 1]) if like.dim() == 4 else x.view([1, -1])


def over_channels(x: Tensor) -> Tensor:
    """Sums of each channel."""
    return x.sum([0, 2, 3]) if x.dim() == 4 else x.sum([0])


def channel_moments(x: Tensor) -> Tensor:
    """Count, mean and biased variance of each channel, 3 x C."""
    count = float(x.numel() // x.size(1))
    mean = over_channels(x) / count
    var = over_channels(torch.sub(x, by_channel(mean, x)).square_()) / count
    return torch.stack([torch.full_like(mean, count), mean, var])


def merge_moments(parts: Tensor) -> Tensor:
    """Moments of all chunks together, from P x 3 x C; each has the weight of its count."""
    count, mean, var = torch.unbind(parts, 1)
    total = count.sum([0])
    joint = torch.mul(count, mean).sum([0]) / total
    between = torch.mul(count, torch.sub(mean, joint).square_()).sum([0])
    return torch.stack([total, joint, torch.add(torch.mul(count, var).sum([0]), between) / total])


def update_running(
    running_mean: Tensor,
    running_var: Tensor,
    of_batch: Tensor,
    momentum: float,
    biased: bool,
) -> Tensor:
    """Moves the running statistics in place towards those of the batch.

    biased: whether the running variance takes the biased variance, as TensorFlow's does, or the unbiased, as PyTorch's.
    """
    count, mean, var = torch.unbind(of_batch, 0)
    if not biased:
        var = torch.mul(var, torch.div(count, count - 1.))
    running_var.mul_(1. - momentum).add_(var, alpha=momentum)
    return running_mean.mul_(1. - momentum).add_(mean, alpha=momentum)


def whitened(x: Tensor, of_batch: Tensor) -> Tensor:
    inverse_std = torch.rsqrt(of_batch[2] + GLOBAL_NORM_EPS)
    return torch.sub(x, by_channel(of_batch[1], x)).mul_(by_channel(inverse_std, x))


def global_norm(x: Tensor, of_batch: Tensor, weight: Tensor, bias: Tensor, relu: bool) -> Tensor:
    """Batch norm with the statistics of the batch, and a ReLU if it follows."""
    out = whitened(x, of_batch).mul_(by_channel(weight, x)).add_(by_channel(bias, x))
    return out.relu_() if relu else out


def relu_mask(grad: Tensor, out: Tensor) -> Tensor:
    return torch.mul(grad, torch.gt(out, 0).to(grad.dtype))


def norm_sums(grad: Tensor, x: Tensor, of_batch: Tensor) -> Tensor:
    """Sums of dy and of dy times the whitened input, for each channel, 2 x C: gradients of bias and weight."""
    return torch.stack([over_channels(grad), over_channels(whitened(x, of_batch).mul_(grad))])


def norm_input_gradient(grad: Tensor, x: Tensor, of_batch: Tensor, weight: Tensor, sums: Tensor) -> Tensor:
    """Gradient of a batch norm's input; sums: those of norm_sums over the whole batch."""
    means = torch.div(sums, of_batch[0])
    inverse_std = torch.rsqrt(of_batch[2] + GLOBAL_NORM_EPS)
    shift = whitened(x, of_batch).mul_(by_channel(means[1], x)).add_(by_channel(means[0], x))
    return torch.sub(grad, shift).mul_(by_channel(torch.mul(weight, inverse_std), x))


def convolve(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    padding = weight.size(2) // 2
    return torch.conv2d(x, weight, None, [stride, stride], [padding, padding], [1, 1], 1)


def convolve_backward(
    grad: Tensor,
    x: Tensor,
    weight: Tensor,
    weight_grad: Tensor,
    stride: int,
    needs_input_grad: bool,
) -> List[Tensor]:
    """Adds the gradient of the weight; returns that of the input, if it is needed."""
    padding = weight.size(2) // 2
    input_grad, more, bias_grad = torch.convolution_backward(
        grad, x, weight, None, [stride, stride], [padding, padding], [1, 1], False, [0, 0], 1,
        [needs_input_grad, True, False])
    weight_grad.add_(more)
    return [input_grad] if needs_input_grad else []


def dense(x: Tensor, weight: Tensor) -> Tensor:
    return torch.linear(x, weight)


def dense_backward(grad: Tensor, x: Tensor, weight: Tensor, weight_grad: Tensor) -> Tensor:
    """Adds the gradient of the weight; returns that of the input."""
    weight_grad.add_(torch.matmul(grad.t(), x))
    return torch.matmul(grad, weight)


def pool_max(x: Tensor) -> Tensor:
    return torch.max_pool2d(x, [3, 3], [2, 2], [1, 1], [1, 1], False)


def pool_max_backward(grad: Tensor, x: Tensor) -> Tensor:
    out, indices = torch.max_pool2d_with_indices(x, [3, 3], [2, 2], [1, 1], [1, 1], False)
    return torch.max_pool2d_with_indices_backward(grad, x, [3, 3], [2, 2], [1, 1], [1, 1], False, indices)


def pool_mean(x: Tensor) -> Tensor:
    return x.mean([2, 3])


def pool_mean_backward(grad: Tensor, x: Tensor) -> Tensor:
    return average_pool_backward(grad, x)


def add_relu(x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, y).relu_()


def plus(x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, y)


def join(parts: List[Tensor]) -> Tensor:
    return torch.cat(parts, 0)


def stacked(parts: List[Tensor]) -> Tensor:
    return torch.stack(parts)
