"""Square convolutions without bias; lists hold one tensor for each rank."""
from typing import List, NamedTuple

import torch
from torch import Tensor

from dev.moco.training.resnet.batch_norm import BatchNorm
from dev.moco.training.resnet.gradients import Gradients, write_gradient, write_pending


class Convolution(NamedTuple):
    """A convolution, padded by half its kernel, and the batch norm after it."""
    weight: Tensor  # out x in x kernel x kernel
    stride: int
    norm: BatchNorm


def convolution_forward(inputs: List[Tensor], conv: Convolution) -> List[Tensor]:
    """The convolution alone, in the type of its inputs."""
    padding = conv.weight.size(2) // 2
    out: List[Tensor] = []
    for x in inputs:
        weight = conv.weight.to(x.dtype)
        out.append(torch.conv2d(x, weight, None, [conv.stride, conv.stride], [padding, padding], [1, 1], 1))
    return out


def convolution_backward(
    grads: List[Tensor],
    inputs: List[Tensor],
    conv: Convolution,
    gradients: Gradients,
    needs_input_grad: bool,
) -> List[Tensor]:
    """Gradients of the inputs, if they are needed, from those of the outputs, whose memory is freed.

    gradients: receive that of the weight.
    """
    stride = [conv.stride, conv.stride]
    padding = [conv.weight.size(2) // 2, conv.weight.size(2) // 2]
    out: List[Tensor] = []
    for i in range(len(inputs)):
        weight = conv.weight.to(inputs[i].dtype)
        grad, weight_grad, bias_grad = torch.convolution_backward(
            grads[i], inputs[i], weight, None, stride, padding, [1, 1], False, [0, 0], 1,
            [needs_input_grad, True, False])
        grads[i] = conv.norm.weight  # frees the gradient of the outputs
        if i > 0:
            # The weight has one gradient from each rank, of which only one may wait.
            write_pending(gradients)
        write_gradient(gradients, conv.weight, weight_grad)
        if needs_input_grad:
            out.append(grad)
    return out
