"""Places at the same time, and everybody's part of them."""

from engagement.limits.concurrency_limit import Places


def test_one_owner_leaves_places_for_others():
    places = Places(3, 2)

    taken = [places.take(who) for who in ("a", "a", "a", "b", "c")]

    assert taken == [True, True, False, True, False]


def test_place_given_back_is_free_for_anybody():
    places = Places(2, 2)
    places.take("a")
    places.take("a")

    places.give("a")

    assert (places.take("b"), places.take("a")) == (True, False)


def test_owner_of_half_gets_no_more_when_it_is_crowded():
    shares = Places(10, 10, crowded=5)

    first = [shares.take("a") for _ in range(9)]
    others = [shares.take(who) for who in ("b", "c", "d")]
    shares.give("b")
    shares.give("a")

    assert first == [True] * 8 + [False]
    assert others == [True, True, False]
    assert (shares.take("a"), shares.take("b")) == (False, True)


def test_one_site_of_many_networks_has_the_share_of_eight_and_leaves_a_fifth():
    small, large = Places(100, 10), Places(100, 100, crowded=50)
    networks = [f"2001:db8:1:{n:x}::/64" for n in range(200)]

    taken = [[places.take(each) for each in networks].count(True) for places in (small, large)]

    assert taken == [80, 80]
    assert [places.take("2001:db8:2::/64") for places in (small, large)] == [True, True]
    for each in networks[:80]:
        small.give(each)
    assert small.taken == 1
    assert small.take(networks[0])


def test_amount_is_taken_as_a_whole_or_not_at_all():
    places = Places(100, 50, crowded=5)

    taken = [places.take(who, much) for who, much in [("a", 50), ("a", 1), ("b", 45), ("c", 6)]]
    crowded = [places.take(who, much) for who, much in [("c", 4), ("d", 2), ("d", 1)]]

    assert taken == [True, False, True, False]
    assert crowded == [True, False, True]
    places.give("a", 50)
    assert places.take("e", 50)
