#!/usr/bin/env python3
"""Times the step of MoCo as the original runs it: a process for each rank and GPU, DistributedDataParallel.

Each process has its part of the batch. The images of the other view are gathered from all processes and shuffled, the
keys are gathered, and the queue is a buffer, which DistributedDataParallel sends to all processes at each step.

    moco_ddp.py --device cuda --ranks 8 --batch-size 256
    moco_ddp.py --ranks 2 --batch-size 16 --threads 1
"""

import os
import tempfile

import torch
from moco_step import KEY_MOMENTUM, TEMPERATURE, Encoder, parse
from timed import report, start, time_steps
from torch import distributed, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel


@torch.no_grad()
def gathered(own):
    """Rows of all processes, in their order."""
    all_rows = [torch.empty_like(own) for _ in range(distributed.get_world_size())]
    distributed.all_gather(all_rows, own.contiguous())
    return torch.cat(all_rows)


class DistributedContrast(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.queue_size = settings.queue_size
        self.query, self.key = Encoder(settings), Encoder(settings)
        self.key.load_state_dict(self.query.state_dict())
        self.key.requires_grad_(False)
        queue = functional.normalize(torch.randn(settings.dim, settings.queue_size, device=settings.device), dim=0)
        self.register_buffer("queue", queue)
        self.pointer = 0

    @torch.no_grad()
    def update_key_encoder(self):
        for param_k, param_q in zip(self.key.parameters(), self.query.parameters()):
            param_k.mul_(KEY_MOMENTUM).add_(param_q, alpha=1 - KEY_MOMENTUM)

    @torch.no_grad()
    def keys(self, images):
        """Keys of this process's images, which any process may have encoded."""
        rank, of_rank = distributed.get_rank(), len(images)
        batch = gathered(images)
        shuffle = torch.randperm(len(batch), device=images.device)
        distributed.broadcast(shuffle, src=0)
        shuffled = self.key(batch[shuffle.chunk(distributed.get_world_size())[rank]])
        own = torch.argsort(shuffle)[rank * of_rank : (rank + 1) * of_rank]
        return gathered(shuffled)[own]

    @torch.no_grad()
    def enqueue(self, keys):
        keys = gathered(keys)
        self.queue[:, self.pointer : self.pointer + len(keys)] = keys.T
        self.pointer = (self.pointer + len(keys)) % self.queue_size

    def forward(self, query_images, key_images):
        q = self.query(query_images)
        with torch.no_grad():
            self.update_key_encoder()
            k = self.keys(key_images)
        negatives = q @ self.queue.clone().detach()
        logits = torch.cat([(q * k).sum(1, keepdim=True), negatives], 1) / TEMPERATURE
        self.enqueue(k)
        return logits


def run(rank, settings, rendezvous):
    """One process of the group; the first prints the report."""
    start(settings)
    cuda = settings.device == "cuda"
    if cuda:
        torch.cuda.set_device(rank)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = settings.precision == "tf32"
    distributed.init_process_group(
        "nccl" if cuda else "gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=settings.ranks
    )
    model = DistributedDataParallel(DistributedContrast(settings), device_ids=[rank] if cuda else None)
    optimizer = torch.optim.SGD(model.parameters(), 0.03, momentum=0.9, weight_decay=1e-4)
    shape = settings.batch_size // settings.ranks, settings.image_size, settings.image_size, 3
    views = [torch.randint(256, shape, dtype=torch.uint8).to(settings.device) for _ in range(2)]

    def step():
        logits = model(*views)
        loss = functional.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long, device=logits.device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    seconds = time_steps(settings, step)
    if rank == 0:
        report(settings, settings.batch_size, seconds)
    distributed.destroy_process_group()


if __name__ == "__main__":
    settings = parse(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        rendezvous = os.path.join(folder, "rendezvous")
        torch.multiprocessing.spawn(run, args=(settings, rendezvous), nprocs=settings.ranks)
