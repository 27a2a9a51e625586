"""torchvision's ResNets, forward and backward; lists hold one tensor for each of the R ranks that run in lockstep.

The backward pass is written by hand rather than recorded by autograd, so that a tape holds only what it needs
(tape.py).

The parameters of a network lie in one flat buffer: the weights in order of use, then the weights (gammas) of all batch
norms, then their biases (betas). Another buffer holds the running means of all batch norms, then their running
variances.
"""
from typing import List, NamedTuple, Optional

import torch
from torch import Tensor

from dev.moco.training.resnet.batch_norm import (
    BatchNorm,
    batch_norm_backward,
    batch_norm_forward,
    batch_normalize,
    batch_normalize_relu,
    batch_statistics,
    saved_statistics,
)
from dev.moco.training.resnet.block import Block, block_backward, block_forward
from dev.moco.training.resnet.convolution import Convolution, convolution_backward, convolution_forward
from dev.moco.training.resnet.functional import relu_backward, relu_forward
from dev.moco.training.resnet.tape import RECOMPUTE_NOTHING, pop, push


class ResNet(NamedTuple):
    stem: Convolution
    max_pool: bool  # whether torchvision's 3x3 max pool follows the stem
    layers: List[List[Block]]  # layer1 to layer4


class Network(NamedTuple):
    """A ResNet, and the parts of its flat buffers that belong to what is built on it."""
    resnet: ResNet
    norms: List[BatchNorm]
    weights: List[Tensor]  # weights and biases, flat


class NormViews(NamedTuple):
    """Parts of the flat buffers that belong to batch norms, in reverse order of use; readers take the last of each."""
    weights: List[Tensor]
    biases: List[Tensor]
    running_means: List[Tensor]
    running_vars: List[Tensor]


def build_network(parameters: Tensor, statistics: Tensor, shape: List[int], bfloat16: bool) -> Network:
    """The network as views of its flat buffers.

    parameters: a buffer of gradients may take its place; the network then has the gradient of each parameter.
    shape: numbers that describe the network, see FlatLayout.java.
    bfloat16: whether the convolutions get weights in bfloat16 (cast in one operation); all others keep their type.
    """
    weight_count, norm_count = shape[0], shape[1]
    lengths = shape[2:2 + weight_count]
    channels = shape[2 + weight_count:2 + weight_count + norm_count]
    numbers = shape[2 + weight_count + norm_count:]
    views = torch.split_with_sizes(parameters, lengths + channels + channels)
    running = torch.split_with_sizes(statistics, channels + channels)
    weights = views[:weight_count]
    norms = NormViews(
        weights=views[weight_count:weight_count + norm_count],
        biases=views[weight_count + norm_count:],
        running_means=running[:norm_count],
        running_vars=running[norm_count:],
    )
    kernels = weights[:]
    if bfloat16:
        kernels = torch.split_with_sizes(parameters.narrow(0, 0, sum(lengths)).to(torch.bfloat16), lengths)
    # Readers pop the end of each list, since to remove the first element would move all others.
    for part in [kernels, norms.weights, norms.biases, norms.running_means, norms.running_vars]:
        part.reverse()
    numbers.reverse()
    resnet = read_resnet(numbers, kernels, norms)
    other_norms: List[BatchNorm] = []
    while len(norms.weights) > 0:
        other_norms.append(read_batch_norm(norms))
    return Network(resnet, other_norms, weights[weight_count - len(kernels):])


def read_resnet(numbers: List[int], kernels: List[Tensor], norms: NormViews) -> ResNet:
    stem = read_convolution(numbers, kernels, norms)
    max_pool = numbers.pop() == 1
    layers: List[List[Block]] = []
    for layer in range(numbers.pop()):
        blocks: List[Block] = []
        for i in range(numbers.pop()):
            blocks.append(read_block(numbers, kernels, norms))
        layers.append(blocks)
    return ResNet(stem, max_pool, layers)


def read_block(numbers: List[int], kernels: List[Tensor], norms: NormViews) -> Block:
    convolutions: List[Convolution] = []
    for i in range(numbers.pop()):
        convolutions.append(read_convolution(numbers, kernels, norms))
    downsample: Optional[Convolution] = None
    if numbers.pop() == 1:
        downsample = read_convolution(numbers, kernels, norms)
    return Block(convolutions, downsample)


