"""The templates as rows: loaded once, chosen by style, never without good content."""

import random

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from interventions.agent.writing.template_library import ENTRIES, template_selection
from interventions.kinds import Kind
from interventions.kinds.content import usual
from interventions.models import Template
from interventions.text_checks.text_gate import TextContext, check
from tests.conftest import NOON
from tests.support.factories import make_user

pytestmark = pytest.mark.django_db
VALUES = {"topic": "B-trees", "speaker": "Ada"}


@pytest.fixture(autouse=True)
def library() -> None:
    template_selection.load_library(NOON)


def choose(room: TextContext, seed: int = 1, **fields: str) -> template_selection.Chosen:
    return template_selection.choose(room, VALUES, random.Random(seed), **fields)


def test_library_is_loaded_once_and_edits_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert Template.objects.count() == len(ENTRIES)
    Template.objects.filter(key="poll.check.pace").update(status="retired")
    Template.objects.filter(key="poll.check.depth", language="de").delete()

    call_command("load_templates")

    assert capsys.readouterr().out == "1 templates added.\n"
    assert set(Template.objects.filter(key="poll.check.pace").values_list("status", flat=True)) == {
        "retired"
    }


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.HOLD])
def test_template_of_every_kind_is_found_and_passes(kind: Kind, language: str) -> None:
    room = TextContext(kind, language)

    chosen = choose(room)

    assert chosen.template_id is not None
    assert check(chosen.content, room) is None


def test_asked_style_comes_first_while_there_is_one() -> None:
    playful = Template.objects.filter(style="playful", kind="POLL", language="en")

    chosen = {
        choose(TextContext(Kind.POLL, "en"), seed, style="playful").template_id
        for seed in range(20)
    }
    playful.update(status="retired")

    assert chosen <= set(playful.values_list("pk", flat=True))
    assert choose(TextContext(Kind.POLL, "en"), style="playful").template_id is not None


def test_recent_wording_is_passed_over() -> None:
    keep = "poll.check.pace"
    Template.objects.filter(kind="POLL").exclude(key=keep).update(status="retired")
    text = Template.objects.get(key=keep, language="en").text

    chosen = choose(TextContext(Kind.POLL, "en", recent=(text,)))

    assert chosen.template_id is None
    assert chosen.content.text != text


def test_topic_that_would_not_pass_leaves_its_wordings_out() -> None:
    Template.objects.filter(kind="POLL").exclude(text__contains="{topic}").update(status="retired")

    chosen = template_selection.choose(
        TextContext(Kind.POLL, "en"), {"topic": "evil.example"}, random.Random(1)
    )

    assert chosen.template_id is None
    assert "evil" not in chosen.content.text


@pytest.mark.parametrize(("language", "written"), [("de", "de"), ("fr", "en")])
def test_library_writes_when_there_is_no_template(language: str, written: str) -> None:
    Template.objects.all().delete()

    chosen = choose(TextContext(Kind.QUESTION_PROMPT, language), quote="Why B-trees?")

    assert (chosen.template_id, chosen.content.language) == (None, written)
    assert chosen.content.quote == "Why B-trees?"


def test_only_wordings_that_pass_are_approved() -> None:
    drafts = Template.objects.bulk_create(
        Template(kind="CHAT_PROMPT", language="en", text=text)
        for text in ("What do you take home?", "See evil.example now", "Hello {name}, and you?")
    )
    alice = make_user()

    changed = template_selection.approve([draft.pk for draft in drafts], alice, NOON)

    assert changed == 1
    approved = Template.objects.get(approved_by=alice)
    assert (approved.text, approved.approved_at) == ("What do you take home?", NOON)


def test_retired_template_can_come_back() -> None:
    template = Template.objects.filter(kind="BREAK").first()
    assert template is not None

    assert template_selection.retire([template.pk], NOON) == 1
    assert template_selection.retire([template.pk], NOON) == 0
    assert template_selection.approve([template.pk], None, NOON) == 1
    template.refresh_from_db()
    assert (template.status, template.retired_at) == ("approved", None)


def test_problem_names_unknown_placeholders_and_the_gates_code() -> None:
    assert template_selection.problem(usual(Kind.CHAT_PROMPT, "en", "Hello {name}, and you?")) == (
        "placeholder:name"
    )
    assert (
        str(template_selection.problem(usual(Kind.CHAT_PROMPT, "en", "Too few")))
        == "shape:text_short"
    )
    assert (
        template_selection.problem(usual(Kind.CHAT_PROMPT, "en", "What is {topic} to you?")) is None
    )


def test_database_refuses_the_same_wording_and_approval_without_a_time() -> None:
    fields = {"kind": "BREAK", "language": "en", "text": "A short break, then more."}
    Template.objects.create(**fields)

    with pytest.raises(IntegrityError), transaction.atomic():
        Template.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Template.objects.create(kind="BREAK", text="Another short break.", status="approved")
