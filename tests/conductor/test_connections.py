"""How many connections may be taken, said before a crowd finds out."""

import resource
import subprocess
import sys
from pathlib import Path

from conductor import limits
from conductor.connections import Need, allowed, pool_options

PROJECT = Path(__file__).resolve().parents[2]


def test_everything_of_one_machine_fits_into_what_postgresql_has_by_itself() -> None:
    need = Need(web=1, workers=1, tickers=1, pages_at_once=12)

    assert (need.most, need.misfit(97)) == (29, "")


def test_what_does_not_fit_is_a_sentence_with_the_numbers_and_the_settings() -> None:
    need = Need(web=5, workers=4, tickers=2, pages_at_once=20)

    said = need.misfit(97)

    assert need.most == 5 * 24 + 4 * 4 + 2 + 8
    assert said.startswith("PostgreSQL allows 97 connections, but 5 web processes with 20 pages")
    assert "may take 146: raise its max_connections, or lower PAGES_AT_ONCE" in said
    assert need.misfit(146) == ""


def test_what_is_reserved_for_operators_is_not_ours() -> None:
    told = {
        "max_connections": "100", "superuser_reserved_connections": "3", "reserved_connections": "2"
    }  # fmt: skip

    assert allowed(told) == 95


def test_pool_has_a_connection_for_every_page_and_gives_back_what_a_crowd_took() -> None:
    options = pool_options(30)

    assert (options["min_size"], options["max_size"], options["max_idle"]) == (1, 34, 4.0)


def test_start_is_refused_where_connections_do_not_fit(db: None, settings) -> None:
    settings.WEB_PROCESSES = 20

    assert "20 web processes with 12 pages at once" in limits.connections_misfit()


def test_process_may_open_as_many_files_as_it_wants_sockets_or_says_how_many() -> None:
    code = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 600))
from conductor import limits
print(limits.open_files(300), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
print(limits.open_files(9000), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 600

    said = subprocess.run(
        [sys.executable, "-c", "import django.conf; django.conf.settings.configure()\n" + code],
        cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip

    assert said.splitlines() == ["300 500", "400 600"]
