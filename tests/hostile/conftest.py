"""One product with a row of each kind for all tests of a module, and staff who is signed in to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings

from engagement.models import Membership, Organisation, Role
from interventions.models import Experiment, Question, Template, Webhook
from tests.conftest import NOON
from tests.interventions.api.cast import Caller, make_intervention
from tests.support.factories import (
    make_anomaly,
    make_event,
    make_organisation,
    make_session,
    make_user,
)


@dataclass
class Product:
    """What there is: the number of a row by the word before it in an address, and who may see it."""

    known: dict[str, str]
    code: str
    key: str
    cookie: str
    client: Client

    def ask(self, method: str, address: str, data: Any = None, media: str = "", **more: Any) -> Any:
        """Send a request as staff; what it changed, a login too, is undone."""
        self.client.cookies.clear()
        self.client.cookies[settings.SESSION_COOKIE_NAME] = self.cookie
        with transaction.atomic():
            if media:
                answer = self.client.generic(method, address, data, media, **more)
            else:
                answer = getattr(self.client, method)(address, data, **more)
            transaction.set_rollback(True)
        return answer


@pytest.fixture(scope="module")
def product(django_db_setup: None, django_db_blocker: Any) -> Iterator[Product]:
    with (
        django_db_blocker.unblock(),
        override_settings(API_PER_MINUTE=1_000_000),
        transaction.atomic(),
    ):
        yield _made(make_organisation())
        transaction.set_rollback(True)


def _made(organisation: Organisation) -> Product:
    """Staff, and an owner: nobody gets further into the product."""
    root = make_user("alice")
    root.is_staff = root.is_superuser = True
    root.save()
    Membership.objects.create(organisation=organisation, user=root, role=Role.OWNER)
    client = Client(raise_request_exception=False)
    client.force_login(root)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    known = _rows(organisation)
    return Product(known, known["j"], Caller(organisation).key, cookie, client)


def _rows(organisation: Organisation) -> dict[str, str]:
    session = make_session(make_event(organisation))
    hook = Webhook.objects.create(
        organisation=organisation, url="https://example.org/", secret="whsec_AAAA", created_at=NOON
    )
    template = Template.objects.create(kind="POLL", text="Is this clear?", options=["Yes", "No"])
    experiment = Experiment.objects.create(
        organisation=organisation, name="Two", subject="rule", salt="x", created_at=NOON,
        variants=[{"key": "a", "label": "a", "settings": {}},
                  {"key": "b", "label": "b", "settings": {"line": 0.6}}],
    )  # fmt: skip
    asked = Question.objects.create(
        session=session, source=1, seq=1, actor=1, text="Why?", asked_at=NOON
    )
    suggested = make_intervention(session, decision={})
    found = {
        "session": session, "event": session.event, "organisation": organisation, "webhook": hook,
        "template": template, "experiment": experiment, "question": asked,
        "intervention": suggested, "anomaly": make_anomaly(session, int(NOON.timestamp()) // 5),
    }  # fmt: skip
    pks = {name: str(row.pk) for name, row in found.items()}
    plural = {"anomalies": pks["anomaly"], **{f"{name}s": pk for name, pk in pks.items()}}
    return {**pks, **plural, "attend": pks["session"], "j": session.code, "embed": session.code}
