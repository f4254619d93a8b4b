"""The page of experiments: what is compared, how it stands, who may end it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from engagement.models import Organisation
from interventions.agent.measurement import experiments
from interventions.models import Experiment
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
VARIANTS = [{"key": "a", "label": "As it is"}, {"key": "b", "label": "Longer"}]


def plan(organisation: Organisation, name: str = "Expiry") -> Experiment:
    variants: list[dict[str, Any]] = [{**each, "settings": {}} for each in VARIANTS]
    return experiments.create(
        organisation, name=name, subject="rule", kind="", variants=variants, now=NOON
    )


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_empty_page_says_what_it_is_for(page: Client) -> None:
    assert "Nothing is compared yet" in page.get("/experiments/").content.decode()


def test_what_runs_comes_first_with_its_variants(page: Client, organisation: Organisation) -> None:
    experiments.start(plan(organisation, "Older"), NOON)
    plan(organisation, "Newer")
    experiments.archive(plan(organisation, "Gone"))

    text = page.get("/experiments/").content.decode()

    assert text.index("Older") < text.index("Newer")
    assert "Gone" not in text
    assert "Longer" in text
    assert "ten of each are needed" in text


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_the_same_queries_for_any_number_of_experiments(
    page: Client, organisation: Organisation, rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for number in range(rows):
        plan(organisation, f"Experiment {number}")

    with django_assert_num_queries(6):
        page.get("/experiments/")


def test_experiment_goes_from_start_to_archive(page: Client, organisation: Organisation) -> None:
    row = plan(organisation)
    seen = []
    for action, data in (("start", {}), ("stop", {"winner": "b"}), ("winner", {}), ("archive", {})):
        answer = page.post(f"/experiments/{row.pk}/{action}/", data)
        row.refresh_from_db()
        seen.append((answer.status_code, row.status, row.winner))

    assert seen == [
        (302, "running", ""),
        (302, "stopped", "b"),
        (302, "stopped", ""),
        (302, "archived", ""),
    ]


def test_step_that_is_not_possible_is_told(page: Client, organisation: Organisation) -> None:
    row = plan(organisation)

    answer = page.post(f"/experiments/{row.pk}/stop/", follow=True)

    assert "This is not possible while the experiment is draft." in answer.content.decode()
    assert page.post(f"/experiments/{row.pk}/dance/").status_code == 404


def test_viewer_sees_and_changes_nothing(
    client: Client, viewer: User, organisation: Organisation
) -> None:
    row = plan(organisation)
    client.force_login(viewer)

    text = client.get("/experiments/").content.decode()
    answer = client.post(f"/experiments/{row.pk}/start/")

    assert "Expiry" in text
    assert '<form method="post" action="/experiments/' not in text
    assert answer.status_code == 404


def test_stranger_sees_nothing(client: Client, stranger: User, organisation: Organisation) -> None:
    plan(organisation)
    client.force_login(stranger)

    assert "Expiry" not in client.get("/experiments/").content.decode()
