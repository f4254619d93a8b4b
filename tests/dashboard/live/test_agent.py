import datetime as dt

import pytest
from django.urls import reverse

from engagement.vocabulary.modes import Mode
from engagement.vocabulary.signal_kinds import AnomalyKind
from interventions.models import AgentSettings, Intervention
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.dashboard.agent_rooms import (
    WORDS,
    ask_model,
    decision,
    deliver,
    make,
    past,
    story,
    vote,
)
from tests.dashboard.rooms import address, fill, make_anomaly
from tests.support.factories import make_event, make_session, make_user

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)
ACTIONS = (
    "approve", "send-edited", "edit", "save", "cancel", "dismiss", "reason", "hold", "undo", "extend",
    "retry",
)  # fmt: skip
HTMX = {"HX-Request": "true"}
EDITED = {
    "text": "Shall we go slower here?",
    "option": ["Yes", "", "No, faster"],
    "seconds": "45",
}


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def session(organisation):
    session = make_session(make_event(organisation), room="Main stage")
    fill(session, "drop", NOON)
    return session


@pytest.fixture
def colleague(organisation):
    jon = make_user("jon")
    organisation.memberships.create(user=jon, role="organizer")
    return jon


def act(client, row, action, **data):
    url = reverse("suggestion-act", args=[row.session_id, row.pk, action])
    return client.post(url, data, headers=HTMX)


def card(client, session):
    return client.get(reverse("session-part", args=[session.pk, "suggest"])).content.decode()


@pytest.mark.parametrize("status", Status)
def test_pages_show_a_suggestion_in_every_status_to_organizers_and_viewers(
    client, owner, viewer, session, status
):
    row = make(session, NOON, status.value, approved_by=owner, approved_at=NOON)
    deliver(row, NOON, status="failed", reached=None, sent_at=None, error="no_web")
    ask_model(row, row.created_at + SECOND)
    story(session, NOON, owner)

    for user in (owner, viewer):
        client.force_login(user)
        for page in ("live", "suggest", "outcomes", "feed", "series", "mode"):
            assert client.get(address(session, page)).status_code == 200
        assert client.get(reverse("decision", args=[session.pk, row.pk])).status_code == 200


def test_stranger_finds_no_decision_and_no_suggestion(client, stranger, session):
    row = make(session, NOON)
    client.force_login(stranger)

    for name, args in (
        ("decision", [row.pk]), ("session-part", ["outcomes"]), ("session-agent", []),
    ):  # fmt: skip
        answer = client.get(reverse(name, args=[session.pk, *args]))
        assert (answer.status_code, WORDS["text"].encode() in answer.content) == (404, False)


@pytest.mark.parametrize("action", ACTIONS)
def test_stranger_and_viewer_decide_nothing(client, stranger, viewer, session, action):
    row = make(session, NOON)

    client.force_login(stranger)
    assert act(client, row, action).status_code == 404
    client.force_login(viewer)
    assert act(client, row, action).status_code == 403

    row.refresh_from_db()
    assert (row.status, row.version, row.editor) == ("waiting", 5, None)


@pytest.mark.parametrize("name", ["session-stop", "session-resume", "suggestion-ask"])
def test_stranger_and_viewer_neither_ask_nor_stop(client, stranger, viewer, session, name):
    url = reverse(name, args=[session.pk])

    client.force_login(stranger)
    assert client.post(url).status_code == 404
    client.force_login(viewer)
    assert client.post(url).status_code == 403
    assert client.get(reverse("session-agent", args=[session.pk])).status_code == 403

    assert not Intervention.objects.exists()
    assert not AgentSettings.objects.exists()


def test_suggestion_of_another_session_is_not_decided_here(client, owner, organisation, session):
    elsewhere = make_session(make_event(organisation))
    row = make(elsewhere, NOON)
    client.force_login(owner)

    url = reverse("suggestion-act", args=[session.pk, row.pk, "approve"])

    assert client.post(url).status_code == 404
    assert client.get(reverse("decision", args=[session.pk, row.pk])).status_code == 404


def test_viewer_sees_the_words_and_no_buttons(client, viewer, session):
    make(session, NOON)
    client.force_login(viewer)

    html = card(client, session)

    assert WORDS["text"] in html
    assert "<form" not in html


def test_card_shows_the_exact_words_why_and_the_odds(client, owner, session):
    make(session, NOON)
    client.force_login(owner)

    html = card(client, session)

    assert "Poll, as 244 people will see it" in html
    assert [option in html for option in WORDS["options"]] == [True] * 3
    assert "The score is 41, 21 below its usual. Left alone, it likely moves by +4." in html
    assert "+8 to +17 points" in html
    assert "Below your 75 % line, so it waits for you." in html
    assert "Sonnet 4.5" in html
    assert html.count("btn pri") == 1


