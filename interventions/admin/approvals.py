"""The queue: everything that waits for a person, over all sessions, with its whole story."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.admin.base import ReadOnly
from engagement.vocabulary.errors import ProblemError
from interventions.agent.approval import services as approval
from interventions.kinds.registry import kind_name
from interventions.models import Delivery, Intervention
from interventions.vocabulary.labels import status_name, verdict_name
from interventions.vocabulary.statuses import Status

FIRST = (Status.WAITING, Status.COUNTDOWN, Status.APPROVED, Status.SENDING, Status.FAILED)
"""What a person may still do something about comes first."""
NOT_SEEN: Final = -1
"""The version of a row that was not on the page ("all on all pages"): no row has it."""


def table(heads: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> SafeString:
    """Return a small HTML table, every value escaped."""
    head = format_html_join("", "<th>{}</th>", ((each,) for each in heads))
    body = format_html_join(
        "", "<tr>{}</tr>",
        ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows),
    )  # fmt: skip
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


@admin.register(Intervention)
class InterventionAdmin(ReadOnly):
    """Approve or dismiss several at once, by the services that the pages use."""

    list_display = (
        "words", "what", "standing", "session", "asked_by", "sure", "created_at", "expires_at",
        "approved_as", "verdict",
    )  # fmt: skip
    list_filter = ("status", "kind", "asked_by", "mode", "session__event__organisation")
    search_fields = ("session__title", "session__code")
    search_help_text = _("Title or join code of a session")
    list_select_related = ("session__event", "outcome")
    date_hierarchy = "created_at"
    actions = ("approve", "dismiss")
    fields = (
        "session", "anomaly", "what", "standing", "asked_by", "mode", "words", "as_written", "author",
        "author_reason", "template", "experiment", "variant", "created_at", "expires_at",
        "approved_as", "approved_at", "acted_at", "verdict", "chances", "reasons", "refused",
        "steps", "sent",
    )  # fmt: skip
    readonly_fields = fields

    def get_ordering(self, request: HttpRequest) -> Any:
        """What a person may still do something about first, then the newest."""
        rank = Case(
            *(When(status=status.value, then=Value(place)) for place, status in enumerate(FIRST)),
            default=Value(len(FIRST)),
            output_field=IntegerField(),
        )
        return (rank.asc(), "-created_at", "-pk")

    def has_answer_permission(self, request: HttpRequest) -> bool:
        """Whether this member of staff may approve and dismiss."""
        return bool(request.user.has_perm("interventions.change_intervention"))

    # --- what is shown

    @admin.display(description=_("status"), ordering="status")
    def standing(self, row: Intervention) -> SafeString:
        """Return the status, with the version that is being looked at for the actions."""
        return format_html(
            '{}<input type="hidden" name="version_{}" value="{}">',
            status_name(row.status),
            row.pk,
            row.version,
        )

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, row: Intervention) -> str:
        """Return the kind in words."""
        return kind_name(row.kind) or "–"

    @admin.display(description=_("words"))
    def words(self, row: Intervention) -> str:
        """Return the text and its options."""
        return said(row.content)

    @admin.display(description=_("as written"))
    def as_written(self, row: Intervention) -> str:
        """Return what the words were before somebody changed them."""
        return said(row.original)

    @admin.display(description=_("confidence"))
    def sure(self, row: Intervention) -> str:
        """Return how sure the policy is of what it suggests."""
        found = row.decided.confidence.get(row.kind)
        return "–" if found is None else f"{found:.0%}"

    @admin.display(description=_("verdict"))
    def verdict(self, row: Intervention) -> str:
        """Return what followed, in points over the forecast."""
        outcome = getattr(row, "outcome", None)
        if outcome is None:
            return "–"
        if outcome.change is None:
            return verdict_name(outcome.verdict)
        values = {
            "verdict": verdict_name(outcome.verdict),
            "change": f"{outcome.change:+.1f}",
            "expected": f"{outcome.expected:+.1f}",
        }
        return _("%(verdict)s (%(change)s; %(expected)s expected)") % values

    @admin.display(description=_("chances"))
    def chances(self, row: Intervention) -> SafeString | str:
        """Return chance, effect and confidence of every kind, as they were when it was decided."""
        decided = row.decided
        if not decided.propensities:
            return "–"
        rows: list[tuple[Any, ...]] = []
        for kind, chance in decided.propensities.items():
            effect = decided.estimates.get(kind)
            shown = "–"
            if effect:
                shown = f"{effect.effect:+.1f} ({effect.low:+.1f} … {effect.high:+.1f})"
            confidence = decided.confidence.get(kind)
            rows.append(
                (
                    kind_name(kind),
                    f"{chance:.1%}",
                    shown,
                    "–" if confidence is None else f"{confidence:.0%}",
                )
            )
        return table((_("kind"), _("chance"), _("effect, 90 %"), _("confidence")), rows)

    @admin.display(description=_("reasons"))
    def reasons(self, row: Intervention) -> SafeString | str:
        """Return the codes of the reasons with their numbers."""
        found = [(each["code"], _numbers(each["params"])) for each in row.decided.reasons]
        return table((_("reason"), _("numbers")), found) if found else "–"

    @admin.display(description=_("held back"))
    def refused(self, row: Intervention) -> SafeString | str:
        """Return what the guards refused and until when."""
        found = [
            (
                kind_name(each["kind"]) or "–",
                each["code"],
                each.get("until") or "–",
                _numbers(each["params"]),
            )
            for each in row.refused_by
        ]
        return table((_("kind"), _("why"), _("until"), _("numbers")), found) if found else "–"

    @admin.display(description=_("steps"))
    def steps(self, row: Intervention) -> SafeString:
        """Return who did what, when and why."""
        found = [
            (f"{step.time:%Y-%m-%d %H:%M:%S}", status_name(step.before) or "·",
             status_name(step.after), step.node,
             step.who or step.by, _why(step))
            for step in row.transitions.order_by("version")
        ]  # fmt: skip
        return table((_("time"), _("from"), _("to"), _("stage"), _("who"), _("why")), found)

    @admin.display(description=_("deliveries"))
    def sent(self, row: Intervention) -> SafeString | str:
        """Return every target, whether it was reached, and what stands in the way."""
        found = [
            (each.target, each.get_status_display(), each.tries, each.reached or "–",
             f"{each.error} {each.error_detail}".strip() or "–")
            for each in row.deliveries.order_by("pk")
        ]  # fmt: skip
        heads = (_("target"), _("status"), _("tries"), _("reached"), _("error"))
        return table(heads, found) if found else "–"

    # --- what is done

    @admin.action(description=_("Approve the selected suggestions"), permissions=["answer"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Intervention]) -> None:
        """Approve what waits; the first click wins, also over a colleague's on the page."""
        self._each(request, chosen, approval.approve)

    @admin.action(description=_("Dismiss the selected suggestions"), permissions=["answer"])
    def dismiss(self, request: HttpRequest, chosen: QuerySet[Intervention]) -> None:
        """Put away what waits; nothing is sent."""
        self._each(request, chosen, approval.dismiss)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[Intervention], do: Callable[..., object]
    ) -> None:
        user: Any = request.user
        done, now = 0, timezone.now()
        # With the version that was on the page: what changed meanwhile is not approved unseen.
        for pk in chosen.order_by("created_at").values_list("pk", flat=True):
            seen = request.POST.get(f"version_{pk}", "")
            try:
                do(
                    pk,
                    by=user,
                    who=user.get_full_name() or user.get_username(),
                    now=now,
                    version=int(seen) if seen.isascii() and seen.isdecimal() else NOT_SEEN,
                )
                done += 1
            except ProblemError as error:
                self.message_user(request, f"#{pk}: {error.text}", messages.WARNING)
        text = ngettext("%d suggestion changed.", "%d suggestions changed.", done) % done
        self.message_user(request, text, messages.SUCCESS if done else messages.INFO)


def said(content: dict[str, Any] | None) -> str:
    """Return content as one line."""
    if not content:
        return "–"
    options = " / ".join(content.get("options") or [])
    return f"{content['text']} [{options}]" if options else str(content["text"])


def _why(step: Any) -> str:
    """Return a step's code, with the warnings that somebody sent the words against."""
    warnings = step.params.get("warnings")
    return f"{step.why} ({', '.join(warnings)})" if warnings else str(step.why)


def _numbers(params: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in params.items())


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Where things went, failures with their error."""

    list_display = ("intervention", "target", "status", "tries", "reached", "sent_at", "error")
    list_filter = ("status", "target")
    search_fields = ("intervention__session__title", "error")
    list_select_related = ("intervention",)
    ordering = ("-pk",)
