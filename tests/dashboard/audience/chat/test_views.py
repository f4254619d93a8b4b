"""The moderators' page: one click each, the first wins, strangers see nothing."""

import pytest
from django.urls import reverse

from interventions.audience.chat.settings import event_rules, rules_of
from interventions.models import ChatBlock, ChatLine, ChatMode, ChatState, Question
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import ANN, make_line
from tests.support.factories import make_event, make_session, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation))


@pytest.fixture
def organizer(client, owner):
    client.force_login(owner)
    return client


def waiting(session, text="Is <b>this</b> on?", **fields):
    return make_line(session, text, **{"state": ChatState.WAITING, "why": "link", **fields})


def page(client, session, **headers):
    return client.get(reverse("session-chat", args=[session.pk]), **headers).content.decode()


def act(client, row, action, was="waiting", **headers):
    path = reverse("session-chat-act", args=[row.session_id, row.pk, action])
    return client.post(path, {"was": was, "next": "waiting-7"}, **headers)


def test_page_lists_what_waits_as_text_with_the_reason(organizer, session):
    waiting(session, name="Tom")

    html = page(organizer, session)

    assert "Is &lt;b&gt;this&lt;/b&gt; on?" in html
    assert "contains a link" in html
    assert "Tom" in html


def test_held_question_is_listed_with_its_reason_and_shown_once(organizer, session):
    row = Question.objects.create(
        session=session, source=1, seq=1, actor=ANN, text="See x.com/y?", asked_at=NOON,
        status="held", why="link",
    )  # fmt: skip
    path = reverse("session-question-act", args=[session.pk, row.pk, "show"])

    before = page(organizer, session)
    organizer.post(path)
    second = organizer.post(path, **HTMX).content.decode()

    row.refresh_from_db()
    assert "See x.com/y?" in before
    assert "contains a link" in before
    assert row.status == "open"
    assert "Somebody decided about this question already." in second


@pytest.mark.parametrize("action", ["show", "refuse"])
def test_viewer_and_stranger_decide_about_no_question(client, session, organisation, action):
    row = Question.objects.create(
        session=session, source=1, seq=1, actor=ANN, text="x.com/y?", asked_at=NOON, status="held"
    )
    path = reverse("session-question-act", args=[session.pk, row.pk, action])
    client.force_login(make_user("stranger"))

    assert client.post(path).status_code in {403, 404}
    row.refresh_from_db()
    assert row.status == "held"


def test_script_gets_only_what_changes(organizer, session):
    waiting(session)

    html = page(organizer, session, **HTMX)

    assert html.strip().startswith('<div id="desk"')
    assert "<html" not in html


@pytest.mark.parametrize(("action", "state"), [("show", "shown"), ("hide", "hidden")])
def test_one_click_decides_and_goes_on_with_the_next_without_a_script(
    organizer, session, action, state
):
    row = waiting(session)

    answer = act(organizer, row, action)

    row.refresh_from_db()
    assert (row.state, row.decided_by.username) == (state, "alice")
    assert answer["Location"] == reverse("session-chat", args=[session.pk]) + "#waiting-7"


def test_second_click_is_told_who_was_first(organizer, session):
    mara = make_user("mara", first_name="Mara", last_name="Reyes")
    row = waiting(session, state=ChatState.HIDDEN, decided_by=mara)

    html = act(organizer, row, "show", **HTMX).content.decode()

    assert "Mara Reyes hid this message already." in html
    row.refresh_from_db()
    assert row.state == "hidden"


def test_second_click_is_told_so_without_a_script_too(organizer, session):
    row = waiting(session, state=ChatState.SHOWN)

    act(organizer, row, "hide", was="waiting")

    assert "Somebody else showed this message already." in page(organizer, session)


def test_shown_message_is_hidden_and_its_author_blocked_and_allowed_again(organizer, session):
    row = make_line(session, "spam")

    act(organizer, row, "block")
    block = ChatBlock.objects.get()
    listed = page(organizer, session)
    organizer.post(reverse("session-chat-unblock", args=[session.pk, block.pk]))

    assert ChatLine.objects.get().state == "hidden"
    assert "Allow again" in listed
    assert (block.actor, ChatBlock.objects.count()) == (ANN, 0)


def test_all_that_waits_without_a_mark_is_shown_at_once_and_nothing_unseen(organizer, session):
    marked = waiting(session, "see bit.ly/x")
    seen = [waiting(session, f"message {n}", why="first") for n in range(2)]
    html = page(organizer, session)
    came_meanwhile = waiting(session, "later", why="first")

    path = reverse("session-chat-rest", args=[session.pk])
    organizer.post(path, {"upto": str(seen[-1].pk)})

    assert "Show all 2 without a mark" in html
    waits = ChatLine.objects.filter(state=ChatState.WAITING)
    assert set(waits) == {marked, came_meanwhile}
    assert organizer.post(path, {"upto": "x"}).status_code == 404


def test_unknown_action_is_not_found(organizer, session):
    assert act(organizer, waiting(session), "praise").status_code == 404


def test_message_of_another_session_cannot_be_decided(organizer, session):
    row = waiting(make_session())
    path = reverse("session-chat-act", args=[session.pk, row.pk, "show"])

    html = organizer.post(path, {"was": "waiting"}, **HTMX).content.decode()

    assert "There is no such message." in html
    row.refresh_from_db()
    assert row.state == "waiting"


def test_viewer_looks_and_decides_nothing(client, viewer, session):
    client.force_login(viewer)
    row = waiting(session)

    html = page(client, session)

    assert "contains a link" in html
    assert '<form method="post" action="/sessions' not in html
    assert act(client, row, "show").status_code == 403
    assert client.post(reverse("session-chat-set", args=[session.pk])).status_code == 403


def test_stranger_finds_nothing(client, stranger, session):
    client.force_login(stranger)

    assert client.get(reverse("session-chat", args=[session.pk])).status_code == 404
    assert act(client, waiting(session), "show").status_code == 404


def test_session_has_a_choice_of_its_own_and_gives_it_back(organizer, session):
    path = reverse("session-chat-set", args=[session.pk])

    organizer.post(path, {"mode": "all", "with_platforms": "on"})
    own = rules_of(session)
    organizer.post(path, {"mode": ""})

    assert (own.mode, own.with_platforms) == (ChatMode.ALL, True)
    assert rules_of(session).mode == ChatMode.OPEN
    assert organizer.post(path, {"mode": "loud"}).status_code == 404


def test_event_has_the_choice_for_its_sessions(organizer, session):
    form = {
        "title": "Summit", "language": "en", "time_zone": "Europe/Berlin", "allowed_origins": "",
        "chat_mode": "first",
    }  # fmt: skip

    organizer.post(reverse("event-edit", args=[session.event_id]), form)

    assert event_rules(session.event).mode == ChatMode.FIRST
    assert rules_of(session).mode == ChatMode.FIRST
    html = organizer.get(reverse("event-edit", args=[session.event_id])).content.decode()
    assert '<option value="first" selected>' in html


def test_live_page_says_how_many_messages_wait(organizer, session):
    live = reverse("session-live", args=[session.pk])
    before = organizer.get(live).content.decode()
    waiting(session)

    html = organizer.get(live).content.decode()

    assert "1 message waits" not in before
    assert "1 message waits" in html


def test_page_costs_the_same_however_much_there_is(
    organizer, session, django_assert_max_num_queries
):
    for n in range(8):
        waiting(session, f"message {n}")
        make_line(session, f"line {n}", decided_by=make_user(f"user{n}"))

    with django_assert_max_num_queries(18):
        page(organizer, session)
