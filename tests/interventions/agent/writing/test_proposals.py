"""Proposals: by the model, through the gate, as drafts; never in use before approval."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conductor.devtools.fake_model import FakeModel, Fault
from interventions.agent.writing import proposals, writer
from interventions.agent.writing.template_library import template_selection
from interventions.agent.writing.writer import Written
from interventions.kinds import Kind
from interventions.kinds.content import usual
from interventions.models import LlmCall, Template
from interventions.tasks import propose_variants
from interventions.text_checks.text_gate import TextContext
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeModel]:
    with FakeModel(seed=5).running() as server:
        settings.ANTHROPIC_API_KEY = "test"
        settings.ANTHROPIC_BASE_URL = server.url
        yield server
        writer.forget()


@pytest.fixture
def original(db: None) -> Template:
    Template.objects.all().delete()
    return Template.objects.create(
        kind="BREAK", language="en", text="We stop for a moment and go on after.", seconds=300,
        status="approved", approved_at=NOON,
    )  # fmt: skip


def drafts() -> list[Template]:
    return list(Template.objects.filter(status="draft"))


def test_proposals_wait_as_drafts_of_the_same_group(fake: FakeModel, original: Template) -> None:
    propose_variants([original.pk])

    [draft] = drafts()
    original.refresh_from_db()
    assert (draft.source, draft.author, draft.kind) == ("model", "claude-sonnet-5-5", "BREAK")
    assert draft.group == original.group != ""
    assert template_selection.problem(draft.content()) is None
    assert LlmCall.objects.get().session_id == 0


def test_drafts_are_not_used_until_approved(fake: FakeModel, original: Template) -> None:
    propose_variants([original.pk])
    [draft] = drafts()

    def used() -> set[int | None]:
        room = TextContext(Kind.BREAK, "en")
        return {
            template_selection.choose(room, {}, random.Random(n)).template_id for n in range(30)
        }

    assert used() == {original.pk}
    template_selection.approve([draft.pk], None, NOON)
    assert used() == {original.pk, draft.pk}


def test_what_was_proposed_is_not_proposed_again(fake: FakeModel, original: Template) -> None:
    for _ in range(4):
        fake.reset()
        propose_variants([original.pk])

    # The second model was asked where the first repeated itself.
    texts = {draft.text for draft in drafts()} | {original.text}
    assert len(texts) == len(drafts()) + 1 == 3


def test_what_a_template_wrote_is_no_proposal(fake: FakeModel, original: Template) -> None:
    fake.script.extend([Fault("refusal"), Fault("too_long")])

    propose_variants([original.pk])

    assert drafts() == []


def test_command_prints_what_waits(
    fake: FakeModel, original: Template, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("propose_templates", "--kind", "BREAK", "--count", "3", "--seed", "1")

    out = capsys.readouterr().out
    assert f"{original.text}  ->  {drafts()[0].text}" in out
    assert "1 drafts wait for approval in the admin." in out


def test_without_a_model_nothing_is_proposed(original: Template, settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = settings.ANTHROPIC_BASE_URL = ""

    propose_variants([original.pk])

    assert drafts() == []
    with pytest.raises(CommandError, match="ANTHROPIC_API_KEY"):
        call_command("propose_templates")
    assert proposals.MOST_AT_ONCE == 10


def test_wording_that_was_added_meanwhile_or_does_not_pass_is_left_out(original: Template) -> None:
    answers = iter(
        [
            usual(Kind.BREAK, "en", original.text),
            usual(Kind.BREAK, "en", "Go to evil.example for a moment."),
            usual(Kind.BREAK, "en", "Five quiet minutes, then more."),
        ]
    )

    made = proposals.propose(original, 3, lambda _: Written(next(answers), "claude-x", "ok"))

    assert [draft.text for draft in made] == ["Five quiet minutes, then more."]
