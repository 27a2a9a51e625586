# The encoder of vector 06: a batch norm alone.
  def encode(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    return self.norm([images], self.net(flat, stats, sizes), 0, momentum)[0]
