"""Faster R-CNN C4 on a ResNet (docs/method.md §3), as detectron2's R50-C4.

An iteration is several calls, between which the ranks share what they sum (layers.py, DetectorStep.java). Lists hold
one tensor for each rank of a process.

Shapes: N images of a rank, H x W cells of the features, A anchors in each cell, K regions of a rank, C classes.
"""
from typing import List, NamedTuple, Optional

import torch
from torch import Tensor

from dev.moco.training.detect.heads import (
    AnchorTargets,
    BoxPredictor,
    Proposals,
    RegionTargets,
    RpnHead,
    box_predictor,
    box_predictor_of,
    predictor_parameters,
    proposal_losses,
    region_losses,
    rpn_head,
    rpn_head_of,
    rpn_parameters,
)
from dev.moco.training.detect.layers import packed_images
from dev.moco.training.detect.roi_align import roi_align
from dev.moco.training.resnet.batch_norm import BatchNorm, batch_norm_forward
from dev.moco.training.resnet.resnet import ResNet, build_network, layer_forward, stem_forward
from dev.moco.training.resnet.sgd import sgd_step
from dev.moco.training.resnet.tape import RECOMPUTE_CONVOLUTIONS

RPN_PARAMETERS = 6
LAYER4 = 3
# Momentum of batch norms that use their running statistics.
EVALUATION = -1.


class Detector(NamedTuple):
    """A detector as Java passes it."""
    parameters: Tensor  # flat
    statistics: Tensor  # running statistics of the batch norms, flat
    velocity: Tensor  # of SGD, like the parameters
    shape: List[int]


class RoiAlign(NamedTuple):
    scale: float  # cells of the features for each pixel
    cells: int  # side of the aligned regions


class Sgd(NamedTuple):
    learning_rate: float
    momentum: float
    weight_decay: float


class DetectorNetwork(NamedTuple):
    resnet: ResNet
    extra_norm: BatchNorm  # after layer4 (Res5ROIHeadsExtraNorm)
    rpn: RpnHead
    predictor: BoxPredictor


class Trunk(NamedTuple):
    """Features of each rank, and what the region proposal network says about them."""
    features: List[Tensor]
    logits: List[Tensor]
    anchor_deltas: List[Tensor]


def detector_network(detector: Detector, parameters: Tensor) -> DetectorNetwork:
    """The detector as views of its parameters, or of a buffer of gradients in their place."""
    network = build_network(parameters, detector.statistics, detector.shape, False)
    return DetectorNetwork(
        resnet=network.resnet,
        extra_norm=network.norms[0],
        rpn=rpn_head_of(network.weights[:RPN_PARAMETERS]),
        predictor=box_predictor_of(network.weights[RPN_PARAMETERS:]),
    )


def leaves_of(tensors: List[Tensor]) -> List[Tensor]:
    """Tensors to take gradients of. Those given need none themselves, so that they may be updated in place."""
    out: List[Tensor] = []
    for tensor in tensors:
        x = tensor.detach()
        x.requires_grad_()
        out.append(x)
    return out


def propose(detector: Detector, features: List[Tensor]) -> Proposals:
    network = detector_network(detector, detector.parameters)
    return rpn_head(features, network.rpn, detector.parameters.dtype)


def detect_trunk(detector: Detector, images: List[Tensor], bfloat16: bool) -> Trunk:
    """Stem to layer3 and the region proposal network in evaluation, on one batch of N x 3 x height x width."""
    network = detector_network(detector, detector.parameters)
    features = stem_forward(
        packed_images(images, bfloat16), network.resnet, EVALUATION, None, RECOMPUTE_CONVOLUTIONS)
    for i in range(LAYER4):
        features = layer_forward(features, network.resnet.layers[i], EVALUATION, None, RECOMPUTE_CONVOLUTIONS)
    proposals = rpn_head(features, network.rpn, detector.parameters.dtype)
    return Trunk(features, proposals.logits, proposals.anchor_deltas)


def align_regions(features: List[Tensor], regions: List[Tensor], pooler: RoiAlign) -> List[Tensor]:
    out: List[Tensor] = []
    for i in range(len(features)):
        out.append(roi_align(features[i], regions[i], pooler.scale, [pooler.cells, pooler.cells], 0))
    return out


def aligned_regions(features: List[Tensor], regions: List[Tensor], pooler: RoiAlign) -> List[Tensor]:
    """Features to take gradients of, then the regions aligned from them."""
    leaves = leaves_of(features)
    return leaves + align_regions(leaves, regions, pooler)


def detect_regions(
    detector: Detector,
    features: List[Tensor],
    regions: List[Tensor],
    pooler: RoiAlign,
) -> List[Tensor]:
    """Class probabilities (K x C+1) of a batch, then box deltas (K x 4C), in evaluation."""
    network = detector_network(detector, detector.parameters)
    dtype = detector.parameters.dtype
    maps = align_regions(features, regions, pooler)
    maps = layer_forward(maps, network.resnet.layers[LAYER4], EVALUATION, None, RECOMPUTE_CONVOLUTIONS)
    maps = batch_norm_forward(maps, network.extra_norm, EVALUATION, None, RECOMPUTE_CONVOLUTIONS)
    predictions = box_predictor([maps[0].to(dtype).mean([2, 3])], network.predictor)
    return [torch.softmax(predictions.class_logits[0], 1)] + predictions.box_deltas


