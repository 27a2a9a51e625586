"""Functions without parameters; lists hold one tensor for each rank."""
from typing import List

import torch
from torch import Tensor


def relu_forward(inputs: List[Tensor]) -> List[Tensor]:
    """ReLU in place."""
    for x in inputs:
        x.relu_()
    return inputs


def relu_backward(grads: List[Tensor], outputs: List[Tensor]) -> List[Tensor]:
    """Gradients of the inputs, in place of those of the outputs."""
    for i in range(len(outputs)):
        torch.threshold_backward(grads[i], outputs[i], 0, grad_input=grads[i])
    return grads


def add_in_place(to: List[Tensor], more: List[Tensor]) -> List[Tensor]:
    for i in range(len(to)):
        to[i].add_(more[i])
    return to


def concatenate(parts: List[Tensor]) -> Tensor:
    return torch.cat(parts, 0)


def average_pool_backward(grad: Tensor, x: Tensor) -> Tensor:
    """Gradient of maps x from that of their means over height and width, N x channels."""
    cells = x.size(2) * x.size(3)
    return torch.empty_like(x).copy_((grad / cells).unsqueeze(2).unsqueeze(3))


def l2_normalize(x: Tensor) -> Tensor:
    """Rows of length 1; rows of zeros stay as they are."""
    return torch.div(x, torch.clamp_min(torch.linalg_vector_norm(x, 2, [1], True), 1.0e-12))
