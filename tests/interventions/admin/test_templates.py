"""The admin of wordings: what staff see, what they may change, what the gate says to it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interventions.agent.writing.template_library.template_selection import load_library
from interventions.models import Template
from tests.conftest import NOON

# Django's own admin templates use variables that are not always there.
pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
LIST = "/admin/interventions/template/"


@pytest.fixture
def staff(admin_user: User, client: Client) -> Client:
    Template.objects.all().delete()
    client.force_login(admin_user)
    return client


def make_template(text: str = "How is the pace for you?", **fields: Any) -> Template:
    values = {
        "kind": "POLL", "language": "en", "text": text, "options": ["Fine", "Fast"], "seconds": 60,
        **fields,
    }  # fmt: skip
    return Template.objects.create(**values)


def form(**fields: str) -> dict[str, str]:
    return {
        "kind": "POLL", "style": "check", "language": "en", "text": "Which part was new to you?",
        "options_text": "The first\n The second \n\n", "correct_place": "", "seconds": "",
        "group": "", **fields,
    }  # fmt: skip


def act(client: Client, name: str, *templates: Template) -> str:
    data = {"action": name, "_selected_action": [template.pk for template in templates]}
    return client.post(LIST, data, follow=True).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_one_and_three(staff: Client, count: int) -> None:
    for number in range(count):
        make_template(f"How is the pace {number}?")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = staff.get(LIST)

    assert page.status_code == 200
    assert len(queries) == 6


def test_new_wording_is_a_draft_with_the_usual_length(staff: Client) -> None:
    staff.post(f"{LIST}add/", form())

    template = Template.objects.get(text="Which part was new to you?")
    assert (template.status, template.source, template.seconds) == ("draft", "staff", 60)
    assert template.options == ["The first", "The second"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "See evil.example for it"}, "link"),
        ({"text": "Hello {name}, and you?"}, "placeholder:name"),
        ({"options_text": "One"}, "shape:options_count"),
        ({"kind": "QUIZ"}, "shape:answer"),
        ({"seconds": "5"}, "shape:seconds"),
        ({"language": "de"}, "language"),
    ],
)
def test_wording_that_could_not_be_shown_is_refused_with_the_code(
    staff: Client, fields: dict[str, str], code: str
) -> None:
    before = Template.objects.count()

    page = staff.post(f"{LIST}add/", form(**fields)).content.decode()

    assert re.search(rf"This could not be shown: {code}\.", page)
    assert Template.objects.count() == before


def test_changed_words_wait_for_approval_again(staff: Client) -> None:
    template = make_template(status="approved", approved_at=NOON)

    staff.post(f"{LIST}{template.pk}/change/", form(kind="QUIZ", correct_place="2"))

    template.refresh_from_db()
    assert (template.status, template.kind, template.correct) == ("draft", "QUIZ", 1)


def test_preview_shows_the_words_as_text(staff: Client) -> None:
    template = make_template("How new is {topic} to <b>you</b>?")

    page = staff.get(f"{LIST}{template.pk}/change/").content.decode()

    assert "<strong>How new is Testing to &lt;b&gt;you&lt;/b&gt;?</strong>" in page


def test_drafts_are_approved_and_retired_in_bulk(staff: Client, admin_user: User) -> None:
    good, bad = make_template(), make_template("Go to evil.example now")

    said = act(staff, "approve", good, bad)
    good.refresh_from_db()
    bad.refresh_from_db()

    assert "1 template changed." in said
    assert (good.status, good.approved_by, bad.status) == ("approved", admin_user, "draft")
    assert "1 template changed." in act(staff, "retire", good)


def test_asking_without_a_model_says_so(staff: Client, settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = settings.ANTHROPIC_BASE_URL = ""

    assert "No model is set up." in act(staff, "propose", make_template())


def test_templates_are_not_deleted(staff: Client) -> None:
    template = make_template()

    assert staff.post(f"{LIST}{template.pk}/delete/", {"post": "yes"}).status_code == 403


def test_results_stand_beside_the_words(staff: Client) -> None:
    load_library(NOON)
    make_template("Is this measured already?", times_measured=4, lift_total=10.0)

    page = staff.get(LIST, {"q": "measured already"}).content.decode()

    assert "+2.5" in page


def test_only_staff_come_in(client: Client, owner: User) -> None:
    client.force_login(owner)

    assert client.get(LIST).status_code == 302


def test_asking_hands_the_templates_to_a_worker(
    staff: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ANTHROPIC_API_KEY = "test"
    template = make_template()

    with django_capture_on_commit_callbacks() as callbacks:
        page = act(staff, "propose", template)

    assert "Proposals appear here as drafts" in page
    assert len(callbacks) == 1


def test_page_of_a_quiz_shows_which_line_is_right(staff: Client) -> None:
    template = make_template(kind="QUIZ", correct=1)

    page = staff.get(f"{LIST}{template.pk}/change/").content.decode()

    assert re.search(r'name="correct_place" value="2"', page)


def test_page_of_a_broken_wording_still_opens(staff: Client) -> None:
    template = make_template("Hello {name}, how are you?")

    assert staff.get(f"{LIST}{template.pk}/change/").status_code == 200
    assert staff.get(f"{LIST}add/").status_code == 200


def test_form_without_a_text_says_so_first(staff: Client) -> None:
    page = staff.post(f"{LIST}add/", form(text="")).content.decode()

    assert "This field is required." in page
    assert "could not be shown" not in page
