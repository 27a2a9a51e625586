"""The encoder of vectors 42, 56, 57 and 59, in place of head.py.

Two strided convolutions with batch norms, a mean over height and width, and a head of linear layers. The layout has
the first convolution as the stem, and the second as the only one of a block.
"""
from typing import List, NamedTuple, Optional

import torch
from torch import Tensor

from dev.moco.training.resnet.batch_norm import batch_norm_backward, batch_norm_forward
from dev.moco.training.resnet.convolution import Convolution, convolution_backward, convolution_forward
from dev.moco.training.resnet.encoder import Encoder, encoder_network
from dev.moco.training.resnet.functional import average_pool_backward, l2_normalize, relu_backward, relu_forward
from dev.moco.training.resnet.gradients import Gradients, write_gradient, write_pending
from dev.moco.training.resnet.resnet import Network, ResNet
from dev.moco.training.resnet.tape import RECOMPUTE_NORMS, pop, push


class Recording(NamedTuple):
    network: Network
    queries: Tensor
    leaves: List[Tensor]  # pooled maps, then the parameters of the head
    tape: List[Tensor]


def small_convolutions(resnet: ResNet) -> List[Convolution]:
    return [resnet.stem, resnet.layers[0][0].convolutions[0]]


def small_maps(images: Tensor, resnet: ResNet, momentum: float, tape: Optional[List[Tensor]]) -> Tensor:
    x = [images]
    for conv in small_convolutions(resnet):
        push(tape, x)
        x = relu_forward(batch_norm_forward(convolution_forward(x, conv), conv.norm, momentum, tape, RECOMPUTE_NORMS))
    return x[0]


def small_head(pooled: Tensor, head: List[Tensor]) -> Tensor:
    x = pooled
    for i in range(0, len(head), 2):
        if i > 0:
            x = torch.relu(x)
        x = torch.linear(x, head[i].view([-1, x.size(1)]), head[i + 1])
    return x


def project(encoder: Encoder, images: Tensor, momentum: float) -> Tensor:
    network = encoder_network(encoder)
    return small_head(small_maps(images, network.resnet, momentum, None).mean([2, 3]), network.weights)


def encode(encoder: Encoder, images: Tensor, momentum: float) -> Tensor:
    return l2_normalize(project(encoder, images, momentum))


def project_recorded(encoder: Encoder, images: Tensor, momentum: float) -> Recording:
    network = encoder_network(encoder)
    tape: List[Tensor] = []
    maps = small_maps(images, network.resnet, momentum, tape)
    tape.append(maps)
    leaves: List[Tensor] = []
    for x in [maps.mean([2, 3])] + network.weights:
        leaves.append(x.detach().requires_grad_())
    return Recording(network, small_head(leaves[0], leaves[1:]), leaves, tape)


def encode_recorded(encoder: Encoder, images: Tensor, momentum: float) -> Recording:
    projected = project_recorded(encoder, images, momentum)
    return Recording(projected.network, l2_normalize(projected.queries), projected.leaves, projected.tape)


def encode_backward(gradients: Gradients, loss: Tensor, recording: Recording) -> int:
    grads = torch.grad([loss], recording.leaves)
    for i in range(len(recording.network.weights)):
        write_gradient(gradients, recording.network.weights[i], torch._unwrap_optional(grads[i + 1]))
    convolutions = small_convolutions(recording.network.resnet)
    tape = recording.tape
    outputs = pop(tape, 1)
    x = [average_pool_backward(torch._unwrap_optional(grads[0]), outputs[0])]
    for i in range(len(convolutions) - 1, -1, -1):
        conv = convolutions[i]
        statistics = pop(tape, 2)
        convolved = pop(tape, 1)
        x = relu_backward(x, outputs)
        x = batch_norm_backward(x, convolved, conv.norm, gradients, statistics, RECOMPUTE_NORMS)
        outputs = pop(tape, 1)
        x = convolution_backward(x, outputs, conv, gradients, i > 0)
    return write_pending(gradients)
