"""A served lab for tests: `iosemu serve` as its own process, on ports of 127.0.0.1 that are free."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIG = "hostname R1\n!\ninterface Ethernet0\n ip address 10.0.0.1 255.0.0.0\n!\n{}\nend\n"
PATIENCE = 20
"""Seconds after which an answer that does not come is a failure."""


class Server:
    """A running `iosemu serve`: `ports["telnet"]["R1"]`; what it printed is `rows`."""

    def __init__(self, state, *words, lab="physical"):
        environment = os.environ | {"XDG_STATE_HOME": str(state), "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "iosemu", "serve", str(lab), *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.rows = []
        self.ports = {}
        for row in self.process.stdout:
            self.rows.append(row.rstrip("\n"))
            if self.rows[-1] == "ready":
                break
        head = next((row.split() for row in self.rows if row.startswith("Router")), [])
        for row in self.rows:
            name, *numbers = row.split()
            if numbers and len(numbers) == len(head) - 1 and all(map(str.isdigit, numbers)):
                for protocol, number in zip(head[1:], numbers, strict=True):
                    self.ports.setdefault(protocol, {})[name] = int(number)

    def stop(self, number=signal.SIGTERM):
        """End it with a signal; gives the exit status and what it wrote to stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        errors = self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode, errors


@contextlib.contextmanager
def serving(state, *words, lab="physical"):
    """Serve a lab for the length of a block; whatever happens, it ends, and without a complaint."""
    server = Server(state, *words, lab=lab)
    try:
        yield server
    finally:
        status, errors = server.stop()
    assert (status, errors) == (0, "")


def router(folder, text=""):
    """Write the configuration of a lab of one router, with some lines of its own; gives its path."""
    path = Path(folder, "R1.cfg")
    path.write_text(CONFIG.format(text))
    return path


class Caller:
    """Somebody at the other end of a telnet connection who takes no part in the negotiation."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Type."""
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def expect(self, pattern):
        """Read until a pattern has come; gives all that came up to there."""
        wanted = re.compile(pattern.encode("latin-1"))
        end = time.monotonic() + PATIENCE
        while not (found := wanted.search(self.seen)):
            data = self.socket.recv(65536) if time.monotonic() < end else b""
            assert data, f"{pattern} did not come, but {self.seen[-500:]!r}"
            self.seen += data
        came, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return came.decode("latin-1")

    def rest(self):
        """Read until the other end hangs up."""
        came, self.seen = self.seen, b""
        with contextlib.suppress(ConnectionResetError):
            while data := self.socket.recv(65536):
                came += data
        return came.decode("latin-1")

    def log_in(self, name="cisco", password="cisco"):
        """Log in; gives what was shown."""
        self.send(f"{name}\r{password}\r")
        return self.expect(r"\w+[>#]$")

    def ask(self, line):
        """Type a line; gives the rows between it and the next prompt."""
        self.send(f"{line}\r")
        return self.expect(r"(?m)^\w+(\([\w-]+\))?[>#]\Z").split("\r\n")[1:-1]


def refused(port):
    """Tell whether a caller is turned away without a word."""
    try:
        with Caller(port) as caller:
            return caller.rest() == ""
    except ConnectionError:
        return True
