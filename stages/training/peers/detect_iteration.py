#!/usr/bin/env python3
"""Times iterations of Faster R-CNN R50-C4 from torchvision's parts, as `moco bench detect` does, with the same options.

Images are noise; the numbers of anchors, proposals and regions are those of MoCo's VOC fine-tuning; every batch norm is
in training mode, with one more after res5. With --infer: inference, one image after another.

    detect_iteration.py --batch-size 2 --height 600 --width 800
"""

from collections import OrderedDict

import torch
import torchvision
from timed import memory_format, options, report, start, time_steps
from torch import nn
from torchvision import ops
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform

CLASSES = 20
SIZES = (32, 64, 128, 256, 512)
RATIOS = (0.5, 1.0, 2.0)


class Trunk(nn.Sequential):
    """Stem to res4, whose output is the only feature map of C4."""

    def __init__(self, resnet):
        super().__init__(
            resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool, resnet.layer1, resnet.layer2, resnet.layer3
        )

    def forward(self, images):
        return OrderedDict(c4=super().forward(images))


class Pooler(nn.Module):
    """RoIAlign with aligned=True, as in detectron2; torchvision's own pooler uses aligned=False."""

    def forward(self, maps, boxes, image_shapes):
        return ops.roi_align(maps["c4"], boxes, output_size=14, spatial_scale=1 / 16, sampling_ratio=0, aligned=True)


class Predictor(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.classes = nn.Linear(width, CLASSES + 1)
        self.deltas = nn.Linear(width, 4 * (CLASSES + 1))
        nn.init.normal_(self.classes.weight, std=0.01)
        nn.init.normal_(self.deltas.weight, std=0.001)

    def forward(self, features):
        return self.classes(features), self.deltas(features)


def faster_rcnn(settings):
    resnet = getattr(torchvision.models, settings.arch)()
    middle, top = resnet.layer4[0].conv1.in_channels, resnet.fc.in_features
    proposals = RegionProposalNetwork(
        AnchorGenerator((SIZES,), (RATIOS,)),
        RPNHead(middle, len(SIZES) * len(RATIOS)),
        fg_iou_thresh=0.7,
        bg_iou_thresh=0.3,
        batch_size_per_image=256,
        positive_fraction=0.5,
        pre_nms_top_n={"training": 12000, "testing": 6000},
        post_nms_top_n={"training": 2000, "testing": 1000},
        nms_thresh=0.7,
    )
    regions = RoIHeads(
        Pooler(),
        nn.Sequential(resnet.layer4, nn.BatchNorm2d(top), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        Predictor(top),
        fg_iou_thresh=0.5,
        bg_iou_thresh=0.5,
        batch_size_per_image=512,
        positive_fraction=0.25,
        bbox_reg_weights=None,
        score_thresh=0.05,
        nms_thresh=0.5,
        detections_per_img=100,
    )
    # Images are not resized, as in moco's bench.
    transform = GeneralizedRCNNTransform(
        min(settings.height, settings.width),
        max(settings.height, settings.width),
        [0.485, 0.456, 0.406],
        [0.229, 0.224, 0.225],
        size_divisible=1,
        _skip_resize=True,
    )
    model = GeneralizedRCNN(Trunk(resnet), proposals, regions, transform)
    return model.to(settings.device, memory_format=memory_format(settings)).train(not settings.infer)


def objects(settings):
    """Random boxes of a third of the image's width and height."""
    size = torch.tensor([settings.width, settings.height])
    corners = torch.rand(settings.boxes, 2) * size / 2
    return {
        "boxes": torch.cat([corners, corners + size / 3], 1).to(settings.device),
        "labels": torch.randint(1, CLASSES + 1, (settings.boxes,), device=settings.device),
    }


def iteration(settings, model):
    shape = (settings.height, settings.width, 3)
    pixels = [torch.randint(256, shape, dtype=torch.uint8) for _ in range(settings.batch_size)]
    targets = [objects(settings) for _ in pixels]
    # A small learning rate, so that training on noise does not diverge.
    optimizer = torch.optim.SGD(model.parameters(), 1e-4, momentum=0.9, weight_decay=1e-4)

    def images():
        return [image.to(settings.device).permute(2, 0, 1).float().div_(255) for image in pixels]

    def train():
        optimizer.zero_grad()
        sum(model(images(), targets).values()).backward()
        optimizer.step()

    @torch.no_grad()
    def infer():
        for image in images():
            model([image])

    return infer if settings.infer else train


if __name__ == "__main__":
    parser = options(__doc__, warmup=1, steps=4)
    parser.add_argument("--batch-size", type=int, default=2, help="images of an iteration")
    parser.add_argument("--height", type=int, default=600)
    parser.add_argument("--width", type=int, default=800)
    parser.add_argument("--boxes", type=int, default=3, help="objects of an image")
    parser.add_argument("--infer", action="store_true", help="time inference instead of training")
    settings = parser.parse_args()
    start(settings)
    report(settings, settings.batch_size, time_steps(settings, iteration(settings, faster_rcnn(settings))))
