"""What `audit` prints: text, JSON, SARIF, where the lines stand, and the exit status."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.insight.test_commands import ROOT, iosemu
from tests.insight.test_rules import CASES

SHIPPED = {
    "multivirtual-multiple-different": {"key-pattern"},
    "multivirtual-multiple-same": {"key-pattern", "redundancy-group"},  # E3
    "multivirtual-single-different": {"key-pattern"},
    "multivirtual-single-same": {"key-pattern"},
    "physical": {"key-pattern"},
    "physical-different": {"key-pattern"},
    "virtual-multiple-different": {"key-pattern"},
    "virtual-multiple-same": {"key-pattern", "redundancy-group"},  # E3
    "virtual-single-different": {"key-pattern"},
    "virtual-single-same": {"key-pattern", "slip-key"},  # E1
}


def test_the_shipped_labs(tmp_path: Path) -> None:
    """The labs have the document's slips, and keys that follow a pattern; nothing else is found, and no false alarm."""
    done = iosemu(tmp_path, "audit", "--json", *SHIPPED)
    findings = json.loads(done.stdout)["findings"]
    found: dict[str, set[str]] = {name: set() for name in SHIPPED}
    for finding in findings:
        found[Path(finding["file"]).parent.name].add(finding["rule"])
    assert (done.returncode, done.stderr) == (1, "")
    assert found == SHIPPED
    assert len(findings) <= 23


def test_text(tmp_path: Path) -> None:
    """A row for each finding, in the order of files and lines; a word that is meant has a caret under it."""
    (tmp_path / "R1.cfg").write_text(
        "interface Ethernet0\n ip adress 1.0.0.1 255.0.0.0\n standby ip 1.0.0.10\nenable password Gb2-kw9-xY\n"
        "standby preempt standby preempt delay sync 100\n"
    )
    done = iosemu(tmp_path, "audit", "R1.cfg")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == TEXT


TEXT = """\
R1.cfg:2: error syntax: `adress` is not understood here. Compare it with what `?` shows at that place: iosemu leaves the line out.
    ip adress 1.0.0.1 255.0.0.0
         ^
R1.cfg:3: error hsrp-subnet: 1.0.0.10 is on no subnet of Ethernet0, so that the group does not run. Give Ethernet0 an address.
R1.cfg:4: warning enable-password: `enable password` can be read in the configuration. Use `enable secret`.
R1.cfg:4: note password-encryption: passwords are shown as they are typed. Add `service password-encryption`: it keeps off eyes, not hands.
R1.cfg:5: error syntax: `standby` is not understood here. If these are several commands, give each its line (`--unfold` does).
    standby preempt standby preempt delay sync 100
     ^
"""  # noqa: E501 - as it is printed


def test_nothing_found(tmp_path: Path) -> None:
    """A clean configuration gives no output, and status 0."""
    done = iosemu(tmp_path, "audit", "-", stdin="hostname R1\ninterface e0\n ip address 1.0.0.1 255.0.0.0\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(iosemu(tmp_path, "audit", "--json", "-", stdin="hostname R1\n").stdout) == {
        "version": 1,
        "findings": [],
        "summary": {"error": 0, "warning": 0, "note": 0},
    }


def test_lines_of_several_files(tmp_path: Path) -> None:
    """Of a router that reads several files, each line has the number that it has in its own."""
    (tmp_path / "lab.yml").write_text(
        "name: two\ntopology:\n  nodes:\n    R1: {kind: router, startup-config: [a.cfg, b.cfg]}\n"
        "  links:\n    - {segment: s, endpoints: ['R1:Ethernet0', 'R1:Ethernet1']}\n"
    )
    (tmp_path / "a.cfg").write_text("interface Ethernet0\n ip address 1.0.0.1 255.0.0.0\nend\nfoo\n")
    (tmp_path / "b.cfg").write_text("!\n!\nip route 2.0.0.0 255.0.0.0 1.0.0.9\nbar\n")
    rows = iosemu(tmp_path, "audit", ".").stdout.splitlines()
    assert [row.partition(": ")[0] + " " + row.split()[2] for row in rows if not row.startswith(" ")] == [
        "lab.yml:6 interface-unconfigured:",
        "b.cfg:3 route-next-hop:",
        "b.cfg:4 syntax:",
    ]


FLAT = "interface e0 ip address 1.0.0.1 255.0.0.0 standby ip 2.0.0.10 nonsense\n"


def test_unfolded_first(tmp_path: Path) -> None:
    """With --unfold a finding has the line and the column at which its command begins in the file."""
    (tmp_path / "R1.txt").write_text(FLAT)
    done = iosemu(tmp_path, "audit", "--unfold", "R1.txt")
    assert [row.split(" ")[:3] for row in done.stdout.splitlines() if not row.startswith(" ")] == [
        [f"R1.txt:1:{FLAT.index('standby') + 1}:", "error", "hsrp-subnet:"],
        [f"R1.txt:1:{FLAT.index('nonsense') + 1}:", "error", "syntax:"],
    ]


