"""`iosemu serve`: a lab whose routers are reached over telnet and SSH, in real time.

The rule kept here: nothing is reached from outside this machine unless that was asked for, everything is
bound before anything is announced, and whatever ends it saves nothing that nobody asked to save.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import os
import signal
import socket
import sys
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

from iosemu import resources
from iosemu.app import Lab, UsageError, complaints
from iosemu.cli.tty import TTYs
from iosemu.values import NamedTuple

from . import admission, consoles
from .pace import Pace
from .telnet import Telnet
from .terminal import FORGETFUL
from .vty import House

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from iosemu.lab.router import Node

TELNET, SSH = 2301, 2201
"""The first router's ports when neither was asked for."""
LAST = 65535
BACKLOG = 512
INSTALL = "asyncssh is not installed (pip install 'iosemu[ssh]')"


class Asked(NamedTuple):
    """What `iosemu serve` was asked for; a port of None: without that protocol, 0: any that is free."""

    lab: str = "physical"
    host: str = "127.0.0.1"
    telnet: int | None = None
    ssh: int | None = None
    speed: float = 1.0
    keys: str | None = None
    console: int | None = None


class Served(NamedTuple):
    """A router, and the sockets on which it is reached."""

    node: Node
    sockets: dict[str, socket.socket]


def serve(asked: Asked) -> int:
    """Serve a lab until SIGINT or SIGTERM; gives the exit status.

    NVRAM is kept in the user's state folder, per lab. UsageError when that can't be: no such lab, a port that
    is taken, no asyncssh though SSH was asked for.
    """
    wanted = _protocols(asked)
    keys = _keys(asked, wanted)
    state = resources.state_folder()
    lab = Lab.load(asked.lab, state=state)
    routers = [node for node in lab.nodes.values() if node.kind == "router"]
    with ExitStack() as stack:
        served = [Served(node, {}) for node in routers]
        for protocol, first in wanted.items():
            for place, each in enumerate(served):
                each.sockets[protocol] = stack.enter_context(_bound(asked.host, first, place))
        for row in (*([] if state else [f"iosemu: {FORGETFUL}"]), *complaints(lab)):
            sys.stderr.write(f"{row}\n")
        return asyncio.run(_serve(asked, lab, served, keys))


# -- before anything is announced


def _protocols(asked: Asked) -> dict[str, int]:
    """Give the first port of each protocol; both at their own when neither was asked for."""
    ports = {"telnet": asked.telnet, "ssh": asked.ssh, "console": asked.console}
    wanted = {name: port for name, port in ports.items() if port is not None}
    try:
        import asyncssh  # noqa: F401, PLC0415 - it may be missing
    except ImportError:
        if "ssh" in wanted or asked.keys:
            raise UsageError(f"--ssh: {INSTALL}") from None
        if not wanted:
            sys.stderr.write(f"iosemu: no SSH: {INSTALL}\n")
        return wanted or {"telnet": TELNET}
    return wanted or {"telnet": TELNET, "ssh": SSH}


def _keys(asked: Asked, wanted: dict[str, int]) -> frozenset[bytes]:
    if not asked.keys:
        return frozenset()
    if "ssh" not in wanted:
        raise UsageError("--authorized-keys is for SSH; give --ssh PORT as well")
    from . import ssh  # noqa: PLC0415

    return ssh.authorized_keys(asked.keys)


def _bound(host: str, first: int, place: int) -> socket.socket:
    """Bind a socket for the router at a place of lab.yml; UsageError says why it can't be."""
    port = first + place if first else 0
    if port > LAST:
        raise UsageError(f"port {first} leaves no room for every router: there is no port {port}")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (socket.gaierror, UnicodeError) as fault:
        raise UsageError(f"--host {host}: {getattr(fault, 'strerror', None) or fault}") from None
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} on {host} is in use; give another first port, or 0 for any"
            ) from None
        raise UsageError(f"port {port} on {host}: {fault.strerror}") from None


def _warn(host: str, bound: str, wanted: list[str]) -> None:
    if ipaddress.ip_address(bound.partition("%")[0]).is_loopback:
        return
    plain = ", and telnet passes passwords readable" if "telnet" in wanted else ""
    consoles = ", and a console may ask for nothing" if "console" in wanted else ""
    sys.stderr.write(
        f"iosemu: warning: {host} is not loopback: whoever reaches this machine can log in{plain}{consoles}\n"
    )


