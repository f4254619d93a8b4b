"""Wrong secrets run into a limit; right ones do not, and nobody else's do."""

import pytest

from engagement.limits.guess_limit import MOST_NETWORKS, RIGHT_SECONDS, Guesses
from engagement.limits.owner_shares import OF_A_SITE


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


@pytest.mark.parametrize("session", [0, 12, 12_345, 1_000_000])
def test_networks_of_one_site_guess_together_and_others_beside_them(session: int) -> None:
    store = guesses(at_once=2)
    tried = 0
    for n in range(100):
        network = f"2001:db8:aa:{n:x}::/64"
        while not store.wait(network, "right", 0.0, of=session) and tried < 100:
            store.wrong(network, 0.0, of=session)
            tried += 1

    assert tried == 2 * OF_A_SITE
    assert store.wait("2001:db8:bb:1::/64", "right", 0.0, of=session) == 0.0
    assert store.wait("2001:db8:aa:1::/64", "right", 0.0, of=session + 1) == 0.0
