"""What an integration can see and do, and what it cannot."""

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from engagement.models import ApiKey, Organisation, Session
from engagement.vocabulary.errors import ProblemError
from interventions.api import idempotency
from interventions.models import (
    AgentSettings,
    Experiment,
    Intervention,
    PollVote,
    Question,
    Template,
    Webhook,
    WebhookMessage,
)
from tests.conftest import NOON
from tests.interventions.api.cast import EVERYTHING, POLL, Caller, make_intervention, make_outcome
from tests.interventions.audience.chat.rooms import make_line
from tests.support.factories import (
    make_anomaly,
    make_event,
    make_metric,
    make_organisation,
    make_session,
)

TICK = int(NOON.timestamp()) // 5
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation))


@pytest.fixture
def caller(organisation: Organisation) -> Caller:
    return Caller(organisation)


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


# --- looking -----------------------------------------------------------------------------------


def test_interventions_are_listed_newest_first_with_their_outcome(
    session: Session, caller: Caller
) -> None:
    old = make_intervention(session, "learned", created_at=NOON - dt.timedelta(hours=1))
    make_outcome(old)
    new = make_intervention(session)

    rows = caller.get("interventions/").json()["results"]

    assert [row["id"] for row in rows] == [new.pk, old.pk]
    assert rows[0]["content"] == POLL.to_json()
    assert rows[0]["outcome"] is None
    assert (rows[1]["outcome"]["verdict"], rows[1]["outcome"]["surprise"]) == ("worked", 8.0)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=waiting", 1), ("status=learned", 2), ("kind=QUIZ", 1), ("verdict=worked", 1),
        ("asked_by=api", 0), ("since=2026-03-03T12:00:00Z", 1), ("until=2026-03-03T12:00:00Z", 2),
        ("session=0", 0),
    ],
)  # fmt: skip
def test_interventions_are_filtered(
    session: Session, caller: Caller, query: str, count: int
) -> None:
    before = NOON - dt.timedelta(hours=1)
    make_outcome(make_intervention(session, "learned", created_at=before))
    make_intervention(session, "learned", created_at=before, kind="QUIZ")
    make_intervention(session)

    assert len(caller.get(f"interventions/?{query}").json()["results"]) == count


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_take_the_same_queries_for_any_number_of_rows(
    session: Session, caller: Caller, rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for _ in range(rows):
        make_outcome(make_intervention(session, "learned"))
    caller.get("interventions/")

    with django_assert_num_queries(2):
        caller.get("interventions/")
    with django_assert_num_queries(2):
        caller.get("outcomes/")


@pytest.mark.parametrize("path", ["interventions/", "sessions/"])
def test_links_between_pages_lead_outside_whatever_a_proxy_makes_of_host(
    session: Session, caller: Caller, settings: Any, path: str
) -> None:
    make_session(session.event)
    for _ in range(2):
        make_intervention(session, "learned")
    settings.PUBLIC_URL = "https://talks.example"

    page = caller.get(f"{path}?page_size=1").json()
    follow = page["next"].removeprefix("https://talks.example/api/v1/")
    after = caller.get(follow).json()

    assert page["next"].startswith(f"https://talks.example/api/v1/{path}?")
    assert after["previous"].startswith(f"https://talks.example/api/v1/{path}?")
    assert after["results"][0]["id"] != page["results"][0]["id"]


def test_coin_is_not_told_before_it_was_acted_upon(session: Session, caller: Caller) -> None:
    waiting = make_intervention(session)
    held_out = make_intervention(session, "held_out", acted_at=NOON)

    before, after = (
        caller.get(f"interventions/{row.pk}/").json()["decision"] for row in (waiting, held_out)
    )

    assert set(before) == {"suggested", "propensities", "context"}
    assert (after["action"], after["held_back"]) == ("HOLD", True)


def test_detail_shows_every_step_and_delivery(session: Session, caller: Caller) -> None:
    row = make_intervention(session)
    caller.post(f"interventions/{row.pk}/approve/")
    row.deliveries.create(target="sockets", status="failed", error="bus_away")

    found = caller.get(f"interventions/{row.pk}/").json()

    assert found["approved_by"] == "API key console"
    [step] = found["transitions"]
    assert (step["before"], step["after"], step["by"]) == ("waiting", "approved", "person")
    assert step["who"] == "API key console"
    assert found["deliveries"][0]["error"] == "bus_away"


def test_steps_are_in_their_order_whatever_their_clocks_say(
    session: Session, caller: Caller
) -> None:
    row = make_intervention(session, "learned")
    for version in (3, 1, 2):
        row.transitions.create(time=NOON, version=version, before="", after=f"step{version}")

    found = caller.get(f"interventions/{row.pk}/").json()

    assert [step["version"] for step in found["transitions"]] == [1, 2, 3]


# --- acting --------------------------------------------------------------------------------------


def test_suggestion_is_approved_and_undone(session: Session, caller: Caller) -> None:
    row = make_intervention(session)

    approved = caller.post(f"interventions/{row.pk}/approve/", {"version": 0})
    again = caller.post(f"interventions/{row.pk}/approve/", {"version": 0})
    undone = caller.post(f"interventions/{row.pk}/undo/")

    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert (again.status_code, code(again)) == (409, "changed_meanwhile")
    assert undone.json()["status"] == "waiting"


def test_words_are_edited_and_approved_with_others(session: Session, caller: Caller) -> None:
    row = make_intervention(session)
    edited = {"kind": "POLL", "text": "Shall we go on?", "options": ["Yes", "No"]}

    answer = caller.post(f"interventions/{row.pk}/edit/", {"content": edited})
    refused = caller.post(
        f"interventions/{row.pk}/approve/", {"content": {**edited, "text": "See www.example.org"}}
    )

    assert answer.json()["content"]["text"] == "Shall we go on?"
    assert answer.json()["content"]["seconds"] == 60
    assert answer.json()["original"] == POLL.to_json()
    assert (refused.status_code, code(refused)) == (400, "content_warnings")
    assert refused.json()["error"]["warnings"] == [
        {"code": "link", "message": "It looks like a link."}
    ]


@pytest.mark.parametrize(
    "text",
    ["Is HTTPS enough for you?", "Do you use MATLAB or Python?", "Ready to go on? Really??"],
)
def test_acronyms_and_emphasis_of_an_organizer_need_no_word_more(
    session: Session, caller: Caller, text: str
) -> None:
    row = make_intervention(session)
    words = {"kind": "POLL", "text": text, "options": ["Yes", "No"]}

    answer = caller.post(f"interventions/{row.pk}/edit/", {"content": words})

    assert (answer.status_code, answer.json()["content"]["text"]) == (200, text)


@pytest.mark.parametrize("path", ["edit", "approve"])
@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("WAKE UP EVERYBODY NOW", "shouting"), ("See www.example.org", "link"),
        ("Call 030 1234567 to win", "personal"), ("Who is the <b>best</b>?", "markup"),
        ("Is that bullshit or not?", "profanity"), ("Was denkt ihr über die Zahlen?", "language"),
        ("Ready?", "shape"),
    ],
)  # fmt: skip
def test_warning_is_overridden_by_saying_so(
    session: Session, caller: Caller, path: str, text: str, warning: str
) -> None:
    row = make_intervention(session)
    words = {"kind": "POLL", "text": text, "options": ["Yes", "No"]}

    warned = caller.post(f"interventions/{row.pk}/{path}/", {"content": words})
    sent = caller.post(
        f"interventions/{row.pk}/{path}/", {"content": words, "accept_warnings": True}
    )

    assert [each["code"] for each in warned.json()["error"]["warnings"]] == [warning]
    assert (sent.status_code, sent.json()["content"]["text"]) == (200, text)


