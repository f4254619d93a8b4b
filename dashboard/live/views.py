"""The live page and its fragments: one view for each."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.context import make_context
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from dashboard.access import session_for
from dashboard.audience.joining import join_link, qr_svg, words_now
from dashboard.live import page_fragments
from dashboard.live.page import LivePage, is_over
from dashboard.live.page_changes import stamp_of
from dashboard.page_data.shared_reads import SHELF
from dashboard.report.page import SummaryPage
from dashboard.report.what_if_page import WhatIf
from dashboard.score.chart import TONE_OF_STATE
from dashboard.score.overview import WINDOWS
from dashboard.sessions.demo import showing_of
from dashboard.wording import javascript_texts
from engagement.limits.costly_answers import put_off
from engagement.models import Session
from engagement.sessions.queries import may_organize
from engagement.vocabulary.modes import Mode
from interventions.api.exports import TABLES


@require_GET
@login_required
def session_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The session's page: live numbers while it is planned or live, the summary after its end."""
    session = session_for(request, pk)
    if is_over(session):
        return _report(request, session)
    return render(request, "live/live.html", context_of(request, session))


@require_GET
@login_required
def session_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report of a session: of all of it, or so far while it is live."""
    return _report(request, session_for(request, pk))


def _report(request: HttpRequest, session: Session) -> HttpResponse:
    if (later := put_off(request, session.event.organisation_id)) is not None:
        return later
    page = SummaryPage(session, timezone.now())
    other = WhatIf(request.GET, page)
    context = {**_about(request, session), "page": page, "other": other, "tables": tuple(TABLES)}
    return render(request, "report/report.html", context)


def _about(request: HttpRequest, session: Session) -> dict[str, Any]:
    return {
        "session": session,
        "can_edit": may_organize(request.user, session.event.organisation_id),
        "join": join_link(request, session),
        "demo": showing_of(session, timezone.now()),
    }


def context_of(
    request: HttpRequest, session: Session, typed: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what the live page and its fragments are rendered with; `typed`: refused words."""
    reader, now = request.user.pk, timezone.now()
    shared = SHELF.shared(session.pk, stamp_of(session, now))
    page = LivePage(session, now, chosen_minutes(request), reader, typed, shared)
    join = join_link(request, session)
    return {
        **_about(request, session),
        "page": page,
        "windows": WINDOWS,
        # Asked for by few parts: made when they do.
        "qr": lambda: qr_svg(join.url),
        "words": javascript_texts.for_scripts,
        "word": words_now(session, now.timestamp())["word"],
        # A minute is too short for both.
        "offers_tour": f"tour-{reader}" not in request.COOKIES and not session.is_sandboxed,
        # Without a script the question comes with the page.
        "asks_auto": request.GET.get("auto") == "ask" and session.agent_mode != Mode.AUTO,
    }


def chosen_minutes(request: HttpRequest) -> int:
    """Return the chart's window that the address asks for, else the shortest."""
    asked = request.GET.get("minutes", "")
    return int(asked) if asked in {str(each) for each in WINDOWS} else WINDOWS[0]


View = Callable[[HttpRequest, int], HttpResponse]


def _sheet(fragment: str) -> View:
    """Return the view of a sheet.

    It lies over the page where a script asks, and is a page of its own where a link leads to it.
    """

    @require_GET
    @login_required
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        is_over = request.headers.get("HX-Request")
        context = context_of(request, session_for(request, pk))
        template = fragment if is_over else "sheets/sheet.html"
        return render(request, template, {**context, "sheet": fragment})

    return view


# The chart as a table.
session_table = _sheet("sheets/_score_table.html")
# How the score is made, with this tick's numbers.
session_formula = _sheet("sheets/_score_formula.html")
# What confidence, effect and lift mean, with this organisation's numbers.
session_claims = _sheet("sheets/_number_meanings.html")
# The keys of the live page.
session_keys = _sheet("sheets/_keyboard.html")


@require_GET
@login_required
def session_part(request: HttpRequest, pk: int, names: str) -> HttpResponse:
    """The parts of the live page that are named, with a plus between them, read at one moment.

    Each comes once, however often it is named. 404 where a name is unknown.
    """
    wanted = dict.fromkeys(names.split("+"))
    if not page_fragments.CHANGING.keys() >= wanted.keys():
        raise Http404
    context = make_context(context_of(request, session_for(request, pk)), request)
    return HttpResponse("".join(page_fragments.part(context, name) for name in wanted))


@require_GET
@login_required
def session_series(request: HttpRequest, pk: int) -> HttpResponse:
    """The last hour as numbers: `points` are [ms, score, low, high, tone], `marks` anomalies,
    `brackets` interventions."""
    session, now = session_for(request, pk), timezone.now()
    shared = SHELF.shared(session.pk, stamp_of(session, now))
    page = LivePage(session, now, minutes=WINDOWS[-1], shared=shared)
    live = page.live
    body = {
        "seq": live.seq,
        "now": round(page.now.timestamp() * 1000),
        "status": page.session.status,
        "condition": live.condition,
        "score": live.score,
        "low": live.low,
        "high": live.high,
        "state": live.state,
        "d2": live.change,
        "points": shared.of("points", lambda: _encoded(_points(page))),
        "marks": shared.of(("marks", get_language()), lambda: _encoded(page.marks)),
        "brackets": shared.of(("brackets", get_language()), lambda: _encoded(page.brackets)),
    }
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(msgspec.json.encode(body), "application/json", headers=headers)


def _encoded(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _points(page: LivePage) -> list[list[Any]]:
    return [
        [m.milliseconds, _one(m.score), _one(m.low), _one(m.high), TONE_OF_STATE.get(m.state, "")]
        for m in page.moments
    ]


def _one(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