def gradients_of(loss: Tensor, outputs: List[Tensor], grads: List[Tensor], leaves: List[Tensor]) -> List[Tensor]:
    """Gradients of leaves from that of the loss, which is 1, and those of further outputs."""
    grad_outputs: List[Optional[Tensor]] = [None]
    for grad in grads:
        grad_outputs.append(grad)
    out: List[Tensor] = []
    for grad in torch.grad([loss] + outputs, leaves, grad_outputs):
        out.append(torch._unwrap_optional(grad))
    return out


def each_flat(grads: List[Tensor], ranks: int) -> List[Tensor]:
    """Joins the gradients of a head's parameters, those of each rank one after another, to a flat tensor a rank."""
    count = len(grads) // ranks
    out: List[Tensor] = []
    for i in range(ranks):
        flat: List[Tensor] = []
        for grad in grads[i * count:(i + 1) * count]:
            flat.append(grad.reshape([-1]))
        out.append(torch.cat(flat, 0))
    return out


def region_gradients(
    detector: Detector,
    pooled: List[Tensor],
    targets: RegionTargets,
    all_ranks: int,
) -> List[Tensor]:
    """Losses (R x 2: class, box) of the ranks, and gradients of their sum, averaged over all ranks.

    These are the gradients of the pooled features of each rank, then of the box predictor by each rank, flat.
    """
    ranks = len(pooled)
    predictor = predictor_parameters(detector_network(detector, detector.parameters).predictor)
    inputs = leaves_of(pooled)
    leaves: List[Tensor] = []
    class_logits: List[Tensor] = []
    box_deltas: List[Tensor] = []
    for i in range(ranks):
        own = leaves_of(predictor)
        leaves = leaves + own
        of_rank = box_predictor(inputs[i:i + 1], box_predictor_of(own))
        class_logits = class_logits + of_rank.class_logits
        box_deltas = box_deltas + of_rank.box_deltas
    losses: List[Tensor] = []
    for i in range(ranks):
        losses = losses + region_losses(
            class_logits[i], box_deltas[i], targets.labels[i], targets.foreground[i], targets.box_deltas[i])
    by_rank = torch.stack(losses).view([ranks, -1])
    grads = gradients_of(by_rank.div(all_ranks).sum(), [], [], inputs + leaves)
    return [by_rank.detach()] + grads[:ranks] + each_flat(grads[ranks:], ranks)


def proposal_gradients(
    detector: Detector,
    features: List[Tensor],
    aligned: List[Tensor],
    aligned_grads: List[Tensor],
    anchors: AnchorTargets,
    normalizer: float,
    all_ranks: int,
) -> List[Tensor]:
    """Losses (R x 2: objectness, box) of the ranks, and gradients of all losses, averaged over all ranks.

    features, aligned: as aligned_regions returns them; aligned_grads: gradients of the losses of the regions.
    The gradients are those of the features of each rank, then of the region proposal network by each rank, flat.
    """
    ranks = len(features)
    head = rpn_parameters(detector_network(detector, detector.parameters).rpn)
    leaves: List[Tensor] = []
    logits: List[Tensor] = []
    anchor_deltas: List[Tensor] = []
    for i in range(ranks):
        own = leaves_of(head)
        leaves = leaves + own
        of_rank = rpn_head(features[i:i + 1], rpn_head_of(own), detector.parameters.dtype)
        logits = logits + of_rank.logits
        anchor_deltas = anchor_deltas + of_rank.anchor_deltas
    losses: List[Tensor] = []
    for i in range(ranks):
        losses = losses + proposal_losses(
            logits[i], anchor_deltas[i], anchors.sampled[i], anchors.anchor_deltas[i], normalizer)
    by_rank = torch.stack(losses).view([ranks, -1])
    grads = gradients_of(by_rank.div(all_ranks).sum(), aligned, aligned_grads, features + leaves)
    return [by_rank.detach()] + grads[:ranks] + each_flat(grads[ranks:], ranks)


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


def mean_losses(of_proposals: Tensor, of_regions: Tensor) -> Tensor:
    """Means over all ranks: RPN objectness, RPN box, class, box."""
    return torch.cat([of_proposals.mean([0]), of_regions.mean([0])], 0)


def update(detector: Detector, gradient: Tensor, sgd: Sgd) -> Tensor:
    weights = detector.shape[2:2 + detector.shape[0]]  # the batch norms, which follow, do not decay
    return sgd_step(
        detector.parameters, detector.velocity, gradient, sum(weights), sgd.learning_rate, sgd.momentum,
        sgd.weight_decay)


def overwrite(target: Tensor, source: Tensor) -> Tensor:
    return target.copy_(source)
