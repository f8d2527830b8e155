"""`iosemu serve` under load: many callers, callers in a hurry, callers who vanish, callers who type rubbish."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.app import Lab, grammar
from iosemu.cli.line import Line
from iosemu.cli.session import Session
from iosemu.frontends.vty import useful
from tests.frontends.served import Caller, router, serving

asyncssh = pytest.importorskip("asyncssh")

ROUTER = Lab.load("physical")["HA1"]
LINES = 520
BOTH = ("--telnet", "0", "--ssh", "0")
TEXT = f"line vty 0 {LINES - 1}\n exec-timeout 0 0\n timeout login response 0"
SOON = 3
"""Seconds in which an ordinary caller is to be answered, whatever others do: generous, for machines shared by many."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve a router with many lines."""
    folder = tmp_path_factory.mktemp("load")
    with serving(folder, *BOTH, lab=router(folder, TEXT)) as server:
        yield server


@pytest.fixture
def caller(served):
    """Log in, as somebody whom the others must not disturb."""
    with Caller(served.ports["telnet"]["R1"]) as caller:
        caller.log_in()
        caller.ask("terminal length 0")
        yield caller
        caller.send("exit\r")
        caller.rest()


def answered(caller):
    """Give the seconds that an answer takes."""
    began = time.monotonic()
    caller.ask("show clock")
    return time.monotonic() - began


def alone(caller):
    """See that nobody else is left, soon."""
    end = time.monotonic() + 10
    while len(rows := caller.ask("show users")) > 4 and time.monotonic() < end:
        time.sleep(0.1)
    assert len(rows) == 4


def memory(server):
    """Give the octets that the server has in memory; skip where that is not told."""
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("this machine does not tell what a process has in memory")
    (row,) = [row for row in status.read_text().splitlines() if row.startswith("VmRSS")]
    return int(row.split()[1]) * 1024


def test_fifty_ssh_sessions_at_once(served, caller):
    """Fifty sessions run ten commands each, all are answered in full, and so is everybody else."""

    async def session(number):
        async with asyncssh.connect(
            "127.0.0.1",
            served.ports["ssh"]["R1"],
            username="cisco",
            password="cisco",
            client_keys=None,
            known_hosts=None,
            config=None,
            agent_path=None,
        ) as connection:
            process = await connection.create_process(encoding="latin-1", term_type="vt100")
            await process.stdout.readuntil("R1>")
            for _ in range(10):
                process.stdin.write("show ip interface brief\n")
                assert "10.0.0.1" in await asyncio.wait_for(process.stdout.readuntil("R1>"), 30)
            process.stdin.write("exit\n")
            await process.wait()
        return number

    async def all_of_them():
        work = asyncio.gather(*map(session, range(50)))
        while not work.done():
            await asyncio.sleep(0.2)
            assert await asyncio.to_thread(answered, caller) < SOON
        return await work

    assert asyncio.run(all_of_them()) == list(range(50))


def test_five_hundred_idle_sessions(served, caller):
    """Who does nothing costs nobody anything, and memory comes back for the next."""
    port = served.ports["telnet"]["R1"]
    held = []
    for _ in range(2):
        with contextlib.ExitStack() as stack:
            callers = [stack.enter_context(Caller(port)) for _ in range(500)]
            for each in callers:
                each.expect("Username: $")
            assert answered(caller) < SOON
            held.append(memory(served))
        alone(caller)
    assert held[1] < held[0] + 10_000_000


def test_a_storm_of_connections(served, caller):
    """Callers who come and go at once, or are cut off in the middle, leave no session behind."""
    for number in range(300):
        with Caller(served.ports["telnet" if number % 3 else "ssh"]["R1"]) as each:
            if number % 2:
                each.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert answered(caller) < SOON
    alone(caller)


@pytest.mark.parametrize("kind", ["octets", "one long line", "NULs"])
def test_ten_megabytes_of_rubbish(served, caller, kind):
    """Rubbish is worked off without anybody waiting, without much memory; its session answers again after."""
    octets = 1 if kind == "octets" else 10
    rubbish = {"octets": bytes(set(range(256)) - set(b"lqexLQEX\xff")), "one long line": b"x", "NULs": b"\0"}[
        kind
    ]
    blob = rubbish * (octets * 1_000_000 // len(rubbish))
    before = memory(served)
    with Caller(served.ports["telnet"]["R1"]) as each:
        each.log_in()
        each.ask("terminal length 0")
        each.socket.settimeout(0.05)
        sent = read = 0
        while sent < len(blob):
            with contextlib.suppress(TimeoutError):
                sent += each.socket.send(blob[sent : sent + 65536])
            with contextlib.suppress(TimeoutError, BlockingIOError):
                each.socket.setblocking(False)
                read += len(each.socket.recv(1 << 20))
            each.socket.settimeout(0.05)
        assert answered(caller) < SOON
        each.socket.settimeout(20)
        each.send(b"\x15\x1a\rshow privilege\r")
        each.expect(r"Current privilege level is 1\r\nR1>$")
    assert memory(served) < before + 40_000_000


def test_half_open_connections_are_not_waited_for(served, caller):
    """Callers who shut their half, or never say a word of SSH, hold up nobody."""
    ports = served.ports
    with contextlib.ExitStack() as stack:
        for number in range(60):
            each = stack.enter_context(Caller(ports["telnet" if number % 2 else "ssh"]["R1"]))
            if number % 3:
                each.socket.shutdown(socket.SHUT_WR)
            elif not number % 2:
                each.send(os.urandom(100))
        assert answered(caller) < SOON


@given(st.lists(st.sampled_from([b"\0", b"\r", b"\n", b"\xe4", b"\xff", b"show clock", b"x" * 700, b"\x15"])))
def test_what_is_left_out_of_rubbish_does_nothing(pieces):
    """A line shows the same, but for bells, with and without what is taken out before."""
    text = b"".join(pieces)

    def shown(typed):
        session, out = Session(grammar(), ROUTER), []
        session.length = 0
        line = Line(session, out.append)
        line.start()
        line.feed(typed)
        return "".join(out).replace("\a", "")

    assert shown(useful(text)) == shown(text)
