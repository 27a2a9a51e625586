"""The quickstart's pre-training and linear classification as facebookresearch/moco has them, once for each seed.

Images are decoded by Pillow from the shards that the prepare stage wrote, and augmented by torchvision. Random numbers
are PyTorch's and Python's own.
"""

import copy
import io
import json
import math
import os
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from case import normalized
from equal_steps import enqueue, first_of_each, moco_logits, step

import numpy
import torch
from learning_chart import METRICS, chart
from PIL import Image, ImageFilter
from torch import nn
from torch.nn import functional
from torchvision import transforms
from torchvision.models.resnet import BasicBlock, conv1x1

WIDTHS = 16, 32, 64, 128


class ResNet10W16(nn.Module):
    """torchvision's ResNet with one basic block in each layer, a 3x3 stem of stride 2 and no max pool."""

    def __init__(self, outputs):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, WIDTHS[0], 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(WIDTHS[0]), nn.ReLU()
        )
        blocks = [BasicBlock(WIDTHS[0], WIDTHS[0])]
        for before, width in zip(WIDTHS, WIDTHS[1:]):
            downsample = nn.Sequential(conv1x1(before, width, 2), nn.BatchNorm2d(width))
            blocks.append(BasicBlock(before, width, 2, downsample))
        self.layers = nn.Sequential(*blocks)
        self.fc = nn.Sequential(nn.Linear(WIDTHS[-1], WIDTHS[-1]), nn.ReLU(), nn.Linear(WIDTHS[-1], outputs))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def features(self, images):
        return self.layers(self.stem(images)).mean((2, 3))

    def forward(self, images):
        return self.fc(self.features(images))


class GaussianBlur:
    """facebookresearch/moco, moco/loader.py."""

    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))


def pretraining(size):
    """The transforms of --aug-plus in facebookresearch/moco, main_moco.py, without the last two."""
    return transforms.Compose(
        [
            transforms.RandomResizedCrop(size, scale=(0.2, 1.0)),
            transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            transforms.RandomGrayscale(p=0.2),
            transforms.RandomApply([GaussianBlur()], p=0.5),
            transforms.RandomHorizontalFlip(),
        ]
    )


def training(size):
    return transforms.Compose([transforms.RandomResizedCrop(size), transforms.RandomHorizontalFlip()])


def evaluation(size):
    return transforms.Compose([transforms.Resize(round(size * 256 / 224)), transforms.CenterCrop(size)])


class Split:
    """Images and labels of a split, in the order of its shards."""

    def __init__(self, folder, name):
        self.images, labels = [], []
        for shard in json.loads((folder / "index.json").read_text())["splits"][name]["shards"]:
            content = (folder / shard["path"]).read_bytes()
            for sample in json.loads((folder / shard["index"]).read_text())["samples"]:
                encoded = content[sample["offset"] : sample["offset"] + sample["length"]]
                self.images.append(Image.open(io.BytesIO(encoded)).convert("RGB"))
                labels.append(sample["label"])
        self.labels = torch.tensor(labels)

    def views(self, indices, transform):
        pixels = numpy.stack([numpy.asarray(transform(self.images[index])) for index in indices])
        return normalized(torch.from_numpy(pixels).float())


@torch.no_grad()
def features(model, images, transform, indices):
    model.eval()
    found = [model.features(images.views(part, transform)) for part in indices.split(256)]
    model.train()
    return torch.cat(found)


def knn_top1(settings, model, train, validation, transform):
    """Weighted nearest neighbors of arXiv:1805.01978."""
    bank, queries = [
        functional.normalize(features(model, images, transform, torch.arange(len(images.labels))), dim=1)
        for images in (train, validation)
    ]
    nearest, indices = (queries @ bank.T).topk(settings["neighbors"])
    votes = torch.zeros(len(queries), int(train.labels.max()) + 1)
    votes.scatter_add_(1, train.labels[indices], (nearest / settings["temperature"]).exp())
    return 100 * (votes.argmax(1) == validation.labels).double().mean().item()


