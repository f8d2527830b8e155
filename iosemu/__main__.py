"""The `iosemu` command: which front does what; an error of use is one line on stderr and exit status 2."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING

from iosemu.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = """\
usage: iosemu [shell] [LAB] [--router NAME] [--speed X] [--plain]
                             a lab at its prompt (default: physical), or straight at a router's console
       iosemu labs           the shipped labs
       iosemu run FILE...    play .session files in virtual time and print what happened (-: stdin; a shipped
                             lab's name: its tour, a lesson)
       iosemu check FILE...  the same, compared with what the files hold: a diff, and status 1
       iosemu record FILE... rewrite what the files hold
       iosemu serve [LAB] [--host H] [--telnet PORT] [--ssh PORT] [--console PORT] [--speed X]
                    [--authorized-keys FILE]
                             its routers over telnet and SSH, from these ports on (0: any; default: 2301, 2201),
                             and their consoles, as a terminal server gives them
       iosemu audit LAB|FILE... [--json | --sarif] [--unfold]
                             what is wrong or risky in startup configurations (-: stdin): file, line, rule, mend;
                             status 1 when something was found. Files are a router each; --unfold unfolds them first;
                             audit --rules lists what is looked for
       iosemu unfold FILE    flattened text back into a configuration (-: stdin); status 1 when words had no place
       iosemu diff A B       two configurations compared by meaning, each a file, a lab's router (LAB:ROUTER), or -;
                             status 1 when they differ
       iosemu grammar [MODE] [--check]
                             what is declared and how far it is supported; whether it is sound
       iosemu --version
LAB is a shipped lab's name, a folder with a lab.yml, a lab.yml, or a .cfg (a lab of one router).
"""

COMMANDS = ("shell", "labs", "run", "check", "record", "serve", "audit", "unfold", "diff", "grammar")


class _WordsError(Exception):
    """What is wrong with the words on the command line."""


class Shell(NamedTuple):
    """What `iosemu shell` was asked for."""

    lab: str = "physical"
    router: str | None = None
    speed: float = 1.0
    plain: bool = False


def _options(name: str, words: Sequence[str], known: dict[str, bool]) -> tuple[dict[str, str], list[str]]:
    """Part words into options (`--x V`, `--x=V`, `--flag`) and the rest; `known` says which take a value."""
    found: dict[str, str] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        option, equals, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            rest.append(word)
        elif option not in known:
            raise _WordsError(f"{name} knows no option {option}; it knows {', '.join(known) or 'none'}")
        elif not known[option]:
            found[option] = "yes"
        elif equals or queue:
            found[option] = value if equals else queue.pop(0)
        else:
            raise _WordsError(f"{option} wants a value")
    return found, rest


def _shell(words: Sequence[str]) -> Shell:
    options, rest = _options("shell", words, {"--router": True, "--speed": True, "--plain": False})
    if len(rest) > 1:
        raise _WordsError(f"shell opens one lab, not {len(rest)}: {' '.join(rest)}")
    lab = rest[0] if rest else "physical"
    return Shell(lab, options.get("--router"), _speed(options), "--plain" in options)


def _speed(options: dict[str, str]) -> float:
    try:
        speed = float(options.get("--speed", "1"))
    except ValueError:
        speed = -1
    if not 0 <= speed < float("inf"):
        raise _WordsError(f"--speed is a number of 0 or more, not {options['--speed']}")
    return speed


def _serve(words: Sequence[str]) -> int:
    known = dict.fromkeys(("--host", "--telnet", "--ssh", "--console", "--speed", "--authorized-keys"), True)
    options, rest = _options("serve", words, known)
    if len(rest) > 1:
        raise _WordsError(f"serve opens one lab, not {len(rest)}: {' '.join(rest)}")
    speed, telnet, ssh = _speed(options), _port(options, "--telnet"), _port(options, "--ssh")
    from iosemu.frontends import serve  # noqa: PLC0415

    lab, host = rest[0] if rest else "physical", options.get("--host", "127.0.0.1")
    keys, console = options.get("--authorized-keys"), _port(options, "--console")
    return serve.serve(serve.Asked(lab, host, telnet, ssh, speed, keys, console))


def _insight(name: str, words: Sequence[str]) -> int:
    if name == "audit":
        return _audit(words)
    _, rest = _options(name, words, {})
    wanted = {
        "unfold": "a file (- for stdin)",
        "diff": "two configurations: files, LAB:ROUTER, or - for stdin",
    }
    if len(rest) != (2 if name == "diff" else 1):
        raise _WordsError(f"{name} wants {wanted[name]}")
    from iosemu.frontends import insight  # noqa: PLC0415

    if name == "unfold":
        return insight.unfold(rest[0], sys.stdout.write, sys.stderr.write)
    return insight.diff(rest[0], rest[1], sys.stdout.write, sys.stderr.write)


def _audit(words: Sequence[str]) -> int:
    options, rest = _options(
        "audit", words, dict.fromkeys(("--json", "--sarif", "--unfold", "--rules"), False)
    )
    if "--rules" in options and len(options) == 1 and not rest:
        from iosemu.frontends import insight  # noqa: PLC0415

        insight.rules(sys.stdout.write)
        return 0
    if not rest or "--rules" in options:
        raise _WordsError("audit wants a lab, or configuration files (- for stdin)")
    if {"--json", "--sarif"} <= set(options):
        raise _WordsError("audit prints --json or --sarif, not both")
    form = "json" if "--json" in options else "sarif" if "--sarif" in options else "text"
    from iosemu.frontends import insight  # noqa: PLC0415

    return insight.audit(rest, form, sys.stdout.write, unfolded="--unfold" in options)


def _port(options: dict[str, str], name: str) -> int | None:
    port = options.get(name)
    if port is None:
        return None
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise _WordsError(f"{name} is a port from 0 to 65535, not {port}")
    return int(port)


def _run(name: str, words: Sequence[str]) -> int:
    """Hand over to a front; each is imported when it is asked for."""
    if name == "shell":
        asked = _shell(words)
        from iosemu.frontends import terminal  # noqa: PLC0415

        return terminal.sit(asked.lab, router=asked.router, speed=asked.speed, plain=asked.plain)
    if name == "serve":
        return _serve(words)
    if name in ("audit", "unfold", "diff"):
        return _insight(name, words)
    if name in ("labs", "grammar"):
        options, rest = _options(name, words, {"--check": False} if name == "grammar" else {})
        if len(rest) > (name == "grammar"):
            raise _WordsError(f"{name} does not take {' '.join(rest)!r}")
        from iosemu.frontends import report  # noqa: PLC0415

        if name == "labs":
            report.labs(sys.stdout.write)
        elif "--check" in options:
            return report.check(sys.stdout.write)
        else:
            report.grammar_report(rest[0] if rest else None, sys.stdout.write)
        return 0
    _, files = _options(name, words, {})
    if not files:
        raise _WordsError(f"{name} wants a .session file (- for stdin)")
    from iosemu.frontends import play  # noqa: PLC0415

    if name == "check":
        return play.check(files, sys.stdout.write)
    return (play.record if name == "record" else play.run)(files, sys.stdout.write)


def _collect_less() -> None:
    """Keep the garbage collector from going over what stays: a grammar and a lab live as long as the process.

    Of a start of 120 ms that went to 8 ms with passes over the growing heap, and 22 ms with those that an interpreter
    makes at its end; memory is given back then in any case.
    """
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)


def _own_fault(fault: Exception) -> int:
    """Tell in one line of a fault that is this program's; IOSEMU_TRACEBACK=1 has Python tell it in full."""
    if os.environ.get("IOSEMU_TRACEBACK"):
        raise fault
    at = fault.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = f" at {at.tb_frame.f_globals.get('__name__')}:{at.tb_lineno}" if at is not None else ""
    what = str(fault).splitlines()
    kind = type(fault).__name__ + (f": {what[0]}" if what else "")
    sys.stderr.write(
        f"iosemu: a fault of its own ({kind}{where}); IOSEMU_TRACEBACK=1 shows more, for a report\n"
    )
    return 70  # EX_SOFTWARE of sysexits.h


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    _collect_less()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["help"] or "-h" in words or "--help" in words:
        sys.stdout.write(USAGE)
        return 0
    if words[:1] == ["--version"]:
        from importlib.metadata import version  # noqa: PLC0415

        sys.stdout.write(f"iosemu {version('iosemu')}\n")
        return 0
    named = bool(words) and words[0] in COMMANDS
    name = words.pop(0) if named else "shell"
    try:
        status = _run(name, words)
        sys.stdout.flush()
    except _WordsError as fault:
        sys.stderr.write(f"iosemu: {fault} (iosemu --help)\n")
        return 2
    except OSError as fault:
        # Whoever read the output has left (`| head`), or the disk is full: nothing more can be said, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(fault, BrokenPipeError):
            return 141
        sys.stderr.write(f"iosemu: {fault.filename or 'output'}: {fault.strerror or fault}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as fault:  # noqa: BLE001 - no traceback reaches a user
        from iosemu.app import UsageError  # noqa: PLC0415

        sys.stdout.flush()
        if not isinstance(fault, UsageError):
            return _own_fault(fault)
        mistyped = not named and bool(words) and words[0].isalpha()
        hint = " (no command either: iosemu --help)" if mistyped else ""
        sys.stderr.write(f"iosemu: {fault}{hint}\n")
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
