"""The read API: what integrations see, page by page, and what strangers do not."""

import base64
import datetime as dt
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from engagement.models import Act, ApiKey, Event, Organisation, Session, SessionStatus
from engagement.organisations.api_keys import make_key
from tests.conftest import NOON
from tests.support.factories import (
    make_anomaly,
    make_event,
    make_metric,
    make_organisation,
    make_session,
)

TICK = int(NOON.timestamp()) // 5
PATHS = ("", "{pk}/", "{pk}/metrics/", "{pk}/anomalies/")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation), room="Main stage", external_id="room-1")


@pytest.fixture
def key(organisation: Organisation) -> str:
    return make_key(organisation, "script")[1]


def get(path: str, key: str | None = None, **headers: str) -> Any:
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    client = Client(headers=headers, raise_request_exception=False)
    return client.get(path if path.startswith(("/", "http")) else f"/api/v1/sessions/{path}")


def error(answer: Any) -> dict[str, Any]:
    """Return the error of an envelope, having looked that it is a whole one."""
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["error"]
    assert body["error"]["request_id"] == answer["X-Request-ID"]
    assert body["error"]["message"].endswith(".")
    return dict(body["error"])


# --- what is shown ---------------------------------------------------------------------------


def test_list_shows_the_sessions_of_the_organisation(session: Session, key: str) -> None:
    answer = get("", key)

    assert answer.status_code == 200
    assert answer.json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": session.pk,
                "event": "Summit 2026",
                "event_id": session.event_id,
                "title": "Designing agents people trust",
                "room": "Main stage",
                "brief": "",
                "language": "en",
                "time_zone": "UTC",
                "status": "live",
                "code": session.code,
                "expected_size": 50,
                "agenda": [],
                "external_id": "room-1",
                "starts_at": None,
                "started_at": "2026-03-03T11:30:00Z",
                "ended_at": None,
                "agent_mode": "manual",
                "asks_word": False,
                "is_demo": False,
                "locked_at": None,
            }
        ],
    }


def test_list_filters_by_status(session: Session, key: str) -> None:
    planned = make_session(session.event, status=SessionStatus.PLANNED)

    answer = get("?status=planned", key)

    assert [each["id"] for each in answer.json()["results"]] == [planned.pk]


