"""LARS as SimCLR's code has it (google-research/simclr, lars_optimizer.py), on flat buffers and in place."""
from typing import List

import torch
from torch import Tensor

TRUST_COEFFICIENT = 0.001


def trust_ratio(parameter: Tensor, gradient: Tensor) -> Tensor:
    """Length of the parameter over that of its gradient, which has the weight decay; 1 where either is 0."""
    length = torch.linalg_vector_norm(parameter)
    ratio = torch.div(torch.mul(length, TRUST_COEFFICIENT), torch.linalg_vector_norm(gradient))
    return torch.where(torch.mul(length, torch.linalg_vector_norm(gradient)) > 0, ratio, torch.ones_like(ratio))


def lars_step(
    parameters: Tensor,
    velocity: Tensor,
    gradient: Tensor,
    lengths: List[int],
    adapted: List[int],
    learning_rate: float,
    momentum: float,
    weight_decay: float,
) -> Tensor:
    """Returns the trust ratio of each tensor.

    lengths: of each tensor in the flat buffers.
    adapted: 1 for a tensor with weight decay and trust ratio, 0 for others: batch norms and biases.

    The learning rate is part of what is added to the velocity, so that a step at rate 0 leaves no trace.
    """
    weights = torch.split_with_sizes(parameters, lengths)
    velocities = torch.split_with_sizes(velocity, lengths)
    gradients = torch.split_with_sizes(gradient, lengths)
    ratios: List[Tensor] = []
    for i in range(len(lengths)):
        weight, weight_gradient = weights[i], gradients[i]
        ratio = torch.ones([], dtype=parameters.dtype, device=parameters.device)
        if adapted[i] == 1:
            weight_gradient.add_(weight, alpha=weight_decay)
            ratio = trust_ratio(weight, weight_gradient)
        velocities[i].mul_(momentum).add_(torch.mul(weight_gradient, torch.mul(ratio, learning_rate)))
        weight.sub_(velocities[i])
        ratios.append(ratio)
    return torch.stack(ratios)
