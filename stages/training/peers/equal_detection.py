"""One iteration of Faster R-CNN C4 from torchvision's parts; lists hold one tensor for each rank."""

import math

import torch
from case import resnet
from torch import nn
from torch.nn import functional
from torchvision import ops
from torchvision.models.detection import _utils as parts


def each(layer, inputs):
    return [layer(x) for x in inputs]


def norm(layer, inputs):
    """Batch norm with the ranks' mean statistics (detectron2's NaiveSyncBatchNorm); ordinary for a single rank."""
    if len(inputs) == 1:
        return each(layer, inputs)
    mean = torch.stack([x.mean([0, 2, 3]) for x in inputs]).mean(0)
    variance = torch.stack([x.square().mean([0, 2, 3]) for x in inputs]).mean(0) - mean.square()
    with torch.no_grad():
        layer.running_mean.lerp_(mean, layer.momentum)
        layer.running_var.lerp_(variance, layer.momentum)
    columns = [numbers.view(-1, 1, 1) for numbers in (mean, variance + layer.eps, layer.weight, layer.bias)]
    return [(x - columns[0]) / columns[1].sqrt() * columns[2] + columns[3] for x in inputs]


def bottlenecks(layer, inputs):
    for block in layer:
        x = each(block.relu, norm(block.bn1, each(block.conv1, inputs)))
        x = each(block.relu, norm(block.bn2, each(block.conv2, x)))
        x = norm(block.bn3, each(block.conv3, x))
        if block.downsample is not None:
            inputs = norm(block.downsample[1], each(block.downsample[0], inputs))
        inputs = [block.relu(inner + shortcut) for inner, shortcut in zip(x, inputs)]
    return inputs


def faster_rcnn(case):
    """ResNet C4 under torchvision's names, its heads under detectron2's."""
    settings = case.settings
    model = resnet(case)
    middle, top = model.layer4[0].conv1.in_channels, model.fc.in_features
    del model.fc
    shapes = len(settings["sizes"]) * len(settings["ratios"])
    proposals = {
        "conv": nn.Conv2d(middle, middle, 3, padding=1),
        "objectness_logits": nn.Conv2d(middle, shapes, 1),
        "anchor_deltas": nn.Conv2d(middle, 4 * shapes, 1),
    }
    boxes = {
        "cls_score": nn.Linear(top, settings["classes"] + 1),
        "bbox_pred": nn.Linear(top, 4 * settings["classes"]),
    }
    model.proposal_generator = nn.ModuleDict({"rpn_head": nn.ModuleDict(proposals)})
    res5 = nn.ModuleDict({"norm": nn.BatchNorm2d(top)})
    model.roi_heads = nn.ModuleDict({"res5": res5, "box_predictor": nn.ModuleDict(boxes)})
    return case.load(model.to(case.type)).train()


def padded(images):
    """Normalizes H x W x 3 numbers from 0 to 255 in float32; pads them with zeros, right and below, to one batch."""
    mean, deviation = torch.tensor([123.675, 116.28, 103.53]), torch.tensor([58.395, 57.12, 57.375])
    height, width = (max(image.shape[axis] for image in images) for axis in (0, 1))
    batch = [((image.float() - mean) / deviation).permute(2, 0, 1) for image in images]
    sides = [(0, width - image.shape[2], 0, height - image.shape[1]) for image in batch]
    return torch.stack([functional.pad(image, side) for image, side in zip(batch, sides)]).to(images[0].dtype)


def anchors_of(settings, height, width):
    cell = []
    for size in settings["sizes"]:
        for ratio in settings["ratios"]:
            x = math.sqrt(size * size / ratio)
            cell.append([-x / 2, -ratio * x / 2, x / 2, ratio * x / 2])
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    shifts = 16 * torch.stack([x, y, x, y], -1).double()
    return (shifts.view(-1, 1, 4) + torch.tensor(cell, dtype=torch.double)).view(-1, 4)


def proposals_of(settings, anchors, logits, deltas, height, width):
    # Scores and deltas are rounded to float32, as in the proposals that are checked.
    order = logits.float().sort(descending=True, stable=True).indices[: settings["beforeNms"]]
    decoded = parts.BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(deltas.float().double()[order], anchors[order])
    boxes = ops.clip_boxes_to_image(decoded, (height, width))
    nonempty = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    boxes, scores = boxes[nonempty], logits.float().double()[order][nonempty]
    return boxes[ops.nms(boxes, scores, settings["nmsThreshold"])[: settings["afterNms"]]]


def check_drawn(what, drawn, positives, matches, size, fraction):
    """Checks number, distinctness and labels of a sample; labels are an object's index, -1 background, -2 ignored."""
    assert len(drawn) == len(set(drawn.tolist())), f"{what}: an index occurs twice"
    expected = min(int((matches >= 0).sum()), int(size * fraction))
    assert positives == expected, f"{what}: {expected} positives expected, found {positives}"
    expected = min(int((matches == -1).sum()), size - positives)
    assert len(drawn) - positives == expected, f"{what}: {expected} negatives expected, found {len(drawn) - positives}"
    assert bool((matches[drawn[:positives]] >= 0).all()), f"{what}: a positive without an object"
    assert bool((matches[drawn[positives:]] == -1).all()), f"{what}: a negative that is not background"


def check_deltas(what, weights, objects, boxes, found):
    expected = parts.BoxCoder(weights).encode_single(objects, boxes)
    assert torch.allclose(expected, found.double(), rtol=1e-6, atol=1e-6), f"{what}: deltas differ from torchvision's"


