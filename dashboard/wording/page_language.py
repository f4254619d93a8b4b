"""In which language a page of a session speaks, where its reader has not chosen one."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation


def speak(request: HttpRequest, language: str) -> None:
    """Render what follows in a session's language, unless the reader has chosen one by the cookie.

    People in a room read what its organizers write: their browser's language says less than the
    session's. `LocaleMiddleware` chooses anew for every request, so nothing has to be restored.
    """
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    known = dict(settings.LANGUAGES)
    if chosen not in known and language in known:
        translation.activate(language)
