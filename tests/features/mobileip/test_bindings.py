"""The mobility binding table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iosemu.addresses import IPv4
from iosemu.features.mobileip.bindings import Binding, Bindings, Tunnel

TUNNEL = Tunnel(0, IPv4(1), IPv4(2))


def binding(home: int, care_of: int = 1, expires: int | None = 100, home_agent: int = 9) -> Binding:
    """Make a binding of which the rest does not matter."""
    return Binding(
        IPv4(home), IPv4(care_of), IPv4(care_of), IPv4(home_agent), 0, 0, home, 10, expires, TUNNEL
    )


def test_one_binding_for_each_care_of_address() -> None:
    """A binding takes the place of the one to the same care-of address; others stay."""
    table = Bindings()
    for each in (binding(5, 1), binding(5, 2), binding(5, 1, expires=200)):
        table.put(each)
    assert table.of(IPv4(5)) == (binding(5, 2), binding(5, 1, expires=200))
    assert table.total == 2


def test_removing() -> None:
    """One binding of a mobile node can be removed, or all it has; nothing is there to remove twice."""
    table = Bindings()
    for care_of in (1, 2, 3):
        table.put(binding(5, care_of))
    assert table.remove(IPv4(5), IPv4(2)) == (binding(5, 2),)
    assert table.total == 2
    assert table.remove(IPv4(5)) == (binding(5, 1), binding(5, 3))
    assert table.remove(IPv4(5)) == ()
    assert (table.total, list(table)) == (0, [])


def test_in_the_order_of_home_addresses() -> None:
    """Bindings are listed by home address, those of one home agent address likewise."""
    table = Bindings()
    for home in (30, 10, 20):
        table.put(binding(home, home_agent=7 if home == 20 else 9))
    assert [each.home for each in table] == [10, 20, 30]
    assert [each.home for each in table.served_by(IPv4(9))] == [10, 30]


def test_a_renewed_binding_ends_at_its_new_end() -> None:
    """The end of a binding that was renewed since passes without effect."""
    table = Bindings()
    table.put(binding(5, expires=100))
    table.put(binding(5, expires=300))
    assert table.deadline() == 100
    assert table.expire(100) == []
    assert table.deadline() == 300
    assert table.expire(300) == [binding(5, expires=300)]
    assert (table.deadline(), table.total) == (None, 0)


def test_an_infinite_binding_never_ends() -> None:
    """A binding without an end is not waited for."""
    table = Bindings()
    table.put(binding(5, expires=None))
    assert table.deadline() is None
    assert table.expire(10**15) == []
    assert table.total == 1


def test_renewals_do_not_fill_the_heap() -> None:
    """However often bindings are renewed, what is remembered of their ends stays within bounds."""
    table = Bindings()
    for moment in range(1000):
        table.put(binding(moment % 5, expires=moment + 100))
    assert len(table._ends) <= 2 * 5 + 17
    assert len(table.expire(10_000)) == 5


steps = st.lists(
    st.tuples(st.sampled_from("pre"), st.integers(0, 3), st.integers(0, 2), st.integers(0, 40)), max_size=40
)


@given(steps)
def test_like_a_list_of_bindings(said: list[tuple[str, int, int, int]]) -> None:
    """The table holds what a plain list of (home, care-of, end) would hold after the same steps."""
    table, model = Bindings(), {}
    for what, home, care_of, moment in said:
        if what == "p":
            table.put(binding(home, care_of, moment))
            model[home, care_of] = moment
        elif what == "r":
            table.remove(IPv4(home), IPv4(care_of))
            model.pop((home, care_of), None)
        else:
            gone = table.expire(moment)
            ended = {key for key, end in model.items() if end <= moment}
            assert {(each.home, each.care_of) for each in gone} == ended
            model = {key: end for key, end in model.items() if end > moment}
        assert {(each.home, each.care_of): each.expires for each in table} == model
        assert table.total == len(model)
