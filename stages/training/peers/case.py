"""A test case: weights and inputs that a Java test wrote to a folder, and the results that it reads.

The folder has input.json (settings, and the shape of each tensor), and the tensors in input/NAME as little-endian
doubles. Results are written to output/NAME in the same format.
"""

import json
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PINS = dict(line.split("==") for line in REQUIREMENTS.read_text().split())


def refuse(found):
    needed = f"torch {PINS['torch']} and torchvision {PINS['torchvision']}"
    sys.exit(f"needs {needed} ({REQUIREMENTS}), found {found} in {sys.executable}")


try:
    import numpy
    import torch
    import torchvision
except ImportError as error:
    refuse(error)

for module in torch, torchvision:
    if module.__version__.split("+")[0] != PINS[module.__name__]:
        refuse(f"{module.__name__} {module.__version__}")


class Case:
    def __init__(self, folder):
        self.folder = Path(folder)
        content = json.loads((self.folder / "input.json").read_text())
        self.settings = content["settings"]
        self.shapes = content["shapes"]
        self.type = getattr(torch, self.settings["type"])
        (self.folder / "output").mkdir()

    def tensor(self, name):
        numbers = numpy.fromfile(self.folder / "input" / name, "<f8").reshape(self.shapes[name])
        return torch.from_numpy(numbers).to(self.type)

    def whole(self, name):
        return self.tensor(name).round().long()

    def load(self, model, prefix=""):
        names = [name.removeprefix(prefix) for name in self.shapes if name.startswith(prefix)]
        state = model.state_dict()
        missing = [name for name in state if name not in names and not name.endswith("num_batches_tracked")]
        assert not missing, f"no values for {missing}"
        model.load_state_dict({name: self.tensor(prefix + name) for name in names if name in state}, strict=False)
        return model

    def put(self, name, tensor):
        tensor.detach().double().contiguous().numpy().tofile(self.folder / "output" / name)

    def put_all(self, prefix, tensors):
        for name, tensor in tensors:
            if not name.endswith("num_batches_tracked"):
                self.put(prefix + name, tensor)


def resnet(case, **arguments):
    return getattr(torchvision.models, case.settings["architecture"])(**arguments).to(case.type)


def normalized(images):
    """ToTensor and Normalize of N x H x W x 3 numbers from 0 to 255."""
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=images.dtype).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225], dtype=images.dtype).view(3, 1, 1)
    return (images.permute(0, 3, 1, 2).contiguous() / 255 - mean) / deviation
