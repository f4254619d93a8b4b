"""Experiments: planned here or by the API, changed by the services only."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from engagement.admin.base import OfferedLookups
from engagement.vocabulary.errors import ProblemError
from interventions.admin.approvals import table
from interventions.agent.measurement import experiment_results, experiments
from interventions.agent.measurement.lift import Lift
from interventions.models import Experiment


class ExperimentForm(forms.ModelForm[Experiment]):
    """Refuses variants that could not be compared."""

    class Meta:
        model = Experiment
        fields: ClassVar = ("organisation", "name", "subject", "kind", "variants")

    def clean(self) -> dict[str, Any]:
        """Hold the variants against the service's checks. Raises ValidationError."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                data["variants"] = experiments.checked(
                    data["subject"], data["kind"], data["variants"]
                )
            except ProblemError as error:
                raise forms.ValidationError(error.text, code=error.code) from error
        return data


@admin.register(Experiment)
class ExperimentAdmin(OfferedLookups[Experiment]):
    """What runs comes first."""

    form = ExperimentForm
    list_display = (
        "name", "organisation", "subject", "kind", "status", "winner", "started_at", "stopped_at",
    )  # fmt: skip
    list_filter = ("status", "subject", "organisation")
    search_fields = ("name", "organisation__name")
    list_select_related = ("organisation",)
    autocomplete_fields = ("organisation",)
    actions = ("start", "stop", "archive")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: variants that changed underway would compare nothing."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: an experiment is archived, its numbers stay."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show the results of one that exists."""
        own = ("organisation", "name", "subject", "kind", "variants")
        return own if obj is None else (*own, "status", "winner", "results")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Everything of one that exists."""
        return () if obj is None else ("results",)

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        """Make it by the service."""
        data = form.cleaned_data
        made = experiments.create(now=timezone.now(), **data)
        obj.pk = made.pk

    @admin.display(description=_("results"))
    def results(self, experiment: Experiment) -> SafeString:
        """Return what each variant brought; intervals hold however often one looks."""
        rows: list[tuple[Any, ...]] = [
            (each.label, each.decisions, each.sent, each.sessions, each.running,
             "–" if each.mean is None else f"{each.mean:+.1f}",
             _shown(each.against_first), _shown(each.against_nothing))
            for each in experiment_results.results_of(experiment)
        ]  # fmt: skip
        heads = (
            _("variant"), _("decisions"), _("sent"), _("sessions over"), _("sessions live"),
            _("points over forecast"), _("against the first"), _("against doing nothing"),
        )  # fmt: skip
        return table(heads, rows)

    @admin.action(description=_("Start"), permissions=["add"])
    def start(self, request: HttpRequest, chosen: QuerySet[Experiment]) -> None:
        """Split sessions from now on."""
        self._each(request, chosen, lambda row: experiments.start(row, timezone.now()))

    @admin.action(description=_("Stop without a winner"), permissions=["add"])
    def stop(self, request: HttpRequest, chosen: QuerySet[Experiment]) -> None:
        """End the split."""
        self._each(request, chosen, lambda row: experiments.stop(row, timezone.now()))

    @admin.action(description=_("Archive"), permissions=["add"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Experiment]) -> None:
        """Take off the list."""
        self._each(request, chosen, experiments.archive)

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet[Experiment],
        do: Callable[[Experiment], object],
    ) -> None:
        for row in chosen:
            try:
                do(row)
            except ProblemError as error:
                self.message_user(request, f"{row}: {error.text}", messages.WARNING)
            else:
                self.log_change(request, row, [{"changed": {"fields": ["status"]}}])
                self.message_user(request, _now("%s: done.") % row, messages.SUCCESS)


def _shown(found: Lift | None) -> str:
    if found is None:
        return str(_("too few to tell"))
    return f"{found.effect:+.1f} ({found.low:+.1f} … {found.high:+.1f})"
