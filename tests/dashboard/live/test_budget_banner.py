"""The page says when the money for models runs out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from engagement.models import Organisation
from interventions.agent.writing.llm.budget import NANO
from interventions.models import BudgetWindow
from tests.conftest import NOON
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)


def banner(owner: User, organisation: Organisation, spent: float) -> str:
    session = make_session(make_event(organisation))
    BudgetWindow.objects.create(
        key=f"hour:{NOON:%Y-%m-%dT%H}", limit=20 * NANO, spent=int(spent * NANO)
    )
    client = Client()
    client.force_login(owner)
    return client.get(reverse("session-part", args=[session.pk, "banner"])).content.decode()


def test_four_fifths_of_the_budget_are_told(owner: User, organisation: Organisation) -> None:
    text = banner(owner, organisation, 16.0)

    assert "$16.00 of this hour&#x27;s $20" in text or "$16.00 of this hour's $20" in text
    assert "When it is used up, templates write." in text


def test_used_up_budget_says_who_writes_now(owner: User, organisation: Organisation) -> None:
    text = banner(owner, organisation, 20.0)

    assert "Templates write until it begins anew." in text


def test_little_used_is_no_news(owner: User, organisation: Organisation) -> None:
    text = banner(owner, organisation, 15.9)

    assert "for models is used" not in text
