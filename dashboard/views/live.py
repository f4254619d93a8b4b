"""The live page and its fragments: one view for each."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard import script_words
from dashboard.access import session_for
from dashboard.charts import TONE_OF_STATE
from dashboard.joining import join_link, qr_svg
from dashboard.live import WINDOWS
from dashboard.pages import LivePage, SummaryPage, is_over
from engagement.models import AgentMode, Session
from engagement.queries import may_organize


@require_GET
@login_required
def session_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The session's page: live numbers while it is planned or live, the summary after its end."""
    session = session_for(request, pk)
    if is_over(session):
        context = {**_about(request, session), "page": SummaryPage(session)}
        return render(request, "dashboard/session_ended.html", context)
    return render(request, "dashboard/session_live.html", _context(request, session))


def _about(request: HttpRequest, session: Session) -> dict[str, Any]:
    return {
        "session": session,
        "can_edit": may_organize(request.user, session.event.organisation_id),
        "modes": AgentMode,
        "join": join_link(request, session),
    }


def _context(request: HttpRequest, session: Session) -> dict[str, Any]:
    page = LivePage(session, timezone.now(), minutes=chosen_minutes(request))
    join = join_link(request, session)
    return {
        **_about(request, session),
        "page": page,
        "windows": WINDOWS,
        "qr": qr_svg(join.url),
        "words": script_words.for_scripts(),
    }


def chosen_minutes(request: HttpRequest) -> int:
    """Return the chart's window that the address asks for, else the shortest."""
    asked = request.GET.get("minutes", "")
    return int(asked) if asked in {str(each) for each in WINDOWS} else WINDOWS[0]


def _fragment(request: HttpRequest, pk: int, template: str) -> HttpResponse:
    return render(request, template, _context(request, session_for(request, pk)))


@require_GET
@login_required
def session_banner(request: HttpRequest, pk: int) -> HttpResponse:
    """What is away, if anything is."""
    return _fragment(request, pk, "dashboard/_banner.html")


@require_GET
@login_required
def session_headline(request: HttpRequest, pk: int) -> HttpResponse:
    """The alert or the state, and the sentence."""
    return _fragment(request, pk, "dashboard/_headline.html")


@require_GET
@login_required
def session_score(request: HttpRequest, pk: int) -> HttpResponse:
    """The number, its band, its word, its change."""
    return _fragment(request, pk, "dashboard/_score.html")


@require_GET
@login_required
def session_signals(request: HttpRequest, pk: int) -> HttpResponse:
    """The four signal cards."""
    return _fragment(request, pk, "dashboard/_signals.html")


@require_GET
@login_required
def session_parts(request: HttpRequest, pk: int) -> HttpResponse:
    """What the score is made of."""
    return _fragment(request, pk, "dashboard/_parts.html")


@require_GET
@login_required
def session_suggest(request: HttpRequest, pk: int) -> HttpResponse:
    """The suggestion's slot."""
    return _fragment(request, pk, "dashboard/_suggest.html")


@require_GET
@login_required
def session_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened."""
    return _fragment(request, pk, "dashboard/_feed.html")


@require_GET
@login_required
def session_mode_control(request: HttpRequest, pk: int) -> HttpResponse:
    """Who may send."""
    return _fragment(request, pk, "dashboard/_mode.html")


@require_GET
@login_required
def session_table(request: HttpRequest, pk: int) -> HttpResponse:
    """The chart as a table."""
    return _sheet(request, pk, "dashboard/_table.html", "dashboard/session_table.html")


@require_GET
@login_required
def session_formula(request: HttpRequest, pk: int) -> HttpResponse:
    """How the score is made, with this tick's numbers."""
    return _sheet(request, pk, "dashboard/_formula.html", "dashboard/session_formula.html")


@require_GET
@login_required
def session_keys(request: HttpRequest, pk: int) -> HttpResponse:
    """The keys of the live page."""
    return _sheet(request, pk, "dashboard/_keys.html", "dashboard/session_keys.html")


def _sheet(request: HttpRequest, pk: int, fragment: str, page: str) -> HttpResponse:
    """A sheet over the page where a script asks, a page of its own where a link leads to it."""
    return _fragment(request, pk, fragment if request.headers.get("HX-Request") else page)


@require_GET
@login_required
def session_series(request: HttpRequest, pk: int) -> JsonResponse:
    """The last hour as numbers: `points` are [ms, score, low, high, tone], `marks` anomalies."""
    page = LivePage(session_for(request, pk), timezone.now(), minutes=WINDOWS[-1])
    live = page.live
    points = [
        [m.milliseconds, _one(m.score), _one(m.low), _one(m.high), TONE_OF_STATE.get(m.state, "")]
        for m in page.moments
    ]
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
        "points": points,
        "marks": page.marks,
    }
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


def _one(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
