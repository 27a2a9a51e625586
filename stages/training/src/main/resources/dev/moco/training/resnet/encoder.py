"""A ResNet as feature extractor of one rank's N images."""
from typing import List, NamedTuple, Optional

import torch
from torch import Tensor

from dev.moco.training.resnet.functional import average_pool_backward
from dev.moco.training.resnet.gradients import Gradients, gradients_into, write_pending
from dev.moco.training.resnet.images import normalize_images
from dev.moco.training.resnet.resnet import (
    Network,
    ResNet,
    build_network,
    layer_backward,
    layer_forward,
    stem_backward,
    stem_forward,
)
from dev.moco.training.resnet.tape import RECOMPUTE_CONVOLUTIONS, RECOMPUTE_NORMS, RECOMPUTE_NOTHING, peek


class Encoder(NamedTuple):
    """An encoder as Java passes it."""
    parameters: Tensor  # flat
    statistics: Tensor  # running statistics of the batch norms, flat
    shape: List[int]
    bfloat16: bool  # whether it computes in bfloat16; its parameters stay in their own type


def encoder_network(encoder: Encoder) -> Network:
    return build_network(encoder.parameters, encoder.statistics, encoder.shape, encoder.bfloat16)


def encoder_gradients(encoder: Encoder, total: Tensor, replaces: bool) -> Gradients:
    """Gradients of an encoder's parameters, which a backward pass writes to a flat buffer."""
    return gradients_into(total, encoder.parameters, replaces)


def encoder_input(encoder: Encoder, images: Tensor) -> Tensor:
    """Images in the type that the encoder computes in."""
    normalized = normalize_images(images, encoder.parameters)
    return normalized.to(torch.bfloat16) if encoder.bfloat16 else normalized


def recompute_level(layer: int, x: Tensor) -> int:
    """Recompute level of a layer (0 to 3) whose inputs or outputs are x.

    The outputs of layer1 and layer2 are the largest; those of layer2 fit in bfloat16. On a GPU nothing is computed
    again: there is memory enough, and computing again would be bound by its bandwidth.
    """
    if x.is_cuda:
        return RECOMPUTE_NOTHING
    return RECOMPUTE_CONVOLUTIONS if layer < (1 if x.dtype == torch.bfloat16 else 2) else RECOMPUTE_NORMS


def feature_maps(images: Tensor, resnet: ResNet, momentum: float, tape: Optional[List[Tensor]]) -> Tensor:
    """Outputs of layer4 for images as encoder_input makes them."""
    x = stem_forward([images], resnet, momentum, tape, recompute_level(0, images))
    for i in range(len(resnet.layers)):
        x = layer_forward(x, resnet.layers[i], momentum, tape, recompute_level(i, x[0]))
    return x[0]


def feature_maps_backward(grad: Tensor, resnet: ResNet, gradients: Gradients, tape: List[Tensor]) -> int:
    """Writes the gradients of the parameters, given those of the pooled features (N x C); uses up the tape."""
    x = [average_pool_backward(grad, peek(tape, 1)[0])]
    for i in range(len(resnet.layers) - 1, -1, -1):
        x = layer_backward(x, resnet.layers[i], gradients, tape, recompute_level(i, x[0]))
    stem_backward(x, resnet, gradients, tape, recompute_level(0, x[0]))
    return write_pending(gradients)


def pool_features(maps: Tensor, encoder: Encoder) -> Tensor:
    """Means over height and width in the type of the parameters, N x C."""
    return maps.mean([2, 3]).to(encoder.parameters.dtype)


def features(encoder: Encoder, images: Tensor, momentum: float) -> Tensor:
    """Pooled features, N x C. A negative momentum selects evaluation."""
    resnet = encoder_network(encoder).resnet
    return pool_features(feature_maps(encoder_input(encoder, images), resnet, momentum, None), encoder)
