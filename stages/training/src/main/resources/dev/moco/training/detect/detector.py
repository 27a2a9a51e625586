# Faster R-CNN C4 (docs/method.md §3) on the ResNet of resnet.py. R ranks run in lockstep, a tensor a rank in each list, as they
# share the batch statistics.
#
# Shapes: N images of a rank, H x W cells of the features, A anchors a cell, K regions of a rank, C classes.
  # A convolution with a bias; its parameters in the type of x.
  def project(self, x: Tensor, weight: Tensor, bias: Tensor, kernel: int) -> Tensor:
    padding = torch.floordiv(kernel, 2)
    weights = torch.to(torch.view(weight, [-1, torch.size(x, 1), kernel, kernel]), x.dtype)
    return torch.conv2d(x, weights, torch.to(bias, x.dtype), [1, 1], [padding, padding], [1, 1], 1)

  # Norm 0 of a detector that has nothing else.
  def norm_alone(self, flat: Tensor, stats: Tensor, inputs: List[Tensor], momentum: float) -> List[Tensor]:
    return self.norm(inputs, self.net(flat, stats, [0, 1, torch.size(inputs[0], 1)]), 0, momentum, None, 2)

  # Parameters of the region proposal network (six) and of the RoI head's linear layers (four).
  def heads(self, net: List[List[Tensor]], arch: List[int]) -> List[Tensor]:
    return net[0][self.at(3, arch[5], arch):]

  # What gradients are taken of; the tensors themselves need none, so that they may be updated in place.
  def leaves(self, tensors: List[Tensor]) -> List[Tensor]:
    out = self.detached(tensors)
    for x in out:
      torch.requires_grad_(x)
    return out

  def detached(self, tensors: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for x in tensors:
      out.append(torch.detach(x))
    return out

  # Images (N x 3 x height x width a rank) to [features, ..., objectness logits (N*H*W*A), ..., deltas (N*H*W*A x 4), ...],
  # then the tape if it is to be recorded.
  def trunk(self, flat: Tensor, stats: Tensor, images: List[Tensor], sizes: List[int], arch: List[int], momentum: float, bfloat16: bool, recorded: bool) -> List[Tensor]:
    net = self.net(flat, stats, sizes)
    tape = annotate(List[Tensor], [])
    features = annotate(List[Tensor], [])
    for image in images:
      features.append(torch.contiguous(torch.to(image, 15) if bfloat16 else image, memory_format=2))
    features = self.stem(features, net, arch, momentum, tape if recorded else None, 2)
    for level in range(3):
      features = self.layer(features, net, level, arch, momentum, tape if recorded else None, 2)
    return features + self.proposed(features, self.heads(net, arch), flat) + tape

  # [logits, ..., deltas, ...] of the region proposal network, in the type of flat.
  def proposed(self, features: List[Tensor], heads: List[Tensor], flat: Tensor) -> List[Tensor]:
    logits = annotate(List[Tensor], [])
    deltas = annotate(List[Tensor], [])
    for x in features:
      hidden = torch.relu(self.project(x, heads[0], heads[1], 3))
      logit = self.project(hidden, heads[2], heads[3], 1)
      delta = torch.reshape(self.project(hidden, heads[4], heads[5], 1), [torch.size(logit, 0), -1, 4, torch.size(logit, 2), torch.size(logit, 3)])
      logits.append(torch.to(torch.reshape(torch.permute(logit, [0, 2, 3, 1]), [-1]), flat.dtype))
      deltas.append(torch.to(torch.reshape(torch.permute(delta, [0, 3, 4, 1, 2]), [-1, 4]), flat.dtype))
    return logits + deltas

  # Interpolation weights (K x cells x length) of RoIAlign along an axis: the mean over a cell's sample points of the
  # hat function, which is what bilinear interpolation is. Aligned: half a cell is taken off. sampling 0 takes
  # ceil(cell side) points. A point more than a cell outside the map counts as zero.
  def axis(self, low: Tensor, high: Tensor, scale: float, cells: int, sampling: int, length: int) -> Tensor:
    start = torch.view(low * scale - 0.5, [-1, 1, 1])
    side = torch.view((high - low) * scale, [-1, 1, 1]) / cells
    points = torch.ceil(side) if sampling == 0 else torch.full_like(side, sampling)
    most = max(int(torch.max(points)), 1)
    cell = torch.view(torch.arange(cells, dtype=low.dtype, device=low.device), [1, -1, 1])
    point = torch.view(torch.arange(most, dtype=low.dtype, device=low.device), [1, 1, -1])
    count = torch.clamp(points, 1)
    at = start + cell * side + (point + 0.5) * side / count
    counts = torch.to((point < points) & (at >= -1) & (at <= length), low.dtype)
    at = torch.unsqueeze(torch.clamp(at, 0, length - 1), -1)
    grid = torch.arange(length, dtype=low.dtype, device=low.device)
    weights = torch.relu(1. - torch.abs(at - grid)) * torch.unsqueeze(counts, -1)
    return torch.sum(weights, [2]) / count

  # RoIAlign of one map (channels x H x W) as two matrix products, rows then columns, to K x cells x cells x channels;
  # both in the type of the boxes, as small products in bfloat16 are slow. It is linear in the features, so only the small
  # weights are kept for the backward pass; regions go in chunks so that what lies between the products stays below
  # 256 MB in float32.
  def align_one(self, features: Tensor, boxes: Tensor, scale: float, cells: List[int], sampling: int) -> List[Tensor]:
    channels, height, width = torch.size(features, 0), torch.size(features, 1), torch.size(features, 2)
    lines = torch.to(torch.reshape(torch.permute(features, [1, 2, 0]), [height, width * channels]), boxes.dtype)
    chunk = max(torch.floordiv(67108864, cells[0] * channels * width), 1)
    out = annotate(List[Tensor], [])
    for part in torch.split(boxes, chunk):
      count = torch.size(part, 0)
      rows = self.axis(torch.select(part, 1, 1), torch.select(part, 1, 3), scale, cells[0], sampling, height)
      across = self.axis(torch.select(part, 1, 0), torch.select(part, 1, 2), scale, cells[1], sampling, width)
      partly = torch.view(torch.matmul(torch.view(rows, [count * cells[0], height]), lines), [count, cells[0], width, channels])
      out.append(torch.to(torch.matmul(torch.unsqueeze(across, 1), partly), features.dtype))
    return out

  # features N x channels x H x W; regions K x 5 (image, x1, y1, x2, y2), images ascending -> K x channels x cells,
  # channels last in memory.
  def align(self, features: Tensor, regions: Tensor, scale: float, cells: List[int], sampling: int) -> Tensor:
    out = annotate(List[Tensor], [])
    for image in range(torch.size(features, 0)):
      boxes = torch.index_select(regions, 0, torch.reshape(torch.nonzero(torch.eq(torch.select(regions, 1, 0), image)), [-1]))
      if torch.size(boxes, 0) > 0:
        for part in self.align_one(torch.select(features, 0, image), torch.slice(boxes, 1, 1, 5, 1), scale, cells, sampling):
          out.append(part)
    return torch.permute(torch.cat(out, 0), [0, 3, 1, 2])

  def pooled(self, features: List[Tensor], regions: List[Tensor], scale: float, cells: int) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for i in range(torch.len(features)):
      out.append(self.align(features[i], regions[i], scale, [cells, cells], 0))
    return out

  # layer4, the extra norm after its last ReLU, and the mean over cells in the type of flat: K x channels a rank.
  def means(self, pooled: List[Tensor], flat: Tensor, net: List[List[Tensor]], arch: List[int], momentum: float, tape: Optional[List[Tensor]]) -> List[Tensor]:
    self.keep(tape, pooled)
    maps = self.layer(pooled, net, 3, arch, momentum, tape, 2)
    moments = self.moments(maps, net, self.at(3, arch[5], arch), momentum)
    self.keep(tape, moments)
    out = annotate(List[Tensor], [])
    for x in self.normalized(maps, net, self.at(3, arch[5], arch), moments):
      out.append(torch.mean(torch.to(x, flat.dtype), [2, 3]))
    return out

  # Slopes of what `means` had from those of what it returned; uses up the tape.
  def means_slopes(self, slopes: List[Tensor], net: List[List[Tensor]], gradient: List[List[Tensor]], arch: List[int], tape: List[Tensor]) -> List[Tensor]:
    moments = self.take(tape, 2)
    maps = self.last(tape, torch.len(slopes))
    for i in range(torch.len(slopes)):
      slopes[i] = self.spread(slopes[i], maps[i])
    slopes = self.norm_slopes(slopes, maps, net, gradient, self.at(3, arch[5], arch), moments, 2)
    maps = slopes
    slopes = self.layer_slopes(slopes, net, gradient, 3, arch, tape, 2)
    self.take(tape, torch.len(slopes))
    return slopes

  # [class logits (K x C+1), ..., deltas (K x 4C), ...].
  def judged(self, means: List[Tensor], heads: List[Tensor]) -> List[Tensor]:
    classes = annotate(List[Tensor], [])
    deltas = annotate(List[Tensor], [])
    for x in means:
      classes.append(torch.linear(x, torch.view(heads[6], [-1, torch.size(x, 1)]), heads[7]))
      deltas.append(torch.linear(x, torch.view(heads[8], [-1, torch.size(x, 1)]), heads[9]))
    return classes + deltas

  # Class probabilities (K x C+1) and deltas (K x 4C) a rank.
  def regions(self, flat: Tensor, stats: Tensor, features: List[Tensor], regions: List[Tensor], sizes: List[int], arch: List[int], scale: float, cells: int, momentum: float) -> List[Tensor]:
    net = self.net(flat, stats, sizes)
    means = self.means(self.pooled(features, regions, scale, cells), flat, net, arch, momentum, None)
    out = self.judged(means, self.heads(net, arch))
    for i in range(torch.len(features)):
      out[i] = torch.softmax(out[i], 1)
    return out

  # logits, deltas: RPN outputs of a rank; sampled: indices of drawn anchors, objects first; targets: deltas of the
  # objects. Both losses are sums over `normalizer`, the anchors that would be drawn at most.
  def proposal_losses(self, logits: Tensor, deltas: Tensor, sampled: Tensor, targets: Tensor, normalizer: float) -> List[Tensor]:
    objects = torch.size(targets, 0)
    drawn = torch.index_select(logits, 0, sampled)
    truth = torch.zeros_like(drawn)
    torch.fill_(torch.slice(truth, 0, 0, objects, 1), 1)
    found = torch.index_select(deltas, 0, torch.slice(sampled, 0, 0, objects, 1))
    objectness = torch.binary_cross_entropy_with_logits(drawn, truth, None, None, 2)
    return [objectness / normalizer, torch.sum(torch.abs(found - targets)) / normalizer]

  # labels: class of each region, C for background; foreground: index region * C + class of each object, a row of the
  # deltas; targets: its deltas.
  def region_losses(self, classes: Tensor, deltas: Tensor, labels: Tensor, foreground: Tensor, targets: Tensor) -> List[Tensor]:
    found = torch.index_select(torch.view(deltas, [-1, 4]), 0, foreground)
    return [torch.cross_entropy_loss(classes, labels), torch.sum(torch.abs(found - targets)) / torch.size(labels, 0)]

  # Mean over the ranks of losses in the order rank, loss.
  def mean_losses(self, losses: List[Tensor], ranks: int) -> Tensor:
    return torch.mean(torch.view(torch.stack(losses), [ranks, -1]), [0])

  # Slopes of leaves, given those of outputs; the loss's own is 1.
  def slopes(self, loss: Tensor, outputs: List[Tensor], given: List[Tensor], leaves: List[Tensor]) -> List[Tensor]:
    of_outputs = annotate(List[Optional[Tensor]], [None])
    for slope in given:
      of_outputs.append(slope)
    out = annotate(List[Tensor], [])
    for slope in torch.grad([loss] + outputs, leaves, of_outputs):
      out.append(torch._unwrap_optional(slope))
    return out

  def add_flat(self, to: List[Tensor], slopes: List[Tensor]) -> int:
    for i in range(torch.len(slopes)):
      torch.add_(to[i], torch.view(slopes[i], [-1]))
    return 0

  # From the slopes of the features, which the tape of the trunk ends with.
  def trunk_slopes(self, slopes: List[Tensor], net: List[List[Tensor]], gradient: List[List[Tensor]], arch: List[int], tape: List[Tensor]) -> int:
    for i in range(torch.len(slopes)):
      slopes[i] = torch.contiguous(slopes[i], memory_format=2)
    for level in range(2, -1, -1):
      slopes = self.layer_slopes(slopes, net, gradient, level, arch, tape, 2)
    return self.stem_slopes(slopes, net, gradient, arch, tape, 2)

  # The second half of an iteration, after trunk(..., recorded) and the choice of anchors and regions: losses, the gradient
  # of their sum, averaged over the ranks, and the update of flat and velocity. Lists hold a tensor a rank. Returns the
  # four losses, means over the ranks: RPN class, RPN box, class, box.
  def step(self, flat: Tensor, stats: Tensor, velocity: Tensor, features: List[Tensor], tape: List[Tensor], sampled: List[Tensor], moves: List[Tensor], regions: List[Tensor], labels: List[Tensor], foreground: List[Tensor], shifts: List[Tensor], sizes: List[int], arch: List[int], scale: float, cells: int, momentum: float, normalizer: float, rate: float, inertia: float, decay: float) -> Tensor:
    ranks = torch.len(features)
    net = self.net(flat, stats, sizes)
    sum = torch.zeros_like(flat)
    gradient = self.parameters(sum, sizes)
    of_heads = self.heads(gradient, arch)
    heads = self.leaves(self.heads(net, arch))
    maps = self.leaves(features)

    pooled = self.pooled(maps, regions, scale, cells)
    roi_tape = annotate(List[Tensor], [])
    means = self.leaves(self.means(self.detached(pooled), flat, net, arch, momentum, roi_tape))
    judged = self.judged(means, heads)
    losses = annotate(List[Tensor], [])
    for i in range(ranks):
      losses = losses + self.region_losses(judged[i], judged[ranks + i], labels[i], foreground[i], shifts[i])
    of_regions = self.mean_losses(losses, ranks)
    slopes = self.slopes(torch.sum(of_regions), [], [], means + heads[6:])
    self.add_flat(of_heads[6:], slopes[ranks:])
    of_pooled = self.means_slopes(slopes[:ranks], net, gradient, arch, roi_tape)

    proposed = self.proposed(maps, heads, flat)
    losses = annotate(List[Tensor], [])
    for i in range(ranks):
      losses = losses + self.proposal_losses(proposed[i], proposed[ranks + i], sampled[i], moves[i], normalizer)
    of_proposals = self.mean_losses(losses, ranks)
    slopes = self.slopes(torch.sum(of_proposals), pooled, of_pooled, maps + heads[:6])
    self.add_flat(of_heads[:6], slopes[ranks:])
    self.trunk_slopes(slopes[:ranks], net, gradient, arch, tape)

    decayed = 0
    for i in range(sizes[0]):
      decayed = decayed + sizes[2 + i]
    self.descend(flat, velocity, sum, decayed, rate, inertia, decay)
    return torch.cat([torch.detach(of_proposals), torch.detach(of_regions)], 0)

  def overwrite(self, target: Tensor, source: Tensor) -> Tensor:
    return torch.copy_(target, source)
