from collections.abc import Mapping, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meishi.lifecycle.manifest import Manifest, parse_manifest
from meishi.lifecycle.ordering import in_order


def manifest(name: str, requires: Sequence[str] = (), after: Sequence[str] = ()) -> Manifest:
    """Return a manifest with these needs."""
    return parse_manifest(
        {
            "name": name,
            "title": name,
            "version": "1",
            "host": "*",
            "requires": dict.fromkeys(requires, "*"),
            "after": dict.fromkeys(after, "*"),
        }
    )


def names(*manifests: Manifest) -> list[str]:
    """Return the names in the order of loading."""
    return [item.name for item in in_order(manifests)[0]]


def test_what_is_needed_comes_first_and_ties_go_by_name() -> None:
    """The order does not depend on the order of discovery."""
    found = [manifest("c"), manifest("a", requires=["d"]), manifest("d"), manifest("b")]
    assert names(*found) == names(*reversed(found)) == ["b", "c", "d", "a"]


def test_after_orders_without_requiring() -> None:
    """A soft order is followed if the other is there, and forgotten if not."""
    assert names(manifest("a", after=["b"]), manifest("b")) == ["b", "a"]
    assert names(manifest("a", after=["b"])) == ["a"]


def test_only_the_after_that_closes_a_circle_is_dropped() -> None:
    """Two that want to come after each other do not spoil the order of others."""
    found = [
        manifest("a", after=["b"]),
        manifest("b", after=["a"]),
        manifest("c", after=["z"]),
        manifest("d", requires=["e"]),
        manifest("e", after=["d"]),
        manifest("z"),
    ]
    assert names(*found) == ["b", "a", "e", "d", "z", "c"]


def test_a_circle_of_requires_is_named_to_all_its_members() -> None:
    """Members are left out with the circle as reason; who needs them stays in the order."""
    order, circular = in_order(
        [
            manifest("a", requires=["b"]),
            manifest("b", requires=["a"]),
            manifest("c", requires=["a"]),
            manifest("d", requires=["d"]),
        ]
    )
    assert [item.name for item in order] == ["c"]
    assert circular.keys() == {"a", "b", "d"}
    assert circular["a"] in {
        "requires go in a circle: a → b → a",
        "requires go in a circle: b → a → b",
    }
    assert circular["d"] == "requires go in a circle: d → d"


LETTERS = st.sampled_from("abcdef")
GRAPHS = st.dictionaries(LETTERS, st.tuples(st.sets(LETTERS), st.sets(LETTERS)))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(GRAPHS)
def test_any_plugins_are_either_ordered_or_circular(
    graph: Mapping[str, tuple[set[str], set[str]]],
) -> None:
    """Nobody is lost, and whoever is ordered comes after all that it requires."""
    found = [manifest(name, sorted(needs), sorted(after)) for name, (needs, after) in graph.items()]
    order, circular = in_order(found)
    listed = [item.name for item in order]
    assert sorted([*listed, *circular]) == sorted(graph)
    for item in order:
        for need in item.requires.keys() & set(listed):
            assert listed.index(need) < listed.index(item.name)
