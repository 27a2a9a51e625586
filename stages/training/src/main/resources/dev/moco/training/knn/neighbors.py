"""Weighted k-nearest neighbors on features of unit length (docs/method.md §1.12, arXiv:1805.01978)."""
import torch
from torch import Tensor


def write_rows(bank: Tensor, features: Tensor, first: int) -> Tensor:
    """Writes features (M x C) to the rows of the bank from `first` on; returns these rows."""
    return bank.narrow(0, first, features.size(0)).copy_(features)


def classify(
    bank: Tensor,
    labels: Tensor,
    queries: Tensor,
    neighbors: int,
    classes: int,
    temperature: float,
) -> Tensor:
    """Predicted classes of queries (M x C): each of the nearest neighbors votes with exp(similarity / temperature).

    bank: features, N x C, of the images that have the labels (N).
    """
    similarities = torch.matmul(queries, bank.t())
    nearest, indices = torch.topk(similarities, neighbors, 1, True, True)
    weights = torch.div(nearest, temperature).exp()
    votes = torch.zeros([queries.size(0), classes], dtype=queries.dtype, device=queries.device)
    classes_of_nearest = torch.index_select(labels, 0, indices.reshape([-1])).view([-1, neighbors])
    return torch.argmax(torch.scatter_add(votes, 1, classes_of_nearest, weights), 1)
