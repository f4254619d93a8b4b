"""The audit log: who did what, over every log, newest first, for those who may see suggestions."""

import datetime as dt

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import Organisation, Session
from interventions.models import AgentChange, ArmChange, AuditRecord, Template
from interventions.models.interventions import Transition
from tests.conftest import NOON
from tests.interventions.api.cast import make_intervention
from tests.support.factories import make_event, make_session, make_user

# Django's own admin templates use variables that are not always there.
pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
PAGE = "/admin/interventions/auditrecord/"
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation))


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", "root@example.org", "x")


def step(session: Session, at: dt.datetime, **fields: object) -> Transition:
    told = {
        "before": "waiting",
        "after": "approved",
        "by": "person",
        "who": "Mara",
        "why": "approve",
    }
    return Transition.objects.create(
        time=at, intervention=make_intervention(session), version=3, node="gate", **(told | fields)
    )


@pytest.fixture
def story(session: Session, organisation: Organisation, root: User) -> None:
    """One act of every log, a second apart."""
    step(session, NOON)
    AgentChange.objects.create(
        session=session, at=NOON + SECOND, what="mode", mode="auto", who="Mara"
    )
    ArmChange.objects.create(
        organisation=organisation, what="reset", reason="New season", by=root, at=NOON + 2 * SECOND
    )
    entry = LogEntry.objects.create(
        user=root, content_type=ContentType.objects.get_for_model(Template), object_id="1",
        object_repr="Quick check", action_flag=CHANGE,
    )  # fmt: skip
    LogEntry.objects.filter(pk=entry.pk).update(action_time=NOON + 3 * SECOND)


@pytest.mark.usefixtures("story")
def test_every_log_is_in_one_list_newest_first() -> None:
    found = AuditRecord.objects.order_by("-time").values_list("theme", "who", "subject", "detail")

    assert list(found) == [
        ("admin", "root", "template", "Quick check"),
        ("learning", "root", "reset", "New season"),
        ("agent", "Mara", "mode", ""),
        ("suggestion", "Mara", "POLL", "approve"),
    ]


@pytest.mark.usefixtures("story")
def test_page_says_it_in_words_with_few_questions(client: Client, root: User) -> None:
    client.force_login(root)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        text = client.get(PAGE).content.decode()

    assert "Waits for a person → Approved" in text
    assert "Mode: auto" in text
    assert "template: changed" in text
    assert len(asked) <= 12


def test_clock_and_agent_are_named_where_no_person_acted(
    client: Client, root: User, session: Session
) -> None:
    step(session, NOON, by="clock", who="", after="expired", why="expire")
    client.force_login(root)

    text = client.get(PAGE).content.decode()

    assert "The clock" in text
    assert "Waits for a person → Expired" in text


@pytest.mark.parametrize("allowed", [True, False])
def test_list_is_for_staff_who_may_see_suggestions(client: Client, *, allowed: bool) -> None:
    staff = make_user("sam", is_staff=True)
    if allowed:
        staff.user_permissions.add(Permission.objects.get(codename="view_intervention"))
    client.force_login(staff)

    assert client.get(PAGE).status_code == (200 if allowed else 403)
