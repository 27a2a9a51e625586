"""Faster R-CNN C4 on a ResNet (docs/method.md §3), as detectron2's R50-C4.

Lists hold one tensor for each of the R ranks that run in lockstep, as they share the batch statistics.

Shapes: N images of a rank, H x W cells of the features, A anchors in each cell, K regions of a rank, C classes.
"""
from typing import List, NamedTuple, Optional

import torch
from torch import Tensor

from dev.moco.training.detect.heads import (
    AnchorTargets,
    BoxPredictor,
    RegionTargets,
    RpnHead,
    box_predictor,
    box_predictor_of,
    mean_losses,
    predictor_parameters,
    proposal_losses,
    region_losses,
    rpn_head,
    rpn_head_of,
    rpn_parameters,
)
from dev.moco.training.detect.roi_align import roi_align
from dev.moco.training.resnet.batch_norm import (
    BatchNorm,
    batch_norm_backward,
    batch_normalize,
    batch_statistics,
)
from dev.moco.training.resnet.functional import average_pool_backward
from dev.moco.training.resnet.resnet import (
    ResNet,
    build_network,
    layer_backward,
    layer_forward,
    stem_backward,
    stem_forward,
)
from dev.moco.training.resnet.sgd import sgd_step
from dev.moco.training.resnet.tape import RECOMPUTE_CONVOLUTIONS, peek, pop, push

RPN_PARAMETERS = 6
LAYER4 = 3


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
    """Outputs for the images of each rank, and the tape if it is recorded."""
    features: List[Tensor]
    logits: List[Tensor]
    anchor_deltas: List[Tensor]
    tape: List[Tensor]


class RecordedTrunk(NamedTuple):
    """A trunk of which the tape was recorded, as the backward pass needs it."""
    features: List[Tensor]  # of each rank
    tape: List[Tensor]


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
    out = detached(tensors)
    for x in out:
        x.requires_grad_()
    return out


def detached(tensors: List[Tensor]) -> List[Tensor]:
    out: List[Tensor] = []
    for x in tensors:
        out.append(x.detach())
    return out


def packed_images(images: List[Tensor], bfloat16: bool) -> List[Tensor]:
    """Images in the type and memory format of the layers."""
    out: List[Tensor] = []
    for image in images:
        x = image.to(torch.bfloat16) if bfloat16 else image
        out.append(x.contiguous(memory_format=torch.channels_last))
    return out


def trunk_forward(detector: Detector, images: List[Tensor], momentum: float, bfloat16: bool, recorded: bool) -> Trunk:
    """Stem to layer3 and the region proposal network, on N x 3 x height x width images of each rank."""
    network = detector_network(detector, detector.parameters)
    resnet = network.resnet
    tape: List[Tensor] = []
    optional_tape: Optional[List[Tensor]] = tape if recorded else None
    features = packed_images(images, bfloat16)
    features = stem_forward(features, resnet, momentum, optional_tape, RECOMPUTE_CONVOLUTIONS)
    for i in range(LAYER4):
        features = layer_forward(features, resnet.layers[i], momentum, optional_tape, RECOMPUTE_CONVOLUTIONS)
    proposals = rpn_head(features, network.rpn, detector.parameters.dtype)
    return Trunk(features, proposals.logits, proposals.anchor_deltas, tape)


def trunk_backward(grads: List[Tensor], resnet: ResNet, resnet_grad: ResNet, tape: List[Tensor]) -> int:
    """Adds the gradients of the parameters, given those of the features, which the tape of the trunk ends with."""
    for i in range(len(grads)):
        grads[i] = grads[i].contiguous(memory_format=torch.channels_last)
    for i in range(LAYER4 - 1, -1, -1):
        grads = layer_backward(grads, resnet.layers[i], resnet_grad.layers[i], tape, RECOMPUTE_CONVOLUTIONS)
    return stem_backward(grads, resnet, resnet_grad, tape, RECOMPUTE_CONVOLUTIONS)


def align_regions(features: List[Tensor], regions: List[Tensor], pooler: RoiAlign) -> List[Tensor]:
    out: List[Tensor] = []
    for i in range(len(features)):
        out.append(roi_align(features[i], regions[i], pooler.scale, [pooler.cells, pooler.cells], 0))
    return out


def region_features(
    aligned: List[Tensor],
    network: DetectorNetwork,
    momentum: float,
    dtype: int,
    tape: Optional[List[Tensor]],
) -> List[Tensor]:
    """layer4, the extra batch norm after its last ReLU, and the mean over cells: K x channels for each rank."""
    push(tape, aligned)
    maps = layer_forward(aligned, network.resnet.layers[LAYER4], momentum, tape, RECOMPUTE_CONVOLUTIONS)
    mean, var = batch_statistics(maps, network.extra_norm, momentum)
    push(tape, [mean, var])
    out: List[Tensor] = []
    for x in batch_normalize(maps, network.extra_norm, mean, var):
        out.append(x.to(dtype).mean([2, 3]))
    return out


