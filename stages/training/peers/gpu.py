"""Memory of a GPU, read for both sides by the same program."""

import subprocess
import sys
import threading
from contextlib import contextmanager

INTERVAL_MS = 50


class Gpu:
    """A GPU that nothing else uses; nvidia-smi comes with its driver."""

    def __init__(self, uuid):
        self.query = ["nvidia-smi", f"--id=GPU-{uuid}", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        self.used()

    def used(self):
        """MiB in use, of all programs."""
        try:
            done = subprocess.run(self.query, capture_output=True, text=True)
            return int(done.stdout)
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else (done.stdout + done.stderr).strip()
            sys.exit(f"compare: nvidia-smi must tell the GPU's memory, found {said!r}")

    @contextmanager
    def watched(self):
        """Yields what tells, at the end, by how many MiB the memory in use rose at most."""
        before = self.used()
        seen = [before]
        loop = subprocess.Popen([*self.query, f"--loop-ms={INTERVAL_MS}"], stdout=subprocess.PIPE, text=True)
        # From here on it is read, however long the program took to start.
        seen.append(int(loop.stdout.readline() or before))
        reader = threading.Thread(target=lambda: seen.extend(int(line) for line in loop.stdout), daemon=True)
        reader.start()
        try:
            yield lambda: max(seen) - before
        finally:
            loop.terminate()
            loop.wait()
            reader.join()
