"""Layers of the detector's ResNet on the images of a process's ranks; lists hold one tensor for each of these ranks.

They compute what resnet.py does with all ranks in one process, byte for byte; but what batch norms sum over the ranks
(batch_norm.py), the processes exchange between two calls (RankLayers.java).
"""
from typing import List, NamedTuple

import torch
from torch import Tensor

from dev.moco.training.resnet.batch_norm import (
    BATCH_NORM_EPS,
    BatchNorm,
    batch_normalize,
    per_channel,
    whiten,
)
from dev.moco.training.resnet.convolution import Convolution, convolution_backward, convolution_forward
from dev.moco.training.resnet.functional import add_in_place, average_pool_backward, relu_backward, relu_forward
from dev.moco.training.resnet.gradients import gradients_into, write_pending


class Place(NamedTuple):
    """Place of a convolution in the flat buffers."""
    weight: int
    shape: List[int]  # out x in x kernel x kernel
    stride: int


class NormPlace(NamedTuple):
    """Place of a batch norm in the flat buffers."""
    channels: int
    weight: int
    bias: int
    running_mean: int
    running_var: int


def norm_at(parameters: Tensor, statistics: Tensor, place: NormPlace) -> BatchNorm:
    """A batch norm as views of the flat buffers."""
    return BatchNorm(
        weight=parameters.narrow(0, place.weight, place.channels),
        bias=parameters.narrow(0, place.bias, place.channels),
        running_mean=statistics.narrow(0, place.running_mean, place.channels),
        running_var=statistics.narrow(0, place.running_var, place.channels),
    )


def convolution_at(parameters: Tensor, statistics: Tensor, place: Place, norm: NormPlace) -> Convolution:
    shape = place.shape
    weight = parameters.narrow(0, place.weight, shape[0] * shape[1] * shape[2] * shape[3])
    return Convolution(weight.view(shape), place.stride, norm_at(parameters, statistics, norm))


def nothing() -> List[Tensor]:
    """Result of a function that changes its arguments."""
    out: List[Tensor] = []
    return out


def convolve(
    inputs: List[Tensor],
    parameters: Tensor,
    statistics: Tensor,
    place: Place,
    norm: NormPlace,
) -> List[Tensor]:
    return convolution_forward(inputs, convolution_at(parameters, statistics, place, norm))


def convolve_backward(
    grad: Tensor,
    x: Tensor,
    parameters: Tensor,
    statistics: Tensor,
    gradient: Tensor,
    place: Place,
    norm: NormPlace,
    needs_input_grad: bool,
) -> List[Tensor]:
    """Adds the gradient of the weight to the flat buffer; returns that of the input, if it is needed."""
    gradients = gradients_into(gradient, parameters, False)
    conv = convolution_at(parameters, statistics, place, norm)
    grads = convolution_backward([grad], [x], conv, gradients, needs_input_grad)
    write_pending(gradients)
    return grads


def rank_moments(inputs: List[Tensor], like: Tensor, ranks: int) -> List[Tensor]:
    """Each rank's part of the mean and the mean square of each channel over all ranks, 2 x channels."""
    out: List[Tensor] = []
    for x in inputs:
        y = x.to(like.dtype)
        out.append(torch.stack([y.mean([0, 2, 3]) / ranks, (y * y).mean([0, 2, 3]) / ranks]))
    return out


def shared_statistics(
    of_all: Tensor,
    parameters: Tensor,
    statistics: Tensor,
    place: NormPlace,
    momentum: float,
) -> List[Tensor]:
    """Mean and biased variance of each channel, from the sum of all ranks' parts; updates the running statistics."""
    norm = norm_at(parameters, statistics, place)
    mean, mean_square = torch.unbind(of_all, 0)
    var = mean_square - mean * mean
    norm.running_mean.mul_(1. - momentum).add_(mean, alpha=momentum)
    norm.running_var.mul_(1. - momentum).add_(var, alpha=momentum)
    return [mean, var]


def normalize(
    inputs: List[Tensor],
    parameters: Tensor,
    statistics: Tensor,
    place: NormPlace,
    of_batch: List[Tensor],
    relu: bool,
) -> List[Tensor]:
    """Batch norm with mean and variance of the batch, and a ReLU if it follows."""
    mean, var = of_batch
    out = batch_normalize(inputs, norm_at(parameters, statistics, place), mean, var)
    return relu_forward(out) if relu else out


