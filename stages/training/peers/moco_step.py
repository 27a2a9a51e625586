#!/usr/bin/env python3
"""Times the step of MoCo in plain PyTorch, as `moco bench step` does, with the same options and inputs.

Two views of each image as decoded bytes: normalize, momentum update of the key encoder, shuffled keys, queries, logits
against the queue, backward, SGD, enqueue. Ranks are slices of the batch, each with its own batch-norm statistics; they
run one after another and their gradients are averaged. Accuracies (top-1, top-5) are not computed.

    moco_step.py --batch-size 32 --foreach --channels-last [--compile default]
"""

import torch
import torchvision
from timed import memory_format, options, report, start, time_steps
from torch import nn
from torch.nn import functional

TEMPERATURE = 0.2
KEY_MOMENTUM = 0.999


class Encoder(nn.Module):
    """A ResNet with its head: N x S x S x 3 bytes to N x D of unit length."""

    def __init__(self, settings):
        super().__init__()
        self.settings = settings
        network = getattr(torchvision.models, settings.arch)(num_classes=settings.dim)
        if settings.head == "mlp":
            width = network.fc.in_features
            network.fc = nn.Sequential(nn.Linear(width, width), nn.ReLU(), network.fc)
        self.network = network.to(memory_format=memory_format(settings))
        self.mean = torch.tensor([0.485, 0.456, 0.406], device=settings.device).view(3, 1, 1)
        self.deviation = torch.tensor([0.229, 0.224, 0.225], device=settings.device).view(3, 1, 1)
        self.to(settings.device)
        if settings.compile:
            self.compile(mode=settings.compile)

    def forward(self, images):
        pixels = images.permute(0, 3, 1, 2).to(torch.float32).contiguous(memory_format=memory_format(self.settings))
        pixels.div_(255).sub_(self.mean).div_(self.deviation)
        bfloat16 = self.settings.precision == "bfloat16"
        with torch.autocast(self.settings.device, dtype=torch.bfloat16, enabled=bfloat16):
            encoded = self.network(pixels)
        return functional.normalize(encoded.float(), dim=1)


class MomentumContrast:
    def __init__(self, settings):
        self.settings = settings
        self.query, self.key = Encoder(settings), Encoder(settings)
        self.key.load_state_dict(self.query.state_dict())
        self.key.requires_grad_(False)
        self.queue = functional.normalize(torch.randn(settings.dim, settings.queue_size, device=settings.device), dim=0)
        self.pointer = 0
        # Without --foreach, parameters are updated one at a time, which is PyTorch's default on a CPU.
        self.optimizer = torch.optim.SGD(
            self.query.parameters(), 0.03, momentum=0.9, weight_decay=1e-4, foreach=settings.foreach
        )

    @torch.no_grad()
    def update_key_encoder(self):
        keys, queries = list(self.key.parameters()), list(self.query.parameters())
        if self.settings.foreach:
            torch._foreach_mul_(keys, KEY_MOMENTUM)
            torch._foreach_add_(keys, queries, alpha=1 - KEY_MOMENTUM)
        else:
            for param_k, param_q in zip(keys, queries):
                param_k.mul_(KEY_MOMENTUM).add_(param_q, alpha=1 - KEY_MOMENTUM)

    @torch.no_grad()
    def keys(self, images):
        shuffle = torch.randperm(len(images), device=images.device)
        shuffled = [self.key(part) for part in images[shuffle].chunk(self.settings.ranks)]
        return torch.cat(shuffled)[torch.argsort(shuffle)]

    def step(self, query_images, key_images):
        ranks = self.settings.ranks
        # Compiled for a GPU, the outputs of the step before may be overwritten from here on.
        torch.compiler.cudagraph_mark_step_begin()
        self.update_key_encoder()
        keys = self.keys(key_images)
        self.optimizer.zero_grad()
        for images, k in zip(query_images.chunk(ranks), keys.chunk(ranks)):
            q = self.query(images)
            logits = torch.cat([(q * k).sum(1, keepdim=True), q @ self.queue], 1) / TEMPERATURE
            positives = torch.zeros(len(q), dtype=torch.long, device=q.device)
            # Backward within the loop, so that a rank's activations are freed before the next rank's forward.
            (functional.cross_entropy(logits, positives) / ranks).backward()
        self.optimizer.step()
        self.queue[:, self.pointer : self.pointer + len(keys)] = keys.T
        self.pointer = (self.pointer + len(keys)) % self.settings.queue_size


def parse(description):
    parser = options(description, warmup=2, steps=6)
    parser.add_argument("--precision", choices=["float32", "tf32", "bfloat16"], default="float32")
    parser.add_argument("--foreach", action="store_true", help="update all parameters in one call")
    parser.add_argument(
        "--compile",
        choices=["default", "reduce-overhead", "max-autotune"],
        help="run the encoders, from bytes to unit length, by torch.compile in this mode",
    )
    parser.add_argument("--head", choices=["mlp", "fc"], default="mlp", help="mlp (v2) or fc (v1)")
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=32, help="images of a step, all ranks together")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--queue-size", type=int, default=65536)
    parser.add_argument("--dim", type=int, default=128)
    settings = parser.parse_args()
    if settings.precision == "tf32" and settings.device == "cpu":
        parser.error("--precision tf32 needs --device cuda")
    if settings.batch_size % settings.ranks or settings.queue_size % settings.batch_size:
        parser.error("--batch-size must be a multiple of --ranks, and --queue-size of --batch-size")
    return settings


if __name__ == "__main__":
    settings = parse(__doc__)
    start(settings)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = settings.precision == "tf32"
    contrast = MomentumContrast(settings)
    views = [
        torch.randint(256, (settings.batch_size, settings.image_size, settings.image_size, 3), dtype=torch.uint8)
        for _ in range(2)
    ]
    views = [view.to(settings.device) for view in views]
    report(settings, settings.batch_size, time_steps(settings, lambda: contrast.step(*views)))