def test_what_is_held_is_listed_shown_and_refused(session: Session, caller: Caller) -> None:
    line = make_line(session, "see x.com/y", state="waiting", why="link")
    asked = [
        Question.objects.create(
            session=session, source=7, seq=n, actor=n, text=f"Is a.com/{n} it?", status="held",
            why="link", asked_at=NOON,
        )
        for n in range(2)
    ]  # fmt: skip
    path = f"sessions/{session.pk}/held/"

    listed = caller.get(path).json()
    done = [
        caller.post(f"{path}chat/{line.pk}/", {"decision": "show"}).json()["state"],
        caller.post(f"{path}questions/{asked[0].pk}/", {"decision": "show"}).json()["state"],
        caller.post(f"{path}questions/{asked[1].pk}/", {"decision": "refuse"}).json()["state"],
    ]
    again = caller.post(f"{path}questions/{asked[1].pk}/", {"decision": "show"})

    assert [(each["type"], each["why"]) for each in listed["results"]].count(
        ("question", "link")
    ) == 2
    assert (listed["chat_count"], listed["question_count"]) == (1, 2)
    assert done == ["shown", "shown", "hidden"]
    assert list(Question.objects.order_by("seq").values_list("status", flat=True)) == [
        "open", "hidden",
    ]  # fmt: skip
    assert (again.status_code, code(again)) == (409, "question_decided")
    assert caller.get(path).json()["results"] == []


