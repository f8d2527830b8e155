"""The `iosemu` command: which front does what; an error of use is one line on stderr and exit status 2."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

USAGE = """\
usage: iosemu [shell] [LAB] [--router NAME] [--speed X] [--plain]    a lab at its prompt (default: physical)
       iosemu labs                                                   the shipped labs
       iosemu run FILE...                                            play .session files and print what happened
       iosemu check FILE...                                          the same, compared with what the files hold
       iosemu record FILE...                                         rewrite what the files hold
       iosemu grammar [MODE]                                         what is declared, and how far it is supported
FILE may be - for stdin; LAB is a shipped lab's name, a folder with a lab.yml, a lab.yml, or a .cfg of one router."""


def _play(name: str, arguments: Sequence[str]) -> int:
    from iosemu.app import UsageError  # noqa: PLC0415 - each front is imported when it is asked for
    from iosemu.frontends import play  # noqa: PLC0415

    if not arguments:
        raise UsageError(f"iosemu {name} needs a .session file (or - for stdin)")
    unknown = next((each for each in arguments if each.startswith("-") and each != "-"), None)
    if unknown:
        raise UsageError(f"iosemu {name}: no option {unknown}")
    fronts: dict[str, Callable[[Sequence[str], Callable[[str], object]], int]] = {
        "run": play.run,
        "check": play.check,
        "record": play.record,
    }
    return fronts[name](arguments, sys.stdout.write)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name, rest = (given[0], given[1:]) if given else ("shell", [])
    from iosemu.app import UsageError  # noqa: PLC0415

    try:
        if name in ("run", "check", "record"):
            return _play(name, rest)
        print(USAGE)
    except UsageError as fault:
        sys.stdout.flush()
        print(f"iosemu: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
