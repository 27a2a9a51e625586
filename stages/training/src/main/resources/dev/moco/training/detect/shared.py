"""Heads and losses of an iteration that several processes share: its calls, between which they exchange what they sum.

layers.py has the ResNet; SharedIteration.java makes the calls. detector.py is an iteration of one process.
"""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.detect.detector import (
    Detector,
    RoiAlign,
    align_regions,
    detector_network,
    gradients_of,
    leaves_of,
)
from dev.moco.training.detect.heads import (
    Proposals,
    box_predictor,
    box_predictor_of,
    predictor_parameters,
    proposal_losses,
    region_losses,
    rpn_head,
    rpn_head_of,
    rpn_parameters,
)


def propose(detector: Detector, features: List[Tensor]) -> Proposals:
    network = detector_network(detector, detector.parameters)
    return rpn_head(features, network.rpn, detector.parameters.dtype)


def aligned_regions(features: List[Tensor], regions: List[Tensor], pooler: RoiAlign) -> List[Tensor]:
    """Features to take gradients of, then the regions aligned from them."""
    leaves = leaves_of(features)
    return leaves + align_regions(leaves, regions, pooler)


def flat(tensors: List[Tensor]) -> Tensor:
    out: List[Tensor] = []
    for x in tensors:
        out.append(x.reshape([-1]))
    return torch.cat(out, 0)


def region_gradients(
    detector: Detector,
    pooled: Tensor,
    labels: Tensor,
    foreground: Tensor,
    box_deltas: Tensor,
    all_ranks: int,
) -> List[Tensor]:
    """Losses of a rank (class, box), and gradients of its share of their mean over all ranks.

    These are the gradient of the pooled features, then that of the box predictor, flat. Targets: see
    RegionTargets.
    """
    predictor = leaves_of(predictor_parameters(detector_network(detector, detector.parameters).predictor))
    inputs = leaves_of([pooled])
    predictions = box_predictor(inputs, box_predictor_of(predictor))
    losses = torch.stack(
        region_losses(predictions.class_logits[0], predictions.box_deltas[0], labels, foreground, box_deltas))
    grads = gradients_of(losses.div(all_ranks).sum(), [], [], inputs + predictor)
    return [losses.detach(), grads[0], flat(grads[1:])]


def proposal_gradients(
    detector: Detector,
    features: Tensor,
    aligned: Tensor,
    aligned_grad: Tensor,
    sampled: Tensor,
    anchor_deltas: Tensor,
    normalizer: float,
    all_ranks: int,
) -> List[Tensor]:
    """Losses of a rank (objectness, box), and gradients of its share of the mean of all losses over all ranks.

    features, aligned: as aligned_regions returns them; aligned_grad: gradient of the losses of the regions.
    The gradients are that of the features, then that of the region proposal network, flat. Targets: see
    AnchorTargets.
    """
    head = leaves_of(rpn_parameters(detector_network(detector, detector.parameters).rpn))
    proposals = rpn_head([features], rpn_head_of(head), detector.parameters.dtype)
    losses = torch.stack(
        proposal_losses(proposals.logits[0], proposals.anchor_deltas[0], sampled, anchor_deltas, normalizer))
    grads = gradients_of(losses.div(all_ranks).sum(), [aligned], [aligned_grad], [features] + head)
    return [losses.detach(), grads[0], flat(grads[1:])]


def part_of_each(tensors: List[Tensor], start: int, length: int) -> Tensor:
    """The same part of each flat tensor, R x length."""
    out: List[Tensor] = []
    for x in tensors:
        out.append(x.narrow(0, start, length))
    return torch.stack(out)


def add_from_last(to: Tensor, start: int, of_ranks: Tensor) -> Tensor:
    """Adds rows of all ranks to a part of a flat tensor: from the last to the first, the order of autograd."""
    rows = torch.unbind(of_ranks, 0)
    total = rows[len(rows) - 1]
    for i in range(len(rows) - 2, -1, -1):
        total = total + rows[i]
    return to.narrow(0, start, total.size(0)).add_(total)


def stacked(tensors: List[Tensor]) -> Tensor:
    return torch.stack(tensors)


def means_over_ranks(of_proposals: Tensor, of_regions: Tensor) -> Tensor:
    """Means over all ranks: RPN objectness, RPN box, class, box."""
    return torch.cat([of_proposals.mean([0]), of_regions.mean([0])], 0)
