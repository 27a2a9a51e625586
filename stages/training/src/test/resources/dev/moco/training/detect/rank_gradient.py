"""Gradient of the sum of one rank's objectness logits."""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.detect.detector import (
    Detector,
    detector_network,
    gradients_of,
    leaves_of,
    trunk_backward,
    trunk_forward,
    write_gradients,
)
from dev.moco.training.detect.heads import rpn_head, rpn_head_of, rpn_parameters
from dev.moco.training.resnet.gradients import gradients_into, write_pending


def rank_gradient(detector: Detector, images: List[Tensor], rank: int) -> Tensor:
    ranks = len(images)
    trunk = trunk_forward(detector, images, 0.1, False, True)
    network = detector_network(detector, detector.parameters)
    gradient = torch.zeros_like(detector.parameters)
    gradients = gradients_into(gradient, detector.parameters, False)
    rpn_leaves = leaves_of(rpn_parameters(network.rpn))
    maps = leaves_of(trunk.features)
    proposals = rpn_head(maps, rpn_head_of(rpn_leaves), detector.parameters.dtype)
    outputs: List[Tensor] = []
    for i in range(ranks):
        outputs.append(proposals.logits[i].sum() * (1. if i == rank else 0.))
    for deltas in proposals.anchor_deltas:
        outputs.append(deltas.sum() * 0.)
    grads = gradients_of(torch.stack(outputs).sum(), [], [], maps + rpn_leaves)
    write_gradients(gradients, rpn_parameters(network.rpn), grads[ranks:])
    trunk_backward(grads[:ranks], network.resnet, gradients, trunk.tape)
    write_pending(gradients)
    return gradient