def check_choice(case, name, rank, image, of_rank, logits, deltas, anchors):
    """Checks that torchvision's matching and NMS allow the anchors and regions that were sampled in an image."""
    settings = case.settings
    objects, classes = case.tensor(f"objects.{name}").double(), case.whole(f"classes.{name}")
    height, width, _ = case.shapes[f"image.{name}"]
    whole_rank, anchor_deltas, regions, labels, box_deltas = of_rank

    own = whole_rank // len(anchors) == image
    drawn = whole_rank[own] % len(anchors)
    positives = int(own[: len(anchor_deltas)].sum())
    matches = parts.Matcher(0.7, 0.3, True)(ops.box_iou(objects, anchors))
    check_drawn(f"anchors of {name}", drawn, positives, matches, settings["anchorsDrawn"], settings["anchorShare"])
    of_objects = drawn[:positives]
    of_image = anchor_deltas[own[: len(anchor_deltas)]]
    check_deltas(f"anchors of {name}", (1.0,) * 4, objects[matches[of_objects]], anchors[of_objects], of_image)

    candidates = torch.cat([proposals_of(settings, anchors, logits, deltas, height, width), objects])
    own = regions[:, 0] == image
    distance, drawn = torch.cdist(regions[own, 1:].double(), candidates, p=math.inf).min(1)
    assert float(distance.max()) < 1e-4, f"regions of {name}: {float(distance.max())} pixels from any proposal"
    positives = int((labels[own] < settings["classes"]).sum())
    matches = parts.Matcher(0.5, 0.5, False)(ops.box_iou(objects, candidates))
    check_drawn(f"regions of {name}", drawn, positives, matches, settings["regionsDrawn"], settings["regionShare"])
    of_objects = drawn[:positives]
    assert torch.equal(labels[own][:positives], classes[matches[of_objects]]), f"regions of {name}: another class"
    assert bool((labels[own][positives:] == settings["classes"]).all()), f"regions of {name}: an object in background"
    of_image = own[labels < settings["classes"]]
    weights = (10.0, 10.0, 5.0, 5.0)
    check_deltas(
        f"regions of {name}", weights, objects[matches[of_objects]], candidates[of_objects], box_deltas[of_image]
    )


def detection(case):
    settings = case.settings
    ranks, count = range(settings["ranks"]), settings["imagesOfRank"]
    model = faster_rcnn(case)
    batches = [padded([case.tensor(f"image.{rank}.{image}") for image in range(count)]) for rank in ranks]
    x = each(model.relu, norm(model.bn1, each(model.conv1, batches)))
    x = each(model.maxpool, x)
    for layer in model.layer1, model.layer2, model.layer3:
        x = bottlenecks(layer, x)

    rpn = model.proposal_generator["rpn_head"]
    hidden = each(lambda maps: functional.relu(rpn["conv"](maps)), x)
    logits = [rpn["objectness_logits"](maps).permute(0, 2, 3, 1).flatten(1) for maps in hidden]
    deltas = []
    for maps in each(rpn["anchor_deltas"], hidden):
        deltas.append(maps.unflatten(1, (-1, 4)).permute(0, 3, 4, 1, 2).reshape(count, -1, 4))

    targets = []
    for rank in ranks:
        sampled, labels = case.whole(f"sampled.{rank}"), case.whole(f"labels.{rank}")
        names = "anchor_deltas", "regions", "box_deltas"
        anchor_deltas, regions, box_deltas = (case.tensor(f"{name}.{rank}") for name in names)
        targets.append((sampled, anchor_deltas, regions, labels, box_deltas))
        anchors = anchors_of(settings, *x[rank].shape[2:])
        # In float32 the sample may differ by rounding: two proposals with almost equal scores may be swapped.
        for image in range(count) if case.type == torch.float64 else []:
            outputs = logits[rank][image].detach(), deltas[rank][image].detach()
            check_choice(case, f"{rank}.{image}", rank, image, targets[rank], *outputs, anchors)

    pooled = []
    for maps, (_, _, regions, _, _) in zip(x, targets):
        pooled.append(ops.roi_align(maps, regions, settings["cells"], 1 / 16, sampling_ratio=0, aligned=True))
    pooled = norm(model.roi_heads["res5"]["norm"], bottlenecks(model.layer4, pooled))
    box = model.roi_heads["box_predictor"]
    losses = []
    for rank, (sampled, anchor_deltas, _, labels, box_deltas) in zip(ranks, targets):
        normalizer = settings["anchorsDrawn"] * count
        truth = (torch.arange(len(sampled)) < len(anchor_deltas)).to(case.type)
        objectness = logits[rank].flatten()[sampled]
        pred_anchor_deltas = deltas[rank].flatten(0, 1)[sampled[: len(anchor_deltas)]]
        vectors = pooled[rank].mean([2, 3])
        objects = torch.nonzero(labels < settings["classes"]).flatten()
        pred_box_deltas = box["bbox_pred"](vectors).unflatten(1, (-1, 4))[objects, labels[objects]]
        losses.append(
            torch.stack([
                functional.binary_cross_entropy_with_logits(objectness, truth, reduction="sum") / normalizer,
                functional.l1_loss(pred_anchor_deltas, anchor_deltas, reduction="sum") / normalizer,
                functional.cross_entropy(box["cls_score"](vectors), labels),
                functional.l1_loss(pred_box_deltas, box_deltas, reduction="sum") / len(labels),
            ])
        )
    mean = torch.stack(losses).mean(0)
    mean.sum().backward()
    case.put("losses", mean)
    case.put_all("gradient.", [(name, weight.grad) for name, weight in model.named_parameters()])
    case.put_all("statistics.", model.named_buffers())