def norm_sums(grads: List[Tensor], inputs: List[Tensor], of_batch: List[Tensor]) -> List[Tensor]:
    """Each rank's part of the gradients of weight and bias, 2 x channels."""
    mean, var = of_batch
    inverse_std = torch.rsqrt(var + BATCH_NORM_EPS)
    out: List[Tensor] = []
    for i in range(len(inputs)):
        grad = grads[i].to(inverse_std.dtype)
        bias_grad = grad.sum([0, 2, 3])
        weight_grad = whiten(inputs[i], mean, inverse_std).mul_(grad).sum([0, 2, 3])
        out.append(torch.stack([weight_grad, bias_grad]))
    return out


def add_norm_gradient(gradient: Tensor, place: NormPlace, sums: Tensor) -> List[Tensor]:
    gradient.narrow(0, place.weight, place.channels).add_(sums[0])
    gradient.narrow(0, place.bias, place.channels).add_(sums[1])
    return nothing()


def norm_input_gradient(
    grad: Tensor,
    x: Tensor,
    parameters: Tensor,
    statistics: Tensor,
    place: NormPlace,
    of_batch: List[Tensor],
    sums: Tensor,
    ranks: int,
) -> Tensor:
    """Gradient of a rank's inputs from that of its outputs, and the sums of norm_sums over all ranks.

    The inputs of every rank change the statistics, and by them the outputs, of all ranks.
    """
    mean, var = of_batch
    weight_grad, bias_grad = torch.unbind(sums, 0)
    weight = norm_at(parameters, statistics, place).weight
    inverse_std = torch.rsqrt(var + BATCH_NORM_EPS)
    count = ranks * x.size(0) * x.size(2) * x.size(3)
    shift = whiten(x, mean, inverse_std).mul_(per_channel(weight_grad / count))
    shift.add_(per_channel(bias_grad / count))
    return shift.neg_().sub_(grad, alpha=-1).mul_(per_channel(weight * inverse_std)).to(x.dtype)


def add_relu(to: List[Tensor], more: List[Tensor]) -> List[Tensor]:
    """In place of the first."""
    relu_forward(add_in_place(to, more))
    return nothing()


def add_gradients(to: List[Tensor], more: List[Tensor]) -> List[Tensor]:
    """In place of the first."""
    add_in_place(to, more)
    return nothing()


def relu_gradients(grads: List[Tensor], outputs: List[Tensor]) -> List[Tensor]:
    """The gradients of a ReLU's inputs in place of those of its outputs."""
    relu_backward(grads, outputs)
    return nothing()


def pool(inputs: List[Tensor]) -> List[Tensor]:
    """The max pool behind the stem."""
    out: List[Tensor] = []
    for x in inputs:
        out.append(torch.max_pool2d(x, [3, 3], [2, 2], [1, 1], [1, 1], False))
    return out


def pool_backward(grad: Tensor, x: Tensor, like: Tensor) -> Tensor:
    """Gradient of the max pool's inputs x; like: outputs of the stem's convolution."""
    out, index = torch.max_pool2d_with_indices(x, [3, 3], [2, 2], [1, 1], [1, 1], False)
    return torch.max_pool2d_with_indices_backward(grad, like, [3, 3], [2, 2], [1, 1], [1, 1], False, index)


def mean_over_cells(maps: List[Tensor], like: Tensor) -> List[Tensor]:
    """Means over height and width, in the type of like."""
    out: List[Tensor] = []
    for x in maps:
        out.append(x.to(like.dtype).mean([2, 3]))
    return out


def mean_over_cells_backward(grads: List[Tensor], maps: List[Tensor]) -> List[Tensor]:
    out: List[Tensor] = []
    for i in range(len(maps)):
        out.append(average_pool_backward(grads[i], maps[i]))
    return out


def channels_last(grads: List[Tensor]) -> List[Tensor]:
    out: List[Tensor] = []
    for grad in grads:
        out.append(grad.contiguous(memory_format=torch.channels_last))
    return out
