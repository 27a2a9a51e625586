"""Memory use of a GPU, read by nvidia-smi for both sides."""

import subprocess
import sys
import threading
from contextlib import contextmanager

INTERVAL_MS = 50


class Gpu:
    """A GPU that no other program uses; nvidia-smi is part of its driver."""

    def __init__(self, uuid):
        self.query = ["nvidia-smi", f"--id=GPU-{uuid}", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        self.used()

    def used(self):
        """MiB in use by all programs."""
        try:
            done = subprocess.run(self.query, capture_output=True, text=True)
            return int(done.stdout)
        except (OSError, ValueError) as error:
            found = error.strerror if isinstance(error, OSError) else (done.stdout + done.stderr).strip()
            sys.exit(f"compare: nvidia-smi must print the GPU's memory, found {found!r}")

    @contextmanager
    def watched(self):
        """Yields a function that returns the largest increase of the memory in use, in MiB."""
        before = self.used()
        samples = [before]
        loop = subprocess.Popen([*self.query, f"--loop-ms={INTERVAL_MS}"], stdout=subprocess.PIPE, text=True)
        reader = threading.Thread(target=lambda: samples.extend(int(line) for line in loop.stdout), daemon=True)
        reader.start()
        try:
            yield lambda: max(samples) - before
        finally:
            loop.terminate()
            loop.wait()
            reader.join()
