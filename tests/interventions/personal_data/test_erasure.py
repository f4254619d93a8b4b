"""Erasing a person: nothing of hers is found in any table or in Valkey, and what was counted stays."""

import datetime as dt
import json

import pytest
from django.db import DatabaseError, connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import Act, Attendee, Removal, Signal, StreamOffset
from engagement.sessions import attendee_tokens
from engagement.ticks import ShardTicker
from engagement.ticks.shard import LOCK_SPACE
from engagement.vocabulary.clock import tick_end
from interventions.audience.chat import lines as chat_lines
from interventions.audience.polls import tallies
from interventions.audience.questions import importing as question_import
from interventions.models import ChatLine, PollVote, Question, QuestionUpvote
from interventions.personal_data import erasure, quotes
from interventions.personal_data.export import kept_of
from interventions.personal_data.inventory import Person, interventions_of
from interventions.personal_data.lease import LEASE, RENEWED_AFTER_SECONDS, Lease
from interventions.personal_data.redaction import MOST_NAMES, said_by
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import listening, make_line, say, told
from tests.interventions.audience.rooms import make_sent
from tests.interventions.personal_data.lives import (
    CHAT,
    HER,
    MARK,
    OTHER,
    TICK,
    live,
    on_its_way,
    tables_with,
    valkey_with,
)
from tests.support.factories import make_event, make_metric, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation), code="K74QPX")


def test_nothing_of_hers_is_found_afterwards(
    owner, session, valkey, django_capture_on_commit_callbacks
):
    her, _, quoting = live(session, owner)
    make_metric(session, TICK, chat=2)
    planted = tables_with(MARK)
    on_its_way(valkey, session)
    chat_lines.take_all(NOON)
    in_valkey = valkey_with(valkey, MARK)

    with django_capture_on_commit_callbacks(execute=True):
        went = erasure.erase(her, who="manage.py forget", now=NOON)
    ShardTicker(0, valkey).run(tick_end(TICK + 1) + 1)
    chat_lines.take_all(NOON)
    question_import.import_new(NOON)
    erasure.finish(NOON)

    assert len(planted) > 10
    assert in_valkey == ["once:abc", "sig:0"]
    assert (tables_with(MARK), valkey_with(valkey, MARK)) == ({}, [])
    assert set(tables_with(str(HER))) == {"engagement_removal.actor"}
    assert valkey_with(valkey, str(HER)) == []
    assert went["engagement.Signal"] == 5
    assert went["quotes"] == 1
    quoting.refresh_from_db()
    assert quoting.content["quote"] == "[no longer shown]"
    assert quoting.content["text"] == "… asks. Who knows?"
    assert json.loads(valkey.get("once:abc"))["data"] == {
        "results": [{"text": "[no longer shown]"}]
    }
    assert valkey.ttl("once:abc") > 0


def test_what_was_counted_stays_and_others_stay(
    owner, session, valkey, django_capture_on_commit_callbacks
):
    her, poll, _ = live(session, owner)
    make_metric(session, TICK, chat=2)
    before = tallies.counts_of(poll.pk)

    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(her, who="", now=NOON)

    assert tallies.counts_of(poll.pk) == before == [0, 2, 0]
    assert sorted(PollVote.objects.values_list("actor", flat=True))[-1] < HER
    assert QuestionUpvote.objects.count() == 1
    assert [row.text for row in Question.objects.all()] == ["When is lunch?"]
    assert [row.text for row in ChatLine.objects.all()] == ["Mine"]
    assert Signal.objects.get().actor == OTHER
    assert Attendee.objects.get().name == "Ben"
    assert kept_of(her)["sessions"] == []
    act = Act.objects.get()
    assert (act.kind, act.who, act.detail, act.session) == ("erased", "", "", None)


