"""`iosemu audit`, `unfold` and `diff` as a person runs them: what is printed, and the exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

FLAT = (
    "int e0 ip addr 1.0.0.1 255.0.0.0 standby ip 1.0.0.10 standby name SanJoseHA ! loopback to receive registration "
    "from MN on virtual-network int lo0 ip addr 20.0.0.1 255.255.255.255 ip mobile home-agent ! address used by "
    "Standby HA for redundancy (update and download) ip mobile virtual-network 20.0.0.0 255.0.0.0 address 20.0.0.1\n"
)


def iosemu(
    folder: Path,
    *words: str,
    stdin: str = "",
    PYTHONPATH: str = "",  # noqa: N803 - the variable's name
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (PYTHONPATH, str(ROOT))))}
    argv = [sys.executable, "-m", "iosemu", *words]
    return subprocess.run(
        argv, cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False
    )


def test_unfold(tmp_path: Path) -> None:
    """The document's text, a configuration on one line, gets its lines and its indentation back."""
    done = iosemu(tmp_path, "unfold", "-", stdin=FLAT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "int e0\n"
        " ip addr 1.0.0.1 255.0.0.0\n"
        " standby ip 1.0.0.10\n"
        " standby name SanJoseHA\n"
        "! loopback to receive registration from MN on virtual-network\n"
        "int lo0\n"
        " ip addr 20.0.0.1 255.255.255.255\n"
        "ip mobile home-agent\n"
        "! address used by Standby HA for redundancy (update and download)\n"
        "ip mobile virtual-network 20.0.0.0 255.0.0.0 address 20.0.0.1\n"
    )


def test_unfold_loses_nothing(tmp_path: Path) -> None:
    """Words that nothing takes stay where they were, on a line of their own, and are told with their place."""
    done = iosemu(tmp_path, "unfold", "-", stdin=f"HA1: {FLAT}")
    assert (done.returncode, done.stderr) == (1, "<stdin>:1:1: no command: HA1:\n")
    assert done.stdout.startswith("HA1:\nint e0\n ip addr")


def test_diff(tmp_path: Path) -> None:
    """What two configurations mean is compared, not how they are written."""
    (tmp_path / "a.cfg").write_text("int e0\nip addr 1.0.0.1 255.0.0.0\nstandby priority 110 preempt\n")
    (tmp_path / "b.cfg").write_text(
        "interface Ethernet0\n standby preempt\n standby priority 110\n no shutdown\n ip address 1.0.0.1 255.0.0.0\n"
    )
    (tmp_path / "c.cfg").write_text("int e0\n ip addr 1.0.0.1 255.0.0.0\n standby pri 105\n foo\n")
    same = iosemu(tmp_path, "diff", "a.cfg", "b.cfg")
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    other = iosemu(tmp_path, "diff", "a.cfg", "c.cfg")
    assert other.returncode == 1
    assert other.stderr == "c.cfg:4: foo: % Invalid input detected at '^' marker.\n"
    assert other.stdout == (
        "--- a.cfg\n+++ c.cfg\n  interface Ethernet0\n-  standby priority 110\n-  standby preempt\n"
        "+  standby priority 105\n+  foo\n"
    )


def test_diff_of_a_labs_routers(tmp_path: Path) -> None:
    """A lab's router is named LAB:ROUTER; a router that is not there is an error of use."""
    done = iosemu(tmp_path, "diff", "physical:HA1", "physical:HA1")
    assert (done.returncode, done.stdout) == (0, "")
    gone = iosemu(tmp_path, "diff", "physical:HA1", "physical:HA3")
    assert (gone.returncode, gone.stdout) == (2, "")
    assert gone.stderr == "iosemu: physical:HA3: physical has no router HA3; it has HA1, HA2, R0, FA1\n"
