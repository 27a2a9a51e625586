# ResNets as torchvision's, forwards and backwards, as TorchScript. R ranks run in lockstep, a tensor a rank in each list.
#
# The slopes of the loss are written by hand rather than recorded: a tape holds the outputs of the convolutions and the
# inputs of the blocks. What a norm or a ReLU makes of them may be computed again on the way back, and so may the outputs
# of a block's last convolution and of its shortcut's: a fourteenth more work, and a tape less than half of what autograd
# keeps.
#
# flat: all parameters in one buffer: weights in order of use, then the norms' gammas, then their betas.
# stats: running means of all norms, then running variances.
# sizes: number of weights, number of norms, then numbers in each weight, then channels of each norm.
# net: [weights, gammas, betas, means, variances], a convolution and its norm at the same index.
# gradient: [weights, gammas, betas], views of a buffer as long as flat to which slopes are added.
# arch: 1 for bottlenecks, 1 for torchvision's stem, blocks of layer1 to layer4.
# momentum: weight of the batch in the running statistics; below 0 for evaluation with those statistics.
# tape: what the way back needs, None where there is none. Parts of a network that go forwards find their inputs at its
# end and leave their outputs there; going backwards they find their outputs and leave their inputs.
# spare: what the tape leaves out: 0 nothing, 1 what norms, ReLUs and the pool make, 2 the outputs of last convolutions as
# well. With 0, one rank's norms are torch's fused ones, which a GPU has faster programs for.
  def net(self, flat: Tensor, stats: Tensor, sizes: List[int]) -> List[List[Tensor]]:
    norms = sizes[2 + sizes[0]:]
    statistics = torch.split_with_sizes(stats, norms + norms)
    return self.parameters(flat, sizes) + [statistics[:sizes[1]], statistics[sizes[1]:]]

  # Views of flat, or of a buffer as long: [weights, gammas, betas].
  def parameters(self, flat: Tensor, sizes: List[int]) -> List[List[Tensor]]:
    views = torch.split_with_sizes(flat, sizes[2:] + sizes[2 + sizes[0]:])
    weights = sizes[0]
    gammas = weights + sizes[1]
    return [views[:weights], views[weights:gammas], views[gammas:]]

  def keep(self, tape: Optional[List[Tensor]], tensors: List[Tensor]) -> int:
    if tape is not None:
      for x in tensors:
        tape.append(x)
    return 0

  # The last tensors of the tape, which loses them.
  def take(self, tape: List[Tensor], count: int) -> List[Tensor]:
    out = self.last(tape, count)
    for i in range(count):
      tape.pop()
    return out

  def last(self, tape: List[Tensor], count: int) -> List[Tensor]:
    return tape[torch.len(tape) - count:]

  # Mean and biased variance a channel of what a norm sees; running statistics move on. Over the ranks with equal weight,
  # as detectron2's NaiveSyncBatchNorm: the running variance takes the biased one. One rank is torch's batch norm, whose
  # running variance takes the unbiased one.
  def moments(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, momentum: float) -> List[Tensor]:
    mean, variance = net[3][at], net[4][at]
    if momentum < 0.:
      return [mean, variance]
    if torch.len(inputs) == 1:
      first, biased = torch.batch_norm_update_stats(inputs[0], mean, variance, momentum)
      return [first, biased]
    first = torch.zeros_like(mean)
    second = torch.zeros_like(mean)
    for x in inputs:
      y = torch.to(x, mean.dtype)
      first = first + torch.mean(y, [0, 2, 3]) / torch.len(inputs)
      second = second + torch.mean(y * y, [0, 2, 3]) / torch.len(inputs)
    biased = second - first * first
    torch.add_(torch.mul_(mean, 1. - momentum), first, alpha=momentum)
    torch.add_(torch.mul_(variance, 1. - momentum), biased, alpha=momentum)
    return [first, biased]

  def normalized(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, moments: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for x in inputs:
      y, mean, deviation = torch.native_batch_norm(x, net[1][at], net[2][at], moments[0], moments[1], False, 0., 1.0e-05)
      out.append(y)
    return out

  def fused(self, ranks: int, spare: int) -> bool:
    return ranks == 1 and spare == 0

  # Tensors that a norm keeps beside its inputs: mean and variance, or mean, inverse deviation and what cuDNN reserves.
  def figures(self, ranks: int, spare: int) -> int:
    return 3 if self.fused(ranks, spare) else 2

  # Keeps the inputs, unless they are spared, and figures of them.
  def norm(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, momentum: float, tape: Optional[List[Tensor]], spare: int) -> List[Tensor]:
    if self.fused(torch.len(inputs), spare) and momentum >= 0.:
      y, mean, inverse, reserve = torch._batch_norm_with_update(inputs[0], net[1][at], net[2][at], net[3][at], net[4][at], momentum, 1.0e-05)
      self.keep(tape, inputs + [mean, inverse, reserve])
      return [y]
    moments = self.moments(inputs, net, at, momentum)
    self.keep(tape, moments if spare == 2 else inputs + moments)
    return self.normalized(inputs, net, at, moments)

  # ReLU of the norm, kept where nothing is spared.
  def active(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, momentum: float, tape: Optional[List[Tensor]], spare: int) -> List[Tensor]:
    out = self.relu(self.norm(inputs, net, at, momentum, tape, 0 if spare == 0 else 1))
    if spare == 0:
      self.keep(tape, out)
    return out

  # What `active` returned, from what it kept.
  def active_again(self, kept: List[Tensor], ranks: int, net: List[List[Tensor]], at: int, spare: int) -> List[Tensor]:
    if spare == 0:
      return self.last(kept, ranks)
    return self.relu(self.normalized(kept[:ranks], net, at, kept[ranks:]))

  # Slopes of a norm's inputs from those of its outputs, which are given up. Every rank's inputs move the moments of all.
  def norm_slopes(self, slopes: List[Tensor], inputs: List[Tensor], net: List[List[Tensor]], gradient: List[List[Tensor]], at: int, figures: List[Tensor], spare: int) -> List[Tensor]:
    if self.fused(torch.len(inputs), spare):
      slope, of_gamma, of_beta = torch.batch_norm_backward(slopes[0], inputs[0], net[1][at], net[3][at], net[4][at], figures[0], figures[1], True, 1.0e-05, [True, True, True], figures[2])
      torch.add_(gradient[1][at], of_gamma)
      torch.add_(gradient[2][at], of_beta)
      return [slope]
    mean, inverse = figures[0], torch.rsqrt(figures[1] + 1.0e-05)
    if torch.len(inputs) == 1:
      slope, of_gamma, of_beta = torch.native_batch_norm_backward(slopes[0], inputs[0], net[1][at], None, None, mean, inverse, True, 1.0e-05, [True, True, True])
      torch.add_(gradient[1][at], of_gamma)
      torch.add_(gradient[2][at], of_beta)
      return [slope]
    of_gamma = torch.zeros_like(inverse)
    of_beta = torch.zeros_like(inverse)
    for i in range(torch.len(inputs)):
      slope = torch.to(slopes[i], inverse.dtype)
      of_beta = of_beta + torch.sum(slope, [0, 2, 3])
      of_gamma = of_gamma + torch.sum(torch.mul_(self.whitened(inputs[i], mean, inverse), slope), [0, 2, 3])
    torch.add_(gradient[1][at], of_gamma)
    torch.add_(gradient[2][at], of_beta)
    out = annotate(List[Tensor], [])
    for i in range(torch.len(inputs)):
      x = inputs[i]
      count = torch.len(inputs) * torch.size(x, 0) * torch.size(x, 2) * torch.size(x, 3)
      shift = torch.mul_(self.whitened(x, mean, inverse), self.per_channel(of_gamma / count))
      torch.add_(shift, self.per_channel(of_beta / count))
      slope = torch.mul_(torch.sub_(torch.neg_(shift), slopes[i], alpha=-1), self.per_channel(net[1][at] * inverse))
      slopes[i] = inverse
      out.append(torch.to(slope, x.dtype))
    return out

  def whitened(self, x: Tensor, mean: Tensor, inverse: Tensor) -> Tensor:
    return torch.mul_(torch.sub(torch.to(x, mean.dtype), self.per_channel(mean)), self.per_channel(inverse))

  def per_channel(self, x: Tensor) -> Tensor:
    return torch.view(x, [1, -1, 1, 1])

  # The weight of a convolution from C channels, in the type of x.
  def weight(self, x: Tensor, net: List[List[Tensor]], at: int, kernel: int) -> Tensor:
    return torch.to(torch.view(net[0][at], [-1, torch.size(x, 1), kernel, kernel]), x.dtype)

  def convolution(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, kernel: int, stride: int) -> List[Tensor]:
    padding = torch.floordiv(kernel, 2)
    out = annotate(List[Tensor], [])
    for x in inputs:
      out.append(torch.conv2d(x, self.weight(x, net, at, kernel), None, [stride, stride], [padding, padding], [1, 1], 1))
    return out

  # Slopes of a convolution's inputs from those of its outputs, which are given up; empty if they are not wanted.
  def convolution_slopes(self, slopes: List[Tensor], inputs: List[Tensor], net: List[List[Tensor]], gradient: List[List[Tensor]], at: int, kernel: int, stride: int, wanted: bool) -> List[Tensor]:
    padding = torch.floordiv(kernel, 2)
    out = annotate(List[Tensor], [])
    for i in range(torch.len(inputs)):
      weight = self.weight(inputs[i], net, at, kernel)
      slope, of_weight, of_bias = torch.convolution_backward(slopes[i], inputs[i], weight, None, [stride, stride], [padding, padding], [1, 1], False, [0, 0], 1, [wanted, True, False])
      slopes[i] = net[1][at]
      torch.add_(torch.view(gradient[0][at], torch.size(weight)), of_weight)
      if wanted:
        out.append(slope)
    return out

  # In place, as are their slopes.
  def relu(self, inputs: List[Tensor]) -> List[Tensor]:
    for x in inputs:
      torch.relu_(x)
    return inputs

  def relu_slopes(self, slopes: List[Tensor], outputs: List[Tensor]) -> List[Tensor]:
    for i in range(torch.len(outputs)):
      torch.threshold_backward(slopes[i], outputs[i], 0, grad_input=slopes[i])
    return slopes

  # Adds to the first list, in place.
  def merged(self, to: List[Tensor], more: List[Tensor]) -> List[Tensor]:
    for i in range(torch.len(to)):
      torch.add_(to[i], more[i])
    return to

  # Slopes of maps like x from those of their means over cells, N x channels.
  def spread(self, slope: Tensor, x: Tensor) -> Tensor:
    cells = torch.size(x, 2) * torch.size(x, 3)
    return torch.copy_(torch.empty_like(x), torch.unsqueeze(torch.unsqueeze(slope / cells, 2), 3))

  def kernel(self, i: int, bottleneck: bool) -> int:
    return 1 if bottleneck and i != 1 else 3

  # Convolution `i` of a block that has the stride, at i = 1 in bottlenecks and at i = 0 in the others.
  def stride(self, i: int, stride: int, bottleneck: bool) -> int:
    return stride if i == (1 if bottleneck else 0) else 1

  # Keeps the outputs of each convolution and figures of them, but for what is spared, and its own outputs.
  def block(self, inputs: List[Tensor], net: List[List[Tensor]], at: int, stride: int, bottleneck: bool, project: bool, momentum: float, tape: Optional[List[Tensor]], spare: int) -> List[Tensor]:
    last = 2 if bottleneck else 1
    inner = inputs
    for i in range(last):
      inner = self.convolution(inner, net, at + i, self.kernel(i, bottleneck), self.stride(i, stride, bottleneck))
      inner = self.active(inner, net, at + i, momentum, tape, spare)
    inner = self.convolution(inner, net, at + last, self.kernel(last, bottleneck), 1)
    inner = self.norm(inner, net, at + last, momentum, tape, spare)
    shortcut = inputs
    if project:
      shortcut = self.convolution(inputs, net, at + last + 1, 1, stride)
      shortcut = self.norm(shortcut, net, at + last + 1, momentum, tape, spare)
    out = self.relu(self.merged(inner, shortcut))
    self.keep(tape, out)
    return out

  # Slopes of a block's inputs from those of its outputs, which are given up.
  def block_slopes(self, slopes: List[Tensor], net: List[List[Tensor]], gradient: List[List[Tensor]], at: int, stride: int, bottleneck: bool, project: bool, tape: List[Tensor], spare: int) -> List[Tensor]:
    ranks = torch.len(slopes)
    last = 2 if bottleneck else 1
    figures = self.figures(ranks, spare)
    ended = (0 if spare == 2 else ranks) + figures
    inner = ranks + figures + (ranks if spare == 0 else 0)
    slopes = self.relu_slopes(slopes, self.take(tape, ranks))
    of_shortcut = self.take(tape, ended if project else 0)
    of_last = self.take(tape, ended)
    kept = self.take(tape, last * inner)
    inputs = self.last(tape, ranks)
    shortcut = slopes[:]
    if project:
      projected = of_shortcut[:ended - figures]
      if spare == 2:
        projected = self.convolution(inputs, net, at + last + 1, 1, stride)
      shortcut = self.norm_slopes(shortcut, projected, net, gradient, at + last + 1, of_shortcut[ended - figures:], spare)
      projected = inputs
      of_shortcut = inputs
      shortcut = self.convolution_slopes(shortcut, inputs, net, gradient, at + last + 1, 1, stride, True)
    outputs, of_outputs = of_last[:ended - figures], of_last[ended - figures:]
    of_last = inputs
    for i in range(last, -1, -1):
      before = inputs
      earlier = self.take(kept, inner if i > 0 else 0)
      if i > 0:
        before = self.active_again(earlier, ranks, net, at + i - 1, spare)
      if i == last and spare == 2:
        outputs = self.convolution(before, net, at + i, self.kernel(i, bottleneck), 1)
      slopes = self.norm_slopes(slopes, outputs, net, gradient, at + i, of_outputs, spare)
      outputs, of_outputs = earlier[:ranks], earlier[ranks:ranks + figures]
      slopes = self.convolution_slopes(slopes, before, net, gradient, at + i, self.kernel(i, bottleneck), self.stride(i, stride, bottleneck), True)
      if i > 0:
        slopes = self.relu_slopes(slopes, before)
    return self.merged(slopes, shortcut)

  # Of layer1 to layer4 of torchvision's ResNet (level 0 to 3): index of a block's first convolution, or after the last.
  def at(self, level: int, block: int, arch: List[int]) -> int:
    at = 1
    for before in range(level):
      at = at + arch[2 + before] * (3 if arch[0] == 1 else 2) + (1 if self.projects(before, 0, arch) else 0)
    return at + block * (3 if arch[0] == 1 else 2) + (1 if block > 0 and self.projects(level, 0, arch) else 0)

  def projects(self, level: int, block: int, arch: List[int]) -> bool:
    return block == 0 and (arch[0] == 1 or level > 0)

  def layer(self, inputs: List[Tensor], net: List[List[Tensor]], level: int, arch: List[int], momentum: float, tape: Optional[List[Tensor]], spare: int) -> List[Tensor]:
    out = inputs
    for i in range(arch[2 + level]):
      stride = 2 if i == 0 and level > 0 else 1
      out = self.block(out, net, self.at(level, i, arch), stride, arch[0] == 1, self.projects(level, i, arch), momentum, tape, spare)
    return out

  def layer_slopes(self, slopes: List[Tensor], net: List[List[Tensor]], gradient: List[List[Tensor]], level: int, arch: List[int], tape: List[Tensor], spare: int) -> List[Tensor]:
    for i in range(arch[2 + level] - 1, -1, -1):
      stride = 2 if i == 0 and level > 0 else 1
      slopes = self.block_slopes(slopes, net, gradient, self.at(level, i, arch), stride, arch[0] == 1, self.projects(level, i, arch), tape, spare)
    return slopes

  # First convolution, and the max pool of torchvision's stem.
  def stem(self, images: List[Tensor], net: List[List[Tensor]], arch: List[int], momentum: float, tape: Optional[List[Tensor]], spare: int) -> List[Tensor]:
    self.keep(tape, images)
    out = self.convolution(images, net, 0, self.stem_kernel(arch), 2)
    out = self.relu(self.norm(out, net, 0, momentum, tape, 0 if spare == 0 else 1))
    if arch[1] == 1:
      chosen = annotate(List[Tensor], [])
      for i in range(torch.len(out)):
        if spare == 0:
          out[i], index = torch.max_pool2d_with_indices(out[i], [3, 3], [2, 2], [1, 1], [1, 1], False)
          chosen.append(index)
        else:
          out[i] = torch.max_pool2d(out[i], [3, 3], [2, 2], [1, 1], [1, 1], False)
      self.keep(tape, chosen)
    self.keep(tape, out)
    return out

  # Ends the tape; nobody asks for slopes of images. What the pool chose is positive where its output is.
  def stem_slopes(self, slopes: List[Tensor], net: List[List[Tensor]], gradient: List[List[Tensor]], arch: List[int], tape: List[Tensor], spare: int) -> int:
    ranks = torch.len(slopes)
    slopes = self.relu_slopes(slopes, self.take(tape, ranks))
    chosen = self.take(tape, ranks if arch[1] == 1 and spare == 0 else 0)
    figures = self.take(tape, self.figures(ranks, spare))
    outputs = self.take(tape, ranks)
    if arch[1] == 1:
      if spare > 0:
        for active in self.relu(self.normalized(outputs, net, 0, figures)):
          pooled, index = torch.max_pool2d_with_indices(active, [3, 3], [2, 2], [1, 1], [1, 1], False)
          chosen.append(index)
      for i in range(ranks):
        slopes[i] = torch.max_pool2d_with_indices_backward(slopes[i], outputs[i], [3, 3], [2, 2], [1, 1], [1, 1], False, chosen[i])
    slopes = self.norm_slopes(slopes, outputs, net, gradient, 0, figures, spare)
    self.convolution_slopes(slopes, self.take(tape, ranks), net, gradient, 0, self.stem_kernel(arch), 2, False)
    return 0

  def stem_kernel(self, arch: List[int]) -> int:
    return 7 if arch[1] == 1 else 3

  # Rows of length 1; rows of zeros stay.
  def unit(self, x: Tensor) -> Tensor:
    return torch.div(x, torch.clamp_min(torch.linalg_vector_norm(x, 2, [1], True), 1.0e-12))
