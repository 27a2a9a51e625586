"""The tape: tensors that a forward pass saves for its backward pass.

A tape is a list. The forward pass of each part pushes what its backward pass needs, and the backward passes, which run
in reverse order, pop it. It is None where no backward pass follows. A part finds its inputs at the end of the tape,
where the part before it left its outputs, and leaves its own outputs there.

The recompute level says what the tape leaves out and the backward pass computes again.
"""
from typing import List, Optional

from torch import Tensor

# Everything is saved. The batch norms of a single rank are PyTorch's fused ones, which have faster kernels on a GPU.
RECOMPUTE_NOTHING = 0
# The outputs of batch norms and of the ReLUs before a block's last convolution are computed again, and so are the
# indices of the max pool, from the outputs of the convolutions.
RECOMPUTE_NORMS = 1
# So are the outputs of each block's last convolution and of its downsample: 1/14 more work, and a tape of less than
# half of what autograd would save.
RECOMPUTE_CONVOLUTIONS = 2


def push(tape: Optional[List[Tensor]], tensors: List[Tensor]) -> int:
    """Appends tensors to the tape, if there is one."""
    if tape is not None:
        for x in tensors:
            tape.append(x)
    return 0


def pop(tape: List[Tensor], count: int) -> List[Tensor]:
    """Removes the last tensors of the tape and returns them in the order in which they were pushed."""
    out = peek(tape, count)
    for i in range(count):
        tape.pop()
    return out


def peek(tape: List[Tensor], count: int) -> List[Tensor]:
    """Returns the last tensors of the tape, which stay there."""
    return tape[len(tape) - count:]
