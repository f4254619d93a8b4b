"""Settings of a server behind a proxy: which hosts it answers to is the product's own choice."""

import conductor.settings
from tests.browser.settings import *  # noqa: F403

ALLOWED_HOSTS = conductor.settings.ALLOWED_HOSTS
