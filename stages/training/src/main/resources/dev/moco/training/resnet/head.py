"""The projection head on a ResNet's pooled features (docs/method.md §1.1).

Shapes: N images of a rank, D numbers for each key.
"""
from typing import List, NamedTuple

import torch
from torch import Tensor

from dev.moco.training.resnet.encoder import (
    Encoder,
    encoder_input,
    encoder_network,
    feature_maps,
    feature_maps_backward,
    pool_features,
)
from dev.moco.training.resnet.functional import l2_normalize
from dev.moco.training.resnet.gradients import Gradients, write_gradient
from dev.moco.training.resnet.resnet import Network


class Linear(NamedTuple):
    weight: Tensor  # flat
    bias: Tensor


class Recording(NamedTuple):
    """A forward pass that is recorded: by autograd for the head, on the tape for the ResNet."""
    network: Network
    queries: Tensor  # outputs of the head, N x D; of unit length if encode_recorded made them
    leaves: List[Tensor]  # pooled features, then the parameters of the head: what autograd takes gradients of
    tape: List[Tensor]


def linear_layers(parameters: List[Tensor]) -> List[Linear]:
    """Pairs weights and biases, which alternate."""
    layers: List[Linear] = []
    for i in range(0, len(parameters), 2):
        layers.append(Linear(weight=parameters[i], bias=parameters[i + 1]))
    return layers


def projection_head(pooled: Tensor, layers: List[Linear]) -> Tensor:
    """One linear layer (v1), or Linear-ReLU-Linear (v2): N x D."""
    x = pooled
    for i in range(len(layers)):
        if i > 0:
            x = torch.relu(x)
        x = torch.linear(x, layers[i].weight.view([-1, x.size(1)]), layers[i].bias)
    return x


def project(encoder: Encoder, images: Tensor, momentum: float) -> Tensor:
    """Outputs of the head, N x D."""
    network = encoder_network(encoder)
    maps = feature_maps(encoder_input(encoder, images), network.resnet, momentum, None)
    return projection_head(pool_features(maps, encoder), linear_layers(network.weights))


def encode(encoder: Encoder, images: Tensor, momentum: float) -> Tensor:
    """Keys or queries of unit length, N x D."""
    return l2_normalize(project(encoder, images, momentum))


def project_recorded(encoder: Encoder, images: Tensor, momentum: float) -> Recording:
    """Outputs of the head as project returns them, for a backward pass."""
    tape: List[Tensor] = []
    network = encoder_network(encoder)
    maps = feature_maps(encoder_input(encoder, images), network.resnet, momentum, tape)
    leaves: List[Tensor] = []
    for x in [pool_features(maps, encoder)] + network.weights:
        leaves.append(x.detach().requires_grad_())
    return Recording(network, projection_head(leaves[0], linear_layers(leaves[1:])), leaves, tape)


def encode_recorded(encoder: Encoder, images: Tensor, momentum: float) -> Recording:
    """Queries as encode returns them, for a backward pass."""
    projected = project_recorded(encoder, images, momentum)
    return Recording(projected.network, l2_normalize(projected.queries), projected.leaves, projected.tape)


def encode_backward(gradients: Gradients, loss: Tensor, recording: Recording) -> int:
    """Writes the gradient of a loss of the recorded outputs; uses up the tape."""
    grads = torch.grad([loss], recording.leaves)
    for i in range(len(recording.network.weights)):
        write_gradient(gradients, recording.network.weights[i], torch._unwrap_optional(grads[i + 1]))
    pooled_grad = torch._unwrap_optional(grads[0])
    return feature_maps_backward(pooled_grad, recording.network.resnet, gradients, recording.tape)
