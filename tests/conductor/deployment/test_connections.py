"""How many connections may be taken, said before a crowd finds out."""

import resource
import subprocess
import sys
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.cache import caches
from django.db import connection

from conductor.celery import app
from conductor.deployment import resource_limits
from conductor.deployment.connections import Need, allowed, name_of, pool_options, seen_among

PROJECT = Path(__file__).resolve().parents[3]


def test_everything_of_one_machine_fits_into_what_postgresql_has_by_itself() -> None:
    need = Need(web=1, workers=1, tickers=1, pages_at_once=12)

    assert (need.most, need.misfit(97)) == (37, "")


def test_what_does_not_fit_is_a_sentence_with_the_numbers_and_the_settings() -> None:
    need = Need(web=5, workers=4, tickers=2, pages_at_once=20)

    said = need.misfit(97)

    assert need.most == 5 * 24 + 4 * 12 + 2 + 8
    assert said.startswith("PostgreSQL allows 97 connections, but 5 web processes with 20 pages")
    assert "may take 178: raise its max_connections, or lower PAGES_AT_ONCE" in said
    assert need.misfit(178) == ""


def test_what_is_reserved_for_operators_is_not_ours() -> None:
    told = {
        "max_connections": "100", "superuser_reserved_connections": "3", "reserved_connections": "2"
    }  # fmt: skip

    assert allowed(told) == 95


def test_pool_has_a_connection_for_every_page_and_gives_back_what_a_crowd_took() -> None:
    options = pool_options(30)

    assert (options["min_size"], options["max_size"], options["max_idle"]) == (1, 34, 4.0)


def test_processes_that_run_count_whatever_the_settings_say_of_them() -> None:
    names = [name_of(20, f"host-{n}") for n in range(5) for _ in range(3)] + [
        "psql",
        "",
        "conductor-web/x",
    ]

    seen = seen_among(names)
    need = Need(web=1, workers=1, tickers=1, pages_at_once=20, seen=seen)

    assert seen == (5, 5 * 24)
    assert need.most == 5 * 24 + 12 + 1 + 8
    assert "but 5 web processes" in need.misfit(97)


def test_running_web_process_is_seen_by_the_name_of_its_connections(db: None) -> None:
    others = [
        psycopg.connect(
            **{**connection.get_connection_params(), "application_name": name_of(40, f"other-{n}")}
        )
        for n in range(3)
    ]

    said = resource_limits.connections_misfit()
    for each in others:
        each.close()

    assert "but 3 web processes" in said
    assert f"may take {3 * 44 + 12 + settings.SHARDS + 8}" in said


def test_clients_of_cache_and_broker_have_an_end() -> None:
    pool = caches["default"].client.get_client().connection_pool

    assert pool.max_connections == settings.PAGES_AT_ONCE + 16
    assert app.pool.limit == settings.CELERY_BROKER_POOL_LIMIT


def test_start_is_refused_where_connections_do_not_fit(db: None, settings) -> None:
    settings.WEB_PROCESSES = 20

    assert "20 web processes with 12 pages at once" in resource_limits.connections_misfit()


def test_process_may_open_as_many_files_as_it_wants_sockets_or_says_how_many() -> None:
    code = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 600))
from conductor.deployment import resource_limits
print(resource_limits.open_files(300), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
print(resource_limits.open_files(9000), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 600

    said = subprocess.run(
        [sys.executable, "-c", "import django.conf; django.conf.settings.configure()\n" + code],
        cwd=PROJECT, capture_output=True, text=True, check=True, timeout=240,
    ).stdout  # fmt: skip

    assert said.splitlines() == ["300 500", "400 600"]