@pytest.mark.parametrize("status", ["", "Live", "%7F", "' or 1=1"])
def test_list_refuses_an_unknown_status(session: Session, key: str, status: str) -> None:
    answer = get(f"?status={status}", key)

    assert answer.status_code == 400
    assert error(answer)["code"] == "unknown_status"
    assert error(answer)["field"] == "status"


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_rows(
    organisation: Organisation, key: str, rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for number in range(rows):
        make_session(make_event(organisation, title=f"Event {number}"))
    get("", key)  # notes the key's first use

    with django_assert_num_queries(2):
        answer = get("", key)

    assert len(answer.json()["results"]) == rows


def test_detail_shows_one_session(session: Session, key: str) -> None:
    answer = get(f"{session.pk}/", key)

    assert answer.status_code == 200
    assert answer.json()["title"] == session.title


def test_metrics_show_score_points_facts_and_evidence(session: Session, key: str) -> None:
    make_metric(session, TICK, chat=4, alarm=0.61234)

    [found] = get(f"{session.pk}/metrics/", key).json()["results"]

    assert found["time"] == "2026-03-03T12:00:05Z"
    assert (found["tick"], found["score"], found["low"], found["high"]) == (TICK, 60, 52, 67)
    assert sum(found["points"].values()) == pytest.approx(found["score"])
    assert (found["facts"]["present"], found["facts"]["chat"]) == (40, 4)
    assert found["detector"] == {
        "fast": 0, "slow": 0, "exit": 0, "low": 0, "score": 0.612, "shadow": None,
    }  # fmt: skip


def test_anomalies_show_kind_severity_and_evidence(session: Session, key: str) -> None:
    make_anomaly(session, TICK, detail={"statistic": "fast"})

    [found] = get(f"{session.pk}/anomalies/", key).json()["results"]

    assert (found["kind"], found["severity"], found["score"]) == ("SUDDEN_DROP", "WARNING", 0.72)
    assert found["detail"] == {"statistic": "fast"}
    assert found["resolved_at"] is None


# --- page by page ----------------------------------------------------------------------------


def test_pages_are_followed_by_cursor_newest_first(session: Session, key: str) -> None:
    for tick in range(TICK, TICK + 5):
        make_metric(session, tick)

    seen, page = [], f"/api/v1/sessions/{session.pk}/metrics/?page_size=2"
    while page:
        answer = get(page, key).json()
        seen.append([each["tick"] - TICK for each in answer["results"]])
        page = answer["next"]

    assert seen == [[4, 3], [2, 1], [0]]


def test_pages_stay_whole_while_rows_are_added(session: Session, key: str) -> None:
    for tick in range(TICK, TICK + 4):
        make_metric(session, tick)
    first = get(f"{session.pk}/metrics/?page_size=2", key).json()
    make_metric(session, TICK + 4)

    second = get(first["next"], key).json()

    assert [each["tick"] - TICK for each in second["results"]] == [1, 0]


def test_anomalies_of_one_moment_are_all_paged(session: Session, key: str) -> None:
    made = [
        make_anomaly(session, TICK - number, detected_at=NOON, kind=kind).pk
        for number, kind in enumerate(["SUDDEN_DROP", "MASS_EXIT", "LOW_ENGAGEMENT"])
    ]

    seen, page = [], f"/api/v1/sessions/{session.pk}/anomalies/?page_size=1"
    while page:
        answer = get(page, key).json()
        seen += [each["id"] for each in answer["results"]]
        page = answer["next"]

    assert seen == made[::-1]


@pytest.mark.parametrize(("asked", "given"), [("0", 3), ("-1", 3), ("many", 3), ("2", 2)])
def test_page_size_that_makes_no_sense_is_the_usual_one(
    session: Session, key: str, asked: str, given: int
) -> None:
    for tick in range(3):
        make_metric(session, TICK + tick)

    answer = get(f"{session.pk}/metrics/?page_size={asked}", key)

    assert len(answer.json()["results"]) == given


@pytest.mark.parametrize("path", ["", "{pk}/metrics/", "{pk}/anomalies/"])
def test_filter_that_a_list_does_not_have_is_refused_with_those_it_has(
    session: Session, key: str, path: str
) -> None:
    answer = get(f"{path.format(pk=session.pk)}?stauts=live&page_size=2", key)

    assert (answer.status_code, error(answer)["code"]) == (400, "unknown_filter")
    assert error(answer)["field"] == "stauts"
    assert "This list has these filters: " in error(answer)["message"]


def test_broken_cursor_is_not_found(session: Session, key: str) -> None:
    answer = get(f"{session.pk}/metrics/?cursor=%7F%C3%BF", key)

    assert answer.status_code == 404
    assert error(answer)["category"] == "not_found"


# --- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_nobody_in_particular_is_refused(session: Session, path: str) -> None:
    answer = get(path.format(pk=session.pk))

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert error(answer)["category"] == "authentication"


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key"])
def test_key_is_taken_from_either_header(session: Session, key: str, header: str) -> None:
    value = f"bearer {key}" if header == "Authorization" else key

    answer = get(f"{session.pk}/", **{header: value})

    assert answer.status_code == 200


@pytest.mark.parametrize("sent", ["ec_guessed", "", "ec_\N{SNOWMAN}", "x" * 5000])
def test_unknown_key_is_refused(session: Session, key: str, sent: str) -> None:
    answer = get("", sent.encode().decode("latin-1"))

    assert answer.status_code == 401
    assert error(answer)["code"] == "unknown_key"


def test_revoked_key_is_refused(session: Session, key: str) -> None:
    ApiKey.objects.update(revoked_at=NOON)

    answer = get("", key)

    assert answer.status_code == 401
    assert error(answer)["code"] == "unknown_key"


@pytest.mark.parametrize("path", PATHS)
def test_key_for_signals_may_not_read(
    session: Session, organisation: Organisation, path: str
) -> None:
    _, plain = make_key(organisation, "sender", frozenset({"signals"}))

    answer = get(path.format(pk=session.pk), plain)

    assert answer.status_code == 403
    assert error(answer)["code"] == "key_cannot_read"


def test_key_for_reading_may_read(session: Session, organisation: Organisation) -> None:
    _, plain = make_key(organisation, "reader", frozenset({"read"}))

    assert get("", plain).status_code == 200


def test_use_of_a_key_is_noted_now_and_then(session: Session, key: str) -> None:
    get("", key)
    first = ApiKey.objects.get().last_used_at
    get("", key)

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


def test_use_of_a_key_is_noted_again_later(session: Session, key: str) -> None:
    ApiKey.objects.update(last_used_at=NOON - dt.timedelta(days=900))

    get("", key)

    used = ApiKey.objects.get().last_used_at
    assert used is not None
    assert used > NOON - dt.timedelta(days=900)


def test_person_reads_by_her_login(session: Session, viewer: User) -> None:
    client = Client()
    client.force_login(viewer)

    answer = client.get(f"/api/v1/sessions/{session.pk}/metrics/")

    assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS[1:])
