"""Unicon (os ios) drives a served router over telnet and SSH, and Genie's parsers read its screens."""

from __future__ import annotations

import shutil

import pytest

from tests.conformance.clients import python_of, run
from tests.frontends.served import serving

pytestmark = pytest.mark.clients

SCRIPT = """
import sys
from genie.libs.parser.ios.show_standby import ShowStandbyAll
from genie.libs.parser.iosxe.show_standby import ShowStandbyBrief
from pyats.topology import loader

protocol, port = sys.argv[1:]
options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null" if protocol == "ssh" else ""
testbed = loader.load({"devices": {"HA1": {
    "os": "ios", "type": "router",
    "credentials": {"default": {"username": "cisco", "password": "cisco"}, "enable": {"password": "cisco"}},
    "connections": {"cli": {
        "protocol": protocol, "ip": "127.0.0.1", "port": int(port), "ssh_options": options,
    }},
}}})
router = testbed.devices["HA1"]
router.connect(log_stdout=False)
version = router.parse("show version")["version"]
assert (version["hostname"], version["version"]) == ("HA1", "12.4(15)T"), version
brief = router.parse("show ip interface brief")["interface"]["Ethernet0"]
assert (brief["ip_address"], brief["protocol"]) == ("1.0.0.1", "up"), brief
interface = router.parse("show interfaces")["Ethernet0"]
assert interface["oper_status"] == "up" and interface["bandwidth"] == 10000, interface
assert "1.0.0.1" in router.parse("show arp")["interfaces"]["Ethernet0"]["ipv4"]["neighbors"]
lines = ["interface Ethernet0", "standby 1 ip 1.0.0.20", "standby 1 timers 1 3", "standby 1 preempt"]
router.configure(lines)
router.configure([f"interface Loopback{n}\\n description {n}" for n in range(20)], bulk=True)
assert router.execute("show running-config | include ^interface Loopback").count("Loopback") == 20
brief = ShowStandbyBrief(device=router).parse()
assert "1" in str(brief), brief
groups = ShowStandbyAll(device=router).parse()
assert "Ethernet0" in groups, groups
router.configure("interface Ethernet0\\n no standby 1")
try:
    router.configure("no such line")
except Exception as refused:
    assert "Invalid" in str(refused), refused
else:
    raise AssertionError("nothing was said of a line that there is not")
router.ping("1.0.0.2")
router.execute("copy running-config startup-config", reply=None) if False else router.execute("write memory")
router.disconnect()
print("done")
"""


@pytest.mark.parametrize("protocol", ["telnet", "ssh"])
def test_unicon_and_genie_work(tmp_path, protocol):
    """Connecting, parsing, configuring line by line and in bulk, refusals, a ping and saving do."""
    python_of("pyats", "unicon")
    if not shutil.which(protocol):
        pytest.skip(f"there is no {protocol} program, which Unicon spawns")
    with serving(tmp_path, "--telnet", "0", "--ssh", "0") as server:
        output = run("pyats", "unicon", SCRIPT, tmp_path, protocol, str(server.ports[protocol]["HA1"]))
    assert output.endswith("done\n")
