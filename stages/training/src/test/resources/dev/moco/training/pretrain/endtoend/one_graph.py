"""The end-to-end step of a whole batch as one graph, which holds the recordings of all groups of both encoders."""
from typing import List

import torch
from torch import Tensor

from dev.moco.training.pretrain.endtoend.in_batch import in_batch_loss
from dev.moco.training.resnet.encoder import Encoder, encoder_gradients, feature_maps_backward
from dev.moco.training.resnet.functional import l2_normalize
from dev.moco.training.resnet.gradients import write_gradient
from dev.moco.training.resnet.head import Recording, project_recorded


def recorded_groups(encoder: Encoder, images: Tensor, groups: int) -> List[Recording]:
    recordings: List[Recording] = []
    for part in torch.chunk(images, groups, 0):
        recordings.append(project_recorded(encoder, part, 0.1))
    return recordings


def joined_outputs(recordings: List[Recording]) -> Tensor:
    outputs: List[Tensor] = []
    for recording in recordings:
        outputs.append(recording.queries)
    return l2_normalize(torch.cat(outputs, 0))


def one_graph(
    query: Encoder,
    key: Encoder,
    flat_gradients: List[Tensor],
    images: List[Tensor],
    unshuffle: Tensor,
    groups: int,
    temperature: float,
) -> Tensor:
    """Adds the gradients of the mean loss of the batch; returns the loss.

    flat_gradients: those of the query encoder, then of the key encoder.
    images: those of the queries, then the shuffled ones of the keys.
    """
    of_queries = recorded_groups(query, images[0], groups)
    of_keys = recorded_groups(key, images[1], groups)
    queries = joined_outputs(of_queries)
    keys = torch.index_select(joined_outputs(of_keys), 0, unshuffle)
    loss = in_batch_loss(queries, keys, 0, queries.size(0), temperature)
    leaves: List[Tensor] = []
    for recording in of_queries + of_keys:
        leaves += recording.leaves
    grads = torch.grad([loss], leaves)
    at = 0
    for i in range(2 * groups):
        encoder, gradient, recording = query, flat_gradients[0], of_queries[i % groups]
        if i >= groups:
            encoder, gradient, recording = key, flat_gradients[1], of_keys[i - groups]
        gradients = encoder_gradients(encoder, gradient, False)
        for j in range(len(recording.network.weights)):
            write_gradient(gradients, recording.network.weights[j], torch._unwrap_optional(grads[at + 1 + j]))
        pooled_grad = torch._unwrap_optional(grads[at])
        feature_maps_backward(pooled_grad, recording.network.resnet, gradients, recording.tape)
        at += len(recording.leaves)
    return loss.detach()
