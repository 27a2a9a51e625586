"""Gradients of the parameters of a ResNet with weighted outputs, then its running statistics."""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.resnet.encoder import Encoder, encoder_gradients, encoder_network
from dev.moco.training.resnet.resnet import layer_backward, layer_forward, stem_backward, stem_forward


def network_gradient(encoder: Encoder, images: Tensor, recompute: int) -> Tensor:
    resnet = encoder_network(encoder).resnet
    tape: List[Tensor] = []
    x = stem_forward([images], resnet, 0.1, tape, recompute)
    for layer in resnet.layers:
        x = layer_forward(x, layer, 0.1, tape, recompute)
    gradient = torch.zeros_like(encoder.parameters)
    gradients = encoder_gradients(encoder, gradient, False)
    grads = [torch.cos(x[0])]
    for i in range(len(resnet.layers) - 1, -1, -1):
        grads = layer_backward(grads, resnet.layers[i], gradients, tape, recompute)
    stem_backward(grads, resnet, gradients, tape, recompute)
    return torch.cat([gradient, encoder.statistics], 0)
