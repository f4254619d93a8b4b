"""The product's own settings on servers of the test run: real PostgreSQL, real Valkey, no fsync."""

import os

os.environ["CONDUCTOR_HOME"] = os.environ.get("CONDUCTOR_TEST_HOME") or os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "var", "test"
)
os.environ["CONDUCTOR_FAST_AND_LOOSE"] = "1"
os.environ["LOG_FORMAT"] = "text"
for name in ("DATABASE_URL", "REDIS_URL", "REDIS_LOG_URL", "SECRET_KEY"):
    os.environ.pop(name, None)

import pathlib

from conductor.embedded import orphan_guard
from conductor.embedded.data_directory import Home

_home = Home(pathlib.Path(os.environ["CONDUCTOR_HOME"]), durable=False)
# Held by this process: when the last one is gone, however it ended, the run's guard stops them.
orphan_guard.use(_home)
_home.postgres.ensure()
_home.valkey.ensure()

from conductor.settings import *  # noqa: F403

# Password hashing is meant to be slow; here it would cost a second a login.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# A connection that outlives its test would keep the test database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
