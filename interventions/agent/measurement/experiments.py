"""Experiments: variants of wordings or of a rule, split by session, with a beginning and an end."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from engagement.models import Organisation, Session
from engagement.vocabulary.errors import conflict, invalid
from interventions.agent.measurement.assignment import assign
from interventions.kinds import Kind
from interventions.kinds.registry import acts
from interventions.lifecycle.agent_limits import Limits
from interventions.models import (
    AgentSettings,
    Experiment,
    ExperimentStatus,
    Template,
    TemplateStatus,
)

TEMPLATES: Final = "templates"
RULE: Final = "rule"
VARIANTS: Final = (2, 5)
_FIELDS: Final = ("line", "expiry_seconds", "countdown_seconds", "may_ask_model")
_LIMITS: Final = tuple(
    each.name
    for each in fields(Limits)
    if each.name not in {"cooldowns", "per_session", "forbidden"}
)
"""Limits of the guards that may be compared, as fields of AgentSettings may."""
_STANDINGS: Final[dict[str, Promise]] = {
    ExperimentStatus.DRAFT: gettext_lazy("draft"),
    ExperimentStatus.RUNNING: gettext_lazy("running"),
    ExperimentStatus.STOPPED: gettext_lazy("stopped"),
    ExperimentStatus.ARCHIVED: gettext_lazy("archived"),
}
"""Within a sentence."""
MOST_OF_A_LIMIT: Final = 86_400


def template_ids(session: Session, kind: Kind) -> tuple[int, str, list[int]] | None:
    """Return experiment, variant and the approved templates a session is to be written with.

    None where no experiment about this kind runs, or where none of the variant's wordings is
    approved any more. `session.event` is read.
    """
    found = _current(session, TEMPLATES, kind.value)
    if found is None:
        return None
    experiment, variant = found
    approved = Template.objects.filter(
        pk__in=variant["templates"], kind=kind.value, status=TemplateStatus.APPROVED
    )
    ids = list(approved.order_by("pk").values_list("pk", flat=True))
    return (experiment.pk, variant["key"], ids) if ids else None


def rule_for(session: Session) -> tuple[int, str, dict[str, Any]] | None:
    """Return experiment, variant and the settings that hold for a session instead of its own.

    None where no rule is compared. `session.event` is read.
    """
    found = _current(session, RULE, "")
    if found is None:
        return None
    experiment, variant = found
    return experiment.pk, variant["key"], dict(variant["settings"])


def _current(session: Session, subject: str, kind: str) -> tuple[Experiment, dict[str, Any]] | None:
    """Return the experiment a session takes part in, and its variant; demo sessions never do.

    One that was stopped with a winner gives the winner to every session until it is archived.
    """
    if session.is_demo:
        return None
    rows = Experiment.objects.filter(
        organisation_id=session.event.organisation_id, subject=subject, kind=kind,
        status__in=(ExperimentStatus.RUNNING, ExperimentStatus.STOPPED),
    ).order_by("-started_at")  # fmt: skip
    # What runs goes before what won earlier.
    for experiment in sorted(rows, key=lambda row: row.status != ExperimentStatus.RUNNING):
        key = experiment.winner
        if experiment.status == ExperimentStatus.RUNNING:
            key = assign(experiment.salt, session.pk, keys_of(experiment))
        if key:
            return experiment, variant_of(experiment, key)
    return None


def keys_of(experiment: Experiment) -> list[str]:
    """Return the keys of the variants, the one that others are compared with first."""
    return [str(variant["key"]) for variant in experiment.variants]


def variant_of(experiment: Experiment, key: str) -> dict[str, Any]:
    """Return a variant by its key. Raises KeyError."""
    for variant in experiment.variants:
        if variant["key"] == key:
            return dict(variant)
    raise KeyError(key)


# --- changing them ---------------------------------------------------------------------------


def create(
    organisation: Organisation,
    *,
    name: str,
    subject: str,
    kind: str,
    variants: Sequence[Mapping[str, Any]],
    now: dt.datetime,
) -> Experiment:
    """Return a new draft. Raises a validation error for variants that could not be compared."""
    if subject not in (TEMPLATES, RULE):
        raise invalid("unknown_subject", "An experiment compares templates or a rule.", "subject")
    if subject == TEMPLATES and kind not in {each.value for each in acts()}:
        raise invalid("unknown_kind", "An experiment with wordings is about one kind.", "kind")
    return Experiment.objects.create(
        organisation=organisation, name=name, subject=subject,
        kind=kind if subject == TEMPLATES else "",
        variants=checked(subject, kind, variants), salt=secrets.token_hex(8), created_at=now,
    )  # fmt: skip


def start(experiment: Experiment, now: dt.datetime) -> Experiment:
    """Split sessions from now on. Raises a conflict while another about the same thing runs."""
    with transaction.atomic():
        # Two starts of one organisation one after the other.
        Organisation.objects.select_for_update().get(pk=experiment.organisation_id)
        row = _locked(experiment, ExperimentStatus.DRAFT)
        checked(row.subject, row.kind, row.variants)
        others = Experiment.objects.filter(
            organisation_id=row.organisation_id, subject=row.subject, kind=row.kind,
            status=ExperimentStatus.RUNNING,
        )  # fmt: skip
        if others.exists():
            raise conflict(
                "experiment_running", "Another experiment about the same is running. Stop it first."
            )
        row.status, row.started_at = ExperimentStatus.RUNNING, now
        row.save(update_fields=["status", "started_at"])
    return row


def stop(experiment: Experiment, now: dt.datetime, winner: str = "") -> Experiment:
    """End the split; its numbers stay. A winner is what every session gets until it is archived."""
    with transaction.atomic():
        row = _locked(experiment, ExperimentStatus.RUNNING)
        _check_winner(row, winner)
        row.status, row.stopped_at, row.winner = ExperimentStatus.STOPPED, now, winner
        row.save(update_fields=["status", "stopped_at", "winner"])
    return row


def name_winner(experiment: Experiment, winner: str) -> Experiment:
    """Name or change the winner of a stopped experiment; empty: none."""
    with transaction.atomic():
        row = _locked(experiment, ExperimentStatus.STOPPED)
        _check_winner(row, winner)
        row.winner = winner
        row.save(update_fields=["winner"])
    return row


def archive(experiment: Experiment) -> Experiment:
    """Take a draft or a stopped one off the list; a winner no longer holds."""
    with transaction.atomic():
        row = _locked(experiment, ExperimentStatus.DRAFT, ExperimentStatus.STOPPED)
        row.status = ExperimentStatus.ARCHIVED
        row.save(update_fields=["status"])
    return row


def _locked(experiment: Experiment, *allowed: ExperimentStatus) -> Experiment:
    row = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if row.status not in allowed:
        raise conflict(
            "not_possible_now", "This is not possible while the experiment is %(status)s.",
            status=_STANDINGS[row.status],
        )  # fmt: skip
    return row


def _check_winner(experiment: Experiment, winner: str) -> None:
    if winner and winner not in keys_of(experiment):
        raise invalid("unknown_variant", "The experiment has no such variant.", "winner")


# --- what can be compared --------------------------------------------------------------------


def checked(subject: str, kind: str, variants: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the variants as they are stored. Raises a validation error for what cannot be compared."""
    least, most = VARIANTS
    if not isinstance(variants, list | tuple) or not least <= len(variants) <= most:
        raise invalid(
            "variants_count", "An experiment has %(least)s to %(most)s variants.", "variants",
            least=least, most=most,
        )  # fmt: skip
    found = []
    for variant in variants:
        if not isinstance(variant, Mapping):
            raise invalid("variant_key", "A variant has a key of 1 to 40 characters.", "variants")
        key = str(variant.get("key", "")).strip()
        label = str(variant.get("label") or key)
        if not 0 < len(key) <= 40 or len(label) > 120:
            raise invalid("variant_key", "A variant has a key of 1 to 40 characters.", "variants")
        if subject == TEMPLATES:
            content: dict[str, Any] = {"templates": _template_ids(kind, variant.get("templates"))}
        else:
            content = {"settings": _settings(variant.get("settings"))}
        found.append({"key": key, "label": label, **content})
    if len({each["key"] for each in found}) < len(found):
        raise invalid("variants_alike", "Two variants have the same key.", "variants")
    return found


