"""What the agent has learned, moved by hand: export, import, reset with a reason."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from engagement.models import Organisation
from engagement.vocabulary.errors import conflict, invalid
from interventions.kinds.registry import every
from interventions.learning.bandit import Policy
from interventions.models import ArmChange, ArmState

MOST_BYTES: Final = 5_000_000
"""Of an imported policy."""
_OF_DEMOS: Final = "is_demo"
"""Mark in an exported policy that demo sessions taught."""


def export(organisation: Organisation, *, is_demo: bool = False) -> str:
    """Return the policy as JSON text. Raises a conflict where nothing was learned yet."""
    state = ArmState.objects.filter(organisation=organisation, is_demo=is_demo).first()
    if state is None:
        raise conflict("nothing_learned", "Nothing was learned yet.")
    if not is_demo:
        return state.policy
    return json.dumps(json.loads(state.policy) | {_OF_DEMOS: True})


def read_policy(text: str) -> Policy:
    """Return an exported policy. Raises a validation error for anything else."""
    if len(text) > MOST_BYTES:
        raise invalid("policy_too_big", "This file is too big for a policy.", "policy")
    try:
        policy = Policy.from_json(text)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise invalid("not_a_policy", "This is not an exported policy.", "policy") from error
    if not set(policy.actions) <= set(every()):
        raise invalid("other_actions", "This policy knows other kinds of actions.", "policy")
    return policy


def import_policy(
    organisation: Organisation,
    text: str,
    *,
    reason: str,
    by: User | None,
    now: dt.datetime,
    is_demo: bool = False,
) -> ArmChange:
    """Put an exported policy in place of what was learned; what was known before is kept.

    What demos taught is kept apart: it is refused where real sessions learn.
    """
    policy = read_policy(text)
    if not is_demo and json.loads(text).get(_OF_DEMOS):
        raise invalid(
            "learned_in_demos",
            "This was learned in demo sessions, which is kept apart. Import it there (--demo).",
            "policy",
        )  # fmt: skip
    return _replace(organisation, policy, "import", reason, by, now, is_demo=is_demo)


def reset(
    organisation: Organisation,
    *,
    reason: str,
    by: User | None,
    now: dt.datetime,
    rng: random.Random,
    is_demo: bool = False,
) -> ArmChange:
    """Begin anew; what was known before is kept. Outcomes that are still to come teach nothing."""
    fresh = Policy(every(), seed=rng.randrange(2**31))
    return _replace(organisation, fresh, "reset", reason, by, now, is_demo=is_demo)


def _replace(
    organisation: Organisation,
    policy: Policy,
    what: str,
    reason: str,
    by: User | None,
    now: dt.datetime,
    *,
    is_demo: bool,
) -> ArmChange:
    words = reason.strip()
    if not 0 < len(words) <= 280:
        raise invalid("reason_needed", "Say why, in 1 to 280 characters.", "reason")
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        row = (
            ArmState.objects.select_for_update()
            .filter(organisation=organisation, is_demo=is_demo)
            .first()
        )
        change = ArmChange.objects.create(
            organisation=organisation, what=what, reason=f"[demo] {words}" if is_demo else words,
            by=by, at=now, policy_before=row.policy if row else "",
        )  # fmt: skip
        row = row or ArmState(organisation=organisation, is_demo=is_demo)
        row.policy, row.session_id, row.updated_at = policy.to_json(), None, now
        row.save()
    return change
