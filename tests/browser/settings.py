"""Settings of the server that the browser talks to: the test run's, on its test database."""

import os

from tests.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]  # noqa: F405
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