@pytest.mark.parametrize(
    ("measured", "confidence", "look", "says"),
    [
        (0, 0.41, "sec", "No experience here yet"),
        (0, 0.93, "sec", "No experience here yet"),
        (1, 0.93, "sec", "Measured once here: too little to say"),
        (4, 0.93, "sec", "Measured 4 times here: too little to say"),
        (5, 0.49, "sec", "Probably not worth the interruption, by what was measured here (5"),
        (5, 0.50, "pri", "Likely effect"),
    ],
)
def test_approving_is_asked_for_loudly_only_where_it_was_seen_to_help(
    client, owner, session, measured, confidence, look, says
):
    made = decision(confidence=confidence, deliveries={"POLL": measured}, reasons=[])
    row = make(session, NOON, decision=made)
    client.force_login(owner)

    html = card(client, session)
    sheet = client.get(reverse("decision", args=[session.pk, row.pk])).content.decode()

    approve = html.split('id="act-approve"')[1].split("</form>")[0]
    assert f'class="btn {look}"' in approve
    assert says in html
    percent, is_known = f"{int(confidence * 100)} %", measured >= 5
    assert (percent in html, percent in sheet) == (is_known, is_known)
    assert ("to +17 points" in html, "+8.1 to +17.2" in sheet) == (is_known, is_known)


def test_approved_can_be_undone_and_is_said_to_be_unseen(client, owner, session):
    row = make(session, NOON)
    client.force_login(owner)

    html = act(client, row, "approve", version=5).content.decode()
    assert "The poll goes out in 5 s" in html
    assert "Nobody has seen it yet." in html
    html = act(client, row, "undo").content.decode()

    row.refresh_from_db()
    assert row.status == "waiting"
    assert "act-approve" in html


