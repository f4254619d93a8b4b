"""Servers that are away: the same code, pointed at a port that answers nobody."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from conductor.monitoring import health, redis_clients

DEAD_PORT = "1"
DEAD_REDIS = f"redis://127.0.0.1:{DEAD_PORT}/0"


@pytest.fixture
def fresh_clients() -> Iterator[None]:
    """Let the Valkey clients be made anew, before and after the test."""
    redis_clients.log.cache_clear()
    redis_clients.bus.cache_clear()
    health.forget()
    yield
    redis_clients.log.cache_clear()
    redis_clients.bus.cache_clear()


@pytest.fixture
def log_away(settings: Settings, fresh_clients: None) -> None:
    """The log of signals does not answer."""
    settings.REDIS_LOG_URL = DEAD_REDIS


@pytest.fixture
def bus_away(settings: Settings, fresh_clients: None) -> None:
    """Cache, broker and bus do not answer."""
    settings.REDIS_URL = DEAD_REDIS


@pytest.fixture
def database_away(transactional_db: None) -> Iterator[None]:
    """PostgreSQL does not answer."""
    alive = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = DEAD_PORT
    yield
    connection.close()
    connection.settings_dict["PORT"] = alive
