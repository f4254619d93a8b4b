"""The admin: every model that is registered, with 1 and with 3 rows, by staff and by others."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.admin.base import BoundedPaginator
from engagement.limits.isolated_rows import Stuck
from engagement.models import (
    Anomaly,
    ApiKey,
    Attendee,
    DetectorProfile,
    Event,
    MetricRecord,
    Organisation,
    ScoringProfile,
    Session,
    SignalRecord,
    StreamOffset,
    StuckRow,
)
from engagement.organisations.api_keys import make_key
from tests.conftest import NOON
from tests.support.factories import (
    make_anomaly,
    make_event,
    make_metric,
    make_organisation,
    make_session,
    make_signal,
    make_user,
)

TICK = 1772539200 // 5

# Django's own admin templates use variables that are not always there.
pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def make_room(number: int) -> Session:
    return make_session(make_event(make_organisation(f"Organisation {number}")))


def make_profile(number: int) -> None:
    ScoringProfile.objects.create(name="Workshop", version=100 + number)


def make_detector_profile(number: int) -> None:
    DetectorProfile.objects.create(version=100 + number, created_at=NOON)


def make_offset(number: int) -> None:
    StreamOffset.objects.create(shard=number, tick=TICK)


def make_attendee(number: int) -> None:
    event = make_event(make_organisation(f"Organisation {number}"))
    Attendee.objects.create(event=event, actor=number, name="Ada")


def make_stuck(number: int) -> StuckRow:
    Stuck("deliver", NOON).put_off(number, ValueError())
    return StuckRow.objects.get(row=number)


MAKERS: dict[type[Any], Callable[[int], object]] = {
    Organisation: lambda number: make_organisation(f"Organisation {number}"),
    Event: lambda number: make_event(make_organisation(f"Organisation {number}")),
    Session: make_room,
    Anomaly: lambda number: make_anomaly(make_room(number), TICK, acknowledged_by=staff(number)),
    ScoringProfile: make_profile,
    DetectorProfile: make_detector_profile,
    ApiKey: lambda number: make_key(make_organisation(f"Organisation {number}"), "script"),
    Attendee: make_attendee,
    StreamOffset: make_offset,
    StuckRow: make_stuck,
    MetricRecord: lambda number: make_metric(make_room(number), TICK),
    SignalRecord: lambda number: make_signal(make_room(number), TICK),
}
OURS = [model for model in admin.site._registry if model._meta.app_label == "engagement"]
READ_ONLY = [Anomaly, Attendee, DetectorProfile, StreamOffset, StuckRow, MetricRecord, SignalRecord]


def staff(number: int) -> User:
    return make_user(f"staff{number}")


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def page(model: type[Any], rest: str = "") -> str:
    return f"/admin/engagement/{model._meta.model_name}/{rest}"


def test_every_model_that_can_be_is_registered() -> None:
    assert set(OURS) == set(MAKERS)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("model", OURS)
def test_list_shows_rows(root: Client, model: type[Any], rows: int) -> None:
    for number in range(rows):
        MAKERS[model](number)

    answer = root.get(page(model))

    shown = answer.context["cl"].result_list
    assert (answer.status_code, len(shown)) == (200, model.objects.count())


@pytest.mark.parametrize("model", OURS)
def test_list_takes_the_same_queries_for_any_number_of_rows(root: Client, model: type[Any]) -> None:
    counts = []
    for rows in (1, 3):
        while model.objects.count() < rows + (model is ScoringProfile):
            MAKERS[model](model.objects.count())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            root.get(page(model))
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("model", OURS)
def test_search_finds_and_does_not_find(root: Client, model: type[Any]) -> None:
    options = admin.site._registry[model]
    MAKERS[model](0)
    found = root.get(page(model, "?q=nothing-is-called-this"))

    expected = 0 if options.search_fields else model.objects.count()
    assert len(found.context["cl"].result_list) == expected


@pytest.mark.parametrize(
    "query", ["\0", "' or 1=1 --", "<script>alert(1)</script>", "%", "ü" * 500]
)
@pytest.mark.parametrize("model", [Session, SignalRecord])
def test_search_takes_any_text(root: Client, model: type[Any], query: str) -> None:
    MAKERS[model](0)

    answer = root.get(page(model), {"q": query})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("model", OURS)
def test_every_filter_narrows_the_list(root: Client, model: type[Any]) -> None:
    MAKERS[model](0)
    MAKERS[model](1)
    changelist = root.get(page(model)).context["cl"]

    for spec in changelist.filter_specs:
        for choice in spec.choices(changelist):
            answer = root.get(page(model, choice["query_string"]), follow=True)
            assert (answer.status_code, answer.redirect_chain) == (200, []), choice


@pytest.mark.parametrize("model", OURS)
def test_row_opens(root: Client, model: type[Any]) -> None:
    MAKERS[model](0)
    row = model.objects.order_by("-pk")[0]

    answer = root.get(page(model, f"{quote(str(row.pk))}/change/"), follow=True)

    assert (answer.status_code, answer.redirect_chain) == (200, [])
    editable = bool(re.search(r'name="_save"', answer.content.decode()))
    assert editable == (model not in READ_ONLY)


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_was_heard_is_not_changed_here(root: Client, model: type[Any]) -> None:
    MAKERS[model](0)
    pk = quote(str(model.objects.get().pk))

    answers = [root.get(page(model, "add/")), root.post(page(model, f"{pk}/change/"), {})]
    answers.append(root.post(page(model, f"{pk}/delete/"), {"post": "yes"}))

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert model.objects.count() == 1


@pytest.mark.parametrize("model", [Organisation, Event, ScoringProfile, Session])
def test_form_for_a_new_row_opens(root: Client, model: type[Any]) -> None:
    assert root.get(page(model, "add/")).status_code == 200


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", *map(page, OURS)])
def test_page_keeps_to_the_content_security_policy(root: Client, path: str) -> None:
    for number, maker in enumerate(MAKERS.values(), start=1):
        maker(number)
    client = Client() if path.endswith("login/") else root

    answer = client.get(path)

    text = answer.content.decode()
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"<[^>]+\s(?:style|on\w+)=", text) == []


@pytest.mark.parametrize("model", OURS)
def test_others_are_sent_to_the_login(owner: User, model: type[Any]) -> None:
    client = Client()
    client.force_login(owner)

    for visitor in (client, Client()):
        answer = visitor.get(page(model))
        assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={page(model)}")


# --- keys --------------------------------------------------------------------------------------


def test_key_is_revoked_and_never_shown(root: Client, organisation: Organisation) -> None:
    row, plain = make_key(organisation, "script")

    listed = root.get(page(ApiKey)).content.decode()
    answer = root.post(page(ApiKey), {"action": "revoke", "_selected_action": [row.pk]})

    row.refresh_from_db()
    assert answer.status_code == 302
    assert row.revoked_at is not None
    assert plain not in listed
    assert row.digest not in listed


def test_key_revoked_before_keeps_its_moment(root: Client, organisation: Organisation) -> None:
    row, _ = make_key(organisation, "script")
    for _ in range(2):
        root.post(page(ApiKey), {"action": "revoke", "_selected_action": [row.pk]})
        before, row = row, ApiKey.objects.get()

    assert before.revoked_at == row.revoked_at


def test_key_is_not_made_here(root: Client) -> None:
    assert root.get(page(ApiKey, "add/")).status_code == 403


# --- profiles ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameters", ['{"weights": {"chat": -5}}', '{"nonsense": 1}', "[1]", '"x"']
)
def test_profile_that_cannot_be_meant_is_refused(root: Client, parameters: str) -> None:
    before = ScoringProfile.objects.count()

    answer = root.post(
        page(ScoringProfile, "add/"), {"name": "Odd", "version": 9, "parameters": parameters}
    )

    assert answer.status_code == 200
    assert "parameters" in answer.context["adminform"].form.errors
    assert ScoringProfile.objects.count() == before


def test_profile_of_defaults_is_taken(root: Client) -> None:
    answer = root.post(
        page(ScoringProfile, "add/"), {"name": "Plain", "version": 9, "parameters": "{}"}
    )

    assert answer.status_code == 302
    assert ScoringProfile.objects.get(version=9).parameters == {}


# --- records -----------------------------------------------------------------------------------


class Ten(BoundedPaginator):
    most_counted = 10


def test_record_list_never_counts_to_the_end() -> None:
    session = make_room(0)
    for seq in range(12):
        make_signal(session, TICK, seq)

    paginator = Ten(SignalRecord.objects.order_by("-received_at"), 4)

    assert (paginator.count, paginator.num_pages) == (10, 3)
    assert admin.site._registry[SignalRecord].paginator is BoundedPaginator


def test_metric_without_a_score_shows_a_dash(root: Client) -> None:
    make_metric(make_room(0), TICK, score=None, low=None, high=None)

    assert '<td class="field-shown_score">–</td>' in root.get(page(MetricRecord)).content.decode()


def test_words_of_the_audience_are_text(root: Client) -> None:
    make_signal(make_room(0), TICK, text="<img src=x onerror=alert(1)>")

    assert "<img src=x" not in root.get(page(SignalRecord)).content.decode()


def test_event_with_a_live_session_is_not_deleted(root: Client, organisation: Organisation) -> None:
    session = make_session(make_event(organisation))
    make_signal(session, 1)
    address = f"/admin/engagement/event/{session.event_id}/delete/"

    asked = root.get(address)
    told = root.post(address, {"post": "yes"})

    session.refresh_from_db()
    assert "Cannot delete event" in asked.content.decode()
    assert told.status_code == 403
    assert (session.status, Event.objects.count()) == ("live", 1)


def test_staff_switch_on_that_a_model_reads(root: Client, organisation: Organisation) -> None:
    event = make_event(organisation)
    fields = {"organisation": organisation.pk, "title": "A", "language": "en", "time_zone": "UTC"}
    fields["allowed_origins"] = "[]"

    path = page(Event, f"{event.pk}/change/")
    answer = root.post(path, {**fields, "model_reads_audience": "on"})

    event.refresh_from_db()
    assert (answer.status_code, event.model_reads_audience) == (302, True)


def test_external_id_that_is_taken_is_told_beside_its_field(root: Client) -> None:
    event = make_event(make_organisation("here"))
    make_session(event, external_id="room-1")
    theirs = make_session(make_event(make_organisation("there")), external_id="room-2")
    session = make_session(event)
    url = page(Session, f"{session.pk}/change/")
    form = root.get(url).context["adminform"].form
    data = {
        name: form.initial.get(name) or ""
        for name in form.fields
        if name not in ("starts_at", "agenda")
    } | {"agenda": "[]", "starts_at_0": "", "starts_at_1": ""}

    taken = root.post(url, {**data, "external_id": "room-1"})
    free = root.post(url, {**data, "external_id": theirs.external_id})

    assert "external_id" in taken.context["adminform"].form.errors
    assert free.status_code == 302
