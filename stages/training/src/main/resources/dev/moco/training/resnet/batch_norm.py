"""Batch norm over R ranks that run in lockstep; lists hold one tensor for each rank, N x channels x height x width.

A single rank is torch.nn.BatchNorm2d. Several ranks share their statistics, each rank with equal weight, as
detectron2's NaiveSyncBatchNorm does (docs/method.md §3.2): their running variance takes the biased variance.
"""
from typing import List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor

from dev.moco.training.resnet.functional import add_in_place, relu_forward
from dev.moco.training.resnet.tape import RECOMPUTE_CONVOLUTIONS, RECOMPUTE_NOTHING, push

BATCH_NORM_EPS = 1.0e-05
# Larger maps in float32 go through the operations after a convolution part by part on a CPU, so that a part stays in
# its cache until all are done. In bfloat16 these operations wait for their arithmetic, not for memory.
CACHED_NUMBERS = 524288


class BatchNorm(NamedTuple):
    """Parameters and running statistics, one number for each channel."""
    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor


def batch_statistics(inputs: List[Tensor], norm: BatchNorm, momentum: float) -> Tuple[Tensor, Tensor]:
    """Mean and biased variance of each channel; updates the running statistics.

    A negative momentum selects evaluation: the running statistics are returned and not changed.
    """
    running_mean, running_var = norm.running_mean, norm.running_var
    if momentum < 0.:
        return running_mean, running_var
    if len(inputs) == 1:
        mean, var = torch.batch_norm_update_stats(inputs[0], running_mean, running_var, momentum)
        return mean, var
    mean = torch.zeros_like(running_mean)
    mean_square = torch.zeros_like(running_mean)
    for x in inputs:
        y = x.to(running_mean.dtype)
        mean = mean + y.mean([0, 2, 3]) / len(inputs)
        mean_square = mean_square + (y * y).mean([0, 2, 3]) / len(inputs)
    var = mean_square - mean * mean
    running_mean.mul_(1. - momentum).add_(mean, alpha=momentum)
    running_var.mul_(1. - momentum).add_(var, alpha=momentum)
    return mean, var


def batch_normalize(inputs: List[Tensor], norm: BatchNorm, mean: Tensor, var: Tensor) -> List[Tensor]:
    """Batch norm with given statistics."""
    out: List[Tensor] = []
    for x in inputs:
        y, saved_mean, saved_inverse_std = torch.native_batch_norm(
            x, norm.weight, norm.bias, mean, var, False, 0., BATCH_NORM_EPS)
        out.append(y)
    return out


