"""API keys for the DRF API: `Authorization: Bearer <key>` or `X-Api-Key: <key>`."""

import datetime as dt
import time
from dataclasses import dataclass

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from engagement.limits.client_networks import request_network
from engagement.limits.guess_limit import KEYS, too_many_wrong_keys
from engagement.models import ApiKey
from engagement.organisations import api_keys

# A key's last use is noted at most this often: it is for a person, not for an audit.
NOTE_USE_EVERY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class KeyUser:
    """Who asks when a key asks: an integration of one organisation."""

    key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> str:
        """Return what throttling counts by."""
        return f"key-{self.key.pk}"


class ApiKeyAuthentication(BaseAuthentication):
    """Accept a key that exists and is not revoked; leave requests without one to the others."""

    def authenticate(self, request: Request) -> tuple[KeyUser, ApiKey] | None:
        """Return the integration, or None where no key was sent. Raises AuthenticationFailed."""
        plain = _sent_key(request)
        if plain is None:
            return None
        now = timezone.now()
        network, moment = request_network(request._request), time.monotonic()
        if wait := KEYS.wait(network, plain, moment):
            raise too_many_wrong_keys(wait)
        key = (
            ApiKey.objects.valid(now)
            .filter(digest=api_keys.digest(plain))
            .select_related("organisation")
            .first()
        )
        if key is None:
            KEYS.wrong(network, moment)
            raise AuthenticationFailed(
                "This API key is not known, was revoked or has expired.", "unknown_key"
            )
        KEYS.right(network, plain, moment)
        if key.last_used_at is None or now - key.last_used_at > NOTE_USE_EVERY:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        return KeyUser(key), key

    def authenticate_header(self, request: Request) -> str:
        """Return the WWW-Authenticate header, which makes the answer 401 and not 403."""
        return "Bearer"


def _sent_key(request: Request) -> str | None:
    header = request.headers.get("Authorization", "")
    if header[:7].lower() == "bearer ":
        return header[7:].strip()
    return request.headers.get("X-Api-Key") or None
