"""Rows of the comparison: the arguments of both sides, the metric that is compared, the targets."""

from dataclasses import dataclass

CPU = (
    *("step", "step-newest", "step-compiled"),
    *("step-bf16", "step-bf16-newest", "step-bf16-compiled"),
    *("ranks", "input", "input-color", "input-decode", "detect", "detect-infer", "store"),
)
# In order of worth, as time on a GPU may end.
CUDA = (
    *("step-bf16", "step-bf16-compiled", "step-32-bf16", "step-32-bf16-compiled"),
    *("step", "step-compiled", "step-32", "step-32-compiled"),
    *("step-tf32", "step-tf32-compiled", "step-32-tf32", "step-32-tf32-compiled"),
    *("step-data", "augment", "nccl", "ddp"),
)
PRECISIONS = {"": "float32", "tf32": "tf32", "bf16": "bfloat16"}
# One rank of the paper's eight.
RANK_BATCH = 32
RANKS = 8


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
    # True if theirs is the newest PyTorch.
    newest: bool = False
    # Number of GPUs without which the row cannot run.
    devices: int = 1


def is_compiled(name):
    return name.endswith("-compiled")


def is_newest(name):
    """True of rows that need the newest PyTorch on a CPU, where older compilers fail."""
    return is_compiled(name) or name.endswith("-newest")


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
        if name.startswith("step") and name != "step-data":
            return self.named_step(name)
        return {
            "step-data": lambda: self.step(name, "float32", data=self.images),
            "augment": lambda: self.augment(name),
            "nccl": lambda: self.nccl(name),
            "ddp": lambda: self.ddp(name),
            "ranks": lambda: self.step(name, "float32", ranks=RANKS, memory=0.8),
            "input": lambda: self.input(name, "host", 3.0),
            "input-color": lambda: self.input(name, "color", 4.2),
            "input-decode": lambda: self.input(name, "decode", 12.0),
            "detect": lambda: self.detect(name, memory=0.8),
            "detect-infer": lambda: self.detect(name, infer=True),
            "store": lambda: self.store(name),
        }[name]()

    def named_step(self, name):
        """A row that is named step[-32][-tf32|-bf16][-newest|-compiled]."""
        parts = name.split("-")
        precision = next((PRECISIONS[part] for part in parts if part in PRECISIONS), "float32")
        of_rank = RANK_BATCH if "32" in parts else None
        if is_compiled(name):
            # Of the modes the fastest one: on a GPU max-autotune takes minutes, which pay where kernels are long.
            mode = "default"
            if self.device:
                mode = "max-autotune" if precision == "bfloat16" and not of_rank else "reduce-overhead"
            rate = 1.0 if self.device else 1.25
            return self.step(name, precision, batch_size=of_rank, compile=mode, rate=rate, memory=None)
        rate = 1.0
        if self.device and precision == "bfloat16":
            rate = 1.5 if of_rank else 1.2
        return self.step(name, precision, batch_size=of_rank, rate=rate, memory=None if is_newest(name) else 1.0)

    def step(self, name, precision, ranks=1, rate=1.0, memory=1.0, data=None, batch_size=None, compile=None):
        of_rank = self.batch_size if self.quick else batch_size or self.batch_size
        batch_size = ranks * (2 if self.quick and ranks > 1 else of_rank)
        if self.quick:
            size = dict(arch="resnet18", image_size=32, queue_size=16 * batch_size, warmup=0, steps=2)
        elif self.device:
            size = dict(warmup=10, steps=30)
        else:
            size = dict(warmup=1 if ranks > 1 else 2, steps=2 if ranks > 1 else 6)
        same = arguments(batch_size=batch_size, ranks=ranks, threads=self.threads, device=self.device, **size)
        options = arguments(precision=precision, foreach=True, channels_last=True, compile=compile)
        return Row(
            name,
            f"MoCo v2 step, {size.get('arch', 'resnet50')}, {precision}, "
            + (f"{ranks} ranks of {batch_size // ranks}" if ranks > 1 else f"batch {batch_size}")
            + (", ours from JPEGs, color, blur and flip on the device" if data else "")
            + (f"; theirs compiled ({compile})" if compile else ""),
            ["step", *same, *arguments(precision=precision, data=data)],
            ["moco_step.py", *same, *options],
            IMAGES,
            rate=rate,
            memory=memory,
            newest=is_newest(name),
        )

    def ddp(self, name):
        """Eight ranks on as many GPUs, against the original's DistributedDataParallel."""
        batch_size = RANKS * (2 if self.quick else RANK_BATCH)
        if self.quick:
            size = dict(arch="resnet18", image_size=32, queue_size=16 * batch_size, warmup=0, steps=2)
        else:
            size = dict(warmup=10, steps=30)
        same = arguments(batch_size=batch_size, ranks=RANKS, threads=self.threads, device=self.device, **size)
        return Row(
            name,
            f"MoCo v2 step, {size.get('arch', 'resnet50')}, float32, {RANKS} ranks of {batch_size // RANKS}, a GPU each",
            ["world", *same, *arguments(parts="steps", devices=RANKS)],
            ["moco_ddp.py", *same],
            IMAGES,
            rate=1.0,
            devices=RANKS,
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
