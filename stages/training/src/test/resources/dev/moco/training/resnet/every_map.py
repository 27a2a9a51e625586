"""All maps between the layers of a ResNet."""
from typing import List

from torch import Tensor

from dev.moco.training.resnet.batch_norm import batch_norm_forward
from dev.moco.training.resnet.convolution import convolution_forward
from dev.moco.training.resnet.encoder import Encoder, encoder_network, features
from dev.moco.training.resnet.resnet import layer_forward, stem_forward
from dev.moco.training.resnet.tape import RECOMPUTE_CONVOLUTIONS


def every_map(encoder: Encoder, images: Tensor, momentum: float) -> List[Tensor]:
    """Outputs of conv1, bn1, the stem and layer1 to layer4, then the pooled features as maps of one cell."""
    resnet = encoder_network(encoder).resnet
    convolved = convolution_forward([images], resnet.stem)
    normalized = batch_norm_forward(convolved, resnet.stem.norm, momentum, None, RECOMPUTE_CONVOLUTIONS)
    pooled = features(encoder, images, momentum)
    x = stem_forward([images], resnet, momentum, None, RECOMPUTE_CONVOLUTIONS)
    out = convolved + normalized + x
    for layer in resnet.layers:
        x = layer_forward(x, layer, momentum, None, RECOMPUTE_CONVOLUTIONS)
        out = out + x
    return out + [pooled.unsqueeze(2).unsqueeze(3)]
