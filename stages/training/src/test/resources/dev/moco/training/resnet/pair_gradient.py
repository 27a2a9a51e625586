# [scalar, its gradient]: the scalar of vector 41, the sum of <z_i, z_(i+2)> over i = 0, 1 with z of unit length.
  def pairGradient(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int]) -> List[Tensor]:
    tape = annotate(List[Tensor], [])
    recorded = self.recorded(flat, stats, images, sizes, arch, 0.1, False, tape)
    scalar = torch.sum(torch.mul(torch.slice(recorded[0], 0, 0, 2), torch.slice(recorded[0], 0, 2, 4)))
    gradient = torch.zeros_like(flat)
    self.add_gradient(gradient, scalar, recorded, flat, stats, sizes, arch, tape)
    return [torch.detach(scalar), gradient]