@pytest.mark.django_db(transaction=True)
def test_ticks_of_everybody_go_on_while_her_words_are_looked_for(owner, session, valkey):
    her, _, _ = live(session, owner)

    with CaptureQueriesContext(connection) as asked:
        went = erasure.erase(her, who="", now=NOON)

    said = [query["sql"] for query in asked]
    held = next(at for at, sql in enumerate(said) if "pg_advisory_xact_lock" in sql)
    let_go = said.index("COMMIT", held)
    changed = {
        sql.split('"')[1] for sql in said[held:let_go] if sql.startswith(("INSERT", "UPDATE"))
    }
    assert changed == {"engagement_removal"}
    # Nothing is read there that grows with what people sent: no text, no signal.
    assert not [sql for sql in said[held:let_go] if "signal" in sql or "interventions_" in sql]
    assert [sql for sql in said[let_go:] if f"pg_advisory_xact_lock({LOCK_SPACE}" in sql] == []
    assert went["engagement.Signal"] == 5
    assert went["quotes"] == 1


@pytest.mark.django_db(transaction=True)
def test_no_shard_waits_for_the_tick_of_another(owner, session, valkey, settings):
    settings.SHARDS = 4
    for n in range(8):
        make_session(session.event, title=f"Room {n}")
    her, _, _ = live(session, owner)

    with CaptureQueriesContext(connection) as asked:
        erasure.erase(her, who="", now=NOON)

    of_ticks = f"pg_advisory_xact_lock({LOCK_SPACE}"
    said = [query["sql"] for query in asked]
    steps = [sql for sql in said if sql == "COMMIT" or of_ticks in sql]
    held = [at for at, sql in enumerate(steps) if of_ticks in sql]
    assert len(held) == len({steps[at] for at in held}) > 1
    assert all(steps[at + 1] == "COMMIT" for at in held)
    assert Removal.objects.filter(actor=HER, is_erased=True).count() == 9


@pytest.mark.django_db(transaction=True)
def test_erasure_that_was_cut_off_is_finished_by_another(owner, session, valkey):
    her, _, quoting = live(session, owner)
    with connection.cursor() as cursor:
        # The database refuses the last step, as when it goes away.
        cursor.execute(
            "create function refuse() returns trigger language plpgsql as"
            " $$begin raise exception 'away'; end$$;"
            " create trigger refuse before delete on engagement_attendee"
            " for each row execute function refuse()"
        )
    try:
        with pytest.raises(DatabaseError):
            erasure.erase(her, who="", now=NOON)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop function refuse cascade")
    left = tables_with(MARK)

    early = erasure.finish(NOON + dt.timedelta(seconds=5))
    erasure.finish(NOON + LEASE)

    assert (early, "engagement_attendee.name" in left) == (0, True)
    assert tables_with(MARK) == {}
    assert Removal.objects.filter(erasing_until__isnull=False).count() == 0
    quoting.refresh_from_db()
    assert quoting.content["quote"] == "[no longer shown]"


def test_words_that_were_changed_meanwhile_are_kept(owner, session, valkey):
    her, _, quoting = live(session, owner)
    said = said_by(her)
    stale = list(interventions_of(her).select_related("session"))
    content = {**quoting.content, "text": "Written since. Who knows?"}
    type(quoting).objects.filter(pk=quoting.pk).update(content=content, version=F("version") + 1)

    changed = [quotes._reword(row, said, "[gone]", NOON) for row in stale]

    quoting.refresh_from_db()
    assert sum(changed) == 1
    assert (quoting.content["text"], quoting.content["quote"]) == (
        "Written since. Who knows?", "[gone]",
    )  # fmt: skip


def test_open_pages_are_told_at_once(owner, session, valkey, django_capture_on_commit_callbacks):
    her, _, quoting = live(session, owner)
    line = ChatLine.objects.get(actor=HER)

    with listening(valkey) as heard, django_capture_on_commit_callbacks(execute=True):
        erasure.erase(her, who="", now=NOON)

    attendees = told(heard)
    assert [frame["gone"] for frame in attendees if frame["type"] == "chat"] == [[line.pk]]
    assert "questions" in [frame.get("name") for frame in attendees]
    shown = [frame for frame in attendees if frame["type"] == "interaction"]
    assert [(frame["id"], frame["quote"]) for frame in shown] == [(quoting.pk, "[no longer shown]")]
    assert [f["quote"] for f in told(heard, "stage") if f["type"] == "interaction"] == [
        "[no longer shown]"
    ]
    assert {"chat", "feed", "suggestion"} <= {f.get("name") for f in told(heard, "host")}