def test_stranger_finds_no_session_of_ours(session: Session, stranger: User, path: str) -> None:
    make_metric(session, TICK)
    make_anomaly(session, TICK)
    theirs = make_key(stranger.memberships.get().organisation, "theirs")[1]  # type: ignore[attr-defined]
    client = Client()
    client.force_login(stranger)
    address = f"/api/v1/sessions/{path.format(pk=session.pk)}"

    answers = [get(address, theirs), client.get(address)]

    for answer in answers:
        assert answer.status_code == 404
        assert session.title not in answer.content.decode()


def test_stranger_lists_her_own_sessions_only(session: Session, stranger: User) -> None:
    elsewhere = stranger.memberships.get().organisation  # type: ignore[attr-defined]
    hers = make_session(make_event(elsewhere), title="Hers")
    theirs = make_key(elsewhere, "theirs")[1]
    client = Client()
    client.force_login(stranger)

    for answer in (get("", theirs), client.get("/api/v1/sessions/")):
        assert [each["id"] for each in answer.json()["results"]] == [hers.pk]


# --- limits ------------------------------------------------------------------------------------


def test_too_many_requests_are_told_when_to_come_back(
    session: Session, key: str, settings: Settings
) -> None:
    settings.API_PER_MINUTE = 2

    answers = [get("", key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    found = error(answers[2])
    assert (found["category"], found["code"]) == ("rate_limit", "too_many_requests")
    assert int(answers[2]["Retry-After"]) == found["retry_after"]
    assert 25 <= found["retry_after"] <= 30


def test_limit_is_per_client_and_endpoint(
    session: Session, organisation: Organisation, key: str, settings: Settings
) -> None:
    settings.API_PER_MINUTE = 1
    other = make_key(organisation, "other")[1]
    get("", key)

    answers = [get("", key), get(f"{session.pk}/", key), get("", other)]

    assert [answer.status_code for answer in answers] == [429, 200, 200]


def test_who_is_nobody_is_a_network_and_a_site_however_many_addresses_she_has(
    client: Client, valkey: Any, settings: Settings
) -> None:
    settings.API_PER_MINUTE = 2

    def asked(addresses: list[str]) -> int:
        answers = [client.get("/api/v1/nothing/", REMOTE_ADDR=each) for each in addresses]
        return [answer.status_code for answer in answers].count(404)

    household = asked([f"2001:db8:1:1::{n:x}" for n in range(1, 5)])
    site = asked([f"2001:db8:2:{n:x}::1" for n in range(20)])

    assert (household, site, asked(["2001:db8:3::1"])) == (2, 16, 1)


def test_nobody_is_refused_for_a_limit_while_valkey_is_away(
    session: Session, key: str, settings: Settings
) -> None:
    settings.API_PER_MINUTE = 1
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }

    answers = [get("", key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/api/v1/", "/api/v1/nothing/", "/api/v2/sessions/", "/api/", "/api/v1/sessions/x/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_unknown_path_is_json(path: str, method: str) -> None:
    answer = getattr(Client(), method)(path)

    assert answer.status_code == 404
    assert error(answer)["category"] == "not_found"


@pytest.mark.parametrize("pk", ["0", "999999", "99999999999999999999999"])
@pytest.mark.parametrize("path", PATHS[1:])
def test_session_that_is_not_there_is_json(key: str, pk: str, path: str) -> None:
    answer = get(path.format(pk=pk), key)

    assert answer.status_code == 404
    assert error(answer)["category"] == "not_found"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(session: Session, key: str, method: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {key}"})

    answer = getattr(client, method)(f"/api/v1/sessions/{session.pk}/metrics/")

    assert answer.status_code == 405
    assert error(answer)["code"] == "method_not_allowed"
    assert "GET" in answer["Allow"]


def test_request_id_of_a_proxy_is_kept(session: Session, key: str) -> None:
    answer = get("", key, **{"X-Request-ID": "proxy-0123456789"})

    assert answer["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize("given", ["short", "x" * 65, "two words here", "evil\tline-break"])
def test_request_id_that_could_forge_a_log_line_is_replaced(given: str) -> None:
    answer = get("/api/v1/nothing/", **{"X-Request-ID": given})

    assert answer["X-Request-ID"] != given
    assert len(error(answer)["request_id"]) == 32


def test_host_we_do_not_serve_gets_the_envelope() -> None:
    answer = get("/api/v1/sessions/", Host="evil.example")

    assert answer.status_code == 400
    assert error(answer)["code"] == "unknown_host"


# --- changing things -----------------------------------------------------------------------------


@pytest.fixture
def acting(organisation: Organisation) -> str:
    return make_key(organisation, "console", frozenset({"read", "act"}))[1]


def send(method: str, path: str, key: str, data: Any = None) -> Any:
    client = Client(headers={"Authorization": f"Bearer {key}"}, raise_request_exception=False)
    call = getattr(client, method)
    return call(
        f"/api/v1/{path}", data={} if data is None else data, content_type="application/json"
    )


def test_event_lets_a_model_read_from_the_moment_it_is_switched_on(
    organisation: Organisation, acting: str
) -> None:
    made = send("post", "events/", acting, {"title": "Summit"}).json()
    path = f"events/{made['id']}/"

    on = send("patch", path, acting, {"model_reads_audience": True}).json()
    since = Event.objects.get().model_reads_since
    again = send("patch", path, acting, {"model_reads_audience": True, "title": "Summit 2"}).json()

    assert (made["model_reads_audience"], on["model_reads_audience"]) == (False, True)
    assert since is not None
    assert (again["title"], Event.objects.get().model_reads_since) == ("Summit 2", since)
    off = send("patch", path, acting, {"model_reads_audience": False}).json()
    assert (off["model_reads_audience"], Event.objects.get().model_reads_since) == (False, None)
    acts = Act.objects.values_list("detail", flat=True).order_by("pk")
    assert list(acts) == [
        "Summit: made", "Summit: model_reads_audience", "Summit 2: title",
        "Summit 2: model_reads_audience",
    ]  # fmt: skip
    read = send("post", "events/", acting, {"title": "Open", "model_reads_audience": True}).json()
    assert read["model_reads_audience"] is True


def test_session_is_made_changed_started_and_ended(organisation: Organisation, acting: str) -> None:
    event = send("post", "events/", acting, {"title": "Summit"}).json()
    made = send("post", "sessions/", acting, {"event_id": event["id"], "title": "Keynote"})
    path = f"sessions/{made.json()['id']}/"

    changed = send("patch", path, acting, {"agenda": [{"title": "Talk", "minutes": 30}]})
    started = send("post", f"{path}start/", acting)
    ended = send("post", f"{path}end/", acting)
    again = send("post", f"{path}end/", acting)

    assert made.status_code == 201
    assert (made.json()["status"], made.json()["event"]) == ("planned", "Summit")
    assert changed.json()["agenda"] == [{"title": "Talk", "minutes": 30}]
    assert [each.json()["status"] for each in (started, ended)] == ["live", "ended"]
    assert again.status_code == 409
    assert error(again)["code"] == "session_not_live"


def test_external_id_of_another_session_is_refused(session: Session, acting: str) -> None:
    answer = send(
        "post", "sessions/", acting,
        {"event_id": session.event_id, "title": "Copy", "external_id": "room-1"},
    )  # fmt: skip

    assert answer.status_code == 409
    assert (error(answer)["code"], error(answer)["field"]) == ("external_id_taken", "external_id")


def test_external_id_of_another_organisation_is_as_free_as_any(
    session: Session, acting: str
) -> None:
    make_session(make_event(make_organisation("others")), external_id="theirs")
    answers = [
        send("post", "sessions/", acting,
             {"event_id": session.event_id, "title": "Copy", "external_id": name})
        for name in ("theirs", "nobodys")
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [201, 201]
    assert set(answers[0].json()) == set(answers[1].json())


@pytest.mark.parametrize(
    "data",
    [
        {"agenda": [{"title": "x" * 81, "minutes": 3}]}, {"agenda": [{"minutes": 3}]},
        {"agenda": [{"title": "a\x00b", "minutes": 3}]}, {"agenda": {}}, {"time_zone": "Mars/Base"},
        {"title": ""}, {"title": "a\ud800b"}, {"expected_size": 0}, {"starts_at": "tomorrow"},
        {"title": "Pay \u202eyliad"}, {"room": "\u202dA"}, {"brief": "One\n\u202eowt"},
        {"agenda": [{"title": "\u202eksA", "minutes": 3}]},
        {"time_zone": "localtime"}, {"time_zone": "Factory"}, {"time_zone": "EST5EDT"},
    ],
)  # fmt: skip
def test_session_that_makes_no_sense_is_refused(session: Session, acting: str, data: Any) -> None:
    answer = send("patch", f"sessions/{session.pk}/", acting, json.dumps(data))

    assert answer.status_code == 400


def test_writing_from_right_to_left_is_kept_as_it_is(session: Session, acting: str) -> None:
    title = "\u2067שלום\u2069 – مرحبا\u200f"

    answer = send(
        "patch", f"sessions/{session.pk}/", acting, {"title": title, "time_zone": "Asia/Gaza"}
    )

    assert (answer.status_code, answer.json()["title"]) == (200, title)


def test_event_whose_title_turns_the_writing_around_is_refused(acting: str) -> None:
    answer = send("post", "events/", acting, {"title": "Pay \u202eyliad"})

    assert (answer.status_code, error(answer)["field"]) == (400, "title")


def test_anomaly_is_acknowledged_once(session: Session, acting: str) -> None:
    anomaly = make_anomaly(session, TICK)

    first, second = (send("post", f"anomalies/{anomaly.pk}/acknowledge/", acting) for _ in "12")

    assert first.json()["acknowledged_at"] is not None
    assert first.json() == second.json()


CHANGES = (
    ("post", "events/", {"title": "x"}),
    ("patch", "events/{event}/", {"title": "x"}),
    ("post", "sessions/", {"event_id": "{event}", "title": "x"}),
    ("patch", "sessions/{pk}/", {"title": "x"}),
    ("post", "sessions/{pk}/start/", {}),
    ("post", "sessions/{pk}/end/", {}),
    ("post", "anomalies/{anomaly}/acknowledge/", {}),
)


@pytest.mark.parametrize(("method", "path", "data"), CHANGES)
def test_key_that_may_only_read_changes_nothing(
    session: Session, key: str, method: str, path: str, data: dict[str, Any]
) -> None:
    anomaly = make_anomaly(session, TICK)
    filled = {
        name: session.event_id if value == "{event}" else value for name, value in data.items()
    }

    answer = send(
        method, path.format(pk=session.pk, anomaly=anomaly.pk, event=session.event_id), key, filled
    )

    assert answer.status_code == 403
    assert error(answer)["code"] == "key_cannot_act"


@pytest.mark.parametrize(("method", "path", "data"), CHANGES[1:])
def test_what_is_somebody_elses_is_not_there_to_be_changed(
    session: Session, stranger: User, method: str, path: str, data: dict[str, Any]
) -> None:
    anomaly = make_anomaly(session, TICK)
    elsewhere = stranger.memberships.get().organisation  # type: ignore[attr-defined]
    theirs = make_key(elsewhere, "theirs", frozenset({"read", "act"}))[1]
    filled = {
        name: session.event_id if value == "{event}" else value for name, value in data.items()
    }

    answer = send(
        method,
        path.format(pk=session.pk, anomaly=anomaly.pk, event=session.event_id),
        theirs,
        filled,
    )

    assert answer.status_code == 404


def test_viewer_may_not_change_anything(session: Session, viewer: User) -> None:
    client = Client()
    client.force_login(viewer)

    answer = client.post(f"/api/v1/sessions/{session.pk}/end/")

    assert answer.status_code == 403
    assert error(answer)["code"] == "viewer_cannot_act"


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("anomalies/?kind=SUDDEN_DROP", 2), ("anomalies/?kind=MASS_EXIT", 0),
        ("anomalies/?is_open=true", 1), ("anomalies/?severity=WARNING&is_open=false", 1),
        ("metrics/?since=2026-03-03T12:00:10Z", 2), ("metrics/?until=2026-03-03T12:00:10Z", 1),
    ],
)  # fmt: skip
def test_lists_of_a_session_are_filtered(session: Session, key: str, path: str, count: int) -> None:
    make_anomaly(session, TICK)
    make_anomaly(session, TICK + 1, resolved_at=NOON)
    for tick in range(TICK, TICK + 3):
        make_metric(session, tick)

    assert len(get(f"{session.pk}/{path}", key).json()["results"]) == count


@pytest.mark.parametrize("query", ["kind=BOREDOM", "since=yesterday", "is_open=perhaps"])
def test_filter_that_makes_no_sense_is_refused(session: Session, key: str, query: str) -> None:
    assert get(f"{session.pk}/anomalies/?{query}", key).status_code == 400


@pytest.mark.parametrize(
    "position",
    [
        "never", "0001-01-01T00:00:00+23:59", "0001-01-01", "9999-12-31T23:59:59-23:59", "infinity",
        "2026-11-30 10:00:00+99:00", "2026-13-45T00:00:00Z", "9" * 5000, "NaN", "-1e400",
    ],
)  # fmt: skip
@pytest.mark.parametrize("table", ["metrics", "anomalies"])
def test_made_up_cursor_is_not_found(session: Session, key: str, table: str, position: str) -> None:
    cursor = quote(base64.b64encode(urlencode({"p": position}).encode()))

    answer = get(f"{session.pk}/{table}/?cursor={cursor}", key)

    assert answer.status_code == 404
