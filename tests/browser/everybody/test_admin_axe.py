"""axe over the pages of staff: Django's own admin, with what we added to it."""

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from engagement.models import Organisation
from tests.browser.conftest import Visitors
from tests.browser.everybody.test_axe import complaints
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.browser.shots.agent_shooting import stage
from tests.dashboard.agent_rooms import story
from tests.support.factories import make_event, make_user

LISTS = (
    "engagement_session",
    "interventions_intervention",
    "interventions_template",
    "interventions_budgetwindow",
    "interventions_auditrecord",
)


def test_pages_of_staff_are_accessible(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    session = make_room(make_event(organisation), "drop")
    story(session, timezone.now(), host)
    row = stage("ready", session, host)
    staff = make_user("sam", is_staff=True, is_superuser=True)
    visitor = visitors.open(server, staff)

    found: list[str] = []
    for path in (
        reverse("admin:index"),
        *(reverse(f"admin:{name}_changelist") for name in LISTS),
        reverse("admin:interventions_intervention_change", args=[row.pk]),
        reverse("admin:engagement_session_change", args=[session.pk]),
    ):
        visitor.go(path)
        # Before axe, which itself does what the policy forbids.
        found += [f"{path}: {each}" for each in visitor.complaints]
        visitor.complaints.clear()
        found += [each for each in complaints(visitor, path) if each.startswith(f"{path}, ")]

    assert found == []
