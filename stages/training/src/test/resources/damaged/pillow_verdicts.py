"""Prints what Pillow says of each image of a folder: its name and the SHA-256 of its RGB pixels, or "refused"."""
import hashlib
import pathlib
import sys
import warnings

import PIL
from PIL import Image, ImageFile

warnings.simplefilter("ignore")
assert not ImageFile.LOAD_TRUNCATED_IMAGES
print("Pillow", PIL.__version__)
for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        # As torchvision's ImageFolder does.
        with open(file, "rb") as opened:
            image = Image.open(opened).convert("RGB")
        print(file.name, hashlib.sha256(image.tobytes()).hexdigest())
    except Exception:
        print(file.name, "refused")
