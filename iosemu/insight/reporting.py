"""What `audit` found, written down: as text, as JSON, and as SARIF 2.1.0 for what shows findings beside code.

JSON is an object: `version` (1; it grows when a field's meaning changes), `findings`, a list in the order of the text,
each with `file`, `line` (from 1), `column` (from 1, or null for the whole line), `severity` (error, warning, note),
`rule`, `message`, `mend`, `text` (the line), `reference` (where the rule is said); and `summary`, how many there are of
each severity.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .audit import Finding

VERSION = 1
SEVERITIES = ("error", "warning", "note")


def as_text(found: Sequence[Finding]) -> str:
    """Write `FILE:LINE: severity rule: what. mend.`, a row each, and the line with its caret when a word is meant."""
    rows: list[str] = []
    for each in found:
        source = each.source
        column = f"{source.column}:" if source.column else ""
        rows.append(
            f"{source.file}:{source.line}:{column} {each.severity} {each.rule}: {each.what}. {each.mend}."
        )
        rows += (f"    {row}" for row in each.shown)
    return "".join(f"{row}\n" for row in rows)


def as_json(found: Sequence[Finding]) -> str:
    """Write the object that is described above."""
    findings = [
        {
            "file": each.source.file,
            "line": each.source.line,
            "column": each.source.column or None,
            "severity": each.severity,
            "rule": each.rule,
            "message": each.what,
            "mend": each.mend,
            "text": each.source.text,
            "reference": RULES[each.rule].reference,
        }
        for each in found
    ]
    summary = {severity: sum(each.severity == severity for each in found) for severity in SEVERITIES}
    return _dumped({"version": VERSION, "findings": findings, "summary": summary})


def as_sarif(found: Sequence[Finding]) -> str:
    """Write a SARIF 2.1.0 log (OASIS) of one run; its rules are those that found something."""
    names = list(dict.fromkeys(each.rule for each in found))
    rules = [
        {
            "id": name,
            "shortDescription": {"text": RULES[name].title},
            "help": {"text": f"Source: {RULES[name].reference}"},
            "defaultConfiguration": {"level": RULES[name].severity},
        }
        for name in names
    ]
    driver = {"name": "iosemu", "rules": rules}
    results = [_result(each, names.index(each.rule)) for each in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _dumped({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _result(finding: Finding, index: int) -> dict[str, Any]:
    source = finding.source
    region: dict[str, Any] = {"startLine": source.line}
    if source.column:
        region["startColumn"] = source.column
    if source.text:
        region["snippet"] = {"text": source.text}
    place = {"artifactLocation": {"uri": _uri(source.file)}, "region": region}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": f"{finding.what}. {finding.mend}."},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - for this form only

    return quote(file.replace("\\", "/")) if not file.startswith("/") else f"file://{quote(file)}"


def _dumped(data: object) -> str:
    return json.dumps(data, indent=2) + "\n"


FORMS: dict[str, Callable[[Sequence[Finding]], str]] = {"text": as_text, "json": as_json, "sarif": as_sarif}
