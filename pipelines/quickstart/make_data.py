#!/usr/bin/env python3
"""Makes the quickstart's data, the same bytes at every run.

imagenet/  ImageNet layout: photos of products from Fashion-MNIST, 28x28.
voc/       VOC layout: the same products, enlarged and tinted, on photographs;
           their boxes are known because they were put there.

Needs Debian's dataset-fashion-mnist, and
    pip install numpy==1.26.4 pillow==10.4.0 scikit-image==0.22.0
    python3 make_data.py data
"""
import argparse
import gzip
import pathlib

import numpy as np
import skimage.data
from PIL import Image

CLASSES = ["tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
TRAIN_PER_CLASS, VALIDATION_PER_CLASS = 800, 200
OBJECTS = ["trouser", "sneaker", "bag", "tshirt"]
PHOTOGRAPHS = ["brick", "grass", "gravel", "coffee", "chelsea", "rocket"]
WIDTH, HEIGHT = 128, 96
TRAINVAL, TEST = 360, 120
ANNOTATION = """<annotation>
  <folder>VOC2007</folder>
  <filename>{name}.jpg</filename>
  <size><width>{width}</width><height>{height}</height><depth>3</depth></size>
{objects}</annotation>
"""
OBJECT = """  <object>
    <name>{name}</name>
    <difficult>0</difficult>
    <bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin><xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox>
  </object>
"""


def fashion(folder, part):
    images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28), np.frombuffer(labels, np.uint8, offset=8)


def write_imagenet(out, split, images, labels, per_class):
    for label, name in enumerate(CLASSES):
        folder = out / "imagenet" / split / name
        folder.mkdir(parents=True)
        for i in np.flatnonzero(labels == label)[:per_class]:
            Image.fromarray(images[i]).save(folder / f"{i:05d}.png", optimize=True)


def product(rng, image):
    """A product cut out, enlarged and tinted: RGB and opacity of the same size."""
    mask = image > 12
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    image = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = rng.uniform(28, 60) / max(image.shape)
    size = [max(8, round(image.shape[1] * side)), max(8, round(image.shape[0] * side))]
    gray = np.asarray(Image.fromarray(image).resize(size, Image.BICUBIC), np.float32)
    opacity = np.asarray(Image.fromarray(((image > 12) * 255).astype(np.uint8)).resize(size, Image.BICUBIC)) / 255
    tint = rng.uniform(0.55, 1, 3)
    return np.clip(60 + gray[..., None] * tint, 0, 255), opacity[..., None]


def scene(rng, photographs, images, labels):
    photo = photographs[rng.integers(len(photographs))]
    scale = rng.uniform(1, 2)
    w, h = round(WIDTH * scale), round(HEIGHT * scale)
    x, y = rng.integers(photo.shape[1] - w + 1), rng.integers(photo.shape[0] - h + 1)
    crop = Image.fromarray(photo[y : y + h, x : x + w]).resize((WIDTH, HEIGHT), Image.BICUBIC)
    canvas, boxes = np.asarray(crop, np.float32).copy(), []
    for _ in range(rng.integers(1, 4)):
        name = OBJECTS[rng.integers(len(OBJECTS))]
        rgb, opacity = product(rng, images[rng.choice(np.flatnonzero(labels == CLASSES.index(name)))])
        h, w = rgb.shape[:2]
        x, y = rng.integers(WIDTH - w + 1), rng.integers(HEIGHT - h + 1)
        if any(x < b[3] and b[1] < x + w and y < b[4] and b[2] < y + h for b in boxes):
            continue
        canvas[y : y + h, x : x + w] = canvas[y : y + h, x : x + w] * (1 - opacity) + rgb * opacity
        boxes.append((name, x, y, x + w, y + h))
    return Image.fromarray(canvas.astype(np.uint8)), boxes


def write_voc(out, rng, split, count, first, photographs, images, labels):
    voc = out / "voc" / "VOCdevkit" / "VOC2007"
    for folder in ["Annotations", "ImageSets/Main", "JPEGImages"]:
        (voc / folder).mkdir(parents=True, exist_ok=True)
    names = []
    for i in range(first, first + count):
        name = f"{i:06d}"
        image, boxes = scene(rng, photographs, images, labels)
        image.save(voc / "JPEGImages" / f"{name}.jpg", quality=88)
        # VOC's corners count from 1, and the last pixel is inside.
        objects = "".join(OBJECT.format(name=b[0], xmin=b[1] + 1, ymin=b[2] + 1, xmax=b[3], ymax=b[4]) for b in boxes)
        annotation = ANNOTATION.format(name=name, width=WIDTH, height=HEIGHT, objects=objects)
        (voc / "Annotations" / f"{name}.xml").write_text(annotation)
        names.append(name)
    (voc / "ImageSets" / "Main" / f"{split}.txt").write_text("\n".join(names) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--fashion-mnist", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    arguments = parser.parse_args()
    train, test = fashion(arguments.fashion_mnist, "train"), fashion(arguments.fashion_mnist, "t10k")
    write_imagenet(arguments.out, "train", *train, TRAIN_PER_CLASS)
    write_imagenet(arguments.out, "val", *test, VALIDATION_PER_CLASS)
    photographs = []
    for name in PHOTOGRAPHS:
        photo = getattr(skimage.data, name)()
        photographs.append(photo if photo.ndim == 3 else np.repeat(photo[..., None], 3, 2))
    rng = np.random.default_rng(7)
    write_voc(arguments.out, rng, "trainval", TRAINVAL, 1, photographs, *train)
    write_voc(arguments.out, rng, "test", TEST, TRAINVAL + 1, photographs, *test)


if __name__ == "__main__":
    main()
