"""`iosemu serve`: SSH, by a client of asyncssh's."""

from __future__ import annotations

import asyncio
import stat
import textwrap

import pytest

from tests.frontends.served import Caller, router, serving

asyncssh = pytest.importorskip("asyncssh")

BOTH = ("--telnet", "0", "--ssh", "0")
SSH = ("--ssh", "0")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Serve a router without any log-in configured, but with banners."""
    folder = tmp_path_factory.mktemp("plain")
    lab = router(folder, "banner login #Keep out#\nbanner exec #Be good#")
    with serving(folder, *BOTH, lab=lab) as server:
        yield server


def connect(server, *, username="cisco", password="cisco", **options):
    """Connect to R1 as somebody."""
    options = {"client_keys": None, "known_hosts": None, "config": None, "agent_path": None} | options
    port = server.ports["ssh"]["R1"]
    return asyncssh.connect("127.0.0.1", port, username=username, password=password, **options)


async def until(reader, end):
    """Read until an end has come."""
    came = ""
    while not came.endswith(end):
        data = await asyncio.wait_for(reader.read(4096), 20)
        assert data, came
        came += data
    return came


def test_a_session_is_a_terminal_line(plain):
    """The prompt stands at the end without a blank or an escape, each end of line is RETURN, and `exit` hangs up."""

    async def session():
        async with connect(plain) as connection:
            process = await connection.create_process(term_type="vt100", term_size=(0, 0), encoding="latin-1")
            came = await until(process.stdout, "R1>")
            assert came == "\r\n\r\nBe good\r\n\r\nR1>".removeprefix("\r\n") or "Be good" in came
            process.stdin.write("show privilege\r")
            assert (
                await until(process.stdout, "R1>") == "show privilege\r\nCurrent privilege level is 1\r\nR1>"
            )
            process.stdin.write("enable\n")
            assert await until(process.stdout, "R1#") == "enable\r\nR1#"
            process.stdin.write("show users\r\n")
            assert "*  2 vty 0     cisco      idle" in await until(process.stdout, "R1#")
            process.stdin.write("exit\n")
            assert await asyncio.wait_for(process.wait(), 10)
            assert process.exit_status == 0

    asyncio.run(session())


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_both_kinds_of_passwords_are_taken(plain, method):
    """`password` and `keyboard-interactive` ask the same question; one command is run and its rows given."""

    async def session():
        async with connect(plain, preferred_auth=method) as connection:
            done = await connection.run("show privilege")
            assert (done.stdout, done.exit_status) == ("Current privilege level is 1\r\n", 0)

    asyncio.run(session())


def test_the_login_banner_comes_before_the_password(plain):
    """`banner login` is SSH's banner."""
    banners = []

    class Client(asyncssh.SSHClient):
        def auth_banner_received(self, msg, lang):
            banners.append((msg, lang))

    async def session():
        async with connect(plain, client_factory=Client):
            pass

    asyncio.run(session())
    assert banners == [("\r\nKeep out\r\n", "")] or "Keep out" in banners[0][0]


@pytest.mark.parametrize(("username", "password"), [("cisco", "wrong"), ("root", "cisco"), ("cisco", "")])
def test_others_are_not_let_in(plain, username, password):
    """A wrong name or password is refused."""

    async def session():
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(plain, username=username, password=password)

    asyncio.run(session())


def test_several_sessions_share_a_connection_and_a_router(plain):
    """Each session has a line of its own, over one connection or several, until there is none left."""

    async def session():
        async with connect(plain) as first, connect(plain) as second:
            asked = [await each.create_process(encoding="latin-1") for each in (first, first, second)]
            for process in asked:
                await until(process.stdout, "R1>")
            shown = (await first.run("show users")).stdout
            assert [f"vty {number}" in shown for number in range(5)] == [True, True, True, True, False]
            await second.create_process()
            await first.create_process()
            with pytest.raises(asyncssh.ChannelOpenError):
                await second.run("show clock")

    asyncio.run(session())