def test_second_click_is_the_same_approval(client, owner, session):
    row = make(session, NOON)
    client.force_login(owner)

    answers = [act(client, row, "approve", version=5).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert row.transitions.filter(after="approved").count() == 1


def test_second_organizer_is_told_kindly_who_was_faster(client, owner, colleague, session):
    owner.first_name, owner.last_name = "Mara", "Reyes"
    owner.save()
    row = make(session, NOON)
    client.force_login(owner)
    act(client, row, "approve", version=5)
    client.force_login(colleague)

    answer = act(client, row, "dismiss", version=5)

    row.refresh_from_db()
    html = answer.content.decode()
    assert (answer.status_code, row.status) == (409, "approved")
    assert "Mara Reyes approved this already." in html
    assert "Mara Reyes approved this 0 s ago" in html


def test_expired_suggestion_is_not_approved(client, owner, session, time_machine):
    row = make(session, NOON)
    client.force_login(owner)
    time_machine.move_to(NOON + 72 * SECOND, tick=False)

    answer = act(client, row, "approve", version=5)

    row.refresh_from_db()
    assert (answer.status_code, row.status) == (409, "waiting")
    assert "Nothing was sent." in answer.content.decode()


def test_edited_words_are_what_is_sent_and_the_original_is_kept(client, owner, session):
    row = make(session, NOON)
    client.force_login(owner)

    assert 'data-face="editing"' in act(client, row, "edit").content.decode()
    act(client, row, "send-edited", version=5, **EDITED)

    row.refresh_from_db()
    assert row.status == "approved"
    assert (row.content["text"], row.content["options"]) == (
        "Shall we go slower here?",
        ["Yes", "No, faster"],
    )
    assert (row.content["seconds"], row.original) == (45, WORDS)


def test_words_that_cannot_be_sent_come_back_as_typed(client, owner, session):
    row = make(session, NOON)
    client.force_login(owner)
    act(client, row, "edit")

    answer = act(
        client, row, "send-edited", version=5, **{**EDITED, "text": "See https://x.example"}
    )

    row.refresh_from_db()
    html = answer.content.decode()
    assert (answer.status_code, row.status, row.content) == (400, "waiting", WORDS)
    assert "See https://x.example" in html
    assert "It looks like a link." in html
    assert "Send anyway" in html

    act(
        client, row, "send-edited", version=5, accepted="link ",
        **{**EDITED, "text": "See https://x.example"},
    )  # fmt: skip

    row.refresh_from_db()
    assert (row.status, row.content["text"]) == ("approved", "See https://x.example")
    page = client.get(reverse("decision", args=[session.pk, row.pk])).content.decode()
    assert "against a warning: It looks like a link." in page


def test_saved_words_wait_and_cancelled_ones_are_gone(client, owner, session):
    row = make(session, NOON)
    client.force_login(owner)

    act(client, row, "edit")
    act(client, row, "save", **EDITED)
    act(client, row, "edit")
    html = act(client, row, "cancel").content.decode()

    row.refresh_from_db()
    assert (row.status, row.content["text"]) == ("waiting", "Shall we go slower here?")
    assert "Edited" in html


def test_right_answer_stays_right_when_an_empty_one_is_left_out(client, owner, session):
    quiz = {**WORDS, "kind": "QUIZ", "correct": 0, "text": "Which part decides?"}
    row = make(session, NOON, kind="QUIZ", content=quiz, decision=decision("QUIZ"))
    client.force_login(owner)
    act(client, row, "edit")

    act(client, row, "save", text="Which part decides?", option=["", "The gate", "The score"],
        correct="2", seconds="45")  # fmt: skip

    row.refresh_from_db()
    assert (row.content["options"], row.content["correct"]) == (["The gate", "The score"], 1)


def test_colleague_sees_who_is_editing_and_cannot_approve_from_there(
    client, owner, colleague, session
):
    row = make(session, NOON)
    client.force_login(owner)
    act(client, row, "edit")
    client.force_login(colleague)

    html = card(client, session)

    assert "alice is editing these words." in html
    assert "act-approve" not in html
    assert act(client, row, "edit").status_code == 409


def test_countdown_is_held_and_the_minute_is_added(client, owner, session):
    row = make(session, NOON, "countdown")
    client.force_login(owner)

    html = card(client, session)
    assert "Sending by itself" in html
    assert html.index("Hold") < html.index("Send now")
    act(client, row, "hold")
    row.refresh_from_db()
    before = row.expires_at
    act(client, row, "extend")

    row.refresh_from_db()
    assert (row.status, row.expires_at - before) == ("waiting", 60 * SECOND)


def test_leaving_auto_cancels_a_countdown_and_the_feed_says_so(client, owner, session):
    row = make(session, NOON, "countdown")
    client.force_login(owner)

    client.post(reverse("session-mode", args=[session.pk]), {"mode": "manual"})

    row.refresh_from_db()
    session.refresh_from_db()
    assert (row.status, session.agent_mode) == ("waiting", Mode.MANUAL)
    assert "Held" in card(client, session)


def test_dismissal_takes_a_reason_afterwards(client, owner, session):
    row = make(session, NOON)
    client.force_login(owner)

    html = act(client, row, "dismiss", version=5).content.decode()
    assert "Wrong kind" in html
    html = act(client, row, "reason", reason="wrong_kind").content.decode()

    row.refresh_from_db()
    assert (row.status, row.dismiss_reason) == ("dismissed", "wrong_kind")
    assert "Noted: Wrong kind." in html


@pytest.mark.parametrize("later", [1, 9, 25, 240])
def test_reason_may_be_given_until_it_is_given_or_something_new_is_suggested(
    client, owner, viewer, session, time_machine, later
):
    row = make(session, NOON, "dismissed")
    # The limits held something back since: that is no new suggestion.
    make(session, NOON + SECOND, "held_back", created_at=NOON + SECOND)
    time_machine.move_to(NOON + later * SECOND, tick=False)
    client.force_login(viewer)
    to_viewer = card(client, session)
    client.force_login(owner)
    before = card(client, session)
    act(client, row, "reason", reason="not_now")
    given = card(client, session)
    Intervention.objects.update(dismiss_reason="")
    make(session, NOON + later * SECOND)

    assert before.count('id="act-reason"') == 1
    for html in (to_viewer, given, card(client, session)):
        assert "act-reason" not in html


def test_panic_stop_ends_what_waits_and_resume_takes_it_back(client, owner, session):
    row = make(session, NOON)
    client.force_login(owner)

    html = client.post(reverse("session-stop", args=[session.pk]), headers=HTMX).content.decode()
    row.refresh_from_db()
    assert row.status == "stopped"
    assert "Resume" in html
    assert "The agent is stopped" in card(client, session) or "Stopped" in card(client, session)
    client.post(reverse("session-resume", args=[session.pk]))

    assert AgentSettings.objects.get(session=session).stopped_at is None


def test_asking_twice_with_the_same_key_is_one_request(client, owner, session):
    url = reverse("suggestion-ask", args=[session.pk])
    client.force_login(owner)

    for _ in range(2):
        client.post(url, {"kind": "POLL", "request_key": "once"}, headers=HTMX)

    row = Intervention.objects.get()
    assert (row.asked_by, row.kind, row.requester) == ("organizer", "POLL", owner)


def test_asking_while_one_waits_is_refused_or_held_back(client, owner, session):
    make(session, NOON)
    client.force_login(owner)

    client.post(reverse("suggestion-ask", args=[session.pk]), {"request_key": "x"}, headers=HTMX)

    assert Intervention.objects.filter(status="waiting").count() == 1


def test_silence_says_why(client, owner, session):
    held = [{"code": "gap", "kind": "", "until": (NOON + 180 * SECOND).isoformat(),
             "params": {"seconds": 300}}]  # fmt: skip
    make(session, NOON - 5 * SECOND, "held_back", kind="", content=None, refused_by=held)
    client.force_login(owner)

    html = card(client, session)

    assert "Held back: the last one was less than 5 min ago. Possible again at 12:03." in html


def test_card_trusts_no_numbers_that_a_script_may_have_made(client, owner, organisation):
    session = make_session(make_event(organisation))
    fill(session, "calm", NOON)
    reasons = {"code": "scripted", "params": {"people": 60, "phase": "Architecture"}}
    make_anomaly(session, NOON, AnomalyKind.SCRIPTED, headline=reasons)
    client.force_login(owner)

    html = card(client, session)

    assert "The numbers may not be people" in html
    assert "The room is with you" not in html


def test_measuring_shows_votes_and_the_score_since(client, owner, session):
    row = make(session, NOON, "delivered", approved_by=owner, approved_at=NOON - 56 * SECOND)
    deliver(row, NOON)
    vote(row, (20, 64, 28), NOON)
    client.force_login(owner)

    html = card(client, session)

    assert "<b>112 of 244</b> have answered." in html
    assert "57 %" in html
    assert "0:56 of 5:00 measured" in html


def test_answers_of_people_who_left_are_not_a_part_of_those_who_are_here(client, owner, session):
    row = make(session, NOON, "delivered")
    deliver(row, NOON)
    vote(row, (200, 64, 28), NOON)
    client.force_login(owner)

    html = card(client, session)

    assert "<b>292</b> people have answered; <b>244</b> here now." in html


def test_poll_with_more_answers_than_people_says_so(client, owner, session):
    row = make(session, NOON, "delivered", acted_at=NOON - 60 * SECOND, closes_at=NOON + 5 * SECOND)
    client.force_login(owner)
    vote(row, (100, 20, 4), NOON - 40 * SECOND)

    honest = card(client, session)
    row.votes.all().delete()
    vote(row, (5_000, 0, 0), NOON - 40 * SECOND)
    told = card(client, session)

    assert "looks like a script" not in honest
    assert "more people answered than were there. This looks like a script." in told


def test_failure_says_what_happened_its_effect_and_the_next_step(client, owner, session):
    row = make(session, NOON, "failed", approved_by=owner, approved_at=NOON)
    deliver(row, NOON, status="failed", reached=None, sent_at=None, error="no_web")
    client.force_login(owner)

    html = card(client, session)
    assert "No server with attendees was listening. Nobody has seen it" in html
    act(client, row, "retry")

    assert Intervention.objects.get(status="waiting").content == WORDS


def test_did_it_work_compares_with_leaving_alone(client, owner, session):
    past(session, NOON - 400 * SECOND, approved_by=owner)
    client.force_login(owner)

    html = client.get(reverse("session-part", args=[session.pk, "outcomes"])).content.decode()

    assert "52 before, 71 after" in html
    assert "+19" in html
    assert "about +4 when left alone" in html
    assert "1 of 1 worked" in html
    assert "too few to tell the effect" in html


def test_effect_is_not_measurable_where_nothing_is_held_back(client, owner, session):
    AgentSettings.objects.create(session=session, is_measured=False)
    past(session, NOON - 400 * SECOND)
    client.force_login(owner)

    html = client.get(reverse("session-part", args=[session.pk, "outcomes"])).content.decode()

    assert "effect not measurable" in html


def test_settings_of_the_agent_are_stored_and_read_back(client, owner, session):
    url = reverse("session-agent", args=[session.pk])
    client.force_login(owner)
    data = {
        "line_percent": "80", "expiry_seconds": "120", "countdown_seconds": "15", "gap_minutes": "7",
        "per_hour": "4", "quiet_start_minutes": "3", "quiet_end_minutes": "2", "least_people": "8",
        "per_attendee": "5", "may_ask_model": "on", "kind_BREAK": "off", "kind_POLL": "manual",
    }  # fmt: skip

    assert client.post(url, data).status_code == 302

    row = AgentSettings.objects.get(session=session)
    assert (row.line, row.expiry_seconds, row.countdown_seconds) == (0.8, 120, 15)
    assert row.limits["gap_seconds"] == 420
    assert (row.forbidden, row.kind_modes) == (["BREAK"], {"POLL": "manual"})
    assert (row.is_measured, row.may_ask_model) == (False, True)
    assert 'value="80"' in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("line_percent", "30"), ("gap_minutes", "1"), ("expiry_seconds", "5")]
)
def test_settings_outside_their_limits_are_refused(client, owner, session, field, value):
    client.force_login(owner)
    data = {
        "line_percent": "80", "expiry_seconds": "120", "countdown_seconds": "15", "gap_minutes": "7",
        "per_hour": "4", "quiet_start_minutes": "3", "quiet_end_minutes": "2", "least_people": "8",
        "per_attendee": "5",
    }  # fmt: skip

    answer = client.post(reverse("session-agent", args=[session.pk]), {**data, field: value})

    assert answer.status_code == 200
    assert not AgentSettings.objects.exists()


