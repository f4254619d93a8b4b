import pytest
from django.urls import reverse

from tests.conftest import NOON
from tests.dashboard.rooms import SCENARIOS, fill
from tests.factories import make_event, make_session

pytestmark = pytest.mark.django_db

PARTS = ("banner", "headline", "score", "signals", "parts", "suggest", "feed", "mode-control")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_live_page_and_fragments_show_every_kind_of_room(
    client, owner, organisation, scenario, time_machine
):
    time_machine.move_to(NOON, tick=False)
    session = make_session(make_event(organisation))
    fill(session, scenario, NOON)
    client.force_login(owner)

    assert client.get(reverse("session-live", args=[session.pk])).status_code == 200
    for part in PARTS:
        assert client.get(reverse(f"session-{part}", args=[session.pk])).status_code == 200
