"""Ansible's cisco.ios collection drives a served router: commands, facts, configurations that are idempotent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.clients import command, python_of
from tests.frontends.served import serving

pytestmark = pytest.mark.clients

INVENTORY = """
[routers]
HA1 ansible_host=127.0.0.1 ansible_port={port}

[routers:vars]
ansible_connection=ansible.netcommon.network_cli
ansible_network_os=cisco.ios.ios
ansible_network_cli_ssh_type={library}
ansible_user=cisco
ansible_password=cisco
ansible_become=yes
ansible_become_method=enable
"""
SETTINGS = """
[defaults]
host_key_checking = False
[persistent_connection]
command_timeout = 60
"""
PLAYBOOK = """
- hosts: routers
  gather_facts: false
  tasks:
    - cisco.ios.ios_command:
        commands: [show version, show ip interface brief]
      register: shown
    - assert: {that: ["'HA1 uptime is' in shown.stdout[0]", "'1.0.0.1' in shown.stdout[1]"]}
    - cisco.ios.ios_facts:
        gather_subset: [default, hardware, interfaces, config]
    - assert:
        that:
          - ansible_net_hostname == 'HA1'
          - ansible_net_interfaces.Ethernet0.ipv4[0].address == '1.0.0.1'
          - "'standby ip 1.0.0.10' in ansible_net_config"
    - cisco.ios.ios_config: &lines
        parents: interface Ethernet0
        lines:
          - description set by ansible
          - standby 1 ip 1.0.0.20
          - standby 1 timers 1 3
          - standby 1 preempt delay sync 100
      register: first
    - cisco.ios.ios_config: *lines
      register: second
    - assert: {that: [first.changed, not second.changed]}
    - cisco.ios.ios_config:
        parents: interface Ethernet0
        lines: [no standby 1 timers, no standby 1 preempt, no standby 1 ip, no description]
        save_when: always
    - cisco.ios.ios_user: &key
        name: ann
        sshkey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ann@desk"
      register: first
    - cisco.ios.ios_user: *key
      register: second
    - assert: {that: [first.changed, not second.changed]}
    - cisco.ios.ios_command:
        commands: show startup-config
      register: saved
    - assert: {that: ["'standby 1' not in saved.stdout[0]", "'standby ip 1.0.0.10' in saved.stdout[0]"]}
"""


@pytest.mark.parametrize("library", ["libssh", "paramiko"])
def test_a_playbook_runs(tmp_path, library):
    """Commands, facts and lines do what their modules promise; said twice, lines change nothing."""
    playbook = Path(python_of("ansible", "ansible")).with_name("ansible-playbook")
    with serving(tmp_path, "--ssh", "0") as server:
        inventory = INVENTORY.format(port=server.ports["ssh"]["HA1"], library=library)
        for name, text in (("hosts", inventory), ("ansible.cfg", SETTINGS), ("play.yml", PLAYBOOK)):
            Path(tmp_path, name).write_text(text, "utf-8")
        output = command(tmp_path, str(playbook), "-i", "hosts", "play.yml")
    assert "failed=0" in output