def _template_ids(kind: str, given: object) -> list[int]:
    ids = given if isinstance(given, list) else []
    if not ids or not all(type(each) is int and 0 < each < 2**63 for each in ids):
        raise invalid("variant_templates", "A variant names one template or more.", "variants")
    approved = Template.objects.filter(pk__in=ids, kind=kind, status=TemplateStatus.APPROVED)
    if approved.count() < len(set(ids)):
        raise invalid(
            "variant_templates", "A variant's templates are approved and of its kind.", "variants"
        )
    return sorted(set(ids))


def _settings(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise invalid("variant_settings", "A variant names the settings it changes.", "variants")
    for name, value in given.items():
        if name in _FIELDS:
            _check_field(name, value)
        elif name not in _LIMITS or type(value) is not int or not 0 <= value <= MOST_OF_A_LIMIT:
            raise invalid(
                "variant_settings", "%(name)s cannot be compared, or not with this value.", "variants",
                name=name,
            )  # fmt: skip
    return dict(given)


def _check_field(name: str, value: object) -> None:
    field: Any = AgentSettings._meta.get_field(name)
    wanted = bool if name == "may_ask_model" else (int, float) if name == "line" else int
    try:
        if not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool)):
            raise ValidationError("of another type")
        field.clean(value, None)
    except ValidationError:
        raise invalid(
            "variant_settings", "%(name)s cannot have this value.", "variants", name=name
        ) from None