def test_json(tmp_path: Path) -> None:
    """The fields of a finding are those that iosemu/insight/reporting.py promises."""
    (tmp_path / "R1.cfg").write_text("snmp-server community public RO\n")
    report = json.loads(iosemu(tmp_path, "audit", "R1.cfg", "--json").stdout)
    assert report["summary"] == {"error": 0, "warning": 1, "note": 0}
    assert report["findings"] == [
        {
            "file": "R1.cfg",
            "line": 1,
            "column": None,
            "severity": "warning",
            "rule": "snmp-community",
            "message": "the community is called public",
            "mend": "Choose another name, and give it an access list",
            "text": "snmp-server community public RO",
            "reference": "CWE-1392: use of default credentials",
        }
    ]


def test_sarif(tmp_path: Path) -> None:
    """The log has what SARIF 2.1.0 requires (§3.13 to §3.30), and its rules are those that are pointed at."""
    (tmp_path / "a b.txt").write_text(FLAT)
    log = json.loads(iosemu(tmp_path, "audit", "a b.txt", "--sarif", "--unfold").stdout)
    assert log["version"] == "2.1.0"
    assert set(log) == {"$schema", "version", "runs"}
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "iosemu"
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    assert [result["ruleId"] for result in run["results"]] == ["hsrp-subnet", "syntax"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"].endswith(".")
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "a%20b.txt"
        assert place["region"]["startLine"] == 1
        assert FLAT[place["region"]["startColumn"] - 1 :].startswith(place["region"]["snippet"]["text"])


@pytest.mark.parametrize("words", [("--help",), ("audit", "--help"), ("diff", "-h")])
def test_help(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Help is given behind a command as well as in its place."""
    done = iosemu(tmp_path, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "iosemu audit LAB|FILE... [--json | --sarif] [--unfold]" in done.stdout


def test_a_terminal_gets_colours(tmp_path: Path) -> None:
    """On a terminal severities are coloured, rows are not broken, and the words are the same."""
    leader, follower = os.openpty()
    (tmp_path / "R1.cfg").write_text("foo\nenable password Gb2-kw9-xY\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "40"}
    environment.pop("NO_COLOR", None)
    argv = [sys.executable, "-m", "iosemu", "audit", "R1.cfg"]
    with subprocess.Popen(argv, cwd=tmp_path, env=environment, stdout=follower) as running:
        os.close(follower)
        shown = b""
        with contextlib.suppress(OSError):  # at the end
            while piece := os.read(leader, 65536):
                shown += piece
        assert running.wait() == 1
    os.close(leader)
    text = shown.decode().replace("\r\n", "\n")
    assert "\x1b[31merror\x1b[0m" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == iosemu(tmp_path, "audit", "R1.cfg").stdout


def test_rules(tmp_path: Path) -> None:
    """The rules are listed, a row each."""
    rows = iosemu(tmp_path, "audit", "--rules").stdout.splitlines()
    assert len(rows) == len(CASES)
    assert [row.split()[1] for row in rows if row.startswith("note")][:2] == ["slip-key", "slip-address"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("audit",), "audit wants a lab, or configuration files (- for stdin) (iosemu --help)"),
        (("audit", "--json", "--sarif", "x"), "audit prints --json or --sarif, not both (iosemu --help)"),
        (
            ("audit", "--html", "x"),
            "audit knows no option --html; it knows --json, --sarif, --unfold, --rules (iosemu --help)",
        ),
        (("audit", "gone.cfg"), "gone.cfg: there is neither such a file nor such a lab"),
        (("unfold",), "unfold wants a file (- for stdin) (iosemu --help)"),
        (("unfold", "gone.txt"), "gone.txt: No such file or directory"),
        (
            ("diff", "a.cfg"),
            "diff wants two configurations: files, LAB:ROUTER, or - for stdin (iosemu --help)",
        ),
        (
            ("diff", "physical", "physical:HA1"),
            "physical is a lab: say which router; it has HA1, HA2, R0, FA1",
        ),
        (("diff", "gone.cfg", "gone.cfg"), "gone.cfg: No such file or directory"),
        (("diff", "-", "-"), "stdin can't be both configurations"),
        (("diff", "octets", "octets"), "octets:2: not text (a NUL); a configuration is text"),
        (("unfold", "."), ".: Is a directory"),
    ],
)
def test_errors_of_use(tmp_path: Path, words: tuple[str, ...], complaint: str) -> None:
    """An error of use is one line that says what and where, and status 2."""
    (tmp_path / "octets").write_bytes(b"hostname R1\n\0\n")
    done = iosemu(tmp_path, *words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"iosemu: {complaint}\n")


def test_a_plain_run_does_not_load_it(tmp_path: Path) -> None:
    """What plays a session imports nothing of this (a start is measured: DESIGN §9)."""
    (tmp_path / "x.session").write_text("lab>open physical\nHA1>show clock\n")
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(m for m in sys.modules if 'insight' in m)))\n"
    )
    done = iosemu(tmp_path, "run", "x.session", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "iosemu.frontends.insight" in iosemu(tmp_path, "unfold", "-", PYTHONPATH=str(tmp_path)).stderr
