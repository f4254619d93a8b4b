"""Places at the same time, and everybody's part of them."""

from engagement.limits.concurrency_limit import Places, Shares


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
    shares = Shares(10)

    first = [shares.take("a") for _ in range(9)]
    others = [shares.take(who) for who in ("b", "c", "d")]
    shares.give("b")
    shares.give("a")

    assert first == [True] * 8 + [False]
    assert others == [True, True, False]
    assert (shares.take("a"), shares.take("b")) == (False, True)
