"""Keyed hashes: distinct, salted, in their own domains."""

import pytest

from engagement.intake import pseudonyms
from engagement.intake.pseudonyms import actor_of, client_of, seq_of, source_of
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE

SALT, OTHER = b"a" * 16, b"b" * 16


def test_person_is_the_same_within_an_event_and_another_elsewhere():
    assert actor_of(SALT, "zoom:1") == actor_of(SALT, "zoom:1")
    assert actor_of(SALT, "zoom:1") != actor_of(SALT, "zoom:2")
    assert actor_of(SALT, "zoom:1") != actor_of(OTHER, "zoom:1")


def test_domains_do_not_meet():
    assert len({actor_of(SALT, "x"), source_of(SALT, "x"), seq_of(SALT, "x")}) == 3


def test_client_belongs_to_its_person():
    assert client_of(SALT, 1, "tab") != client_of(SALT, 2, "tab")


def test_hash_fits_a_bigint():
    hashes = [actor_of(SALT, str(n)) for n in range(200)]

    assert all(-(2**63) <= each < 2**63 for each in hashes)
    assert len(set(hashes)) == 200
    assert min(hashes) < 0 < max(hashes)


def test_seq_of_an_id_is_never_mistaken_for_a_frame_number():
    assert all(-(2**63) <= seq_of(SALT, str(n)) < 0 for n in range(200))


def test_lone_surrogate_is_refused():
    with pytest.raises(UnicodeEncodeError):
        actor_of(SALT, "\ud800")


def test_no_outsider_has_a_source_of_our_own():
    ours = {0, INDUCED_SOURCE}

    assert not ours & {pseudonyms._outsider(number) for number in (-2, -1, 0, 1, 2)}
    assert [pseudonyms._outsider(number) for number in (-2, 1, 2)] == [-2, 1, 2]
