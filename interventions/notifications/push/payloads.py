"""What a phone shows, in the session's language, and the approval that is in it."""

import datetime as dt
import json
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.utils import translation
from django.utils.translation import gettext as _

from engagement.vocabulary.errors import conflict, unauthenticated
from interventions.kinds.content import Content
from interventions.models import Intervention, PushKind, PushMessage
from interventions.vocabulary.statuses import Status

_PURPOSE: Final = "interventions.push"
LIFETIME: Final = dt.timedelta(hours=1)
"""No suggestion waits longer."""
TOKEN_MAX_CHARS: Final = 200
BODY_CHARS: Final = 180


def payload(message: PushMessage) -> bytes:
    """Return what the worker in the browser reads, JSON of less than 1 kB."""
    row = message.intervention
    if row is None:
        said = {
            "type": "hello", "tag": "hello", "url": "/phone/",
            "title": _("It works"), "body": _("Suggestions will arrive like this."),
        }  # fmt: skip
    else:
        with translation.override(row.session.language):
            said = _about(message, row)
    return json.dumps(said, ensure_ascii=False).encode()


def _about(message: PushMessage, row: Intervention) -> dict[str, Any]:
    said = {
        "type": message.kind,
        "tag": topic(message),
        "url": f"/sessions/{row.session_id}/",
        "title": row.session.title[:BODY_CHARS],
    }
    if message.kind == PushKind.OVER:
        return said | {"body": _over(Status(row.status))}
    text = Content.from_json(row.content or {}).text[:BODY_CHARS]
    if row.status == Status.COUNTDOWN:
        body = _("Sends by itself in a moment: %(text)s") % {"text": text}
    else:
        body = _("Suggestion: %(text)s") % {"text": text}
    return said | {"body": body, "token": token_of(message)}


def _over(status: Status) -> str:
    if status is Status.EXPIRED:
        return _("Expired. Nothing was sent.")
    if status is Status.DISMISSED:
        return _("Dismissed. Nothing was sent.")
    if status is Status.STOPPED:
        return _("Stopped. Nothing was sent.")
    return _("Decided already.")


def topic(message: PushMessage) -> str:
    """Return what a suggestion's notifications have in common: the later takes the earlier's place."""
    return f"suggestion-{message.intervention_id}" if message.intervention_id else "hello"


def token_of(message: PushMessage) -> str:
    """Return the approval in a notification: signed, for this message alone."""
    return signing.dumps(message.pk.hex, salt=_PURPOSE)


def redeem(token: str, now: dt.datetime) -> PushMessage:
    """Use an approval up and return its message with user and suggestion.

    Raises an authentication error where it is not ours or too old, a conflict where it was used.
    """
    pk = _read(token)
    used = PushMessage.objects.filter(pk=pk, kind=PushKind.ASK, used_at=None).update(used_at=now)
    message = (
        PushMessage.objects.select_related("subscription__user", "intervention__session__event")
        .filter(pk=pk, kind=PushKind.ASK)
        .first()
    )
    if message is None:
        raise unauthenticated("token_invalid", "This approval is not ours.")
    if not used:
        raise conflict("token_used", "This approval was used already.")
    return message


def _read(token: str) -> UUID:
    if len(token) > TOKEN_MAX_CHARS:
        raise unauthenticated("token_invalid", "This approval is not ours.")
    try:
        return UUID(hex=str(signing.loads(token, salt=_PURPOSE, max_age=LIFETIME)))
    except signing.SignatureExpired:
        raise unauthenticated("token_expired", "This approval is too old. Open the page.") from None
    except (signing.BadSignature, ValueError):
        raise unauthenticated("token_invalid", "This approval is not ours.") from None
