"""Repeats with PyTorch and torchvision the computations of the Java tests of -Ppeer: equal.py PROGRAM FOLDER.

The only input is the folder, which case.py describes; no code or weights of the Java project are read.
"""

import sys

from case import Case, normalized, resnet  # first, because it checks the versions of the packages

import torch
from equal_detection import detection
from equal_steps import end_to_end, moco, simclr, supervised
from exchange import documented, exported, saved
from learning import learning
from torch import nn


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


if __name__ == "__main__":
    torch.set_num_threads(1)
    program, folder = sys.argv[1:]
    programs = [features, moco, end_to_end, simclr, supervised, detection, saved, exported, documented, learning]
    {function.__name__: function for function in programs}[program](Case(folder))
