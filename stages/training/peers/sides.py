"""Runs a side of a comparison in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path

PEERS = Path(__file__).resolve().parent
HOME = PEERS.parents[2]
REQUIREMENTS = PEERS / "requirements.txt"

PROBE = """
import json, platform, numpy, PIL, torch, torchvision
device = torch.cuda.get_device_name() if torch.cuda.is_available() else None
print(json.dumps({"python": platform.python_version(), "torch": torch.__version__,
                  "torchvision": torchvision.__version__, "pillow": PIL.__version__, "device": device}))
"""


class Failed(Exception):
    """A side without figures; the message says why."""


def say(message):
    print(f"compare: {message}", file=sys.stderr, flush=True)


class Sides:
    def __init__(self, moco, python):
        self.moco = moco
        self.python = python

    def ours(self, arguments, environment):
        return answer([self.moco, "bench", *arguments, "-o", "json"], environment)

    def theirs(self, program, *arguments):
        return answer([self.python, str(PEERS / program), *arguments])

    def make_jpegs(self, folder, count):
        command = [self.python, str(PEERS / "make_jpegs.py"), str(folder), "--images", str(count)]
        done = subprocess.run(command, stdout=sys.stderr)
        if done.returncode != 0:
            sys.exit(f"compare: no images were made in {folder}; --images-dir takes class folders of JPEGs")

    def versions(self):
        """Of what theirs runs on; ends with what to install if anything is missing."""
        try:
            done = subprocess.run([self.python, "-c", PROBE], capture_output=True, text=True)
            found = done.stderr.strip().split("\n")[-1]
        except OSError as error:
            done, found = None, error.strerror
        if done is None or done.returncode != 0:
            requirements = REQUIREMENTS.relative_to(HOME)
            sys.exit(
                f"compare: --python must be a Python with {requirements}, found {self.python} ({found}); to make one:\n"
                f"  python3 -m venv .moco/peer && .moco/peer/bin/pip install -r {requirements}\n"
                f"  {PEERS.relative_to(HOME)}/compare --python .moco/peer/bin/python"
            )
        versions = json.loads(done.stdout)
        pins = dict(line.split("==") for line in REQUIREMENTS.read_text().split())
        for package in "torch", "torchvision", "pillow":
            if versions[package].split("+")[0] != pins[package]:
                say(f"{package} is {versions[package]}, {REQUIREMENTS.name} has {pins[package]}")
        return versions


def answer(command, environment=None):
    """What a command prints as JSON; what else it says goes on to standard error."""
    with tempfile.TemporaryFile("w+") as out:
        try:
            variables = os.environ | (environment or {})
            process = subprocess.Popen(
                command, cwd=HOME, env=variables, stdout=out, stderr=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}") from None
        said = deque(maxlen=200)
        try:
            for line in process.stderr:
                sys.stderr.write(line)
                said.append(line.strip())
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if code != 0:
            raise Failed(reason(said, code))
        out.seek(0)
        text = out.read()
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise Failed(f"no JSON but {text[:100]!r}") from None


def reason(said, code):
    """The last message of ours, or the last line of all; usage may follow the former."""
    lines = [line for line in said if line]
    messages = [line for line in lines if line.startswith("moco: ")]
    last = (messages or lines or ["nothing said"])[-1].removeprefix("moco: ")
    return f"{last} (exit code {code})"
