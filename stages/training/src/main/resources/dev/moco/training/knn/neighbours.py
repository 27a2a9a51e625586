# Weighted k-nearest neighbours on unit features (Wu et al., 2018, the instance discrimination paper).
# bank N x C with labels N, queries M x C; a vote weighs exp(similarity / temperature). Predicted classes, M.
  def classify(self, bank: Tensor, labels: Tensor, queries: Tensor, neighbours: int, classes: int, temperature: float) -> Tensor:
    similarity = torch.matmul(queries, torch.t(bank))
    nearest = torch.topk(similarity, neighbours, 1, True, True)
    weights = torch.exp(torch.div(nearest[0], temperature))
    votes = torch.zeros([torch.size(queries, 0), classes], dtype=queries.dtype, device=queries.device)
    found = torch.view(torch.index_select(labels, 0, torch.reshape(nearest[1], [-1])), [-1, neighbours])
    return torch.argmax(torch.scatter_add(votes, 1, found, weights), 1)

  def rows(self, slices: List[Tensor]) -> Tensor:
    return torch.cat(slices, 0)
