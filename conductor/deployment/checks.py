"""What an installation must not be when others can reach it: `manage.py check --deploy`, and the start.

Each finding is one sentence with a stable id. An error stops `manage.py run`; who answers for one
silences it by its id (SILENCED_CHECKS).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from engagement.limits.client_networks import is_here

Finding = tuple[str, str]
"""Id without its letter, and the sentence."""


def check_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is unsafe in the settings (a check of Django's; the parameters are its own)."""
    errors = [Error(text, id=f"conductor.E{number}") for number, text in _found(ERRORS)]
    warnings = [Warning(text, id=f"conductor.W{number}") for number, text in _found(WARNINGS)]
    return [*errors, *warnings]


def unsilenced() -> list[CheckMessage]:
    """Return what a start has to say: nothing where nobody else can reach this installation."""
    if not is_reachable():
        return []
    return [message for message in check_settings() if not message.is_silenced()]


def is_reachable() -> bool:
    """Whether others can reach it: it listens on more than this machine, has an address or a name for
    them, or stands behind a proxy."""
    hosts = [settings.HOST, urlsplit(settings.PUBLIC_URL).hostname or ""]
    hosts += [host.strip("[]") for host in settings.ALLOWED_HOSTS]
    return settings.TRUSTED_PROXIES > 0 or not all(map(is_here, hosts))


def _found(looks: Sequence[Callable[[], Iterator[Finding]]]) -> Iterator[Finding]:
    for each in looks:
        yield from each()


def _debug() -> Iterator[Finding]:
    if settings.DEBUG:
        yield "001", "DEBUG=1 shows source and settings to whoever meets an error: set DEBUG=0."


def _any_host() -> Iterator[Finding]:
    if "*" in settings.ALLOWED_HOSTS:
        yield "002", "ALLOWED_HOSTS=* answers to every name: name the hosts of this installation."


def _private_webhooks() -> Iterator[Finding]:
    if settings.WEBHOOK_ALLOW_PRIVATE:
        yield (
            "003",
            (
                "WEBHOOK_ALLOW_PRIVATE=1 lets organizers reach machines inside your network: set it to 0."
            ),
        )


def _open_valkey() -> Iterator[Finding]:
    urls = {name: getattr(settings, name) for name in ("REDIS_URL", "REDIS_LOG_URL")}
    for name, url in urls.items():
        parts = urlsplit(url)
        if not parts.password and not is_here(parts.hostname or ""):
            yield (
                "004",
                (
                    f"{name} has no password: whoever reaches {parts.hostname} reads and writes everything"
                    " there. Set one (requirepass) and write it into the URL: redis://:password@host:6379/0."
                ),
            )


def _open_database() -> Iterator[Finding]:
    database = settings.DATABASES["default"]
    if not database["PASSWORD"] and not is_here(database["HOST"]):
        yield "005", f"DATABASE_URL has no password: {database['HOST']} lets in whoever comes."


def _plain_http() -> Iterator[Finding]:
    if not settings.SESSION_COOKIE_SECURE:
        yield (
            "001",
            (
                "No https: passwords and what people write can be read on the way. Put a proxy with a"
                " certificate in front and set PUBLIC_URL=https://…"
            ),
        )


def _operators_everywhere() -> Iterator[Finding]:
    if any(network.prefixlen == 0 for network in settings.OPERATORS_FROM):
        yield (
            "002",
            "OPERATORS_FROM opens /admin/, /metrics and /health/detailed to the whole internet.",
        )


def _no_proxy() -> Iterator[Finding]:
    if not settings.TRUSTED_PROXIES:
        yield (
            "003",
            (
                "TRUSTED_PROXIES=0: who reaches this machine may open the sign-in of /admin/, /metrics and"
                " /health/detailed, and so may everybody behind a proxy that hands nothing on. Let it hand on"
                " X-Forwarded-For, set TRUSTED_PROXIES, and let nobody else reach the port."
            ),
        )


def _one_bus() -> Iterator[Finding]:
    if settings.PLATFORM_ORGANISATION and settings.PLATFORM_REDIS_URL == settings.REDIS_URL:
        yield (
            "004",
            (
                "PLATFORM_REDIS_URL is our own bus: whoever may write there for the platform may write"
                " everything. Give the platform a server of its own, or a user with the right to its"
                " channels alone."
            ),
        )


ERRORS: Final = (_debug, _any_host, _private_webhooks, _open_valkey, _open_database)
WARNINGS: Final = (_plain_http, _operators_everywhere, _no_proxy, _one_bus)
