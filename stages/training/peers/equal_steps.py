"""Steps of each method of pre-training. Ranks are slices of one batch, and a step's gradient is that of one graph."""

import copy
import math

from case import normalized, resnet

import torch
from torch import nn
from torch.nn import functional


class Parts:
    """A model over equal parts of a batch, each with batch norm buffers of its own; those of the first are kept."""

    def __init__(self, model, count):
        self.model = model
        self.count = count

    def __call__(self, batch):
        own = dict(self.model.named_buffers())
        buffers = [own] + [copy.deepcopy(own) for _ in range(1, self.count)]
        return torch.cat(
            [
                torch.func.functional_call(self.model, buffer, part)
                for buffer, part in zip(buffers, batch.chunk(self.count))
            ]
        )


def encoder(case):
    """ResNet with the head of MoCo v2."""
    model = resnet(case, num_classes=case.settings["dimension"])
    width = model.fc.in_features
    model.fc = nn.Sequential(nn.Linear(width, width, dtype=case.type), nn.ReLU(), model.fc)
    return case.load(model).train()


def sgd(case, parameters):
    return torch.optim.SGD(parameters, lr=0, momentum=case.settings["momentum"], weight_decay=case.settings["decay"])


def step(optimizer, loss, rate):
    optimizer.zero_grad()
    loss.backward()
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()


def put_encoder(case, prefix, model):
    case.put_all(prefix, model.named_parameters())
    case.put_all(prefix, model.named_buffers())


def put_velocity(case, prefix, model, optimizer):
    velocity = [(name, optimizer.state[weight]["momentum_buffer"]) for name, weight in model.named_parameters()]
    case.put_all(prefix, velocity)


def moco_logits(settings, query, key, queue, images, shuffle):
    """Logits of the queries of images[0], and keys of images[1]: facebookresearch/moco, moco/builder.py."""
    with torch.no_grad():
        for param_k, param_q in zip(key.parameters(), query.parameters()):
            param_k.mul_(settings["keyMomentum"]).add_(param_q, alpha=1 - settings["keyMomentum"])
        shuffled = Parts(key, settings["ranks"])(images[1][shuffle])
        keys = functional.normalize(shuffled, dim=1)[torch.argsort(shuffle)]
    queries = functional.normalize(Parts(query, settings["ranks"])(images[0]), dim=1)
    logits = torch.cat([(queries * keys).sum(1, keepdim=True), queries @ queue.clone()], 1)
    return logits / settings["temperature"], keys


def enqueue(queue, pointer, keys):
    queue[:, pointer : pointer + len(keys)] = keys.T
    return (pointer + len(keys)) % queue.shape[1]


def first_of_each(logits):
    return functional.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))


def moco(case):
    """facebookresearch/moco, main_moco.py."""
    settings = case.settings
    query, key = encoder(case), encoder(case)
    queue, pointer = case.tensor("queue"), 0
    optimizer = sgd(case, query.parameters())
    losses = []
    for number, rate in enumerate(settings["rates"]):
        images = [normalized(case.tensor(f"{name}.{number}")) for name in ("queries", "keys")]
        logits, keys = moco_logits(settings, query, key, queue, images, case.whole(f"shuffle.{number}"))
        loss = first_of_each(logits)
        step(optimizer, loss, rate)
        pointer = enqueue(queue, pointer, keys)
        losses.append(loss.detach())
    case.put("losses", torch.stack(losses))
    case.put("queue", queue)
    put_velocity(case, "velocity.", query, optimizer)
    put_encoder(case, "query.", query)
    put_encoder(case, "key.", key)


def end_to_end(case):
    """Figure 2a of arXiv:1911.05722: both encoders are trained; the keys of the batch are the dictionary.

    Keys are encoded in a shuffled order. Autograd goes back through the order, and to the keys of every query.
    """
    settings = case.settings
    query = encoder(case)
    key = query if settings["shared"] else encoder(case)
    models = [query] if settings["shared"] else [query, key]
    optimizer = sgd(case, [weight for model in models for weight in model.parameters()])
    losses = []
    for number, rate in enumerate(settings["rates"]):
        shuffle = case.whole(f"shuffle.{number}")
        queries = Parts(query, settings["groups"])(normalized(case.tensor(f"queries.{number}")))
        shuffled = Parts(key, settings["groups"])(normalized(case.tensor(f"keys.{number}"))[shuffle])
        queries = functional.normalize(queries, dim=1)
        keys = functional.normalize(shuffled[torch.argsort(shuffle)], dim=1)
        positives = torch.arange(len(queries))
        loss = functional.cross_entropy(queries @ keys.T / settings["temperature"], positives)
        if settings["symmetric"]:
            other = functional.cross_entropy(keys @ queries.T / settings["temperature"], positives)
            loss = (loss + other) / 2
        step(optimizer, loss, rate)
        losses.append(loss.detach())
    case.put("losses", torch.stack(losses))
    for name, model in zip(["query", "key"], models):
        put_velocity(case, f"{name}.velocity.", model, optimizer)
        put_encoder(case, f"{name}.", model)


