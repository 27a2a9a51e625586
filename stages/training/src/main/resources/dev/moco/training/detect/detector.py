# Faster R-CNN C4 (RECIPE §3) on the ResNet of resnet.py. R ranks run in lockstep in one graph, a tensor a rank in each
# list, so that gradients flow through the batch statistics which the ranks share.
#
# Shapes: N images of a rank, H x W cells of the features, A anchors a cell, K regions of a rank, C classes.
  def project(self, x: Tensor, net: List[List[Tensor]], at: int, kernel: int) -> Tensor:
    weight = torch.to(torch.view(net[0][at], [-1, torch.size(x, 1), kernel, kernel]), x.dtype)
    padding = torch.floordiv(kernel, 2)
    return torch.conv2d(x, weight, torch.to(net[0][at + 1], x.dtype), [1, 1], [padding, padding], [1, 1], 1)

  # Norm 0 of a detector that has nothing else.
  def norm_alone(self, flat: Tensor, stats: Tensor, inputs: List[Tensor], momentum: float) -> List[Tensor]:
    return self.norm(inputs, self.net(flat, stats, [0, 1, torch.size(inputs[0], 1)]), 0, momentum)

  def gradient_of_sum(self, out: Tensor, leaf: Tensor) -> Tensor:
    gradient = torch.grad([torch.sum(out)], [leaf])[0]
    return torch.zeros_like(leaf) if gradient is None else gradient

  # The parameters as the leaf that gradients are taken of; flat itself needs none, so that it may be updated in place.
  def leaf(self, flat: Tensor) -> Tensor:
    return torch.requires_grad_(torch.detach(flat))

  # Images (N x 3 x height x width a rank) to [features, ..., objectness logits (N*H*W*A), ..., deltas (N*H*W*A x 4), ...].
  def trunk(self, flat: Tensor, stats: Tensor, images: List[Tensor], sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> List[Tensor]:
    net = self.net(flat, stats, sizes)
    features = annotate(List[Tensor], [])
    for image in images:
      features.append(torch.to(image, 15) if bfloat16 else image)
    features = self.stem(features, net, arch, momentum)
    for level in range(3):
      features = self.layer(features, net, self.after(level, arch), level, arch, momentum)
    at = self.after(4, arch)
    logits = annotate(List[Tensor], [])
    deltas = annotate(List[Tensor], [])
    for x in features:
      hidden = torch.relu(self.project(x, net, at, 3))
      logit = self.project(hidden, net, at + 2, 1)
      delta = torch.view(self.project(hidden, net, at + 4, 1), [torch.size(logit, 0), -1, 4, torch.size(logit, 2), torch.size(logit, 3)])
      logits.append(torch.to(torch.reshape(torch.permute(logit, [0, 2, 3, 1]), [-1]), flat.dtype))
      deltas.append(torch.to(torch.reshape(torch.permute(delta, [0, 3, 4, 1, 2]), [-1, 4]), flat.dtype))
    return features + logits + deltas

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

  # RoIAlign of one map (channels x H x W) as two matrix products, rows then columns. It is linear in the features, so
  # only the small weights are kept for the backward pass; regions go in chunks so that what lies between the products
  # stays below 256 MB in float32.
  def align_one(self, features: Tensor, boxes: Tensor, scale: float, cells: List[int], sampling: int) -> List[Tensor]:
    channels, height, width = torch.size(features, 0), torch.size(features, 1), torch.size(features, 2)
    columns = torch.reshape(torch.permute(features, [1, 0, 2]), [height, channels * width])
    chunk = max(torch.floordiv(67108864, cells[0] * channels * width), 1)
    out = annotate(List[Tensor], [])
    for part in torch.split(boxes, chunk):
      count = torch.size(part, 0)
      rows = torch.to(self.axis(torch.select(part, 1, 1), torch.select(part, 1, 3), scale, cells[0], sampling, height), features.dtype)
      across = torch.to(self.axis(torch.select(part, 1, 0), torch.select(part, 1, 2), scale, cells[1], sampling, width), features.dtype)
      partly = torch.view(torch.matmul(torch.view(rows, [count * cells[0], height]), columns), [count, cells[0] * channels, width])
      pooled = torch.view(torch.bmm(partly, torch.transpose(across, 1, 2)), [count, cells[0], channels, cells[1]])
      out.append(torch.permute(pooled, [0, 2, 1, 3]))
    return out

  # features N x channels x H x W; regions K x 5 (image, x1, y1, x2, y2), images ascending -> K x channels x cells.
  def align(self, features: Tensor, regions: Tensor, scale: float, cells: List[int], sampling: int) -> Tensor:
    out = annotate(List[Tensor], [])
    for image in range(torch.size(features, 0)):
      boxes = torch.index_select(regions, 0, torch.reshape(torch.nonzero(torch.eq(torch.select(regions, 1, 0), image)), [-1]))
      if torch.size(boxes, 0) > 0:
        for part in self.align_one(torch.select(features, 0, image), torch.slice(boxes, 1, 1, 5, 1), scale, cells, sampling):
          out.append(part)
    return torch.cat(out, 0)

  # RoI head: layer4, the extra norm after its last ReLU, mean -> [class logits (K x C+1), ..., deltas (K x 4C), ...].
  def head(self, net: List[List[Tensor]], features: List[Tensor], regions: List[Tensor], arch: List[int], scale: float, cells: int, momentum: float) -> List[Tensor]:
    pooled = annotate(List[Tensor], [])
    for i in range(torch.len(features)):
      pooled.append(self.align(features[i], regions[i], scale, [cells, cells], 0))
    pooled = self.layer(pooled, net, self.after(3, arch), 3, arch, momentum)
    pooled = self.norm(pooled, net, self.after(4, arch), momentum)
    at = self.after(4, arch) + 6
    classes = annotate(List[Tensor], [])
    deltas = annotate(List[Tensor], [])
    for x in pooled:
      vector = torch.mean(torch.to(x, net[0][at].dtype), [2, 3])
      classes.append(torch.linear(vector, torch.view(net[0][at], [-1, torch.size(vector, 1)]), net[0][at + 1]))
      deltas.append(torch.linear(vector, torch.view(net[0][at + 2], [-1, torch.size(vector, 1)]), net[0][at + 3]))
    return classes + deltas

  # Class probabilities (K x C+1) and deltas (K x 4C) a rank.
  def regions(self, flat: Tensor, stats: Tensor, features: List[Tensor], regions: List[Tensor], sizes: List[int], arch: List[int], scale: float, cells: int, momentum: float) -> List[Tensor]:
    out = self.head(self.net(flat, stats, sizes), features, regions, arch, scale, cells, momentum)
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

  # The second half of an iteration, after trunk(leaf, ...) and the choice of anchors and regions: losses, the gradient
  # of their sum through both halves, averaged over the ranks, and the update of flat and velocity. Lists hold a tensor
  # a rank. Returns the four losses, means over the ranks: RPN class, RPN box, class, box.
  def step(self, flat: Tensor, leaf: Tensor, stats: Tensor, velocity: Tensor, features: List[Tensor], logits: List[Tensor], deltas: List[Tensor], sampled: List[Tensor], moves: List[Tensor], regions: List[Tensor], labels: List[Tensor], foreground: List[Tensor], shifts: List[Tensor], sizes: List[int], arch: List[int], scale: float, cells: int, momentum: float, normalizer: float, rate: float, inertia: float, decay: float) -> Tensor:
    ranks = torch.len(features)
    out = self.head(self.net(leaf, stats, sizes), features, regions, arch, scale, cells, momentum)
    losses = annotate(List[Tensor], [])
    for i in range(ranks):
      of_rank = self.proposal_losses(logits[i], deltas[i], sampled[i], moves[i], normalizer)
      of_rank = of_rank + self.region_losses(out[i], out[ranks + i], labels[i], foreground[i], shifts[i])
      losses.append(torch.stack(of_rank))
    mean = torch.mean(torch.stack(losses), [0])
    gradient = self.gradient_of_sum(mean, leaf)
    decayed = 0
    for i in range(sizes[0]):
      decayed = decayed + sizes[2 + i]
    self.descend(flat, velocity, gradient, decayed, rate, inertia, decay)
    return torch.detach(mean)

  def overwrite(self, target: Tensor, source: Tensor) -> Tensor:
    return torch.copy_(target, source)
