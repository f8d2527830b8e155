"""Netmiko drives a served lab as it drives a router: log in, enable, configure, save, parse."""

from __future__ import annotations

import pytest

from tests.frontends.served import serving

netmiko = pytest.importorskip("netmiko")
pytest.importorskip("asyncssh")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # how it finds its templates


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Serve the lab that everybody begins with."""
    with serving(tmp_path_factory.mktemp("state"), "--telnet", "0", "--ssh", "0") as server:
        yield server


@pytest.fixture(params=["cisco_ios", "cisco_ios_telnet"], scope="module")
def router(lab, request):
    """Connect to HA1 either way."""
    protocol = "telnet" if request.param.endswith("telnet") else "ssh"
    with netmiko.ConnectHandler(
        device_type=request.param,
        host="127.0.0.1",
        port=lab.ports[protocol]["HA1"],
        username="cisco",
        password="cisco",
        secret="cisco",
    ) as connection:
        yield connection


def test_privilege_goes_up_and_down(router):
    """`enable` and `disable` do what Netmiko waits for."""
    assert router.find_prompt() in ("HA1>", "HA1#")
    router.enable()
    assert router.check_enable_mode()
    router.exit_enable_mode()
    assert not router.check_enable_mode()


def test_a_configuration_is_sent_and_saved(router):
    """`send_config_set` has every line taken, waited for or not, and `save_config` saves."""
    router.enable()
    lines = [line for n in range(6) for line in (f"interface Loopback{n}", f"description number {n}")]
    for verify in (True, False):
        output = router.send_config_set(["banner motd ^C hello ^C", *lines], cmd_verify=verify)
        assert "%" not in output
        assert router.send_command("show running-config | include description").count("number") == 6
        assert "%" not in router.send_config_set([f"no interface Loopback{n}" for n in range(6)])
    assert "[OK]" in router.save_config()
    router.send_config_set(["no banner motd"])


def test_screens_parse(router):
    """TextFSM's templates take what `show` shows."""
    (interface,) = router.send_command("show ip interface brief", use_textfsm=True)
    assert interface == {"interface": "Ethernet0", "ip_address": "1.0.0.1", "status": "up", "proto": "up"}
    (version,) = router.send_command("show version", use_textfsm=True)
    assert version["hostname"] == "HA1"


def test_questions_are_answered(router):
    """What asks for a name, or for a key, is answered as scripts do."""
    router.enable()
    shown = router.send_command("copy running-config flash:copied", expect_string="Destination filename")
    shown += router.send_command("\n", expect_string="#")
    assert "bytes copied" in shown
    router.send_multiline([["delete flash:copied", "Delete filename"], ["\n", "confirm"], ["\n", ""]])
    assert "copied" not in router.send_command("dir flash:")


def test_files_are_copied(router, tmp_path):
    """Netmiko's file transfer does, by SCP, and finds the digest of what it sent."""
    if router.device_type != "cisco_ios":
        pytest.skip("there is no SCP over telnet")
    router.enable()
    router.send_config_set(["ip scp server enable"])
    there, back = tmp_path / "there.txt", tmp_path / "back.txt"
    there.write_text("interface Loopback0\n" * 1000)
    for source, target, direction in ((there, "a.txt", "put"), ("a.txt", back, "get")):
        done = netmiko.file_transfer(
            router, source_file=str(source), dest_file=str(target), file_system="flash:", direction=direction
        )
        assert done["file_verified"]
    assert back.read_text() == there.read_text()


def test_a_wrong_password_is_told(lab):
    """Netmiko says what went wrong."""
    with pytest.raises(netmiko.NetmikoAuthenticationException):
        netmiko.ConnectHandler(
            device_type="cisco_ios",
            host="127.0.0.1",
            port=lab.ports["ssh"]["HA1"],
            username="cisco",
            password="wrong",
        )