def test_what_is_held_is_the_organisations_own(session: Session) -> None:
    stranger = Caller(make_organisation("Elsewhere"))
    reader = Caller(session.event.organisation, frozenset({"signals"}))
    path = f"sessions/{session.pk}/held/"

    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}questions/1/", {"decision": "show"}).status_code == 404
    assert reader.post(f"{path}questions/1/", {"decision": "show"}).status_code == 403


def test_suggestion_is_dismissed_with_a_reason(session: Session, caller: Caller) -> None:
    row = make_intervention(session)

    answer = caller.post(f"interventions/{row.pk}/dismiss/", {"reason": "wording"})

    assert (answer.json()["status"], answer.json()["dismiss_reason"]) == ("dismissed", "wording")


def test_countdown_is_held_and_waits_a_minute_longer(session: Session, caller: Caller) -> None:
    row = make_intervention(session, "countdown", acts_at=NOON + dt.timedelta(seconds=10))

    held = caller.post(f"interventions/{row.pk}/hold/").json()
    longer = caller.post(f"interventions/{row.pk}/extend/").json()

    assert held["status"] == "waiting"
    assert dt.datetime.fromisoformat(longer["expires_at"]) - dt.datetime.fromisoformat(
        held["expires_at"]
    ) == dt.timedelta(minutes=1)


def test_trigger_answers_how_far_it_came(session: Session, caller: Caller) -> None:
    answer = caller.post(f"sessions/{session.pk}/trigger/", {"kind": "POLL"})

    assert answer.status_code == 201
    assert answer.json()["asked_by"] == "api"
    assert answer.json()["status"] == "held_back"


def test_content_of_another_kind_is_refused(session: Session, caller: Caller) -> None:
    answer = caller.post(
        f"sessions/{session.pk}/trigger/", {"kind": "QUIZ", "content": POLL.to_json()}
    )

    assert (answer.status_code, code(answer)) == (400, "content_kind")


def test_mode_stop_and_resume(session: Session, caller: Caller) -> None:
    make_intervention(session)

    mode = caller.call("put", f"sessions/{session.pk}/mode/", {"mode": "auto"})
    stopped = caller.post(f"sessions/{session.pk}/stop/")
    resumed = caller.post(f"sessions/{session.pk}/resume/")

    assert mode.json()["mode"] == "auto"
    assert stopped.json() == {"ended": 1}
    assert resumed.json()["stopped_at"] is None
    assert Intervention.objects.get().status == "stopped"


