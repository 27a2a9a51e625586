# The encoder of vector 42: two strided convolutions with norms, a mean over cells, and a head of two linear layers.
  def encode(self, flat: Tensor, stats: Tensor, images: Tensor, sizes: List[int], arch: List[int], momentum: float, bfloat16: bool) -> Tensor:
    net = self.net(flat, stats, sizes)
    x = self.relu(self.convolution([images], net, 0, 3, 2, momentum))
    x = self.relu(self.convolution(x, net, 1, 3, 2, momentum))
    pooled = torch.mean(x[0], [2, 3])
    inner = torch.relu(torch.linear(pooled, torch.view(net[0][2], [16, 16]), net[0][3]))
    return self.unit(torch.linear(inner, torch.view(net[0][4], [4, 16]), net[0][5]))
