"""torch.nn.BatchNorm2d on a batch of N x channels x height x width.

Lists hold that one tensor: through a list a function frees what it takes.
"""
from typing import List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor

from dev.moco.training.resnet.tape import RECOMPUTE_CONVOLUTIONS, RECOMPUTE_NOTHING, push

BATCH_NORM_EPS = 1.0e-05


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
    mean, var = torch.batch_norm_update_stats(inputs[0], running_mean, running_var, momentum)
    return mean, var


def batch_normalize(inputs: List[Tensor], norm: BatchNorm, mean: Tensor, var: Tensor) -> List[Tensor]:
    """Batch norm with given statistics."""
    out: List[Tensor] = []
    for x in inputs:
        y, saved_mean, saved_inverse_std = torch.native_batch_norm(
            x, norm.weight, norm.bias, mean, var, False, 0., BATCH_NORM_EPS)
        out.append(y)
    return out


def saved_statistics(recompute: int) -> int:
    """Number of tensors that a batch norm pushes after its inputs.

    They are mean and variance, or for a fused batch norm mean, inverse standard deviation and cuDNN's reserve space.
    """
    return 3 if recompute == RECOMPUTE_NOTHING else 2


def batch_norm_forward(
    inputs: List[Tensor],
    norm: BatchNorm,
    momentum: float,
    tape: Optional[List[Tensor]],
    recompute: int,
) -> List[Tensor]:
    """Pushes its inputs, unless they are computed again, and its statistics."""
    if recompute == RECOMPUTE_NOTHING and momentum >= 0.:
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
    """Gradients of the inputs from those of the outputs.

    norm_grad: buffers to which the gradients of the parameters are added.
    statistics: those that the forward pass pushed.
    """
    if recompute == RECOMPUTE_NOTHING:
        saved_mean, inverse_std, reserve = statistics
        grad, weight_grad, bias_grad = torch.batch_norm_backward(
            grads[0], inputs[0], norm.weight, norm.running_mean, norm.running_var, saved_mean, inverse_std, True,
            BATCH_NORM_EPS, [True, True, True], reserve)
        norm_grad.weight.add_(weight_grad)
        norm_grad.bias.add_(bias_grad)
        return [grad]
    mean, var = statistics
    inverse_std = torch.rsqrt(var + BATCH_NORM_EPS)
    grad, weight_grad, bias_grad = torch.native_batch_norm_backward(
        grads[0], inputs[0], norm.weight, None, None, mean, inverse_std, True, BATCH_NORM_EPS, [True, True, True])
    norm_grad.weight.add_(weight_grad)
    norm_grad.bias.add_(bias_grad)
    return [grad]
