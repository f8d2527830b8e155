"""scrapli (before 2026: its Python engine) drives a served lab over SSH and telnet."""

from __future__ import annotations

import asyncio

import pytest

from tests.frontends.served import serving

core = pytest.importorskip("scrapli.driver.core")
pytest.importorskip("asyncssh")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Serve the lab that everybody begins with."""
    with serving(tmp_path_factory.mktemp("state"), "--telnet", "0", "--ssh", "0") as server:
        yield server


@pytest.mark.parametrize(("transport", "protocol"), [("asyncssh", "ssh"), ("asynctelnet", "telnet")])
@pytest.mark.parametrize("secret", ["", "cisco"])
@pytest.mark.filterwarnings("ignore")  # scrapli's own, on the way to `enable` without a password
def test_scrapli_works(lab, transport, protocol, secret):
    """Opening, prompts, privileges, commands and configurations do, awaited or sent eagerly."""

    async def work():
        async with core.AsyncIOSXEDriver(
            host="127.0.0.1",
            port=lab.ports[protocol]["HA2"],
            auth_username="cisco",
            auth_password="cisco",
            auth_secondary=secret,
            auth_strict_key=False,
            transport=transport,
            timeout_ops=20,
        ) as router:
            assert await router.get_prompt() == "HA2#"
            assert not (await router.send_command("show version")).failed
            lines = [line for n in range(60) for line in (f"interface Loopback{n}", "description x")]
            for eager in (False, True):
                assert not (await router.send_configs(lines, eager=eager)).failed
                shown = await router.send_command("show running-config | include ^interface Loopback")
                assert len(shown.result.splitlines()) == 60
                undone = await router.send_configs([f"no interface Loopback{n}" for n in range(60)])
                assert not undone.failed
            assert (await router.send_command("show nonsense")).failed
            await router.acquire_priv("tclsh")
            assert await router.get_prompt() == "HA2(tcl)#"
            await router.acquire_priv("exec")
            assert await router.get_prompt() == "HA2>"

    asyncio.run(work())
