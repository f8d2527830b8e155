"""Grammar files are cut into blocks by their layout, and order.ios into steps."""

from __future__ import annotations

import pytest

from iosemu.parser.files import GrammarError, OrderStep, read, read_order
from tests.parser.small import grammar


def test_blocks_and_their_mode() -> None:
    """A block belongs to the `mode` line above it, with its level; blank lines and new syntax end a block."""
    modes, blocks = read(
        "t.ios",
        "mode exec\n\none\n    one  x\n; a remark of ours\n    (pipes)\ntwo\n    two  y\n\n"
        "mode exec level 15\n\nthree\nfour\n    three  z\n",
    )
    assert [(mode.name, mode.properties) for mode in modes] == [("exec", {}), ("exec", {})]
    assert [(block.level, [line.text for line in block.syntax]) for block in blocks] == [
        (1, ["one"]),
        (1, ["two"]),
        (15, ["three", "four"]),
    ]
    assert [name for name, _, _ in blocks[0].remarks] == ["pipes"]
    assert blocks[2].syntax[1].line == 13


def test_a_mode_s_properties() -> None:
    """Indented lines below `mode` are its properties, up to the first blank each."""
    (mode,), blocks = read(
        "m.ios", "mode line\n    prompt (config-line)#\n    title Line configuration commands:\n"
    )
    assert mode.properties == {"prompt": "(config-line)#", "title": "Line configuration commands:"}
    assert blocks == []


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("word  some help", ("word", None, None, "some help")),
        ("word  <0-9>  some help", ("word", "<0-9>", None, "some help")),
        ("word  <0-9>  as other  some help", ("word", "<0-9>", "other", "some help")),
        ("word  <0-9> as other  some help", ("word", "<0-9>", "other", "some help")),
        ("word  as other  some help", ("word", None, "other", "some help")),
        ("word  A.B.C.D   address", ("word", "A.B.C.D", None, "address")),
        ("word  as long as it takes", ("word", None, None, "as long as it takes")),
        ("word", ("word", None, None, "")),
    ],
)
def test_a_help_line(line: str, entry: tuple[object, ...]) -> None:
    """Columns of a help line are parted by two or more blanks; `as` renames the capture."""
    _, (block,) = read("t.ios", f"mode exec\n\nword\n    {line}\n")
    assert block.help[0][:4] == entry


ORDER = """
mode global
    hostname
    !
    interface
    *
mode interface
    ip address
    each group-number
        standby ip
        standby priority
    shutdown
"""


def test_order() -> None:
    """order.ios names commands, separators, the rest, and what is sorted by a capture."""
    assert read_order("order.ios", ORDER) == {
        "global": (
            OrderStep("command", "hostname"),
            OrderStep("separator", ""),
            OrderStep("command", "interface"),
            OrderStep("rest", ""),
        ),
        "interface": (
            OrderStep("command", "ip address"),
            OrderStep(
                "each",
                "group_number",
                (OrderStep("command", "standby ip"), OrderStep("command", "standby priority")),
            ),
            OrderStep("command", "shutdown"),
        ),
    }


COMMANDS = """
mode global

hostname name
    hostname  x
    name  WORD  y
"""


def test_a_mode_s_order_is_part_of_the_grammar() -> None:
    """The compiled grammar gives the steps again, and nothing for a mode that order.ios leaves out."""
    found = grammar(COMMANDS, order="mode global\n    hostname\n    !\n    *\n")
    assert found.order("global") == (
        OrderStep("command", "hostname"),
        OrderStep("separator", ""),
        OrderStep("rest", ""),
    )
    assert found.order("interface") == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "mode global\n    hostnam\n",
            "order.ios:2: mode 'global' has no command 'hostnam'\n    hostnam\n    ^",
        ),
        (
            "mode global\n    hostname\n    hostname\n",
            "order.ios:3: 'hostname' stands twice\n    hostname\n    ^",
        ),
        ("mode globl\n    hostname\n", "order.ios:1: no mode 'globl' is declared\nmode globl\n^"),
        ("    hostname\n", "order.ios:1: a command before any `mode`\n    hostname\n    ^"),
        (
            "hostname\n",
            "order.ios:1: order.ios holds `mode NAME` and, indented, names of commands\nhostname\n^",
        ),
    ],
)
def test_faults_of_the_order(text: str, complaint: str) -> None:
    """order.ios may name only what is declared, and each once."""
    with pytest.raises(GrammarError) as caught:
        grammar(COMMANDS, order=text)
    assert str(caught.value) == complaint
