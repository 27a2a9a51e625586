"""Repeats with PyTorch and torchvision the computations of the Java tests of -Ppeer: equal.py PROGRAM FOLDER.

The only input is the folder, which case.py describes; no code or weights of the Java project are read.
"""

import copy
import sys

from case import Case, normalized, resnet  # first, because it checks the versions of the packages

import torch
from equal_detection import detection
from exchange import exported, saved
from torch import nn
from torch.nn import functional


def features(case):
    model = resnet(case)
    model.fc = nn.Identity()
    case.load(model)
    images = normalized(case.tensor("images"))
    for mode in "train", "evaluation":
        model.train(mode == "train")
        model.zero_grad()
        found = model(images)
        (found * case.tensor("directions")).sum().backward()
        case.put(f"{mode}.features", found)
        case.put_all(f"{mode}.gradient.", [(name, weight.grad) for name, weight in model.named_parameters()])
    case.put_all("statistics.", model.named_buffers())


class Ranks:
    """An encoder on R ranks: each has a slice of the batch and its own batch norm buffers; rank 0's are kept."""

    def __init__(self, model, count):
        self.model = model
        self.count = count

    def __call__(self, batch):
        own = dict(self.model.named_buffers())
        buffers = [own] + [copy.deepcopy(own) for _ in range(1, self.count)]
        return [
            functional.normalize(torch.func.functional_call(self.model, buffer, part), dim=1)
            for buffer, part in zip(buffers, batch.chunk(self.count))
        ]


def steps(case):
    settings = case.settings

    def encoder():
        model = resnet(case, num_classes=settings["dimension"])
        width = model.fc.in_features
        model.fc = nn.Sequential(nn.Linear(width, width, dtype=case.type), nn.ReLU(), model.fc)
        return case.load(model).train()

    query, key = encoder(), encoder()
    queue, pointer = case.tensor("queue"), 0
    optimizer = torch.optim.SGD(query.parameters(), lr=0, momentum=settings["momentum"], weight_decay=settings["decay"])
    losses = []
    for step, rate in enumerate(settings["rates"]):
        with torch.no_grad():
            for param_k, param_q in zip(key.parameters(), query.parameters()):
                param_k.mul_(settings["keyMomentum"]).add_(param_q, alpha=1 - settings["keyMomentum"])
            shuffle = case.whole(f"shuffle.{step}")
            shuffled = torch.cat(Ranks(key, settings["ranks"])(normalized(case.tensor(f"keys.{step}"))[shuffle]))
            keys = shuffled[torch.argsort(shuffle)]
        queries = Ranks(query, settings["ranks"])(normalized(case.tensor(f"queries.{step}")))
        ranks = []
        for q, k in zip(queries, keys.chunk(settings["ranks"])):
            logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.clone()], 1) / settings["temperature"]
            ranks.append(functional.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long)))
        loss = torch.stack(ranks).mean()
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        queue[:, pointer : pointer + len(keys)] = keys.T
        pointer = (pointer + len(keys)) % queue.shape[1]
        losses.append(loss.detach())
    case.put("losses", torch.stack(losses))
    case.put("queue", queue)
    velocity = [(name, optimizer.state[weight]["momentum_buffer"]) for name, weight in query.named_parameters()]
    case.put_all("velocity.", velocity)
    for name, model in ("query.", query), ("key.", key):
        case.put_all(name, model.named_parameters())
        case.put_all(name, model.named_buffers())


if __name__ == "__main__":
    torch.set_num_threads(1)
    program, folder = sys.argv[1:]
    programs = [features, steps, detection, saved, exported]
    {function.__name__: function for function in programs}[program](Case(folder))
