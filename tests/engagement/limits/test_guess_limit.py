"""Wrong secrets run into a limit; right ones do not, and nobody else's do."""

from engagement.limits.guess_limit import MOST_NETWORKS, RIGHT_SECONDS, Guesses


def guesses(at_once: int = 3) -> Guesses:
    return Guesses(at_once=at_once, per_second=0.5)


def test_wrong_secrets_end_and_come_back_slowly() -> None:
    store = guesses()
    for n in range(3):
        assert store.wait("net", f"wrong {n}", 0.0) == 0.0
        store.wrong("net", 0.0)

    assert store.wait("net", "next", 0.0) == 2.0
    assert store.wait("net", "next", 1.0) == 1.0
    assert store.wait("net", "next", 2.0) == 0.0


def test_asking_costs_nothing() -> None:
    store = guesses(at_once=1)

    assert [store.wait("net", "right", float(t)) for t in range(100)] == [0.0] * 100


def test_other_networks_and_secrets_that_were_right_go_on() -> None:
    store = guesses(at_once=1)
    store.right("net", "mine", 0.0)
    store.wrong("net", 0.0)

    assert store.wait("net", "other", 0.0) > 0
    assert store.wait("net", "mine", 0.0) == 0.0
    assert store.wait("elsewhere", "other", 0.0) == 0.0


def test_what_was_right_is_not_right_for_ever_nor_elsewhere() -> None:
    store = guesses(at_once=1)
    store.right("net", "mine", 0.0)
    for network in ("net", "elsewhere"):
        store.wrong(network, RIGHT_SECONDS)

    assert store.wait("net", "mine", RIGHT_SECONDS) > 0
    assert store.wait("elsewhere", "mine", RIGHT_SECONDS - 1) > 0


def test_memory_is_bounded() -> None:
    store = guesses()
    for n in range(MOST_NETWORKS + 50):
        store.wrong(f"net {n}", 0.0)
        store.right(f"net {n}", "x", 0.0)

    assert len(store._wrong) == MOST_NETWORKS
    assert len(store._right) <= MOST_NETWORKS
