"""Pooled features and the gradient of (features * directions).sum(), in train mode."""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.resnet.encoder import (
    Encoder,
    encoder_gradients,
    encoder_input,
    encoder_network,
    feature_maps,
    feature_maps_backward,
    pool_features,
)


def features_gradient(encoder: Encoder, images: Tensor, directions: Tensor) -> List[Tensor]:
    tape: List[Tensor] = []
    resnet = encoder_network(encoder).resnet
    maps = feature_maps(encoder_input(encoder, images), resnet, 0.1, tape)
    gradient = torch.zeros_like(encoder.parameters)
    feature_maps_backward(directions, resnet, encoder_gradients(encoder, gradient, True), tape)
    return [pool_features(maps, encoder), gradient]
