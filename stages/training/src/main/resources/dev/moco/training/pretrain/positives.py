"""Scores of rows against columns, where each row has one positive column; B rows or fewer."""
import torch
from torch import Tensor


def positive_columns(like: Tensor, first: int, count: int) -> Tensor:
    """Columns first to first + count - 1: row i's positive is the i-th of them."""
    return torch.arange(first, first + count, dtype=torch.int64, device=like.device)


def positive_accuracy(logits: Tensor, positives: Tensor, k: int) -> Tensor:
    """Share of rows whose positive is among the k largest logits."""
    larger = torch.gt(logits, torch.gather(logits, 1, positives.unsqueeze(1))).sum([1])
    return torch.lt(larger, k).to(logits.dtype).mean()
