"""Heads of the detector: region proposal network and box predictor, with their losses (docs/method.md §3.2).

Lists hold one tensor for each rank.

Shapes: N images of a rank, H x W cells of the features, A anchors in each cell, K regions of a rank, C classes.
"""
from typing import List, NamedTuple

import torch
from torch import Tensor

# torch.nn.functional's reduction="sum", as the operator takes it.
REDUCTION_SUM = 2


class RpnHead(NamedTuple):
    """The region proposal network, under detectron2's names; weights and biases are flat."""
    conv_weight: Tensor
    conv_bias: Tensor
    objectness_weight: Tensor
    objectness_bias: Tensor
    anchor_deltas_weight: Tensor
    anchor_deltas_bias: Tensor


class BoxPredictor(NamedTuple):
    """The linear layers of the RoI head, under detectron2's names; weights and biases are flat."""
    cls_score_weight: Tensor
    cls_score_bias: Tensor
    bbox_pred_weight: Tensor
    bbox_pred_bias: Tensor


class Proposals(NamedTuple):
    """Outputs of the region proposal network for each rank."""
    logits: List[Tensor]  # objectness, N*H*W*A
    anchor_deltas: List[Tensor]  # N*H*W*A x 4


class Predictions(NamedTuple):
    """Outputs of the box predictor for each rank."""
    class_logits: List[Tensor]  # K x C+1
    box_deltas: List[Tensor]  # K x 4C


class AnchorTargets(NamedTuple):
    sampled: List[Tensor]  # indices of the sampled anchors, objects first
    anchor_deltas: List[Tensor]  # of the objects


class RegionTargets(NamedTuple):
    regions: List[Tensor]  # K x 5 (image, x1, y1, x2, y2), images ascending
    labels: List[Tensor]  # class of each region, C for background
    foreground: List[Tensor]  # of each object, its row region * C + class in the deltas
    box_deltas: List[Tensor]  # of the objects


def rpn_parameters(head: RpnHead) -> List[Tensor]:
    return [
        head.conv_weight,
        head.conv_bias,
        head.objectness_weight,
        head.objectness_bias,
        head.anchor_deltas_weight,
        head.anchor_deltas_bias,
    ]


def rpn_head_of(parameters: List[Tensor]) -> RpnHead:
    conv_weight, conv_bias, objectness_weight, objectness_bias, deltas_weight, deltas_bias = parameters
    return RpnHead(conv_weight, conv_bias, objectness_weight, objectness_bias, deltas_weight, deltas_bias)


def predictor_parameters(predictor: BoxPredictor) -> List[Tensor]:
    return [
        predictor.cls_score_weight,
        predictor.cls_score_bias,
        predictor.bbox_pred_weight,
        predictor.bbox_pred_bias,
    ]


def box_predictor_of(parameters: List[Tensor]) -> BoxPredictor:
    cls_score_weight, cls_score_bias, bbox_pred_weight, bbox_pred_bias = parameters
    return BoxPredictor(cls_score_weight, cls_score_bias, bbox_pred_weight, bbox_pred_bias)


def convolution_with_bias(x: Tensor, weight: Tensor, bias: Tensor, kernel: int) -> Tensor:
    """In the type of x, to which the flat parameters are cast."""
    padding = kernel // 2
    weights = weight.view([-1, x.size(1), kernel, kernel]).to(x.dtype)
    return torch.conv2d(x, weights, bias.to(x.dtype), [1, 1], [padding, padding], [1, 1], 1)


def rpn_head(features: List[Tensor], head: RpnHead, dtype: int) -> Proposals:
    """Objectness and deltas of all anchors in a type."""
    logits: List[Tensor] = []
    deltas: List[Tensor] = []
    for x in features:
        hidden = torch.relu(convolution_with_bias(x, head.conv_weight, head.conv_bias, 3))
        logit = convolution_with_bias(hidden, head.objectness_weight, head.objectness_bias, 1)
        delta = convolution_with_bias(hidden, head.anchor_deltas_weight, head.anchor_deltas_bias, 1)
        delta = delta.reshape([logit.size(0), -1, 4, logit.size(2), logit.size(3)])
        logits.append(logit.permute([0, 2, 3, 1]).reshape([-1]).to(dtype))
        deltas.append(delta.permute([0, 3, 4, 1, 2]).reshape([-1, 4]).to(dtype))
    return Proposals(logits, deltas)


def box_predictor(pooled: List[Tensor], predictor: BoxPredictor) -> Predictions:
    """Class logits and box deltas of pooled features, K x channels for each rank."""
    class_logits: List[Tensor] = []
    box_deltas: List[Tensor] = []
    for x in pooled:
        class_logits.append(
            torch.linear(x, predictor.cls_score_weight.view([-1, x.size(1)]), predictor.cls_score_bias))
        box_deltas.append(
            torch.linear(x, predictor.bbox_pred_weight.view([-1, x.size(1)]), predictor.bbox_pred_bias))
    return Predictions(class_logits, box_deltas)


def proposal_losses(
    logits: Tensor,
    anchor_deltas: Tensor,
    sampled: Tensor,
    targets: Tensor,
    normalizer: float,
) -> List[Tensor]:
    """Objectness and box loss of a rank: sums over the normalizer, the number of anchors sampled at most.

    sampled, targets: see AnchorTargets.
    """
    objects = targets.size(0)
    sampled_logits = torch.index_select(logits, 0, sampled)
    truth = torch.zeros_like(sampled_logits)
    truth[:objects].fill_(1)
    deltas = torch.index_select(anchor_deltas, 0, sampled[:objects])
    objectness = torch.binary_cross_entropy_with_logits(sampled_logits, truth, None, None, REDUCTION_SUM)
    return [objectness / normalizer, torch.abs(deltas - targets).sum() / normalizer]


def region_losses(
    class_logits: Tensor,
    box_deltas: Tensor,
    labels: Tensor,
    foreground: Tensor,
    targets: Tensor,
) -> List[Tensor]:
    """Class and box loss of a rank; labels, foreground, targets: see RegionTargets."""
    deltas = torch.index_select(box_deltas.view([-1, 4]), 0, foreground)
    return [
        torch.cross_entropy_loss(class_logits, labels),
        torch.abs(deltas - targets).sum() / labels.size(0),
    ]


def mean_losses(losses: List[Tensor], ranks: int) -> Tensor:
    """Mean over the ranks of losses in the order rank, loss."""
    return torch.stack(losses).view([ranks, -1]).mean([0])
