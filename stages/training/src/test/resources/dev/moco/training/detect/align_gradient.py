# Slopes of the features that the sum of RoIAlign's outputs has.
  def alignGradient(self, features: Tensor, regions: Tensor, scale: float, cells: List[int], sampling: int) -> Tensor:
    leaves = self.leaves([features])
    return self.slopes(torch.sum(self.align(leaves[0], regions, scale, cells, sampling)), [], [], leaves)[0]
