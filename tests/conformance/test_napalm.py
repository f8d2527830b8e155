"""NAPALM's ios driver reads a served router, and changes its configuration: by SCP, and by `tclsh` over telnet."""

from __future__ import annotations

import json

import pytest

from tests.conformance.clients import python_of, run
from tests.frontends.served import serving

pytestmark = pytest.mark.clients

SCRIPT = """
import json, sys
from napalm import get_network_driver

transport, port = sys.argv[1:]
options = {"port": int(port), "transport": transport, "secret": "cisco"}
with get_network_driver("ios")("127.0.0.1", "cisco", "cisco", optional_args=options) as router:
    getters = ("facts", "interfaces", "interfaces_ip", "interfaces_counters", "arp_table", "config")
    found = {name: getattr(router, f"get_{name}")() for name in getters}
    found["alive"] = router.is_alive()
    found["ping"] = router.ping("1.0.0.2")
    found["cli"] = router.cli(["show clock", "show standby brief"])
print(json.dumps(found))
"""


@pytest.fixture(scope="module", params=["ssh", "telnet"])
def found(tmp_path_factory, request):
    """Read all there is of HA1, over SSH and over telnet."""
    python_of("napalm", "napalm")
    folder = tmp_path_factory.mktemp("napalm")
    with serving(folder, "--telnet", "0", "--ssh", "0") as server:
        port = server.ports[request.param]["HA1"]
        return json.loads(run("napalm", "napalm", SCRIPT, folder, request.param, str(port)))


def test_facts(found):
    """Vendor, version, name and interfaces are read off `show version` and its like."""
    facts = found["facts"]
    assert (facts["vendor"], facts["hostname"], facts["interface_list"]) == ("Cisco", "HA1", ["Ethernet0"])
    assert "Version 12.4(15)T" in facts["os_version"]
    assert facts["uptime"] >= 0


def test_interfaces(found):
    """State, address, speed, counters and neighbours of an interface are those that it has."""
    interface = found["interfaces"]["Ethernet0"]
    assert (interface["is_up"], interface["is_enabled"], interface["mtu"]) == (True, True, 1500)
    assert interface["speed"] == 10
    assert found["interfaces_ip"] == {"Ethernet0": {"ipv4": {"1.0.0.1": {"prefix_length": 8}}}}
    assert found["interfaces_counters"]["Ethernet0"]["tx_octets"] > 0
    own = {"interface": "Ethernet0", "mac": interface["mac_address"], "ip": "1.0.0.1", "age": -1.0}
    assert own in found["arp_table"]


def test_configuration(found):
    """The running configuration comes whole and without its heading."""
    lines = found["config"]["running"].splitlines()
    assert lines[0] == "!"
    assert lines[-1] == "end"
    assert " standby ip 1.0.0.10" in lines
    assert "Building" not in found["config"]["running"]


def test_commands(found):
    """Any command's rows are given, and a ping's answers counted."""
    assert found["alive"] == {"is_alive": True}
    assert found["ping"]["success"]["probes_sent"] == 5
    assert "UTC" in found["cli"]["show clock"]


CHANGES = """
import json, sys
from napalm import get_network_driver
from napalm.base.exceptions import MergeConfigException

transport, port = sys.argv[1:]
options = {"port": int(port), "transport": transport, "secret": "cisco"}
found = {}
with get_network_driver("ios")("127.0.0.1", "cisco", "cisco", optional_args=options) as router:
    router.device.send_config_set(["ip scp server enable"])
    router.load_merge_candidate(config="int lo7\\n ip addr 10.7.7.7 255.255.255.0\\nint e0\\n desc merged\\nend\\n")
    found["to merge"] = router.compare_config()
    router.commit_config()
    found["merged"] = router.compare_config()
    config = router.get_config()["running"].replace("merged", "replaced")
    router.load_replace_candidate(config=config)
    found["to replace"] = router.compare_config()
    router.discard_config()
    found["discarded"] = router.compare_config()
    router.load_replace_candidate(config=config)
    router.commit_config()
    found["replaced"] = router.compare_config()
    found["saved"] = " description replaced" in router.get_config()["startup"].splitlines()
    router.rollback()
    found["rolled back"] = " description merged" in router.get_config()["running"].splitlines()
    router.load_merge_candidate(config="interface Loopback8\\n no such line\\nend\\n")
    try:
        router.commit_config()
    except MergeConfigException as refused:
        found["refused"] = str(refused)
    found["after"] = "Loopback8" in router.get_config()["running"]
    router.device.send_config_set(["archive", "path flash:archive"])
    router.load_merge_candidate(config="interface Loopback9\\nend\\n")
    router.commit_config(revert_in=120)
    found["pending"] = router.has_pending_commit()
    router.rollback()
    found["reverted"] = "Loopback9" not in router.get_config()["running"]
    router.load_merge_candidate(config="interface Loopback9\\nend\\n")
    router.commit_config(revert_in=120)
    router.confirm_commit()
    found["confirmed"] = not router.has_pending_commit() and "Loopback9" in router.get_config()["startup"]
print(json.dumps(found))
"""


@pytest.mark.parametrize("transport", ["ssh", "telnet"])
def test_a_configuration_is_changed(tmp_path, transport):
    """Candidates are merged and replace, are compared, discarded, rolled back; a bad one changes nothing."""
    python_of("napalm", "napalm")
    with serving(tmp_path, "--telnet", "0", "--ssh", "0") as server:
        port = server.ports[transport]["HA1"]
        found = json.loads(run("napalm", "napalm", CHANGES, tmp_path, transport, str(port)))
    refused = found.pop("refused")
    assert found == {
        "to merge": "+interface Loopback7\n+ ip address 10.7.7.7 255.255.255.0\n+interface Ethernet0\n"
        "+ description merged",
        "merged": "",
        "to replace": "interface Ethernet0\n +description replaced\ninterface Ethernet0\n -description merged",
        "discarded": "",
        "replaced": "",
        "saved": True,
        "rolled back": True,
        "after": False,
        "pending": True,
        "reverted": True,
        "confirmed": True,
    }
    assert "% Invalid input detected at '^' marker." in refused
