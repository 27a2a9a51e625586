"""Runs one side of a comparison in a new process."""

import json
import os
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path

from gpu import Gpu

PEERS = Path(__file__).resolve().parent
HOME = PEERS.parents[2]
REQUIREMENTS = PEERS / "requirements.txt"
NEWEST_REQUIREMENTS = PEERS / "requirements-newest.txt"

PROBE = """
import json, os, platform, numpy, PIL, torch, torchvision
gpu = torch.cuda.get_device_properties(0) if torch.cuda.is_available() else None
print(json.dumps({"python": platform.python_version(), "torch": torch.__version__,
                  "torchvision": torchvision.__version__, "pillow": PIL.__version__,
                  "device": gpu and gpu.name, "uuid": gpu and str(gpu.uuid), "devices": torch.cuda.device_count(),
                  "libtorch": os.path.join(os.path.dirname(torch.__file__), "lib")}))
"""

# Name of DJL's JNI library for CUDA; it works with libtorch for other releases of CUDA 12, too.
FLAVOR = "cu128"


class Failed(Exception):
    """Raised if a side gives no report; the message has the reason."""


def log(message):
    print(f"compare: {message}", file=sys.stderr, flush=True)


class Sides:
    def __init__(self, moco, python, newest_python):
        self.moco = moco
        self.python = python
        self.newest_python = newest_python
        self.gpu = None
        # Environment variables of our processes.
        self.environment = {}

    def use_gpu(self):
        """Makes both sides use the first GPU and the same libtorch; exits if either does not run there."""
        found = self.probe(self.python, REQUIREMENTS)
        if not found["device"]:
            sys.exit(f"compare: --device cuda needs a GPU, but torch {found['torch']} of {self.python} finds none")
        self.gpu = Gpu(found["uuid"])
        if "PYTORCH_LIBRARY_PATH" not in os.environ:
            version = found["torch"].split("+")[0]
            self.environment = dict(
                PYTORCH_LIBRARY_PATH=found["libtorch"], PYTORCH_VERSION=version, PYTORCH_FLAVOR=FLAVOR
            )
        try:
            self.bench("augment --device cuda --batch-size 2 --image-size 32 --warmup 0 --steps 1".split())
        except Failed as failure:
            sys.exit(f"compare: ours does not run on the GPU: {failure}")

    def ours(self, row):
        report = self.bench(row.ours)
        # A page on several devices has a line for each measurement.
        return report | report["results"][0] if report.get("results") else report

    def bench(self, arguments):
        return self.measured([self.moco, "bench", *arguments, "-o", "json"], self.environment)

    def theirs(self, row):
        python = self.newest_python if row.newest and self.newest_python else self.python
        program, *arguments = row.theirs
        return self.measured([python, str(PEERS / program), *arguments], {})

    def measured(self, command, environment):
        if not self.gpu:
            return report_of(command, environment)
        with self.gpu.watched() as peak:
            report = report_of(command, environment)
        return report | {"peakDeviceMib": peak()}

    def make_jpegs(self, folder, count):
        command = [self.python, str(PEERS / "make_jpegs.py"), str(folder), "--images", str(count)]
        done = subprocess.run(command, stdout=sys.stderr)
        if done.returncode != 0:
            sys.exit(f"compare: cannot make images in {folder}; --images-dir takes class folders of JPEGs")

    def probe(self, python, requirements):
        """Versions and GPUs of a Python of theirs; exits with the commands that install it if a package is missing."""
        try:
            done = subprocess.run([python, "-c", PROBE], capture_output=True, text=True)
            found = done.stderr.strip().split("\n")[-1]
        except OSError as error:
            done, found = None, error.strerror
        if done is None or done.returncode != 0:
            option, folder = ("--python", ".moco/peer")
            if requirements == NEWEST_REQUIREMENTS:
                option, folder = ("--newest-python", ".moco/newest")
            needed = requirements.relative_to(HOME)
            sys.exit(
                f"compare: {option} must be a Python with {needed}, found {python} ({found}); to make one:\n"
                f"  python3 -m venv {folder} && {folder}/bin/pip install -r {needed}\n"
                f"  {PEERS.relative_to(HOME)}/compare {option} {folder}/bin/python"
            )
        return json.loads(done.stdout)

    def versions(self, python, requirements):
        found = self.probe(python, requirements)
        versions = {name: found[name] for name in ("python", "torch", "torchvision", "pillow", "device", "devices")}
        pins = dict(line.split("==") for line in requirements.read_text().split())
        for package in "torch", "torchvision", "pillow":
            if versions[package].split("+")[0] != pins[package]:
                log(f"{package} is {versions[package]}, {requirements.name} has {pins[package]}")
        return versions


def report_of(command, environment):
    """Runs a command and parses the JSON that it prints; its standard error is passed on."""
    with tempfile.TemporaryFile("w+") as out:
        try:
            process = subprocess.Popen(
                command, cwd=HOME, env=os.environ | environment, stdout=out, stderr=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from None
        logged = deque(maxlen=200)
        try:
            for line in process.stderr:
                sys.stderr.write(line)
                logged.append(line.strip())
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if code != 0:
            raise Failed(reason(logged, code))
        out.seek(0)
        text = out.read()
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise Failed(f"no JSON but {text[:100]!r}") from None


def reason(logged, code):
    """The last message of moco, after which usage may follow, or else the last line."""
    lines = [line for line in logged if line]
    messages = [line for line in lines if line.startswith("moco: ")]
    last = (messages or lines or ["no message"])[-1].removeprefix("moco: ")
    return f"{last} (exit code {code})"