@pytest.mark.parametrize(
    ("kind", "seconds", "said"),
    [
        ("POLL", 300, "It can stay open for 30 to 120 seconds."),
        ("BREAK", 5, "It can stay open for 60 to 900 seconds."),
        ("NOTIFICATION", 60, "It stays open for no set time: leave the seconds out."),
    ],
)
def test_time_it_stays_open_is_refused_with_its_field_and_what_is_allowed(
    session: Session, caller: Caller, kind: str, seconds: int, said: str
) -> None:
    row = make_intervention(session, kind=kind)
    options = ["Yes", "No"] if kind == "POLL" else []
    words = {"kind": kind, "text": "Shall we go on now?", "options": options, "seconds": seconds}

    error = caller.post(f"interventions/{row.pk}/edit/", {"content": words}).json()["error"]

    assert (error["code"], error["field"]) == ("content_seconds", "seconds")
    assert error["message"] == said


def test_one_limit_is_changed_and_the_others_stay(session: Session, caller: Caller) -> None:
    path = f"sessions/{session.pk}/agent/"
    caller.call("patch", path, {"limits": {"least_people": 1}, "kind_modes": {"POLL": "manual"}})

    more = caller.call(
        "patch", path, {"limits": {"per_hour": 60}, "kind_modes": {"QUIZ": "auto"}}
    ).json()
    less = caller.call("patch", path, {"limits": {"least_people": None}}).json()

    assert more["limits"] == {"least_people": 1, "per_hour": 60}
    assert more["kind_modes"] == {"POLL": "manual", "QUIZ": "auto"}
    assert less["limits"] == {"per_hour": 60}


def test_limit_that_there_is_not_is_answered_with_those_that_are(
    session: Session, caller: Caller
) -> None:
    answer = caller.call("patch", f"sessions/{session.pk}/agent/", {"limits": {"zzz": 1}})

    message = answer.json()["error"]["message"]
    assert answer.status_code == 400
    assert "Unknown: zzz." in message
    assert "gap_seconds, per_hour, quiet_start_seconds" in message


def test_settings_are_the_defaults_until_changed(session: Session, caller: Caller) -> None:
    path = f"sessions/{session.pk}/agent/"

    before = caller.get(path).json()
    after = caller.call("patch", path, {"limits": {"per_hour": 2}, "forbidden": ["BREAK"]}).json()

    assert (before["line"], before["limits"]) == (0.75, {})
    assert (after["limits"], after["forbidden"], after["line"]) == (
        {"per_hour": 2},
        ["BREAK"],
        0.75,
    )
    assert AgentSettings.objects.get().expiry_seconds == 90