# -- while it runs


async def _serve(asked: Asked, lab: Lab, served: list[Served], keys: frozenset[bytes]) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    loop.set_exception_handler(_complain)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a caller who vanishes is no news
    pace = Pace(lab, asked.speed)
    house = House(lab, pace)
    close = await _open(house, served, keys)
    work = [pace.run(house.stepped), house.watch(), _until(stop)]
    if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        work.append(_drawn(asked, lab, served))
    else:
        _announce(asked, lab, served)
    tasks = [asyncio.create_task(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # the lab has failed: that must not pass for a clean end
    finally:
        for task in tasks:
            task.cancel()
        for end in close:
            end()
        house.close()
        await asyncio.sleep(0)  # what was closed says so
    return 0


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def _open(house: House, served: list[Served], keys: frozenset[bytes]) -> list[Callable[[], None]]:
    """Take connections at every socket; gives what ends that."""
    close: list[Callable[[], None]] = []
    options = None
    for node, sockets in served:
        for protocol, sock in sockets.items():
            if protocol == "telnet":
                close.append((await _listen(partial(Telnet, house, node), sock)).close)
                continue
            if protocol == "console":
                port = consoles.Port(house, node)
                close += [(await _listen(partial(consoles.Watcher, port), sock)).close, port.shut]
                continue
            from . import ssh  # noqa: PLC0415 - asyncssh may be missing

            if options is None:
                folder = house.lab.state
                options = ssh.options(ssh.host_keys(None if folder is None else folder / ".ssh"))
            close.append((await ssh.listen(house, node, sock, keys=keys, options=options)).close)
    return close


def _listen(
    caller: Callable[[], asyncio.Protocol], sock: socket.socket
) -> Coroutine[Any, Any, asyncio.Server]:
    return asyncio.get_running_loop().create_server(caller, sock=sock, backlog=BACKLOG)


def _announce(asked: Asked, lab: Lab, served: list[Served]) -> None:
    """Print where each router is reached, and who is let in where the configuration does not say."""
    protocols = list(served[0].sockets) if served else []
    width = max([6, *(len(each.node.name) for each in served)])
    if served:
        _warn(asked.host, str(next(iter(served[0].sockets.values())).getsockname()[0]), protocols)
    print(f"{lab.name} at {asked.host}")
    print("".join(["Router".ljust(width), *(f"  {name:>6}" for name in protocols)]))
    for node, sockets in served:
        ports = (f"  {_port(sockets[name]):>{max(6, len(name))}}" for name in protocols)
        print("".join([node.name.ljust(width), *ports]))
    for row in _account(served):
        print(row)
    with suppress(BrokenPipeError):
        print("ready", flush=True)


def _account(served: list[Served]) -> list[str]:
    """Say who is let in where the configuration lets in nobody, if there is such a router."""
    reached = [each for each in served if each.sockets.keys() & {"telnet", "ssh"}]
    unguarded = [
        each.node.name for each in reached if admission.closed(each.node, each.node.part(TTYs).at("vty0"))
    ]
    if not unguarded:
        return []
    where = "everywhere" if len(unguarded) == len(served) else f"on {', '.join(unguarded)}"
    account = f"Log in as {admission.ACCOUNT}, password {admission.PASSWORD.text}"
    return [f"{account}, {where}: no log-in is configured there; enable asks nothing"]


async def _drawn(asked: Asked, lab: Lab, served: list[Served]) -> None:
    """Say the same in a table that is kept up to date, for a terminal."""
    from rich.console import Console  # noqa: PLC0415 - a terminal only

    from . import board  # noqa: PLC0415

    if served:
        _warn(
            asked.host, str(next(iter(served[0].sockets.values())).getsockname()[0]), list(served[0].sockets)
        )
    rows = [
        board.Row(node, {name: _port(sock) for name, sock in sockets.items()}) for node, sockets in served
    ]
    caption = "\n".join([f"{lab.name} at {asked.host}; Ctrl-C ends it", *_account(served), "ready"])
    await board.keep(board.Board(rows, caption), Console(highlight=False))


def _port(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


def _complain(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say in a line what went wrong at one connection; the others go on."""
    fault = context.get("exception")
    if not isinstance(fault, OSError):
        sys.stderr.write(f"iosemu: {context['message']}: {fault!r}\n")
