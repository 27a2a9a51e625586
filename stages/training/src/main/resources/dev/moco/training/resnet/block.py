"""Residual blocks of torchvision's ResNets, basic or bottleneck; lists hold one tensor for each rank."""
from typing import List, NamedTuple, Optional

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
from dev.moco.training.resnet.convolution import Convolution, convolution_backward, convolution_forward
from dev.moco.training.resnet.functional import add_in_place, relu_backward, relu_forward
from dev.moco.training.resnet.tape import (
    RECOMPUTE_CONVOLUTIONS,
    RECOMPUTE_NOTHING,
    peek,
    pop,
    push,
)


class Block(NamedTuple):
    """conv1, conv2 and, in a bottleneck, conv3; and the projection of the shortcut where its shape changes."""
    convolutions: List[Convolution]
    downsample: Optional[Convolution]


def batch_norm_relu_forward(
    inputs: List[Tensor],
    norm: BatchNorm,
    momentum: float,
    tape: Optional[List[Tensor]],
    recompute: int,
) -> List[Tensor]:
    """Pushes what the batch norm pushes, and the outputs of the ReLU where nothing is computed again."""
    if recompute == RECOMPUTE_NOTHING:
        out = relu_forward(batch_norm_forward(inputs, norm, momentum, tape, recompute))
        push(tape, out)
        return out
    mean, var = batch_statistics(inputs, norm, momentum)
    push(tape, inputs + [mean, var])
    return batch_normalize_relu(inputs, norm, mean, var, [], tape is not None)


def batch_norm_relu_again(saved: List[Tensor], ranks: int, norm: BatchNorm, recompute: int) -> List[Tensor]:
    """Outputs of batch_norm_relu_forward, from what it pushed."""
    if recompute == RECOMPUTE_NOTHING:
        return peek(saved, ranks)
    mean, var = saved[ranks:]
    return relu_forward(batch_normalize(saved[:ranks], norm, mean, var))


def block_forward(
    inputs: List[Tensor],
    block: Block,
    momentum: float,
    tape: Optional[List[Tensor]],
    recompute: int,
) -> List[Tensor]:
    """Pushes the outputs and statistics of each convolution, as far as they are not computed again, and its outputs."""
    last = len(block.convolutions) - 1
    out = inputs
    for i in range(last):
        conv = block.convolutions[i]
        out = convolution_forward(out, conv)
        out = batch_norm_relu_forward(out, conv.norm, momentum, tape, recompute)
    out = convolution_forward(out, block.convolutions[last])
    norm = block.convolutions[last].norm
    if recompute == RECOMPUTE_NOTHING:
        out = batch_norm_forward(out, norm, momentum, tape, recompute)
        out = relu_forward(add_in_place(out, block_shortcut(inputs, block, momentum, tape, recompute)))
    else:
        mean, var = batch_statistics(out, norm, momentum)
        push(tape, [mean, var] if recompute == RECOMPUTE_CONVOLUTIONS else out + [mean, var])
        shortcut = block_shortcut(inputs, block, momentum, tape, recompute)
        keeps = tape is not None and recompute != RECOMPUTE_CONVOLUTIONS
        out = batch_normalize_relu(out, norm, mean, var, shortcut, keeps)
    push(tape, out)
    return out


def block_shortcut(
    inputs: List[Tensor],
    block: Block,
    momentum: float,
    tape: Optional[List[Tensor]],
    recompute: int,
) -> List[Tensor]:
    """The inputs, projected where their shape changes."""
    downsample = block.downsample
    if downsample is None:
        return inputs
    return batch_norm_forward(convolution_forward(inputs, downsample), downsample.norm, momentum, tape, recompute)


def block_backward(
    grads: List[Tensor],
    block: Block,
    block_grad: Block,
    tape: List[Tensor],
    recompute: int,
) -> List[Tensor]:
    """Gradients of a block's inputs from those of its outputs, whose memory is freed."""
    ranks = len(grads)
    last = len(block.convolutions) - 1
    downsample, downsample_grad = block.downsample, block_grad.downsample
    statistics = saved_statistics(ranks, recompute)
    # Tensors that were pushed for the last convolution and the downsample, and for each convolution with a ReLU.
    outer = (0 if recompute == RECOMPUTE_CONVOLUTIONS else ranks) + statistics
    inner = ranks + statistics + (ranks if recompute == RECOMPUTE_NOTHING else 0)
    grads = relu_backward(grads, pop(tape, ranks))
    of_downsample = pop(tape, outer if downsample is not None else 0)
    of_last = pop(tape, outer)
    saved = pop(tape, last * inner)
    inputs = peek(tape, ranks)

    shortcut_grads = grads[:]
    if downsample is not None and downsample_grad is not None:
        projected = of_downsample[:outer - statistics]
        if recompute == RECOMPUTE_CONVOLUTIONS:
            projected = convolution_forward(inputs, downsample)
        shortcut_grads = batch_norm_backward(
            shortcut_grads, projected, downsample.norm, downsample_grad.norm, of_downsample[outer - statistics:],
            recompute)
        # Frees what was saved.
        projected = inputs
        of_downsample = inputs
        shortcut_grads = convolution_backward(shortcut_grads, inputs, downsample, downsample_grad, True)

    outputs, statistics_of_outputs = of_last[:outer - statistics], of_last[outer - statistics:]
    of_last = inputs
    for i in range(last, -1, -1):
        conv, conv_grad = block.convolutions[i], block_grad.convolutions[i]
        before = inputs
        earlier = pop(saved, inner if i > 0 else 0)
        if i > 0:
            before = batch_norm_relu_again(earlier, ranks, block.convolutions[i - 1].norm, recompute)
        if i == last and recompute == RECOMPUTE_CONVOLUTIONS:
            outputs = convolution_forward(before, conv)
        grads = batch_norm_backward(grads, outputs, conv.norm, conv_grad.norm, statistics_of_outputs, recompute)
        outputs, statistics_of_outputs = earlier[:ranks], earlier[ranks:ranks + statistics]
        grads = convolution_backward(grads, before, conv, conv_grad, True)
        if i > 0:
            grads = relu_backward(grads, before)
    return add_in_place(grads, shortcut_grads)
