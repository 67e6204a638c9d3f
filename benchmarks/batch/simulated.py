"""A simulated provider in a process of its own."""

import json
import subprocess
import urllib.request


class Provider:
    """Runs `drayage simulate` with these words in `folder` until the end of a with-statement."""

    def __init__(self, drayage, folder, *words):
        self.command = [drayage, "simulate", *words, "--port", "0"]
        self.folder = folder

    def __enter__(self):
        self.process = subprocess.Popen(self.command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.url = None
        for text in self.process.stderr:
            if "listening on" in text:
                self.url = text.split("listening on ")[1].split()[0]
            if "until Ctrl-C" in text:
                return self
        raise SystemExit("the simulated provider does not listen")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ledger(self):
        """What it has seen and billed, in total."""
        with urllib.request.urlopen(self.url.replace("/v1", "/simulate/ledger")) as reply:
            return json.load(reply)["total"]
