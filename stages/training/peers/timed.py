"""Shared by the timed programs: options, repetitions, and the report with the names of `moco bench -o json`."""

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

import torch
import torchvision


def options(description, warmup, steps):
    parser = argparse.ArgumentParser(
        description=description,
        epilog="Needs the packages of requirements.txt. Prints one line of JSON; memory is the peak of the process.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--arch", default="resnet50", help="a ResNet of torchvision (default: resnet50)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of PyTorch (default: all cores)")
    parser.add_argument("--channels-last", action="store_true", help="use the memory format that is faster on a CPU")
    parser.add_argument("--warmup", type=int, default=warmup, help=f"repetitions before the timed ones ({warmup})")
    parser.add_argument("--steps", type=int, default=steps, help=f"timed repetitions ({steps})")
    parser.add_argument("--seconds", type=float, help="repeat for at least this long, instead of --steps times")
    return parser


def start(settings):
    torch.set_num_threads(settings.threads)
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True


def memory_format(settings):
    return torch.channels_last if settings.channels_last else torch.contiguous_format


def time_steps(settings, step):
    """Seconds of each timed repetition."""
    seconds = []
    done = 0

    def more():
        if settings.seconds is None:
            return done < settings.warmup + settings.steps
        return done <= settings.warmup or sum(seconds) < settings.seconds

    while more():
        begin = time.perf_counter()
        step()
        if settings.device == "cuda":
            torch.cuda.synchronize()
        if done >= settings.warmup:
            seconds.append(time.perf_counter() - begin)
        done += 1
    return seconds


def peak_rss_mib():
    """Peak memory as `moco bench` reads it; getrusage would include the parent's."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) // 1024


def report(settings, images, seconds):
    """Prints the report of repetitions that each process the given number of images."""
    median = statistics.median(seconds)
    metrics = {
        "imagesPerSecond": images / median,
        "imagesPerSecondMin": images / max(seconds),
        "imagesPerSecondMax": images / min(seconds),
        "stepSeconds": seconds,
        "stepSecondsMedian": median,
        "stepSecondsMin": min(seconds),
        "stepSecondsMax": max(seconds),
        "peakRssMib": peak_rss_mib(),
    }
    if settings.device == "cuda":
        metrics["peakReservedMib"] = torch.cuda.max_memory_reserved() >> 20
    print_report(settings, metrics)


def print_report(settings, metrics):
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
    }
    print(json.dumps({**metrics, "settings": vars(settings), "versions": versions}))