def batch_normalize_relu(
    inputs: List[Tensor],
    norm: BatchNorm,
    mean: Tensor,
    var: Tensor,
    shortcuts: List[Tensor],
    keeps_inputs: bool,
) -> List[Tensor]:
    """ReLU of the batch norm with given statistics, to which shortcuts are added first if there are any.

    keeps_inputs: whether the inputs are needed afterwards; otherwise the outputs may take their memory.
    """
    if inputs[0].is_cuda or inputs[0].dtype == torch.bfloat16 or inputs[0].numel() <= CACHED_NUMBERS:
        whole = batch_normalize(inputs, norm, mean, var)
        if len(shortcuts) > 0:
            add_in_place(whole, shortcuts)
        return relu_forward(whole)
    unused = torch.empty([0], dtype=mean.dtype)
    out: List[Tensor] = []
    for i in range(len(inputs)):
        x = inputs[i]
        y = torch.empty_like(x) if keeps_inputs else x
        images = max(1, CACHED_NUMBERS * x.size(0) // x.numel())
        for first in range(0, x.size(0), images):
            count = min(images, x.size(0) - first)
            part = y.narrow(0, first, count)
            torch.native_batch_norm(
                x.narrow(0, first, count), norm.weight, norm.bias, mean, var, False, 0., BATCH_NORM_EPS,
                out=part, save_mean=unused, save_invstd=unused)
            if len(shortcuts) > 0:
                part.add_(shortcuts[i].narrow(0, first, count))
            part.relu_()
        out.append(y)
    return out


def is_fused(ranks: int, recompute: int) -> bool:
    """Returns whether batch norms are PyTorch's fused ones."""
    return ranks == 1 and recompute == RECOMPUTE_NOTHING


def saved_statistics(ranks: int, recompute: int) -> int:
    """Number of tensors that a batch norm pushes after its inputs.

    They are mean and variance, or for a fused batch norm mean, inverse standard deviation and cuDNN's reserve space.
    """
    return 3 if is_fused(ranks, recompute) else 2


def batch_norm_forward(
    inputs: List[Tensor],
    norm: BatchNorm,
    momentum: float,
    tape: Optional[List[Tensor]],
    recompute: int,
) -> List[Tensor]:
    """Pushes its inputs, unless they are computed again, and its statistics."""
    if is_fused(len(inputs), recompute) and momentum >= 0.:
        y, saved_mean, inverse_std, reserve = torch._batch_norm_with_update(
            inputs[0], norm.weight, norm.bias, norm.running_mean, norm.running_var, momentum, BATCH_NORM_EPS)
        push(tape, inputs + [saved_mean, inverse_std, reserve])
        return [y]
    mean, var = batch_statistics(inputs, norm, momentum)
    push(tape, [mean, var] if recompute == RECOMPUTE_CONVOLUTIONS else inputs + [mean, var])
    return batch_normalize(inputs, norm, mean, var)


def batch_norm_backward(
    grads: List[Tensor],
    inputs: List[Tensor],
    norm: BatchNorm,
    norm_grad: BatchNorm,
    statistics: List[Tensor],
    recompute: int,
) -> List[Tensor]:
    """Gradients of the inputs from those of the outputs, whose memory is freed.

    norm_grad: buffers to which the gradients of the parameters are added.
    statistics: those that the forward pass pushed.
    """
    if is_fused(len(inputs), recompute):
        saved_mean, inverse_std, reserve = statistics
        grad, weight_grad, bias_grad = torch.batch_norm_backward(
            grads[0], inputs[0], norm.weight, norm.running_mean, norm.running_var, saved_mean, inverse_std, True,
            BATCH_NORM_EPS, [True, True, True], reserve)
        norm_grad.weight.add_(weight_grad)
        norm_grad.bias.add_(bias_grad)
        return [grad]
    mean, var = statistics
    inverse_std = torch.rsqrt(var + BATCH_NORM_EPS)
    if len(inputs) == 1:
        grad, weight_grad, bias_grad = torch.native_batch_norm_backward(
            grads[0], inputs[0], norm.weight, None, None, mean, inverse_std, True, BATCH_NORM_EPS, [True, True, True])
        norm_grad.weight.add_(weight_grad)
        norm_grad.bias.add_(bias_grad)
        return [grad]
    weight_grad = torch.zeros_like(inverse_std)
    bias_grad = torch.zeros_like(inverse_std)
    for i in range(len(inputs)):
        grad = grads[i].to(inverse_std.dtype)
        bias_grad = bias_grad + grad.sum([0, 2, 3])
        weight_grad = weight_grad + whiten(inputs[i], mean, inverse_std).mul_(grad).sum([0, 2, 3])
    norm_grad.weight.add_(weight_grad)
    norm_grad.bias.add_(bias_grad)
    # The inputs of every rank change the statistics, and by them the outputs, of all ranks.
    out: List[Tensor] = []
    for i in range(len(inputs)):
        x = inputs[i]
        count = len(inputs) * x.size(0) * x.size(2) * x.size(3)
        shift = whiten(x, mean, inverse_std).mul_(per_channel(weight_grad / count))
        shift.add_(per_channel(bias_grad / count))
        grad = shift.neg_().sub_(grads[i], alpha=-1).mul_(per_channel(norm.weight * inverse_std))
        grads[i] = inverse_std  # frees the gradient of the outputs
        out.append(grad.to(x.dtype))
    return out


def whiten(x: Tensor, mean: Tensor, inverse_std: Tensor) -> Tensor:
    return torch.sub(x.to(mean.dtype), per_channel(mean)).mul_(per_channel(inverse_std))


def per_channel(x: Tensor) -> Tensor:
    return x.view([1, -1, 1, 1])
