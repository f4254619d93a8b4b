"""The page of arms: what was learned for each organisation, and export, import, reset with a reason."""

import random
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from engagement.admin.base import ReadOnly
from engagement.vocabulary.errors import ProblemError
from interventions.agent.measurement import learned_report
from interventions.learning import import_export
from interventions.learning.bandit.context import KINDS
from interventions.models import ArmChange, ArmSample, ArmState

WIDTH, HEIGHT = 120.0, 30.0


class ReasonForm(forms.Form):
    """Whoever changes what was learned says why."""

    reason = forms.CharField(max_length=280, label=_("reason"))


class ImportForm(ReasonForm):
    """An exported policy."""

    policy = forms.FileField(label=_("file"))


@admin.register(ArmState)
class ArmStateAdmin(ReadOnly):
    """One row for an organisation, and one for what its demo sessions taught."""

    list_display = ("organisation", "is_demo", "updated_at")
    list_filter = ("is_demo",)
    search_fields = ("organisation__name",)
    list_select_related = ("organisation",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArmState]:
        """Leave the policy's text out of lists: it is long."""
        return super().get_queryset(request).defer("policy")

    def has_teach_permission(self, request: HttpRequest) -> bool:
        """Whether this member of staff may import and reset."""
        return bool(request.user.has_perm("interventions.change_armstate"))

    def get_urls(self) -> list[URLPattern]:
        """Add the export, the import and the reset."""
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/export/", view(self.export), name="arms-export"),
            path("<int:pk>/import/", view(self.import_policy), name="arms-import"),
            path("<int:pk>/reset/", view(self.reset), name="arms-reset"),
        ]
        return own + list(super().get_urls())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the report instead of a form."""
        state = self._state(request, object_id)
        found = learned_report.report(state)
        context = {
            **self.admin_site.each_context(request),
            "title": str(state),
            "opts": self.opts,
            "state": state,
            "report": found,
            "rows": [(arm, trail(arm.kind, found.samples)) for arm in found.arms],
            "alarms": KINDS,
            "may_teach": self.has_teach_permission(request),
            "import_form": ImportForm(auto_id="import_%s"),
            "reset_form": ReasonForm(auto_id="reset_%s"),
        }
        return TemplateResponse(request, "admin/interventions/arms.html", context)

    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Download the policy."""
        state = self._state(request, pk)
        name = f"policy-{state.organisation_id}{'-demo' if state.is_demo else ''}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        text = import_export.export(state.organisation, is_demo=state.is_demo)
        return HttpResponse(text, content_type="application/json", headers=headers)

    def import_policy(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put an exported policy in place of what was learned."""
        state = self._state(request, pk, to_teach=True)
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._back(request, state, _now("A file and a reason are needed."))
        try:
            text = (
                form.cleaned_data["policy"].read(import_export.MOST_BYTES + 1).decode("utf-8-sig")
            )
            import_export.import_policy(
                state.organisation, text, reason=form.cleaned_data["reason"], by=_user(request),
                now=timezone.now(), is_demo=state.is_demo,
            )  # fmt: skip
        except UnicodeDecodeError:
            return self._back(request, state, _now("This is not an exported policy."))
        except ProblemError as error:
            return self._back(request, state, error.text)
        return self._back(request, state, "")

    def reset(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin anew."""
        state = self._state(request, pk, to_teach=True)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._back(request, state, _now("A reason is needed."))
        import_export.reset(
            state.organisation, reason=form.cleaned_data["reason"], by=_user(request),
            now=timezone.now(), rng=random.Random(), is_demo=state.is_demo,
        )  # fmt: skip
        return self._back(request, state, "")

    def _state(self, request: HttpRequest, pk: Any, *, to_teach: bool = False) -> ArmState:
        allowed = self.has_teach_permission if to_teach else self.has_view_permission
        if not allowed(request) or (to_teach and request.method != "POST"):
            raise PermissionDenied
        rows = ArmState.objects.select_related("organisation")
        return get_object_or_404(rows, pk=int(pk) if str(pk).isdecimal() else 0)

    def _back(self, request: HttpRequest, state: ArmState, problem: str) -> HttpResponse:
        if problem:
            self.message_user(request, problem, messages.ERROR)
        else:
            done = _now("Done. What was known before is kept under changes of learning.")
            self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:interventions_armstate_change", args=[state.pk]))


def _user(request: HttpRequest) -> Any:
    return request.user


def trail(kind: str, samples: tuple[ArmSample, ...]) -> str:
    """Return how the effect of a kind moved, as the points of an SVG line; oldest first.

    The middle of the height is no effect, top and bottom are plus and minus eight points.
    """
    values = [each.standings[kind][0] for each in reversed(samples) if kind in each.standings]
    step = WIDTH / max(1, len(values) - 1)
    return " ".join(
        f"{place * step:.1f},{HEIGHT / 2 * (1 - min(1.0, max(-1.0, value / 8.0))):.1f}"
        for place, value in enumerate(values)
    )


@admin.register(ArmChange)
class ArmChangeAdmin(ReadOnly):
    """Resets and imports with their reasons; each can be taken back."""

    list_display = ("at", "organisation", "what", "reason", "by")
    list_filter = ("what", "organisation")
    list_select_related = ("organisation", "by")
    fields: ClassVar = ("at", "organisation", "what", "reason", "by")
    actions = ("restore",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArmChange]:
        """Leave what was known before out of lists: it is long."""
        return super().get_queryset(request).defer("policy_before")

    def has_teach_permission(self, request: HttpRequest) -> bool:
        """Whether this member of staff may import and reset."""
        return bool(request.user.has_perm("interventions.change_armstate"))

    @admin.action(description=_("Put back what was known before"), permissions=["teach"])
    def restore(self, request: HttpRequest, chosen: QuerySet[ArmChange]) -> None:
        """Import what one change replaced."""
        change = chosen.first()
        if change is None or chosen.count() != 1 or not change.policy_before:
            self.message_user(request, _now("Choose one that replaced something."), messages.ERROR)
            return
        import_export.import_policy(
            change.organisation, change.policy_before, by=_user(request), now=timezone.now(),
            reason=_now("Put back what was known before %s") % f"{change.at:%Y-%m-%d %H:%M}",
            is_demo=change.reason.startswith("[demo]"),
        )  # fmt: skip
        self.message_user(request, _now("Done."), messages.SUCCESS)
