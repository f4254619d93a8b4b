"""Who is connected: people, not sockets, told once a tick."""

import asyncio

import pytest
from django.conf import settings

from engagement.doors.admission.known_sessions import KnownSession
from engagement.doors.connected.attendance import MOST_LINES, NO_SESSION, Attendance
from engagement.intake.signal_log import Intake
from tests.support.log import items

NOON_US = 1_772_539_200_000_000


@pytest.fixture
async def intake(valkey):
    intake = Intake(settings.REDIS_LOG_URL)
    yield intake
    await intake.close()


@pytest.fixture
async def attendance(intake):
    attendance = Attendance(intake, "web-1", lambda: NOON_US / 1_000_000)
    yield attendance
    await attendance.close()


def told(valkey) -> list[list[object]]:
    """What the log was told of sessions; that the process hears is told besides."""
    return [item for item in items(valkey) if item[1] != NO_SESSION]


def known(session_id: int = 1, status: str = "live") -> KnownSession:
    return KnownSession(session_id, status, b"salt", 1)


async def test_report_names_people_once(attendance, intake, valkey):
    hall = known()
    for actor in (5, 5, 7):
        attendance.enter(hall, actor)

    attendance.report(NOON_US)
    await intake.close()

    assert told(valkey) == [[3, 1, NOON_US, "web-1", [5, 7]]]
    assert attendance.people(hall) == 2


async def test_log_is_told_that_the_process_hears_even_when_nobody_is_here(
    attendance, intake, valkey
):
    attendance.report(NOON_US)
    await intake.close()

    assert items(valkey) == [[3, NO_SESSION, NOON_US, "web-1", []]]


async def test_empty_room_is_told_once(attendance, intake, valkey):
    hall = known()
    attendance.enter(hall, 5)
    attendance.leave(hall, 5)

    attendance.report(NOON_US)
    attendance.report(NOON_US + 1)
    await intake.close()

    assert [item[4] for item in told(valkey)] == [[]]


async def test_only_the_last_socket_of_a_person_leaves(attendance):
    hall = known()
    attendance.enter(hall, 5)
    attendance.enter(hall, 5)

    assert [attendance.leave(hall, 5), attendance.leave(hall, 5)] == [False, True]


async def test_session_that_is_not_live_is_not_reported(attendance, intake, valkey):
    attendance.enter(known(status="planned"), 5)

    attendance.report(NOON_US)
    await intake.close()

    assert told(valkey) == []


async def test_person_has_a_bounded_number_of_lines(attendance):
    hall = known()

    answers = [attendance.enter(hall, 5) for _ in range(MOST_LINES + 1)]

    assert answers == [True] * MOST_LINES + [False]


async def test_process_that_ends_says_that_nobody_is_here(intake, valkey):
    attendance = Attendance(intake, "web-1", lambda: NOON_US / 1_000_000)
    attendance.enter(known(), 5)

    await attendance.close()
    await intake.close()

    assert [item[4] for item in told(valkey)] == [[]]


async def test_report_that_fails_is_not_the_last_one(intake, valkey):
    rounds = 0
    went_on = asyncio.Event()

    async def tell(_ways) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ValueError("always")
        went_on.set()

    # A moment before each report, by this clock.
    attendance = Attendance(intake, "web-1", lambda: NOON_US / 1_000_000 + 3.999, tell)
    attendance.start()
    await asyncio.wait_for(went_on.wait(), 10)
    await attendance.close()

    assert rounds >= 2
