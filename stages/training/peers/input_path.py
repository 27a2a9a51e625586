#!/usr/bin/env python3
"""Times two MoCo v2 views of each image with Pillow, torchvision and a DataLoader, as `moco bench input` does.

The transforms are those of the original code, in its order. Views are bytes, as in moco, where the step normalizes
them; with --normalized they end with ToTensor and Normalize, as in the original code.

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
from timed import peak_rss_mib, print_report
from torchvision import transforms


class GaussianBlur:
    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))


class TwoViews:
    def __init__(self, image_size, normalized):
        end = [transforms.PILToTensor()]
        if normalized:
            end = [transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
        self.view = transforms.Compose(
            [
                transforms.RandomResizedCrop(image_size, scale=(0.2, 1.0)),
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
    views = TwoViews(settings.image_size, settings.normalized)
    images = torchvision.datasets.ImageFolder(settings.folder, views)
    sampler = torch.utils.data.RandomSampler(images, replacement=True, num_samples=settings.images)
    return torch.utils.data.DataLoader(images, settings.batch_size, sampler=sampler, num_workers=settings.workers)


def core_seconds():
    """Processor time of this process and of its workers that have exited."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="class folders of JPEGs")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: all cores)")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--image-size", type=int, default=224, help="side of a view")
    parser.add_argument("--normalized", action="store_true", help="end with ToTensor and Normalize")
    return parser.parse_args()


if __name__ == "__main__":
    settings = parse()
    torch.set_num_threads(1)
    views = loader(settings)
    begin, cpu_begin = time.perf_counter(), core_seconds()
    # The workers are joined at the end of the loop, so their processor time is included.
    count = sum(len(query) for (query, key), _ in views)
    seconds, cpu_seconds = time.perf_counter() - begin, core_seconds() - cpu_begin
    metrics = {
        "imagesPerSecond": count / seconds,
        "imagesPerCoreSecond": count / cpu_seconds,
        "peakRssMib": peak_rss_mib(),
    }
    print_report(settings, metrics)