def test_decision_page_tells_reasons_choices_costs_and_steps(client, owner, session):
    row = make(session, NOON)
    ask_model(row, row.created_at + SECOND)
    client.force_login(owner)

    html = client.get(reverse("decision", args=[session.pk, row.pk])).content.decode()

    assert "Poll was drawn with a chance of 52 %." in html
    assert "Do nothing" in html
    assert "$0.0032" in html
    assert "80 %" in html
    assert 'aria-current="step"' in html
    assert "stateDiagram-v2" in html


def test_words_of_people_and_models_are_never_markup(client, owner, session):
    nasty = "<img src=x onerror=alert(1)>"
    words = {**WORDS, "text": nasty, "options": [nasty, "b"], "quote": ""}
    row = make(session, NOON, content=words)
    past(session, NOON - 400 * SECOND, content=words)
    client.force_login(owner)

    for url in (
        reverse("session-live", args=[session.pk]), reverse("decision", args=[session.pk, row.pk]),
    ):  # fmt: skip
        assert nasty not in client.get(url).content.decode()


@pytest.mark.parametrize(("page", "queries"), [("suggest", 22), ("outcomes", 14), ("feed", 17)])
def test_fragments_cost_the_same_for_one_and_for_many(
    client, owner, session, django_assert_max_num_queries, page, queries
):
    make(session, NOON)
    for at in range(6):
        past(session, NOON - (at + 6) * 60 * SECOND, approved_by=owner)
    client.force_login(owner)

    with django_assert_max_num_queries(queries):
        client.get(address(session, page))


