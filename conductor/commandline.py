"""The command line of `manage.py`: what went wrong is said in a sentence, not in a traceback."""

import os
import signal
import sys
from collections.abc import Sequence

import redis
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedTable

from conductor.embedded.process import EmbeddedError
from conductor.env import SettingError

NO_DATABASE = (
    "PostgreSQL does not answer ({reason}).\n"
    "Start the product (`manage.py up`) or its servers alone (`manage.py services start`), or set"
    " DATABASE_URL."
)
NO_VALKEY = (
    "Valkey does not answer ({reason}).\n"
    "Start the product (`manage.py up`) or its servers alone (`manage.py services start`), or set"
    " REDIS_URL."
)
NOT_MIGRATED = "The database has not all tables yet: run `manage.py migrate` (`manage.py up` does)."


def main(words: Sequence[str]) -> None:
    """Run a command; `--traceback` shows where an error comes from."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
    # The policy's matrices are small: more threads cost more than they compute, and they would
    # take the cores from the web.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Who starts a command in the background may have had it ignore Ctrl-C; and a request to stop
    # (SIGTERM) ends a command like Ctrl-C does: what it holds is given back.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        execute_from_command_line(list(words))
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read our output (`| head`) has seen enough. What is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except SettingError as error:
        sys.exit(f"Settings: {error}")
    except EmbeddedError as error:
        sys.exit(str(error))
    except (OperationalError, ProgrammingError, redis.ConnectionError, redis.TimeoutError) as error:
        said = sentence(error)
        if said is None or "--traceback" in words:
            raise
        sys.exit(said)
    except KeyboardInterrupt:
        sys.exit(130)


def sentence(error: Exception) -> str | None:
    """Return what to do about an error that an operator can end, None for any other."""
    if isinstance(error, OperationalError):
        return NO_DATABASE.format(reason=_first_line(error))
    if isinstance(error, ProgrammingError):
        return NOT_MIGRATED if isinstance(error.__cause__, UndefinedTable) else None
    return NO_VALKEY.format(reason=_first_line(error))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0].strip(" .")
