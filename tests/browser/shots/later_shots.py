"""Pictures of what organizers and staff open beside the live page, and of the 60-second demo.

Not a test module by name, so only asked for by name. SHOTS_DIR says where the pictures go.
"""

import redis
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from engagement.models import Demo, Organisation, SignalSource
from engagement.organisations import api_keys
from interventions.models import ChatState, Intervention, Outcome
from interventions.vocabulary.statuses import Status
from tests.browser.conftest import Visitors
from tests.browser.rooms import make_room
from tests.browser.server import Server
from tests.browser.shots.agent_shooting import stage
from tests.browser.shots.shooting import TO, shoot
from tests.dashboard.agent_rooms import story
from tests.interventions.audience.chat.rooms import make_line
from tests.interventions.audience.demo.minute import Minute
from tests.support.factories import make_event, make_user


def test_beside_the_live_page(
    visitors: Visitors, server: Server, host: User, organisation: Organisation
) -> None:
    now = timezone.now()
    session = make_room(make_event(organisation), "drop")
    story(session, now, host)
    key, _ = api_keys.make_key(organisation, "Zoom bridge")
    SignalSource.objects.create(
        session=session, name=f"key:{key.pk}", api_key=key, heard_at=now, accepted=18_402, refused=3,
        refused_code="unknown_kind", refused_because="There is no such kind of signal.", refused_at=now,
    )  # fmt: skip
    make_line(session, "Could you share the link? example.org", state=ChatState.WAITING, why="link")
    make_line(session, "The trade-off table is gold", name="Tom")

    for name in ("claims", "sources", "chat"):
        shoot(
            visitors, server, host, reverse(f"session-{name}", args=[session.pk]), name, full=True
        )


def test_staff(visitors: Visitors, server: Server, host: User, organisation: Organisation) -> None:
    session = make_room(make_event(organisation), "drop")
    story(session, timezone.now(), host)
    stage("ready", session, host)
    staff = make_user("sam", is_staff=True, is_superuser=True)

    for name in ("intervention", "auditrecord", "template"):
        path = reverse(f"admin:interventions_{name}_changelist")
        shoot(visitors, server, staff, path, f"admin-{name}")


def test_minute(server: Server, visitors: Visitors, owner: User, valkey: "redis.Redis") -> None:
    machine = Minute(valkey, began=timezone.now())
    page = visitors.open(server, owner).go("/")
    page.get_by_role("button", name="Watch a 60-second demo").click()
    page.locator("#main[data-line=open]").wait_for()
    for name, reached in (
        ("asks", Intervention.objects.filter(status=Status.COUNTDOWN).exists),
        ("verdict", Outcome.objects.exists),
        ("over", Demo.objects.filter(session__status="ended").exists),
    ):
        machine.until(reached)
        page.wait_for_timeout(1500)
        page.screenshot(path=TO / f"demo-{name}-light.png")
