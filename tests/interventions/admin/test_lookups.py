"""Every list of the administration: narrowed by what its filters offer, and by no other field."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from interventions.models import Webhook
from tests.conftest import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
MODELS = list(admin.site._registry)
LOOKUPS = ("", "__exact", "__startswith", "__regex", "__gt", "__in", "__isnull", "__contains")


@pytest.fixture
def root():
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
    return client


def address_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def paths_of(model):
    """Every field of a model, and of those it leads to, one step and two."""
    found = []
    for field in model._meta.get_fields():
        found.append(field.name)
        if field.related_model is not None:
            for each in field.related_model._meta.get_fields():
                found.append(f"{field.name}__{each.name}")
                if each.related_model is not None:
                    more = each.related_model._meta.get_fields()
                    found += [f"{field.name}__{each.name}__{last.name}" for last in more]
    return found


def offered(root, model):
    """What the page itself leads to: its filters' parameters, and those of the dates above the list."""
    found = root.get(address_of(model)).context["cl"]
    names = {name for spec in found.filter_specs for name in spec.expected_parameters()}
    dates = admin.site._registry[model].date_hierarchy
    return names | ({f"{dates}__{part}" for part in ("year", "month", "day")} if dates else set())


@pytest.mark.parametrize("model", MODELS)
def test_nothing_else_is_looked_up_in_any_field_of_any_list(root, model, rf):
    request = rf.get(address_of(model))
    request.user = User.objects.get()
    options = admin.site._registry[model]
    asked = {f"{path}{lookup}" for path in paths_of(model) for lookup in LOOKUPS}
    asked |= offered(root, model) | {"pk", "pk__in", "pk__gt"}

    allowed = {each for each in asked if options.lookup_allowed(each, "1", request)}

    by_filter = {each for each in allowed if not each.startswith(f"{options.date_hierarchy}__")}
    bare = {each.removesuffix("__exact").removesuffix("__isnull") for each in by_filter}
    assert {each.removesuffix("__id") for each in bare} == set(options.get_list_filter(request))
    assert offered(root, model) <= allowed
    assert len(asked) > 20
    # What is no field narrows nothing, as in a link that somebody else made longer.
    assert options.lookup_allowed("utm_source", "x", request)
    assert root.get(address_of(model), {"utm_source": "x"}).status_code == 302


@pytest.mark.parametrize("model", MODELS)
def test_what_the_page_leads_to_is_answered_whatever_is_written_there(root, model):
    values = ("1", "x", "\0", "99999999999999999999", "9999", "-1", "é", "2026-03-03")
    for name in offered(root, model):
        for value in values:
            answer = root.get(address_of(model), {name: value})
            assert answer.status_code in {200, 302, 400}, (name, value)


def test_who_sees_webhooks_does_not_find_out_their_secrets(organisation, client):
    Webhook.objects.create(
        organisation=organisation, url="https://example.org/", secret="whsec_c2Vj", created_at=NOON
    )
    client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
    asked = [{"secret__startswith": f"whsec_{letter}"} for letter in "cx"]

    answers = [client.get(address_of(Webhook), each) for each in asked]
    listed = client.get(address_of(Webhook), {"is_active__exact": "1"})

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
    assert "https://example.org/" in listed.content.decode()
