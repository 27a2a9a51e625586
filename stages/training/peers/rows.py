"""Rows of the comparison: the arguments of both sides, the metric that is compared, the targets."""

from dataclasses import dataclass

CPU = "step", "step-bf16", "ranks", "input", "input-color", "input-decode", "detect", "detect-infer", "store"
CUDA = (
    *("step", "step-tf32", "step-bf16"),
    *("step-32", "step-32-tf32", "step-32-bf16"),
    *("step-data", "augment", "nccl"),
)
# One rank of the paper's eight.
RANK_BATCH = 32


@dataclass(frozen=True)
class Metric:
    """A rate and its names in the reports; theirs is None if there is nothing to compare with."""

    unit: str
    ours: str
    theirs: str | None


IMAGES = Metric("images/s", "imagesPerSecond", "imagesPerSecond")
IMAGES_OF_CORE = Metric("images/core-s", "imagesPerCoreSecond", "imagesPerCoreSecond")
MEGABYTES = Metric("MB/s", "verifiedMbPerSecond", "plainMbPerSecond")
OWN_IMAGES = Metric("images/s", "imagesPerSecond", None)
OWN_GIGABYTES = Metric("GB/s", "gigabytesPerSecond", None)


@dataclass(frozen=True)
class Row:
    """A row of the table; without a PyTorch program, moco's bench measures both sides, or there is no PyTorch side."""

    name: str
    work: str
    ours: list
    theirs: list | None
    metric: Metric
    rate: float | None = None
    memory: float | None = None
    # Environment variables of our process.


def arguments(**options):
    """Command-line options; True is an option without a value, None and False are omitted."""
    typed = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        typed.append("--" + name.replace("_", "-"))
        if value is not True:
            typed.append(str(value))
    return typed


class Rows:
    """Rows for one machine; quick ones only show that everything works."""

    def __init__(self, images, threads, cuda, quick, batch_size, normalized):
        self.images = images
        self.threads = threads
        self.device = "cuda" if cuda else None
        self.quick = quick
        self.batch_size = batch_size or (8 if quick else 256 if cuda else 32)
        self.normalized = normalized

    def row(self, name):
        return {
            "step": lambda: self.step(name, "float32"),
            "step-tf32": lambda: self.step(name, "tf32"),
            "step-bf16": lambda: self.step(name, "bfloat16"),
            "step-32": lambda: self.step(name, "float32", batch_size=RANK_BATCH),
            "step-32-tf32": lambda: self.step(name, "tf32", batch_size=RANK_BATCH),
            "step-32-bf16": lambda: self.step(name, "bfloat16", batch_size=RANK_BATCH),
            "step-data": lambda: self.step(name, "float32", data=self.images),
            "augment": lambda: self.augment(name),
            "nccl": lambda: self.nccl(name),
            "ranks": lambda: self.step(name, "float32", ranks=8, memory=0.8),
            "input": lambda: self.input(name, "host", 3.0),
            "input-color": lambda: self.input(name, "color", 4.2),
            "input-decode": lambda: self.input(name, "decode", 12.0),
            "detect": lambda: self.detect(name, memory=0.8),
            "detect-infer": lambda: self.detect(name, infer=True),
            "store": lambda: self.store(name),
        }[name]()

    def step(self, name, precision, ranks=1, memory=1.0, data=None, batch_size=None):
        of_rank = self.batch_size if self.quick else batch_size or self.batch_size
        batch_size = ranks * (2 if self.quick and ranks > 1 else of_rank)
        if self.quick:
            size = dict(arch="resnet18", image_size=32, queue_size=16 * batch_size, warmup=0, steps=2)
        elif self.device:
            size = dict(warmup=10, steps=30)
        else:
            size = dict(warmup=1 if ranks > 1 else 2, steps=2 if ranks > 1 else 6)
        same = arguments(batch_size=batch_size, ranks=ranks, threads=self.threads, device=self.device, **size)
        return Row(
            name,
            f"MoCo v2 step, {size.get('arch', 'resnet50')}, {precision}, "
            + (f"{ranks} ranks of {batch_size // ranks}" if ranks > 1 else f"batch {batch_size}")
            + (", ours from JPEGs, color, blur and flip on the device" if data else ""),
            ["step", *same, *arguments(precision=precision, data=data)],
            ["moco_step.py", *same, "--precision", precision, "--foreach", "--channels-last"],
            IMAGES,
            rate=1.0,
            memory=memory,
        )

    def augment(self, name):
        size = dict(image_size=32, warmup=0, steps=2) if self.quick else dict(image_size=224, warmup=10, steps=30)
        return Row(
            name,
            f"copy, color, blur and flip of two views, batch {self.batch_size}, ours alone",
            ["augment", *arguments(batch_size=self.batch_size, threads=self.threads, device=self.device, **size)],
            None,
            OWN_IMAGES,
        )

    def nccl(self, name):
        size = dict(arch="resnet18", warmup=0, steps=2) if self.quick else {}
        return Row(
            name,
            "NCCL's all-reduce of the gradients, one rank, ours alone",
            ["nccl", *arguments(**size)],
            None,
            OWN_GIGABYTES,
        )

    def input(self, name, mode, rate):
        # The processor time of fewer images is too short for ours to measure.
        same = arguments(workers=self.threads, images=200 if self.quick else 1000, batch_size=8 if self.quick else 32)
        work = {
            "host": "JPEGs to two views",
            "color": "JPEGs to two crops; color, blur and flip are left to the device",
            "decode": "JPEGs to pixels; all else is left to the device",
        }
        return Row(
            name,
            work[mode],
            ["input", str(self.images), *same, *arguments(warmup=0 if self.quick else 500, mode=mode)],
            ["input_path.py", str(self.images), *same, *arguments(normalized=self.normalized)],
            IMAGES_OF_CORE,
            rate,
        )

    def detect(self, name, infer=False, memory=None):
        if self.quick:
            size = dict(arch="resnet18", height=64, width=96, warmup=0, steps=1)
        else:
            size = dict(height=600, width=800, warmup=1, steps=4 if infer else 2)
        batch_size = 1 if infer else 2
        same = arguments(batch_size=batch_size, threads=self.threads, infer=infer, **size)
        return Row(
            name,
            f"Faster R-CNN C4 {'inference' if infer else 'training'}, {size.get('arch', 'resnet50')}, "
            f"{batch_size} × {size['height']}x{size['width']}",
            ["detect", *same],
            ["detect_iteration.py", *same],
            IMAGES,
            rate=1.0,
            memory=memory,
        )

    def store(self, name):
        size = dict(mib=4, object_mib=2, rounds=1) if self.quick else dict(rounds=5)
        return Row(
            name, "S3 to disk, verified; theirs: plain GET", ["store", *arguments(**size)], None, MEGABYTES, rate=0.8
        )