@pytest.mark.parametrize(
    "data",
    [
        {"limits": {"cooldowns": 3}}, {"limits": {"per_hour": -1}}, {"kind_modes": {"DANCE": "auto"}},
        {"forbidden": ["HOLD"]}, {"line": 0.2}, {"expiry_seconds": 5},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(
    session: Session, caller: Caller, data: dict[str, Any]
) -> None:
    answer = caller.call("patch", f"sessions/{session.pk}/agent/", data)

    assert answer.status_code == 400


def test_question_is_answered(session: Session, caller: Caller) -> None:
    row = Question.objects.create(
        session=session, source=1, seq=1, actor=1, text="Why?", asked_at=NOON
    )
    row.upvotes.create(actor=2, at=NOON)

    answer = caller.call("patch", f"questions/{row.pk}/", {"status": "answered"})
    listed = caller.get(f"sessions/{session.pk}/questions/?status=answered").json()["results"]

    assert (answer.json()["status"], answer.json()["upvotes"]) == ("answered", 1)
    assert [each["id"] for each in listed] == [row.pk]


# --- once ----------------------------------------------------------------------------------------


def test_repeated_approval_gets_the_first_answer(session: Session, caller: Caller) -> None:
    row = make_intervention(session)
    path = f"interventions/{row.pk}/approve/"

    first, second = (caller.post(path, {"version": 0}, **{"Idempotency-Key": "k1"}) for _ in "12")

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert row.transitions.count() == 1


def test_repeated_trigger_makes_one_suggestion(session: Session, caller: Caller) -> None:
    answers = [
        caller.post(f"sessions/{session.pk}/trigger/", {}, **{"Idempotency-Key": "same"})
        for _ in range(2)
    ]

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Intervention.objects.count() == 1


@pytest.mark.parametrize(
    ("lost", "refused"),
    [
        ({"can_act": False}, (403, "key_cannot_act")),
        ({"can_read": False, "can_act": False}, (403, "key_cannot_read")),
    ],
)
def test_kept_answer_is_no_right_to_read_it(
    session: Session, caller: Caller, lost: dict[str, bool], refused: tuple[int, str]
) -> None:
    row = make_intervention(session)
    asked = [
        (f"interventions/{row.pk}/approve/", {"version": 0}),
        (f"sessions/{make_session(session.event).pk}/trigger/", {}),
    ]
    first = [caller.post(*each, **{"Idempotency-Key": "k"}) for each in asked]
    ApiKey.objects.filter(pk=caller.row.pk).update(**lost)

    again = [caller.post(*each, **{"Idempotency-Key": "k"}) for each in asked]

    assert [answer.status_code for answer in first] == [200, 201]
    assert [(answer.status_code, code(answer)) for answer in again] == [refused, refused]
    assert not any("Idempotency-Replayed" in answer for answer in again)


def test_callers_with_the_same_key_do_not_meet(
    session: Session, caller: Caller, organisation: Organisation, valkey: Any
) -> None:
    path, headers = f"sessions/{session.pk}/trigger/", {"Idempotency-Key": "same"}
    first = caller.post(path, {}, **headers)
    Intervention.objects.update(status="expired")
    other = Caller(organisation).post(path, {}, **headers)
    valkey.flushall()

    again = caller.post(path, {}, **headers)

    assert (first.status_code, other.status_code, again.status_code) == (201, 201, 201)
    assert other.json()["id"] != first.json()["id"] == again.json()["id"]


def test_kept_answer_is_found_by_its_session(session: Session, caller: Caller, valkey: Any) -> None:
    row = make_intervention(session)
    caller.post(f"interventions/{row.pk}/approve/", {"version": 0}, **{"Idempotency-Key": "k1"})

    (name,) = valkey.zrange(f"answers:{session.pk}", 0, -1)

    assert json.loads(valkey.get(name))["data"]["id"] == row.pk


def test_key_used_for_another_request_is_refused(session: Session, caller: Caller) -> None:
    row = make_intervention(session)
    path = f"interventions/{row.pk}/approve/"
    caller.post(path, {"version": 0}, **{"Idempotency-Key": "k1"})

    answer = caller.post(path, {"version": 1}, **{"Idempotency-Key": "k1"})

    assert (answer.status_code, code(answer)) == (409, "idempotency_key_reused")


def test_what_failed_may_be_tried_again_with_the_same_key(session: Session, caller: Caller) -> None:
    row = make_intervention(session)
    path = f"interventions/{row.pk}/approve/"
    failed = caller.post(path, {"version": 9}, **{"Idempotency-Key": "k1"})

    answer = caller.post(path, {"version": 0}, **{"Idempotency-Key": "k1"})

    assert (failed.status_code, answer.status_code) == (409, 200)


def test_same_request_while_the_first_is_being_served_is_asked_to_wait() -> None:
    first = idempotency._begin("once:x", "body")

    with pytest.raises(ProblemError) as refused:
        idempotency._begin("once:x", "body")

    assert first is None
    assert (refused.value.code, refused.value.retry_after) == ("request_in_progress", 1)


def test_key_that_is_too_long_is_refused(session: Session, caller: Caller) -> None:
    answer = caller.post(f"sessions/{session.pk}/trigger/", {}, **{"Idempotency-Key": "x" * 81})

    assert (answer.status_code, code(answer)) == (400, "idempotency_key")


def test_without_valkey_the_rows_still_hold(
    session: Session, caller: Caller, settings: Any
) -> None:
    row = make_intervention(session)
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    path = f"interventions/{row.pk}/approve/"

    answers = [caller.post(path, {"version": 0}, **{"Idempotency-Key": "k"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]


# --- wordings and experiments ----------------------------------------------------------------------


def test_template_is_proposed_approved_and_retired(caller: Caller) -> None:
    made = caller.post(
        "templates/", {"kind": "POLL", "text": "Would you use {topic}?", "options": ["Yes", "No"]}
    )
    path = f"templates/{made.json()['id']}/"

    again = caller.post(
        "templates/", {"kind": "POLL", "text": "Would you use {topic}?", "options": ["Yes", "No"]}
    )
    approved = caller.post(f"{path}approve/")
    retired = caller.post(f"{path}retire/")

    assert (made.status_code, made.json()["status"], made.json()["seconds"]) == (201, "draft", 60)
    assert (again.status_code, code(again)) == (409, "worded_before")
    assert [approved.json()["status"], retired.json()["status"]] == ["approved", "retired"]


@pytest.mark.parametrize("text", ["Look at https://example.org", "Would {nobody} use it?", "Short"])
def test_template_that_could_not_be_shown_is_refused(caller: Caller, text: str) -> None:
    answer = caller.post("templates/", {"kind": "CHAT_PROMPT", "text": text})

    assert (answer.status_code, code(answer)) == (400, "content_refused")


def test_shared_wordings_need_a_scope_of_their_own(organisation: Organisation) -> None:
    acting = Caller(organisation, frozenset({"read", "act"}))
    row = Template.objects.create(kind="POLL", text="Is this clear?", options=["Yes", "No"])

    answers = [
        acting.post("templates/", {"kind": "CHAT_PROMPT", "text": "What do you think of it?"}),
        acting.post(f"templates/{row.pk}/approve/"),
        acting.post(f"templates/{row.pk}/retire/"),
    ]

    assert {(answer.status_code, code(answer)) for answer in answers} == {
        (403, "library_is_shared")
    }


def test_experiment_from_plan_to_archive(caller: Caller) -> None:
    made = caller.post(
        "experiments/",
        {"name": "Longer", "subject": "rule", "variants": [
            {"key": "now", "settings": {}},
            {"key": "long", "settings": {"expiry_seconds": 180, "per_hour": 3}},
        ]},
    )  # fmt: skip
    path = f"experiments/{made.json()['id']}/"

    steps = [
        caller.post(f"{path}start/"),
        caller.post(f"{path}stop/", {"winner": "long"}),
        caller.post(f"{path}winner/", {"winner": ""}),
        caller.post(f"{path}archive/"),
    ]
    shown = caller.get(path).json()

    assert made.status_code == 201
    assert [step.json()["status"] for step in steps] == [
        "running",
        "stopped",
        "stopped",
        "archived",
    ]
    assert [step.json()["winner"] for step in steps] == ["", "long", "", ""]
    assert [each["sessions"] for each in shown["results"]] == [0, 0]
    assert Experiment.objects.get().variants[1]["settings"]["expiry_seconds"] == 180


# --- webhooks ------------------------------------------------------------------------------------


def test_webhook_shows_its_secret_once(caller: Caller) -> None:
    made = caller.post("webhooks/", {"url": "https://example.org/hook"}).json()
    path = f"webhooks/{made['id']}/"
    rotated = caller.post(f"{path}rotate/").json()
    second = caller.post(f"{path}rotate/")

    shown = [caller.get("webhooks/"), caller.get(path), caller.post(f"{path}finish-rotation/")]

    assert made["secret"].startswith("whsec_")
    assert rotated["secret"] not in {made["secret"], ""}
    assert rotated["is_rotating"]
    assert (second.status_code, code(second)) == (409, "is_rotating")
    assert not any("whsec_" in answer.content.decode() for answer in shown)
    assert Webhook.objects.get().old_secret == ""


def test_webhook_is_changed_tried_and_removed(caller: Caller) -> None:
    path = f"webhooks/{caller.post('webhooks/', {'url': 'https://example.org/'}).json()['id']}/"

    changed = caller.call("patch", path, {"event_types": ["outcome.measured"]}).json()
    pinged = caller.post(f"{path}ping/")
    caller.call("patch", path, {"is_active": False})
    off = caller.post(f"{path}ping/")
    messages = caller.get(f"{path}messages/?status=pending").json()["results"]
    removed = caller.call("delete", path)

    assert changed["event_types"] == ["outcome.measured"]
    assert (pinged.status_code, off.status_code) == (202, 409)
    assert [message["event_type"] for message in messages] == ["ping"]
    assert removed.status_code == 204
    assert not WebhookMessage.objects.exists()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://example.org/", "not_https"), ("https://127.0.0.1/", "address_not_allowed"),
        ("https://[::1]/", "address_not_allowed"), ("https://a:b@example.org/", "has_password"),
    ],
)  # fmt: skip
def test_webhook_to_an_address_inside_is_refused(caller: Caller, url: str, expected: str) -> None:
    answer = caller.post("webhooks/", {"url": url})

    assert (answer.status_code, code(answer)) == (400, expected)


def test_organisation_has_a_bounded_number_of_webhooks(caller: Caller) -> None:
    answers = [caller.post("webhooks/", {"url": "https://example.org/"}) for _ in range(21)]

    assert [answer.status_code for answer in answers[-2:]] == [201, 409]


# --- files ---------------------------------------------------------------------------------------


def test_csv_is_marked_and_holds_no_formula(session: Session, caller: Caller) -> None:
    evil = {**POLL.to_json(), "text": "=1+1", "options": ["+A", "B"]}
    make_outcome(make_intervention(session, "learned", content=evil), change=-3.5)

    answer = caller.get(f"sessions/{session.pk}/exports/interventions.csv", Accept="text/csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer["Content-Disposition"]
    text = answer.content.decode("utf-8-sig")
    assert "'=1+1,'+A | B," in text
    assert ",-3.5," in text


@pytest.mark.parametrize("table", ["metrics", "anomalies", "interventions", "questions", "votes"])
def test_tables_are_the_same_in_both_forms(session: Session, caller: Caller, table: str) -> None:
    make_metric(session, TICK)
    make_anomaly(session, TICK)
    Question.objects.create(session=session, source=1, seq=1, actor=1, text="Why?", asked_at=NOON)
    row = make_intervention(session, "learned", acted_at=NOON)
    PollVote.objects.create(intervention=row, actor=1, option=1, voted_at=NOON)

    found = caller.get(f"sessions/{session.pk}/exports/{table}.json").json()
    lines = caller.get(f"sessions/{session.pk}/exports/{table}.csv").content.decode("utf-8-sig")

    assert lines.splitlines()[0].split(",") == found["columns"]
    assert len(lines.splitlines()) == len(found["rows"]) + 1
    if table == "votes":
        assert [each["votes"] for each in found["rows"]] == [0, 1, 0]


def test_reader_who_answers_what_she_reads_page_by_page_sees_every_question(
    session: Session, caller: Caller
) -> None:
    Question.objects.bulk_create(
        Question(session=session, source=1, seq=n, actor=1, text=f"Why {n}?", asked_at=NOON)
        for n in range(7)
    )
    seen: list[str] = []
    path: str | None = f"sessions/{session.pk}/questions/?status=open&page_size=2"
    while path:
        page = caller.get(path).json()
        seen += [each["text"] for each in page["results"]]
        ids = [each["id"] for each in page["results"]]
        Question.objects.filter(pk__in=ids).update(status="answered")
        path = page["next"] and page["next"].partition("/api/v1/")[2]

    assert seen == [f"Why {n}?" for n in reversed(range(7))]


# --- who may ---------------------------------------------------------------------------------------

LOOKING = (
    "interventions/{intervention}/", "sessions/{session}/agent/", "sessions/{session}/questions/",
    "sessions/{session}/removed/",
    "sessions/{session}/lift/", "sessions/{session}/exports/votes.csv", "experiments/{experiment}/",
    "webhooks/{webhook}/", "webhooks/{webhook}/messages/",
)  # fmt: skip
ACTING = (
    *(f"interventions/{{intervention}}/{verb}/"
      for verb in ("approve", "dismiss", "hold", "undo", "extend", "retry")),
    *(f"sessions/{{session}}/{verb}/"
      for verb in ("trigger", "stop", "resume", "lock", "unlock", "people/erase", "people/remove")),
    *(f"experiments/{{experiment}}/{verb}/" for verb in ("start", "stop", "winner", "archive")),
    *(f"webhooks/{{webhook}}/{verb}/" for verb in ("rotate", "finish-rotation", "ping")),
)  # fmt: skip


@pytest.fixture
def ids(session: Session) -> dict[str, int]:
    owner = session.event.organisation
    experiment = Experiment.objects.create(
        organisation=owner, name="x", subject="rule", salt="x", created_at=NOON,
        variants=[{"key": "a", "settings": {}}, {"key": "b", "settings": {}}],
    )  # fmt: skip
    hook = Webhook.objects.create(
        organisation=owner, url="https://example.org/", secret="whsec_AAAA", created_at=NOON
    )
    return {
        "session": session.pk, "intervention": make_intervention(session).pk,
        "experiment": experiment.pk, "webhook": hook.pk,
    }  # fmt: skip


@pytest.mark.parametrize("path", [*LOOKING, *ACTING])
def test_strangers_find_nothing_of_ours(ids: dict[str, int], path: str) -> None:
    stranger = Caller(make_organisation("Elsewhere"))
    method = "get" if path in LOOKING else "post"

    answer = stranger.call(method, path.format(**ids), None if method == "get" else {})

    assert answer.status_code == 404
    assert Intervention.objects.get().status == "waiting"


def test_strangers_lists_are_empty(ids: dict[str, int]) -> None:
    stranger = Caller(make_organisation("Elsewhere"))

    for path in ("interventions/", "outcomes/", "experiments/", "webhooks/", "events/"):
        assert stranger.get(path).json()["results"] == []


@pytest.mark.parametrize("path", ACTING)
def test_key_that_may_only_read_does_nothing(ids: dict[str, int], path: str) -> None:
    session = Session.objects.get()
    reading = Caller(session.event.organisation, frozenset({"read"}))

    answer = reading.post(path.format(**ids))

    assert (answer.status_code, code(answer)) == (403, "key_cannot_act")


@pytest.mark.parametrize("path", [*LOOKING, "templates/", "lift/", "outcomes/", "interventions/"])
def test_key_for_signals_sees_nothing(ids: dict[str, int], path: str) -> None:
    session = Session.objects.get()
    sending = Caller(session.event.organisation, frozenset({"signals"}))

    assert code(sending.get(path.format(**ids))) == "key_cannot_read"


def test_person_acts_in_her_own_name(ids: dict[str, int], owner: User, viewer: User) -> None:
    path = f"/api/v1/interventions/{ids['intervention']}/approve/"
    answers = []
    for person in (viewer, owner):
        client = Client()
        client.force_login(person)
        answers.append(client.post(path, "{}", "application/json"))

    assert [answer.status_code for answer in answers] == [403, 200]
    assert answers[1].json()["approved_by"] == "alice"


def test_person_of_several_organisations_says_which(
    owner: User, organisation: Organisation
) -> None:
    other = make_organisation("Second")
    other.memberships.create(user=owner, role="owner")
    client = Client()
    client.force_login(owner)

    answers = [
        client.get("/api/v1/lift/"),
        client.get(f"/api/v1/lift/?organisation={other.pk}"),
        client.get("/api/v1/lift/?organisation=x"),
    ]

    assert [answer.status_code for answer in answers] == [404, 200, 404]
    assert answers[1].json() == {"lift": None, "is_measurable": True}


def test_body_that_is_no_json_is_refused(ids: dict[str, int], organisation: Organisation) -> None:
    client = Client(headers={"Authorization": f"Bearer {Caller(organisation, EVERYTHING).key}"})
    path = f"/api/v1/interventions/{ids['intervention']}/approve/"

    answers = [
        client.post(path, "{", "application/json"),
        client.post(path, "[]", "application/json"),
        client.post(path, "a=b", "application/x-www-form-urlencoded"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 415]
    assert all(json.loads(answer.content)["error"]["code"] for answer in answers)