def region_features_backward(
    grads: List[Tensor],
    network: DetectorNetwork,
    gradients: DetectorNetwork,
    tape: List[Tensor],
) -> List[Tensor]:
    """Gradients of the aligned regions from those of their features; uses up the tape."""
    statistics = pop(tape, 2)
    maps = peek(tape, len(grads))
    for i in range(len(grads)):
        grads[i] = average_pool_backward(grads[i], maps[i])
    grads = batch_norm_backward(
        grads, maps, network.extra_norm, gradients.extra_norm, statistics, RECOMPUTE_CONVOLUTIONS)
    maps = grads  # frees the outputs of layer4
    grads = layer_backward(
        grads, network.resnet.layers[LAYER4], gradients.resnet.layers[LAYER4], tape, RECOMPUTE_CONVOLUTIONS)
    pop(tape, len(grads))
    return grads


def predict_regions(
    detector: Detector,
    features: List[Tensor],
    regions: List[Tensor],
    pooler: RoiAlign,
    momentum: float,
) -> List[Tensor]:
    """Class probabilities (K x C+1) of each rank, then box deltas (K x 4C) of each."""
    network = detector_network(detector, detector.parameters)
    aligned = align_regions(features, regions, pooler)
    pooled = region_features(aligned, network, momentum, detector.parameters.dtype, None)
    predictions = box_predictor(pooled, network.predictor)
    out: List[Tensor] = []
    for logits in predictions.class_logits:
        out.append(torch.softmax(logits, 1))
    return out + predictions.box_deltas


def gradients_of(loss: Tensor, outputs: List[Tensor], grads: List[Tensor], leaves: List[Tensor]) -> List[Tensor]:
    """Gradients of leaves from that of the loss, which is 1, and those of further outputs."""
    grad_outputs: List[Optional[Tensor]] = [None]
    for grad in grads:
        grad_outputs.append(grad)
    out: List[Tensor] = []
    for grad in torch.grad([loss] + outputs, leaves, grad_outputs):
        out.append(torch._unwrap_optional(grad))
    return out


def add_flat(to: List[Tensor], grads: List[Tensor]) -> int:
    for i in range(len(grads)):
        to[i].add_(grads[i].view([-1]))
    return 0


def update(detector: Detector, gradient: Tensor, sgd: Sgd) -> Tensor:
    weights = detector.shape[2:2 + detector.shape[0]]  # the batch norms, which follow, do not decay
    return sgd_step(
        detector.parameters, detector.velocity, gradient, sum(weights), sgd.learning_rate, sgd.momentum,
        sgd.weight_decay)


def step(
    detector: Detector,
    trunk: RecordedTrunk,
    anchors: AnchorTargets,
    targets: RegionTargets,
    pooler: RoiAlign,
    momentum: float,
    normalizer: float,
    sgd: Sgd,
) -> Tensor:
    """The second half of an iteration, after the trunk was recorded and anchors and regions were sampled.

    Computes the losses and the gradient of their sum, averaged over the ranks, and updates parameters and velocity.
    Returns the losses, means over the ranks: RPN objectness, RPN box, class, box.
    """
    ranks = len(trunk.features)
    network = detector_network(detector, detector.parameters)
    gradient = torch.zeros_like(detector.parameters)
    gradients = detector_network(detector, gradient)
    dtype = detector.parameters.dtype
    rpn_leaves = leaves_of(rpn_parameters(network.rpn))
    predictor_leaves = leaves_of(predictor_parameters(network.predictor))
    maps = leaves_of(trunk.features)

    aligned = align_regions(maps, targets.regions, pooler)
    tape: List[Tensor] = []
    pooled = leaves_of(region_features(detached(aligned), network, momentum, dtype, tape))
    predictions = box_predictor(pooled, box_predictor_of(predictor_leaves))
    losses: List[Tensor] = []
    for i in range(ranks):
        losses = losses + region_losses(
            predictions.class_logits[i], predictions.box_deltas[i], targets.labels[i], targets.foreground[i],
            targets.box_deltas[i])
    of_regions = mean_losses(losses, ranks)
    grads = gradients_of(of_regions.sum(), [], [], pooled + predictor_leaves)
    add_flat(predictor_parameters(gradients.predictor), grads[ranks:])
    aligned_grads = region_features_backward(grads[:ranks], network, gradients, tape)

    proposals = rpn_head(maps, rpn_head_of(rpn_leaves), dtype)
    losses = []
    for i in range(ranks):
        losses = losses + proposal_losses(
            proposals.logits[i], proposals.anchor_deltas[i], anchors.sampled[i], anchors.anchor_deltas[i], normalizer)
    of_proposals = mean_losses(losses, ranks)
    grads = gradients_of(of_proposals.sum(), aligned, aligned_grads, maps + rpn_leaves)
    add_flat(rpn_parameters(gradients.rpn), grads[ranks:])
    trunk_backward(grads[:ranks], network.resnet, gradients.resnet, trunk.tape)

    update(detector, gradient, sgd)
    return torch.cat([of_proposals.detach(), of_regions.detach()], 0)


def overwrite(target: Tensor, source: Tensor) -> Tensor:
    return target.copy_(source)