def test_a_router_has_keys_and_output_and_nothing_else(plain):
    """No port, no agent, no file and no command of this machine is reached over SSH."""

    async def session():
        async with connect(plain) as connection:
            port = plain.ports["telnet"]["R1"]
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", port)
            with pytest.raises(asyncssh.ChannelListenError):
                await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", port)
            with pytest.raises((asyncssh.ChannelOpenError, asyncssh.SFTPError)):
                await connection.start_sftp_client()
            done = await connection.run("id; uname > /dev/null")
            assert "% Invalid input" in done.stdout

    asyncio.run(session())


@pytest.mark.parametrize(
    "weak",
    [
        {"server_host_key_algs": ["ssh-rsa"]},
        {"kex_algs": ["diffie-hellman-group14-sha1"]},
        {"kex_algs": ["diffie-hellman-group-exchange-sha256"]},
        {"kex_algs": ["ecdh-sha2-nistp256"]},
        {"encryption_algs": ["aes128-cbc"]},
        {"mac_algs": ["hmac-sha1"], "encryption_algs": ["aes128-ctr"]},
    ],
)
def test_weak_algorithms_are_not_spoken(plain, weak):
    """A client that knows nothing better does not get in."""

    async def session():
        with pytest.raises((asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost)):
            await connect(plain, **weak)

    asyncio.run(session())


@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "rsa-sha2-256", "rsa-sha2-512"])
def test_both_host_keys_can_be_chosen(plain, algorithm):
    """There is an Ed25519 key, and an RSA key for those who want one."""

    async def session():
        async with connect(plain, server_host_key_algs=[algorithm]) as connection:
            return connection.get_server_host_key().algorithm.decode()

    assert asyncio.run(session()) == ("ssh-ed25519" if algorithm == "ssh-ed25519" else "ssh-rsa")