@pytest.mark.django_db(transaction=True)
def test_token_ends_and_what_comes_late_makes_no_row(owner, session, valkey):
    her, _, _ = live(session, owner)
    StreamOffset.objects.create(shard=0, tick=TICK, entry_id="0-0")
    token = attendee_tokens.issue(attendee_tokens.Pass(session.pk, HER, True))

    erasure.erase(her, who="", now=NOON)
    say(valkey, session, CHAT, HER)
    say(valkey, session, "Still here", OTHER)
    chat_lines.take_all(NOON)
    ShardTicker(0, valkey).run(tick_end(TICK + 1) + 1)
    answer = Client().get(
        f"/api/v1/attend/{session.pk}/chat/", headers={"Authorization": f"Bearer {token}"}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "erased")
    assert set(ChatLine.objects.values_list("text", flat=True)) == {"Mine", "Still here"}
    assert not Signal.objects.filter(actor=HER).exists()


def test_erasing_again_or_nobody_changes_nothing(owner, session, valkey):
    her, _, _ = live(session, owner)
    erasure.erase(her, who="", now=NOON)
    nobody = type(her)(her.event_id, 99)

    assert erasure.erase(her, who="", now=NOON) == {}
    assert erasure.erase(nobody, who="", now=NOON) == {}
    assert Removal.objects.filter(actor=99).count() == 0
    assert Act.objects.count() == 1


def test_words_that_others_wrote_stay_whatever_somebody_said_or_called_herself(
    owner, session, valkey, django_capture_on_commit_callbacks
):
    poll = make_sent(session, at=NOON)
    poll.decision = {"suggested": "POLL", "action": "POLL"}
    poll.save(update_fields=["decision"])
    before = poll.content
    actor = 77
    Attendee.objects.create(event=session.event, actor=actor, name="POLL")
    make_line(session, before["text"], actor=actor, seq=1, name="POLL")
    make_line(session, "Show", actor=actor, seq=2, name="POLL")

    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(Person(session.event_id, actor), who="", now=NOON)

    poll.refresh_from_db()
    assert poll.content == before
    assert poll.decision == {"suggested": "POLL", "action": "POLL"}


def test_codes_of_what_quotes_somebody_stay(
    owner, session, valkey, django_capture_on_commit_callbacks
):
    her, _, quoting = live(session, owner)
    Attendee.objects.filter(actor=her.actor).update(name="QUESTION_PROMPT")

    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(her, who="", now=NOON)

    quoting.refresh_from_db()
    assert quoting.content["kind"] == "QUESTION_PROMPT"
    assert quoting.content["quote"] == "[no longer shown]"


def test_work_that_goes_on_keeps_others_from_it_and_what_is_finished_stays_so(session):
    moment = [100.0]
    bar = Removal.objects.create(
        session=session, actor=HER, is_erased=True, removed_at=NOON, erasing_until=NOON + LEASE
    )
    lease = Lease(Removal.objects.filter(actor=HER), NOON, lambda: moment[0])
    until = []
    for seconds in (1, RENEWED_AFTER_SECONDS, RENEWED_AFTER_SECONDS + 1, 300):
        moment[0] = 100.0 + seconds
        lease.renew()
        bar.refresh_from_db()
        until.append((bar.erasing_until - NOON - LEASE).total_seconds())
    Removal.objects.update(erasing_until=None)
    moment[0] += 300
    lease.renew()

    bar.refresh_from_db()
    assert until == [0, RENEWED_AFTER_SECONDS, RENEWED_AFTER_SECONDS, 300]
    assert bar.erasing_until is None


def test_erasure_renews_its_lease_while_it_looks_for_her_words(
    owner, session, valkey, monkeypatch, django_capture_on_commit_callbacks
):
    her, _, _ = live(session, owner)
    renewed = []
    monkeypatch.setattr(Lease, "renew", lambda lease: renewed.append(lease))

    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(her, who="", now=NOON)

    # Once for her rows, once for the kept answers of her session.
    assert len(renewed) == 2


def test_names_she_had_last_are_looked_for(owner, session):
    her, _, _ = live(session, owner)
    for n in range(MOST_NAMES + 5):
        make_line(session, "Hello", actor=HER, seq=100 + n, name=f"Nick {n}")

    names = said_by(her).names

    assert len(names) == MOST_NAMES
    assert {"Zyxmarker", f"Nick {MOST_NAMES + 4}"} <= names
    assert not {"Nick 0", "Nick 1"} & names
