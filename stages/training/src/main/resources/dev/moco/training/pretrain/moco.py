# Momentum contrast (docs/method.md §1.2-1.5). N images of a rank, D numbers a key, K keys in the queue.
  # queries, keys N x D of unit length; queue D x K -> N x (1 + K), the positive first.
  def logits(self, queries: Tensor, keys: Tensor, queue: Tensor, temperature: float) -> Tensor:
    positive = torch.sum(torch.mul(queries, keys), [1], True)
    return torch.div(torch.cat([positive, torch.matmul(queries, queue)], 1), temperature)

  # Cross-entropy against the positive, mean over the rank.
  def loss(self, logits: Tensor) -> Tensor:
    return torch.cross_entropy_loss(logits, torch.zeros([torch.size(logits, 0)], dtype=4, device=logits.device))

  # Share of queries whose positive is among the k largest.
  def accuracy(self, logits: Tensor, k: int) -> Tensor:
    larger = torch.sum(torch.gt(torch.slice(logits, 1, 1), torch.slice(logits, 1, 0, 1)), [1])
    return torch.mean(torch.to(torch.lt(larger, k), logits.dtype))

  # A rank's share of the step: adds the gradient of its mean loss to a sum. [[loss, top-1, top-5], queries, logits].
  def contrast(self, sum: Tensor, flat: Tensor, stats: Tensor, images: Tensor, keys: Tensor, queue: Tensor, sizes: List[int], arch: List[int], temperature: float, bfloat16: bool) -> List[Tensor]:
    tape = annotate(List[Tensor], [])
    recorded = self.recorded(flat, stats, images, sizes, arch, 0.1, bfloat16, tape)
    logits = self.logits(recorded[0], keys, queue, temperature)
    loss = self.loss(logits)
    self.add_gradient(sum, loss, recorded, flat, stats, sizes, arch, tape)
    scores = torch.detach(logits)
    figures = torch.stack([torch.detach(loss), self.accuracy(scores, 1), self.accuracy(scores, 5)])
    return [figures, torch.detach(recorded[0]), scores]

  # The key encoder follows the query encoder; m is its momentum.
  def follow(self, key: Tensor, query: Tensor, m: float) -> Tensor:
    return torch.add_(torch.mul_(key, m), query, alpha=1. - m)

  # Writes keys (B x D) over the oldest, at a column.
  def enqueue(self, queue: Tensor, keys: Tensor, at: int) -> Tensor:
    return torch.copy_(torch.slice(queue, 1, at, at + torch.size(keys, 0)), torch.t(keys))

  def rows(self, x: Tensor, indices: Tensor) -> Tensor:
    return torch.index_select(x, 0, indices)

  def joined(self, slices: List[Tensor]) -> Tensor:
    return torch.cat(slices, 0)

  def clear(self, x: Tensor) -> Tensor:
    return torch.zero_(x)

  def accumulate(self, sum: Tensor, gradient: Tensor) -> Tensor:
    return torch.add_(sum, gradient)

  # Mean over the ranks, in place, and its length in float64.
  def average(self, sum: Tensor, ranks: int) -> List[Tensor]:
    return [torch.div_(sum, ranks), torch.to(torch.linalg_vector_norm(sum), 7)]