def test_host_keys_are_kept_for_their_owner_only(tmp_path):
    """A lab that is served again has the same keys, in files that nobody else can read."""
    lab = router(tmp_path)

    async def key(server):
        async with connect(server) as connection:
            return connection.get_server_host_key().public_data

    found = []
    for _ in range(2):
        with serving(tmp_path, *SSH, lab=lab) as server:
            found.append(asyncio.run(key(server)))
    assert found[0] == found[1]
    files = list(tmp_path.glob("iosemu/*/.ssh/*"))
    assert sorted(file.name for file in files) == ["ssh_host_ed25519_key", "ssh_host_rsa_key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_key_lets_in_when_it_was_given(tmp_path):
    """`--authorized-keys` lets in those keys, as a user of the router's, and no other key."""
    mine, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    file = tmp_path / "mine.pub"
    file.write_bytes(mine.export_public_key())
    lab = router(tmp_path, "username ann privilege 15 secret apple\nline vty 0 4\n login local")

    async def session(server):
        async with connect(server, username="ann", password=None, client_keys=[mine]) as connection:
            assert (await connection.run("show privilege")).stdout == "Current privilege level is 15\r\n"
        for username, key in (("ann", other), ("eve", mine)):
            with pytest.raises(asyncssh.PermissionDenied):
                await connect(server, username=username, password=None, client_keys=[key])

    with serving(tmp_path, *SSH, "--authorized-keys", str(file), lab=lab) as server:
        asyncio.run(session(server))


def test_the_configuration_holds_keys(tmp_path):
    """`ip ssh pubkey-chain` lets in whoever holds a user's key, in rows of a file as in rows typed."""
    mine, other = (asyncssh.generate_private_key("ssh-rsa", key_size=2048) for _ in range(2))
    rows = "".join(f"   {row}\n" for row in textwrap.wrap(mine.export_public_key().decode(), 72))
    text = (
        "username ann privilege 7 secret apple\nline vty 0 4\n login local\n"
        f"ip ssh pubkey-chain\n  username ann\n   key-string\n{rows}   exit\n  username bob\n"
    )

    async def session(server):
        async with connect(server, username="ann", password=None, client_keys=[mine]) as connection:
            assert (await connection.run("show privilege")).stdout == "Current privilege level is 7\r\n"
        for username, key in (("ann", other), ("bob", mine), ("eve", mine)):
            with pytest.raises(asyncssh.PermissionDenied):
                await connect(server, username=username, password=None, client_keys=[key])

    with serving(tmp_path, *SSH, lab=router(tmp_path, text)) as server:
        asyncio.run(session(server))


@pytest.mark.parametrize(
    ("text", "username", "password", "level"),
    [
        ("line vty 0 4\n password tea\n login", "anybody", "tea", 1),
        ("line vty 0 4\n no login\n privilege level 15", "anybody", "", 15),
        ("username ann privilege 7 password pear\nline vty 0 4\n login local", "ANN", "pear", 7),
        ("aaa new-model\nusername ann privilege 7 password pear", "ann", "pear", 1),
        (
            "aaa new-model\naaa authorization exec default local\nusername ann privilege 7 password pear",
            "ann",
            "pear",
            7,
        ),
        ("aaa new-model\naaa authentication login default enable\nenable secret up", "anybody", "up", 1),
        ("username ann nopassword\nline vty 0 4\n login local\n transport input ssh", "ann", "", 1),
    ],
)
def test_the_configuration_says_who_is_let_in(tmp_path, text, username, password, level):
    """SSH asks for what telnet would ask for."""

    async def session(server):
        async with connect(server, username=username, password=password) as connection:
            return (await connection.run("show privilege")).stdout

    with serving(tmp_path, *SSH, lab=router(tmp_path, text)) as server:
        assert asyncio.run(session(server)) == f"Current privilege level is {level}\r\n"


def test_a_reload_closes_ssh_as_well(plain):
    """A router that loses power has no sessions left, however they came."""

    async def session():
        async with connect(plain) as connection:
            process = await connection.create_process(encoding="latin-1")
            await until(process.stdout, "R1>")
            await asyncio.to_thread(reload)
            assert await asyncio.wait_for(process.stdout.read(), 10) == ""

    def reload():
        with Caller(plain.ports["telnet"]["R1"]) as caller:
            caller.log_in()
            caller.ask("enable")
            caller.send("reload\r\r")
            caller.rest()

    asyncio.run(session())


def test_show_ssh_tells_of_connections(plain):
    """`show ssh` has two rows for each session over SSH, and none for those over telnet or gone."""

    async def session():
        async with connect(plain, encryption_algs=["aes256-ctr"], mac_algs=["hmac-sha2-256"]) as connection:
            rows = (await connection.run("show ssh")).stdout.splitlines()
        return [row.split() for row in rows if row[:1].isdigit()]

    inward, outward = asyncio.run(session())
    assert inward == ["0", "2.0", "IN", "aes256-ctr", "hmac-sha2-256", "Session", "started", "cisco"]
    assert outward[2] == "OUT"
    with Caller(plain.ports["telnet"]["R1"]) as caller:
        caller.log_in()
        assert caller.ask("show ssh") == [
            "%No SSHv2 server connections running.",
            "%No SSHv1 server connections running.",
        ]


def test_ssh_is_as_patient_as_it_is_told(tmp_path):
    """`ip ssh time-out` and `authentication-retries` bound a log-in, and `show ip ssh` says so."""
    text = "ip ssh time-out 2\nip ssh authentication-retries 1"

    async def session(server):
        silent = await asyncio.open_connection("127.0.0.1", server.ports["ssh"]["R1"])
        async with connect(server) as connection:
            shown = (await connection.run("show ip ssh")).stdout
        with pytest.raises(asyncssh.DisconnectError, match="Too many"):
            await connect(server, password="wrong")
        await asyncio.wait_for(silent[0].read(), 10)
        silent[1].close()
        return shown

    with serving(tmp_path, *SSH, lab=router(tmp_path, text)) as server:
        began = asyncio.run(session(server))
    assert "Authentication timeout: 2 secs; Authentication retries: 1" in began
