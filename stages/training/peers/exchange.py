"""Checkpoints that PyTorch writes, and files that PyTorch, torchvision, timm, safetensors and NumPy read."""

import copy
import importlib.util
import os
import pickle

from case import normalized, resnet

import numpy
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torchvision.models.feature_extraction import create_feature_extractor

DIMENSION = 128


class MoCo(nn.Module):
    """The modules of MoCo v2 by their names in its checkpoints."""

    def __init__(self, case, queue_size):
        super().__init__()
        self.encoder_q = resnet(case, num_classes=DIMENSION)
        width = self.encoder_q.fc.in_features
        self.encoder_q.fc = nn.Sequential(nn.Linear(width, width), nn.ReLU(), self.encoder_q.fc)
        self.encoder_k = copy.deepcopy(self.encoder_q)
        for weight in self.encoder_k.parameters():
            weight.requires_grad = False
        self.register_buffer("queue", nn.functional.normalize(torch.randn(DIMENSION, queue_size), dim=0))
        self.register_buffer("queue_ptr", torch.tensor([queue_size // 2]))

    def forward(self, images):
        return self.encoder_q(images)


def saved(case):
    """Saves a checkpoint after a step, as main_moco.py does, in the formats since and before PyTorch 1.6."""
    torch.manual_seed(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    distributed.init_process_group("gloo", init_method=f"file://{case.folder}/processes", rank=0, world_size=1)
    model = DistributedDataParallel(MoCo(case, case.settings["queueSize"]))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-4)
    images = normalized(case.tensor("images"))
    model(images).square().mean().backward()
    optimizer.step()
    checkpoint = {
        "epoch": 1,
        "arch": case.settings["architecture"],
        "state_dict": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    torch.save(checkpoint, case.folder / "moco.pth.tar")
    torch.save(checkpoint, case.folder / "moco_legacy.pth.tar", _use_new_zipfile_serialization=False)
    case.put("features", features(model.module.encoder_q, images))
    case.put("queue", model.module.queue)


def features(model, images):
    model.fc = nn.Identity()
    with torch.no_grad():
        return model.eval()(images)


def exported(case):
    """Loads every exported file strictly, compares it with the checkpoint bit by bit, and computes features."""
    import timm
    from safetensors.torch import load_file

    original = torch.load(case.settings["checkpoint"], weights_only=True)["state_dict"]
    prefix = "module.encoder_q."
    encoder = {name.removeprefix(prefix): value for name, value in original.items() if name.startswith(prefix)}
    backbone = {name: value for name, value in encoder.items() if not name.startswith("fc.")}
    images = normalized(case.tensor("images"))

    def check(name, state, expected=backbone):
        assert list(state) and set(state) == set(expected), f"{name}: {set(state) ^ set(expected)}"
        for key, value in expected.items():
            assert state[key].dtype == value.dtype and torch.equal(state[key], value), f"{name}: {key} differs"
        return state

    def torchvision_model(state):
        model = resnet(case)
        model.fc = nn.Identity()
        model.load_state_dict(state)
        return model

    read = {
        "torchvision": torch.load(case.folder / "torchvision.pth", weights_only=True),
        "safetensors": load_file(case.folder / "safetensors.safetensors"),
        "npz": {name: torch.from_numpy(value) for name, value in numpy.load(case.folder / "npz.npz").items()},
    }
    for name, state in read.items():
        case.put(name, features(torchvision_model(check(name, state)), images))
    model = timm.create_model(case.settings["architecture"], num_classes=0)
    timm.models.load_checkpoint(model, str(case.folder / "timm.pth"), strict=True)
    check("timm", model.state_dict())
    case.put("timm", features(model, images))

    with open(case.folder / "detectron2.pkl", "rb") as file:
        content = pickle.load(file)
    assert content["matching_heuristics"] is True
    arrays = {name: torch.from_numpy(value) for name, value in content["model"].items()}
    check("detectron2", arrays, {detectron2_name(name): value for name, value in encoder.items()})


def documented(case):
    """Runs lines that a document has, beside the files that they read; what they call features is the result."""
    os.chdir(case.folder)
    images = normalized(case.tensor("images"))
    names = {"images": images}
    for number, lines in enumerate(case.settings["lines"]):
        detector = "detectron2" in lines
        if detector and not importlib.util.find_spec("detectron2"):
            continue
        exec(lines, names)
        if detector:
            stages = create_feature_extractor(names["torchvision_encoder"], ["layer3"])
            torch.testing.assert_close(names["features"], stages(images)["layer3"], rtol=1e-4, atol=1e-5)
        elif "features = " in lines:
            case.put(f"lines{number}", names["features"])
        if number == 0:
            names["torchvision_encoder"] = names["encoder"]


def detectron2_name(name):
    """The renaming of MoCo's detection/convert-pretrain-to-detectron2.py."""
    if "layer" not in name:
        name = "stem." + name
    for number in 1, 2, 3, 4:
        name = name.replace(f"layer{number}", f"res{number + 1}")
    for number in 1, 2, 3:
        name = name.replace(f"bn{number}", f"conv{number}.norm")
    return name.replace("downsample.0", "shortcut").replace("downsample.1", "shortcut.norm")
