"""Experiments: what is compared, how it stands, and who ends it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.access import name_of, user_of
from engagement.models import ActKind
from engagement.organisations import audit
from engagement.sessions.queries import WRITERS, organisations_of
from engagement.vocabulary.errors import ProblemError
from interventions.agent.measurement import experiment_results, experiments
from interventions.models import Experiment, ExperimentStatus

MOST_SHOWN = 30


@login_required
def experiment_list(request: HttpRequest) -> HttpResponse:
    """The experiments of the person's organisations, what runs first; archived ones are left out."""
    user = user_of(request)
    rows = list(
        Experiment.objects.filter(organisation__in=organisations_of(user))
        .exclude(status=ExperimentStatus.ARCHIVED)
        .select_related("organisation")
        .order_by("-created_at")[:MOST_SHOWN]
    )
    rows.sort(key=lambda row: row.status != ExperimentStatus.RUNNING)
    results = experiment_results.results_of_all(rows)
    writers = user.memberships.filter(role__in=WRITERS).values_list("organisation_id", flat=True)
    mine = set(writers)
    shown = [(row, results[row.pk], row.organisation_id in mine) for row in rows]
    return render(request, "report/experiments.html", {"experiments": shown})


@login_required
@require_POST
def experiment_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Start, stop, name a winner, or archive; then the list again."""
    user = user_of(request)
    row = Experiment.objects.filter(
        pk=pk, organisation__memberships__user=user, organisation__memberships__role__in=WRITERS
    ).first()
    if row is None:
        raise Http404
    winner, now = request.POST.get("winner", ""), timezone.now()
    steps = {
        "start": lambda: experiments.start(row, now),
        "stop": lambda: experiments.stop(row, now, winner),
        "winner": lambda: experiments.name_winner(row, winner),
        "archive": lambda: experiments.archive(row),
    }
    try:
        steps[action]()
        audit.note(
            ActKind.SETTINGS, who=name_of(user), now=now, organisation_id=row.organisation_id,
            detail=f"experiment {action}: {row.name}",
        )  # fmt: skip
    except KeyError:
        raise Http404 from None
    except ProblemError as error:
        messages.error(request, error.text)
    return redirect("experiment-list")
