"""Reads: a person sees her organisations, and nothing of anybody else's."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from pytest_django import DjangoAssertNumQueries

from engagement.models import (
    Membership,
    Organisation,
    Role,
    SessionStatus,
)
from engagement.sessions import queries
from tests.support.factories import make_event, make_organisation, make_session, make_user

pytestmark = pytest.mark.django_db


# --- who sees what -----------------------------------------------------------------------------


def test_member_sees_her_organisations_events_and_sessions(
    organisation: Organisation, viewer: User
) -> None:
    session = make_session(make_event(organisation))

    assert list(queries.organisations_of(viewer)) == [organisation]
    assert list(queries.events_visible_to(viewer)) == [session.event]
    assert list(queries.sessions_visible_to(viewer)) == [session]
    assert list(queries.sessions_of(organisation.pk)) == [session]


def test_stranger_sees_her_own_only(organisation: Organisation, stranger: User) -> None:
    make_session(make_event(organisation))
    elsewhere = queries.organisations_of(stranger).get()
    hers = make_session(make_event(elsewhere))

    assert list(queries.organisations_of(stranger)) == [elsewhere]
    assert list(queries.events_visible_to(stranger)) == [hers.event]
    assert list(queries.sessions_visible_to(stranger)) == [hers]
    assert list(queries.sessions_of(elsewhere.pk)) == [hers]


def test_nobody_in_particular_sees_nothing(organisation: Organisation) -> None:
    make_session(make_event(organisation))
    nobody = AnonymousUser()

    assert not queries.organisations_of(nobody).exists()
    assert not queries.events_visible_to(nobody).exists()
    assert not queries.sessions_visible_to(nobody).exists()
    assert not queries.may_organize(nobody, organisation.pk)


def test_superuser_without_membership_sees_nothing_on_the_pages(organisation: Organisation) -> None:
    make_session(make_event(organisation))

    assert not queries.sessions_visible_to(make_user("root", is_superuser=True)).exists()


def test_member_of_two_organisations_sees_each_session_once(owner: User) -> None:
    for name in ("Second", "Third"):
        other = make_organisation(name)
        Membership.objects.create(organisation=other, user=owner, role=Role.VIEWER)
        make_session(make_event(other))

    assert queries.sessions_visible_to(owner).count() == 2


@pytest.mark.parametrize(
    ("role", "may"), [(Role.OWNER, True), (Role.ORGANIZER, True), (Role.VIEWER, False)]
)
def test_viewers_only_look(organisation: Organisation, role: Role, may: bool) -> None:
    user = make_user("sam")
    Membership.objects.create(organisation=organisation, user=user, role=role)

    assert queries.may_organize(user, organisation.pk) is may
    assert queries.may_organize(user, make_organisation("Elsewhere").pk) is False


@pytest.mark.parametrize("rows", [1, 3])
def test_sessions_come_with_their_events_in_one_query(
    owner: User, organisation: Organisation, rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for _ in range(rows):
        make_session(make_event(organisation))

    with django_assert_num_queries(1):
        names = [each.event.organisation.name for each in queries.sessions_visible_to(owner)]

    assert names == [organisation.name] * rows


def test_session_exists_whatever_its_status() -> None:
    session = make_session(status=SessionStatus.ENDED)

    assert queries.session_exists(session.pk)
    assert not queries.session_exists(session.pk + 1)
