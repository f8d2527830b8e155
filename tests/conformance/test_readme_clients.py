"""README.md's examples for clients are true: each is run against a served lab, as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.clients import command, python_of, run
from tests.frontends.served import ROOT, serving

TEXT = Path(ROOT, "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|py|yaml)\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
ANSIBLE = "[defaults]\nhost_key_checking = False\n"


def example(word):
    """Give the one example that holds a word."""
    (found,) = (text for _, text in BLOCKS if word in text)
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve the lab that README.md serves."""
    with serving(tmp_path_factory.mktemp("state"), "--telnet", "0", "--ssh", "0") as server:
        yield server


def at(served, text):
    """Put the ports that were free in the place of README.md's."""
    for protocol, first in (("telnet", "2301"), ("ssh", "2201")):
        text = text.replace(first, str(served.ports[protocol]["HA1"]))
    return text


def test_every_example_is_run():
    """There is a test below for each example of a client."""
    words = ("ssh -p", "netmiko", "scrapli", "pexpect", "napalm", "genie", "ansible-playbook", "pytest")
    assert sorted(map(example, words)) == sorted(text for _, text in BLOCKS)


def test_ssh(served, tmp_path):
    """One command over plain `ssh`, whose password a program of the test answers."""
    pytest.importorskip("asyncssh")
    if not shutil.which("ssh"):
        pytest.skip("there is no ssh program")
    answer = tmp_path / "answer"
    answer.write_text("#!/bin/sh\necho cisco\n")
    answer.chmod(0o700)
    ssh = "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -F none"
    words = at(served, example("ssh -p")).replace("ssh", ssh, 1).split()
    done = subprocess.run(
        words,
        env=os.environ | {"SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "Interface   Grp  Pri P State" in done.stdout


@pytest.mark.parametrize("client", ["netmiko", "scrapli", "pexpect"])
def test_clients_of_the_tests_own(served, tmp_path, client):
    """Those that are always there."""
    if client == "pexpect" and not shutil.which("telnet"):
        pytest.skip("there is no telnet program")
    pytest.importorskip("asyncssh")
    printed = run(client, client, at(served, example(client)), tmp_path)
    assert client == "pexpect" or "Et" in printed


@pytest.mark.clients
@pytest.mark.parametrize(("client", "module"), [("napalm", "napalm"), ("pyats", "genie")])
def test_clients_of_their_own(served, tmp_path, client, module):
    """Those that want an environment of their own."""
    if client == "pyats" and not shutil.which("telnet"):
        pytest.skip("there is no telnet program, which Unicon spawns")
    assert "1.0.0.1" in run(client, module, at(served, example(module)), tmp_path)


@pytest.mark.clients
def test_ansible(served, tmp_path):
    """The playbook runs by the command that stands above it, and changes nothing the second time."""
    playbook = Path(python_of("ansible", "ansible")).with_name("ansible-playbook")
    text = at(served, example("ansible-playbook"))
    Path(tmp_path, "this.yml").write_text(text, "utf-8")
    Path(tmp_path, "ansible.cfg").write_text(ANSIBLE, "utf-8")
    words = text.splitlines()[0].removeprefix("# ").split()[1:]
    assert "changed=1" in command(tmp_path, str(playbook), *words)
    assert "changed=0" in command(tmp_path, str(playbook), *words)


def test_pytest(tmp_path):
    """The tests pass as they stand, with the script that they are for."""
    script = "def my_script(host, port, username, password):\n    return 'done'\n\n\n"
    Path(tmp_path, "test_it.py").write_text(script + example("pytest"), "utf-8")
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "iosemu.pytest",
        "-p",
        "no:cacheprovider",
        "test_it.py",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert "2 passed" in done.stdout, done.stdout
