"""Webhooks with their health, and every message with what came of it."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.admin.base import BoundedPaginator, OfferedLookups, ReadOnly
from engagement.vocabulary.errors import ProblemError
from interventions.models import DeliveryStatus, Webhook, WebhookMessage
from interventions.notifications import addresses
from interventions.notifications.addresses import AddressError
from interventions.notifications.webhooks import services as webhooks
from interventions.notifications.webhooks.events import TYPES


class WebhookForm(forms.ModelForm[Webhook]):
    """Refuses an address inside."""

    url = forms.URLField(label=_("address"), max_length=500, assume_scheme="https")
    events = forms.MultipleChoiceField(
        choices=[(each, each) for each in TYPES if each != "ping"], required=False,
        label=pgettext_lazy("webhook", "events"), help_text=_("None chosen: all of them."),
    )  # fmt: skip

    class Meta:
        model = Webhook
        fields: ClassVar = ("organisation", "url")

    def clean_url(self) -> str:
        """Return the address. Raises ValidationError."""
        url = str(self.cleaned_data["url"])
        try:
            addresses.check(url, may_be_private=settings.WEBHOOK_ALLOW_PRIVATE)
        except AddressError as error:
            raise forms.ValidationError(error.text, code=error.code) from error
        return url


@admin.register(Webhook)
class WebhookAdmin(OfferedLookups[Webhook]):
    """Made here or by the API; the secret is shown once, when it is made."""

    form = WebhookForm
    list_display = (
        "url", "organisation", "events", "health", "waiting", "failed", "last_sent", "created_at",
    )  # fmt: skip
    list_filter = ("is_active", "disabled_why", "organisation")
    search_fields = ("url", "organisation__name")
    list_select_related = ("organisation",)
    autocomplete_fields = ("organisation",)
    actions = ("switch_on", "pause", "ping")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        """Count what waits and what failed in the same query."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                waiting_count=Count("messages", filter=Q(messages__status=DeliveryStatus.PENDING)),
                failed_count=Count("messages", filter=Q(messages__status=DeliveryStatus.FAILED)),
                last_sent_at=Max("messages__sent_at"),
            )
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: an address is not changed under a secret that somebody else holds."""
        return False

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        """Make it as the API does, and show its secret once."""
        try:
            made = webhooks.create(
                obj.organisation, obj.url, form.cleaned_data["events"], timezone.now()
            )
        except ProblemError as error:
            self.message_user(request, error.text, messages.ERROR)
            return
        obj.pk = made.pk
        said = _now("The secret, shown this once: %s") % made.secret
        self.message_user(request, said, messages.SUCCESS)

    @admin.display(description=pgettext_lazy("webhook", "events"))
    def events(self, hook: Webhook) -> str:
        """Return the types it wants."""
        return ", ".join(hook.event_types) or _now("all")

    @admin.display(description=_("health"))
    def health(self, hook: Webhook) -> str:
        """Return how it fares, in words."""
        if hook.disabled_at is not None:
            return _now("Disabled: %s") % hook.disabled_why
        if not hook.is_active:
            return _now("Paused")
        if hook.failing_since is not None:
            return _now("Failing since %s") % f"{hook.failing_since:%Y-%m-%d %H:%M}"
        return _now("Well")

    @admin.display(description=_("waiting"), ordering="waiting_count")
    def waiting(self, hook: Any) -> int:
        """Return how many messages wait."""
        return int(hook.waiting_count)

    @admin.display(description=_("failed"), ordering="failed_count")
    def failed(self, hook: Any) -> int:
        """Return how many messages were given up."""
        return int(hook.failed_count)

    @admin.display(description=_("last sent"), ordering="last_sent_at")
    def last_sent(self, hook: Any) -> Any:
        """Return when it last took something."""
        return hook.last_sent_at

    @admin.action(description=_("Switch on"), permissions=["add"])
    def switch_on(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        """Let them begin anew, also disabled ones."""
        self._set(request, chosen, is_active=True)

    @admin.action(description=_("Pause"), permissions=["add"])
    def pause(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        """Send nothing; what waits is kept."""
        self._set(request, chosen, is_active=False)

    def _set(self, request: HttpRequest, chosen: QuerySet[Webhook], *, is_active: bool) -> None:
        for hook in chosen:
            webhooks.change(hook, url=None, event_types=None, is_active=is_active)
            self.log_change(request, hook, [{"changed": {"fields": ["is_active"]}}])
        self.message_user(request, _now("Done."), messages.SUCCESS)

    @admin.action(description=_("Send a ping"), permissions=["add"])
    def ping(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        """Send something harmless; its message shows what came of it."""
        now = timezone.now()
        for hook in chosen.filter(is_active=True, disabled_at=None):
            webhooks.ping(hook, now)
        self.message_user(request, _now("Done."), messages.SUCCESS)


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnly):
    """What was sent, failures with their error."""

    list_display = (
        "event_type", "webhook", "status", "tries", "created_at", "next_at", "sent_at", "error",
    )  # fmt: skip
    list_filter = ("status", "event_type", "webhook__organisation")
    search_fields = ("webhook__url", "error")
    list_select_related = ("webhook",)
    paginator = BoundedPaginator
    show_full_result_count = False
    actions = ("again",)

    def has_again_permission(self, request: HttpRequest) -> bool:
        """Whether the person may have something sent: who may change webhooks."""
        return request.user.has_perm("interventions.change_webhook")

    @admin.action(description=_("Try the selected again"), permissions=["again"])
    def again(self, request: HttpRequest, chosen: QuerySet[WebhookMessage]) -> None:
        """Let messages that were given up begin anew, with the same id."""
        count = chosen.filter(status=DeliveryStatus.FAILED).update(
            status=DeliveryStatus.PENDING, tries=0, next_at=timezone.now(), lease_until=None
        )
        self.message_user(request, _now("%d will be tried again.") % count, messages.SUCCESS)
