#!/usr/bin/env python3
"""Times two MoCo v2 views an image with Pillow, torchvision and a DataLoader, as `moco bench input` does.

The transforms of the original code in their order. Views end as bytes, as ours do; a step normalises them. --normalised
ends where the original does, with ToTensor and Normalize.

    input_path.py DIR_OF_CLASS_FOLDERS --workers 2 --images 1000
"""

import argparse
import os
import random
import resource
import time

import torch
import torchvision
from PIL import ImageFilter
from timed import answer, peak_rss_mib
from torchvision import transforms


class GaussianBlur:
    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))


class TwoViews:
    def __init__(self, size, normalised):
        end = [transforms.PILToTensor()]
        if normalised:
            end = [transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
        self.view = transforms.Compose(
            [
                transforms.RandomResizedCrop(size, scale=(0.2, 1.0)),
                transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
                transforms.RandomGrayscale(p=0.2),
                transforms.RandomApply([GaussianBlur()], p=0.5),
                transforms.RandomHorizontalFlip(),
                *end,
            ]
        )

    def __call__(self, image):
        return self.view(image), self.view(image)


def loader(settings):
    images = torchvision.datasets.ImageFolder(settings.folder, TwoViews(settings.size, settings.normalised))
    drawn = torch.utils.data.RandomSampler(images, replacement=True, num_samples=settings.images)
    return torch.utils.data.DataLoader(images, settings.batch, sampler=drawn, num_workers=settings.workers)


def core_seconds():
    """Processor time of this process and of the workers that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="class folders of JPEGs")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: all cores)")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--size", type=int, default=224, help="side of a view")
    parser.add_argument("--normalised", action="store_true", help="end with ToTensor and Normalize")
    return parser.parse_args()


if __name__ == "__main__":
    settings = parse()
    torch.set_num_threads(1)
    views = loader(settings)
    begin, busy = time.perf_counter(), core_seconds()
    # The workers are joined at the end of the loop, so that their time is counted.
    seen = sum(len(query) for (query, key), _ in views)
    seconds, busy = time.perf_counter() - begin, core_seconds() - busy
    figures = {
        "imagesPerSecond": seen / seconds,
        "imagesPerCoreSecond": seen / busy,
        "peakRssMib": peak_rss_mib(),
    }
    answer(settings, figures)