def test_exploring_is_said_in_words_and_told_in_the_feed(client, owner, session):
    client.force_login(owner)
    path = reverse("session-agent", args=[session.pk])
    page = client.get(path)
    data = {key: value for key, value in page.context["form"].initial.items() if value is not None}
    question = reverse("session-live", args=[session.pk]) + "?auto=ask"
    before = client.get(question).content.decode()

    client.post(path, {**data, "explores": "on", "sends_model_words": ""})
    client.post(path, {**data, "explores": "on", "sends_model_words": ""})

    assert AgentSettings.objects.get().explores
    assert "it may do harm as well as help" in page.content.decode().lower()
    assert "only what was measured here and likely helps; all else waits for you" in before
    assert "also sends what nobody has seen to help here" in client.get(question).content.decode()
    feed = client.get(address(session, "feed")).content.decode()
    assert feed.count("allowed that auto also sends what nobody has seen to help here") == 1


def test_feed_tells_who_changed_the_mode(client, owner, organisation):
    session = make_session(make_event(organisation))
    fill(session, "drop", NOON)
    client.force_login(owner)

    client.post(reverse("session-mode", args=[session.pk]), {"mode": "auto", "sure": "1"})
    text = client.get(reverse("session-part", args=[session.pk, "feed"])).content.decode()

    assert "alice switched the agent to Auto." in text


def test_words_that_somebody_gave_are_hers_on_the_decision_page(client, owner, session):
    row = make(session, NOON, author="person", author_reason="given")
    row.transitions.filter(after="drafted").update(params={"who": "Mara Reyes"})
    client.force_login(owner)

    html = client.get(reverse("decision", args=[session.pk, row.pk])).content.decode()

    assert "<span>Words given</span><small>Mara Reyes</small>" in html
    assert "Words written" not in html