def read_convolution(numbers: List[int], kernels: List[Tensor], norms: NormViews) -> Convolution:
    channels, kernel, stride = numbers.pop(), numbers.pop(), numbers.pop()
    norm = read_batch_norm(norms)
    weight = kernels.pop().view([norm.weight.size(0), channels, kernel, kernel])
    return Convolution(weight, stride, norm)


def read_batch_norm(norms: NormViews) -> BatchNorm:
    return BatchNorm(
        weight=norms.weights.pop(),
        bias=norms.biases.pop(),
        running_mean=norms.running_means.pop(),
        running_var=norms.running_vars.pop(),
    )


def layer_forward(
    inputs: List[Tensor],
    layer: List[Block],
    momentum: float,
    tape: Optional[List[Tensor]],
    recompute: int,
) -> List[Tensor]:
    out = inputs
    for block in layer:
        out = block_forward(out, block, momentum, tape, recompute)
    return out


def layer_backward(
    grads: List[Tensor],
    layer: List[Block],
    layer_grad: List[Block],
    tape: List[Tensor],
    recompute: int,
) -> List[Tensor]:
    for i in range(len(layer) - 1, -1, -1):
        grads = block_backward(grads, layer[i], layer_grad[i], tape, recompute)
    return grads


def stem_forward(
    images: List[Tensor],
    resnet: ResNet,
    momentum: float,
    tape: Optional[List[Tensor]],
    recompute: int,
) -> List[Tensor]:
    """The first convolution, its batch norm and ReLU, and the max pool."""
    push(tape, images)
    out = convolution_forward(images, resnet.stem)
    if recompute == RECOMPUTE_NOTHING:
        out = relu_forward(batch_norm_forward(out, resnet.stem.norm, momentum, tape, recompute))
    else:
        mean, var = batch_statistics(out, resnet.stem.norm, momentum)
        push(tape, out + [mean, var])
        out = batch_normalize_relu(out, resnet.stem.norm, mean, var, [], tape is not None)
    if resnet.max_pool:
        indices: List[Tensor] = []
        for i in range(len(out)):
            if recompute == RECOMPUTE_NOTHING:
                out[i], index = torch.max_pool2d_with_indices(out[i], [3, 3], [2, 2], [1, 1], [1, 1], False)
                indices.append(index)
            else:
                out[i] = torch.max_pool2d(out[i], [3, 3], [2, 2], [1, 1], [1, 1], False)
        push(tape, indices)
    push(tape, out)
    return out


def stem_backward(
    grads: List[Tensor],
    resnet: ResNet,
    resnet_grad: ResNet,
    tape: List[Tensor],
    recompute: int,
) -> int:
    """Uses up the tape. Images need no gradients."""
    ranks = len(grads)
    norm = resnet.stem.norm
    # The ReLU comes before the pool, but the pool's output is positive exactly where the ReLU's output that it took is.
    grads = relu_backward(grads, pop(tape, ranks))
    indices = pop(tape, ranks if resnet.max_pool and recompute == RECOMPUTE_NOTHING else 0)
    statistics = pop(tape, saved_statistics(ranks, recompute))
    outputs = pop(tape, ranks)
    if resnet.max_pool:
        if recompute != RECOMPUTE_NOTHING:
            mean, var = statistics
            for x in relu_forward(batch_normalize(outputs, norm, mean, var)):
                pooled, index = torch.max_pool2d_with_indices(x, [3, 3], [2, 2], [1, 1], [1, 1], False)
                indices.append(index)
        for i in range(ranks):
            grads[i] = torch.max_pool2d_with_indices_backward(
                grads[i], outputs[i], [3, 3], [2, 2], [1, 1], [1, 1], False, indices[i])
    grads = batch_norm_backward(grads, outputs, norm, resnet_grad.stem.norm, statistics, recompute)
    convolution_backward(grads, pop(tape, ranks), resnet.stem, resnet_grad.stem, False)
    return 0