def supervised(case):
    """references/classification/train.py of torchvision under DistributedDataParallel."""
    settings = case.settings
    model = case.load(resnet(case, num_classes=settings["classes"])).train()
    optimizer = sgd(case, model.parameters())
    losses = []
    for number, rate in enumerate(settings["rates"]):
        scores = Parts(model, settings["groups"])(normalized(case.tensor(f"images.{number}")))
        loss = functional.cross_entropy(scores, case.whole(f"labels.{number}"))
        step(optimizer, loss, rate)
        losses.append(loss.detach())
    case.put("losses", torch.stack(losses))
    put_velocity(case, "velocity.", model, optimizer)
    put_encoder(case, "", model)


LARGE_NUM = 1e9


def contrastive_loss(hidden, temperature):
    """google-research/simclr, objective.py."""
    hidden1, hidden2 = functional.normalize(hidden, dim=1).chunk(2)
    labels = torch.arange(len(hidden1))
    masks = torch.eye(len(hidden1), dtype=hidden.dtype)
    logits_aa = hidden1 @ hidden1.T / temperature - masks * LARGE_NUM
    logits_bb = hidden2 @ hidden2.T / temperature - masks * LARGE_NUM
    logits_ab = hidden1 @ hidden2.T / temperature
    logits_ba = hidden2 @ hidden1.T / temperature
    loss_a = functional.cross_entropy(torch.cat([logits_ab, logits_aa], 1), labels)
    loss_b = functional.cross_entropy(torch.cat([logits_ba, logits_bb], 1), labels)
    return loss_a + loss_b


def learning_rate(number, peak, images, batch, epochs, warmup_epochs):
    """google-research/simclr, model_util.py: WarmUpAndCosineDecay."""
    warmup_steps = round(warmup_epochs * images // batch)
    total_steps = images * epochs // batch + 1
    if number < warmup_steps:
        return number / warmup_steps * peak
    return peak * 0.5 * (1 + math.cos(math.pi * (number - warmup_steps) / (total_steps - warmup_steps)))


class Lars:
    """google-research/simclr, lars_optimizer.py, with classic_momentum; batch norms have no decay or trust ratio."""

    def __init__(self, named, momentum, decay, eeta=0.001):
        self.named = list(named)
        self.momentum, self.decay, self.eeta = momentum, decay, eeta
        self.velocity = {name: torch.zeros_like(weight) for name, weight in self.named}

    @torch.no_grad()
    def step(self, rate):
        for name, weight in self.named:
            if weight.grad is None:
                continue
            grad, scaled = weight.grad, rate
            if weight.dim() > 1:
                grad = grad + self.decay * weight
                w_norm, g_norm = weight.norm(), grad.norm()
                if w_norm > 0 and g_norm > 0:
                    scaled = rate * self.eeta * w_norm / g_norm
            self.velocity[name] = self.momentum * self.velocity[name] + scaled * grad
            weight -= self.velocity[name]


def keep_biased_variance(norm):
    """Running statistics as in TensorFlow: of the biased variance."""
    decay, norm.momentum = 1 - norm.momentum, 0

    @torch.no_grad()
    def hook(module, inputs):
        axes = [axis for axis in range(inputs[0].dim()) if axis != 1]
        variance, mean = torch.var_mean(inputs[0], axes, correction=0)
        for running, found in (module.running_mean, mean), (module.running_var, variance):
            running.mul_(decay).add_(found, alpha=1 - decay)

    norm.register_forward_pre_hook(hook)


def simclr(case):
    """google-research/simclr: both views of the whole batch are one forward pass, with batch norm over all of them."""
    settings = case.settings
    model = resnet(case)
    width, model.fc = model.fc.in_features, nn.Identity()
    model.head = nn.Sequential(
        nn.Linear(width, width, bias=False),
        nn.BatchNorm1d(width),
        nn.ReLU(),
        nn.Linear(width, settings["dimension"], bias=False),
        nn.BatchNorm1d(settings["dimension"]),
    ).to(case.type)
    case.load(model).train()
    model.head[4].bias.requires_grad_(False)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            keep_biased_variance(module)
    optimizer = Lars(model.named_parameters(), settings["momentum"], settings["decay"])
    schedule = [settings[name] for name in ("peak", "images", "batch", "epochs", "warmupEpochs")]
    losses, rates = [], []
    for number in range(settings["steps"]):
        views = [normalized(case.tensor(f"{name}.{number}")) for name in ("a", "b")]
        loss = contrastive_loss(model.head(model(torch.cat(views))), settings["temperature"])
        model.zero_grad()
        loss.backward()
        rates.append(torch.tensor(learning_rate(number, *schedule), dtype=torch.float64))
        optimizer.step(float(rates[-1]))
        losses.append(loss.detach())
    case.put("losses", torch.stack(losses))
    case.put("rates", torch.stack(rates))
    case.put_all("velocity.", optimizer.velocity.items())
    put_encoder(case, "", model)