def pretrain(settings, knn, train, validation):
    """Returns the encoder, the mean loss of each epoch, and top-1 of the monitor's runs."""
    size, batch = settings["imageSize"], settings["batchSize"]
    query = ResNet10W16(settings["dimension"])
    key = copy.deepcopy(query)
    queue = functional.normalize(torch.randn(settings["dimension"], settings["contrast"]["queueSize"]), dim=0)
    rates, transform, plain = settings["optimizer"], pretraining(size), evaluation(size)
    optimizer = torch.optim.SGD(
        query.parameters(), lr=0, momentum=rates["momentum"], weight_decay=rates["weightDecay"]
    )
    of_step = settings["contrast"] | {"ranks": settings["ranks"]}
    pointer, losses, top1 = 0, [], [knn_top1(knn, query, train, validation, plain)]
    for epoch in range(settings["epochs"]):
        rate = rates["learningRate"] * 0.5 * (1 + math.cos(math.pi * epoch / settings["epochs"]))
        of_epoch = []
        for indices in torch.randperm(len(train.labels)).split(batch):
            if len(indices) == batch:
                images = [train.views(indices, transform) for _ in range(2)]
                logits, keys = moco_logits(of_step, query, key, queue, images, torch.randperm(batch))
                loss = first_of_each(logits)
                step(optimizer, loss, rate)
                pointer = enqueue(queue, pointer, keys)
                of_epoch.append(loss.item())
        losses.append(sum(of_epoch) / len(of_epoch))
        if (epoch + 1) % knn["everyEpochs"] == 0 or epoch + 1 == settings["epochs"]:
            top1.append(knn_top1(knn, query, train, validation, plain))
        print(epoch + 1, losses[-1], top1[-1], flush=True)
    return query, losses, top1


def linear(settings, model, train, validation):
    """Returns top-1 after each epoch: facebookresearch/moco, main_lincls.py."""
    size, rates = settings["imageSize"], settings["optimizer"]
    classifier = nn.Linear(WIDTHS[-1], int(train.labels.max()) + 1)
    nn.init.normal_(classifier.weight, std=0.01)
    nn.init.zeros_(classifier.bias)
    optimizer = torch.optim.SGD(
        classifier.parameters(), lr=0, momentum=rates["momentum"], weight_decay=rates["weightDecay"]
    )
    transform = training(size)
    unseen = features(model, validation, evaluation(size), torch.arange(len(validation.labels)))
    top1 = []
    for epoch in range(settings["epochs"]):
        rate = rates["learningRate"] * 0.1 ** sum(epoch >= milestone for milestone in rates["milestones"])
        for indices in torch.randperm(len(train.labels)).split(settings["batchSize"]):
            scores = classifier(features(model, train, transform, indices))
            step(optimizer, functional.cross_entropy(scores, train.labels[indices]), rate)
        with torch.no_grad():
            top1.append(100 * (classifier(unseen).argmax(1) == validation.labels).double().mean().item())
    print("linear", top1, flush=True)
    return top1


def run(settings, seed):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random.seed(seed)
    folder = Path(settings["prepared"])
    train, validation = Split(folder, "train"), Split(folder, "validation")
    model, losses, top1 = pretrain(settings["pretrain"], settings["knn"], train, validation)
    return dict(zip(METRICS, [losses, top1, linear(settings["linear"], model, train, validation)]))


def learning(case):
    settings, seeds = case.settings, case.settings["seeds"]
    with ProcessPoolExecutor(min(len(seeds), os.cpu_count())) as processes:
        runs = list(processes.map(run, [settings] * len(seeds), seeds))
    for seed, curves in zip(seeds, runs):
        for metric, values in curves.items():
            case.put(f"{metric}.{seed}", torch.tensor(values, dtype=torch.float64))
    ours = [{metric: case.tensor(f"{metric}.{seed}").tolist() for metric in METRICS} for seed in seeds]
    (case.folder / "learning.svg").write_text(chart(ours, runs, settings["pretrain"]["epochs"]))
