"""Files over SSH: `scp` to and from a router's own flash:, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.frontends.served import router, serving

asyncssh = pytest.importorskip("asyncssh")
OPEN = "ip scp server enable"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve a router that takes files."""
    folder = tmp_path_factory.mktemp("scp")
    with serving(
        folder, "--ssh", "0", lab=router(folder, f"{OPEN}\nline vty 0 4\n privilege level 15")
    ) as server:
        server.state = folder
        yield server


def connect(server, name="cisco", password="cisco"):
    """Open a connection."""
    return asyncssh.connect(
        "127.0.0.1",
        server.ports["ssh"]["R1"],
        username=name,
        password=password,
        client_keys=None,
        known_hosts=None,
        config=None,
        agent_path=None,
    )


async def said(connection, command, typed=b""):
    """Run a command with something typed at it; gives its exit status and what it answered."""
    process = await connection.create_process(command, encoding=None)
    with contextlib.suppress(BrokenPipeError):  # refused before it could be typed
        process.stdin.write(typed)
        process.stdin.write_eof()
    answer = await process.stdout.read()
    return (await process.wait()).exit_status, answer


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_a_file_comes_back_as_it_went(served, tmp_path, size):
    """All its octets do, and the router knows their digest."""
    contents = os.urandom(size)
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(contents)

    async def copy():
        async with connect(served) as connection:
            await asyncssh.scp(str(there), (connection, "flash:/a.bin"))
            await asyncssh.scp((connection, "flash:a.bin"), str(back))
            return (await connection.run("verify /md5 flash:a.bin")).stdout

    assert hashlib.md5(contents, usedforsecurity=False).hexdigest() in asyncio.run(copy())
    assert back.read_bytes() == contents


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "..", "a/../../x", ".ssh/x", "%2e%2e%2fx", "a\\..\\b", "~/x", "x" * 200]
)
def test_no_name_leads_out_of_flash(served, name):
    """What looks like a path of this machine's is a name in flash:, kept in a file of the lab's folder."""
    before = {path for path in served.state.rglob("*") if path.is_file()}

    async def copy():
        async with connect(served) as connection:
            asked = f"scp -t 'flash:{name}'"
            return (await said(connection, asked, b"C0644 3 x\nabc\0"))[0], (
                await connection.run("dir flash:")
            ).stdout

    status, listed = asyncio.run(copy())
    made = {path for path in served.state.rglob("*") if path.is_file()} - before
    assert status == 0
    assert name.lstrip("/") in listed
    assert {path.parent.name for path in made} == {"R1"}
    assert [path.read_bytes() for path in made] == [b"abc"]


def test_what_is_in_a_file_does_not_act_on_terminals(served):
    """Control characters are shown as dots, by whatever shows a file's rows."""
    octets = b"\x1b]0;mine\x07\r\n\x9b31m\xff\n"

    async def copy():
        async with connect(served) as connection:
            await said(connection, "scp -t flash:odd", b"C0644 %d x\n%b\0" % (len(octets), octets))
            return [
                (await connection.run(line, encoding="latin-1")).stdout
                for line in ("more flash:odd", "show archive config differences flash:odd")
            ]

    for shown in asyncio.run(copy()):
        assert not set(shown) & set("\x1b\x07\x9b")
        assert ".]0;mine." in shown


@pytest.mark.parametrize(
    ("command", "typed", "why"),
    [
        ("scp -f /etc/group", b"\0", b"%Error opening flash:etc/group (No such file or directory)"),
        ("scp -f flash:none", b"\0", b"%Error opening flash:none (No such file or directory)"),
        ("scp -t tftp://10.1.1.1/x", b"C0644 1 x\nx\0", b"(Timed out)"),
        ("scp -t file:/tmp/x", b"C0644 1 x\nx\0", b"(No such device)"),
        ("scp -r -t flash:", b"D0755 0 folder\n", b"no directory"),
        ("scp -t flash:", b"C0644 99999999 big\n", b"(No space left on device)"),
        ("scp -t flash:", b"C0644 1 \x1b[2Jx\nx\0", b"no control characters"),
        ("scp -t flash:", b"C0644 1 ../x\nx\0", b"protocol error"),
        ("scp -t flash:", b"x" * 5000, b"protocol error"),
    ],
)
def test_what_cannot_be_copied_is_refused_in_a_row(served, command, typed, why):
    """The reason is told as `scp` shows it, and the exit status is not 0."""

    async def copy():
        async with connect(served) as connection:
            return await said(connection, command, typed)

    status, answer = asyncio.run(copy())
    assert status == 1
    assert why in answer


@pytest.mark.parametrize(
    ("text", "name", "answer"),
    [
        ("", "cisco", b"Administratively disabled.\n"),
        (f"{OPEN}\nusername low secret cisco\nline vty 0 4\n login local", "low", b"Privilege denied.\n"),
        (f"{OPEN}\nusername top privilege 15 secret cisco\nline vty 0 4\n login local", "top", b"\0\0\0"),
    ],
)
def test_the_configuration_says_who_may_copy(tmp_path, text, name, answer):
    """Nobody unless the server is enabled, then those of level 15."""

    async def copy(server):
        async with connect(server, name) as connection:
            return (await said(connection, "scp -t flash:x", b"C0644 3 x\nabc\0"))[1]

    with serving(tmp_path, "--ssh", "0", lab=router(tmp_path, text)) as server:
        assert asyncio.run(copy(server)) == answer


def test_openssh_copies(served, tmp_path):
    """`scp -O` of OpenSSH does."""
    if not shutil.which("scp"):
        pytest.skip("there is no scp program")
    answer, there = tmp_path / "answer", tmp_path / "R9.cfg"
    answer.write_text("#!/bin/sh\necho cisco\n")
    answer.chmod(0o700)
    there.write_text("hostname R9\n")
    words = [
        "scp",
        "-O",
        "-F",
        "none",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
    ]
    port = str(served.ports["ssh"]["R1"])
    environment = os.environ | {"SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"}
    for source, target in (
        (there, "cisco@127.0.0.1:flash:"),
        ("cisco@127.0.0.1:flash:/R9.cfg", tmp_path / "again"),
    ):
        subprocess.run(
            [*words, "-P", port, str(source), str(target)],
            env=environment,
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=30,
        )
    assert Path(tmp_path, "again").read_text() == "hostname R9\n"
