"""Kept answers lose a person's words: those of her sessions only, as long as they would have been kept."""

import json

import pytest

from interventions.personal_data import kept_answers
from interventions.personal_data.redaction import Said

WORDS = "zyxmarker says the slides are grey"
SAID = Said(frozenset({WORDS}))
HERS, OTHER = 1, 2


def keep(valkey, name, session_id, seen=0, now=1000.0, text=WORDS):
    return kept_answers.keep(
        valkey, f"once:{name}", session_id, {"data": {"text": text}}, seen=seen, now=now
    )


def kept(valkey, name):
    found = valkey.get(f"once:{name}")
    return json.loads(found)["data"]["text"] if found else None


def take_out(valkey):
    kept_answers.take_out(valkey, [HERS], SAID, "[gone]")


def test_only_answers_of_her_sessions_are_looked_at(valkey):
    for n in range(450):
        keep(valkey, f"hers-{n}", HERS)
        keep(valkey, f"theirs-{n}", OTHER)
    valkey.config_resetstat()

    take_out(valkey)

    calls = {name: of["calls"] for name, of in valkey.info("commandstats").items()}
    assert {kept(valkey, f"hers-{n}") for n in range(450)} == {"[gone]"}
    assert {kept(valkey, f"theirs-{n}") for n in range(450)} == {WORDS}
    assert "cmdstat_scan" not in calls
    assert "cmdstat_keys" not in calls
    assert calls["cmdstat_mget"] == 3
    assert 0 < valkey.ttl("once:hers-0") <= kept_answers.KEPT_SECONDS


def test_what_expired_or_was_taken_anew_meanwhile_stays_so(valkey):
    keep(valkey, "gone", HERS)
    keep(valkey, "anew", HERS)
    names = [b"once:gone", b"once:anew"]
    before = valkey.mget(names)
    valkey.delete("once:gone")
    valkey.set("once:anew", json.dumps({"body": "of another"}), ex=60)

    for name, value in zip(names, before, strict=True):
        valkey.eval(kept_answers._REWORD, 1, name, value, json.dumps({"data": "[gone]"}))

    assert valkey.exists("once:gone") == 0
    assert json.loads(valkey.get("once:anew")) == {"body": "of another"}


@pytest.mark.parametrize(
    ("asked_before", "session_id"), [(True, HERS), (False, HERS), (True, OTHER)]
)
def test_answer_that_was_made_while_she_was_erased_is_not_kept(valkey, asked_before, session_id):
    first = kept_answers.erasures(valkey)
    valkey.set("once:late", json.dumps({"body": "at work"}), ex=60)
    take_out(valkey)
    seen = first if asked_before else kept_answers.erasures(valkey)

    is_kept = keep(valkey, "late", session_id, seen=seen)

    may_quote_her = asked_before and session_id == HERS
    assert (is_kept, kept(valkey, "late")) == ((False, None) if may_quote_her else (True, WORDS))


def test_a_session_has_so_many_the_oldest_give_way(valkey):
    for n in range(kept_answers.MOST_KEPT + 5):
        keep(valkey, n, HERS, now=1000.0 + n)
    a_day_later = 1000.0 + kept_answers.KEPT_SECONDS + 500

    assert valkey.zcard(f"answers:{HERS}") == kept_answers.MOST_KEPT
    assert (kept(valkey, 4), kept(valkey, 5)) == (None, WORDS)
    keep(valkey, "new", HERS, now=a_day_later)
    assert valkey.zcard(f"answers:{HERS}") == kept_answers.MOST_KEPT + 5 - 501 + 1
