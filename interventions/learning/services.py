"""The policy of an organisation, kept in a row and changed under its lock."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

from django.db import transaction

from engagement.models import Session
from interventions.kinds import Kind
from interventions.kinds.registry import every
from interventions.learning import bandit
from interventions.learning.bandit import Policy
from interventions.models import ArmSample, ArmState, Intervention
from interventions.vocabulary.stored_decision import Decision, Effect

_SEEDS: Final = 2**31


@contextmanager
def locked(
    organisation_id: int, *, is_demo: bool, now: dt.datetime, rng: random.Random | None = None
) -> Iterator[tuple[Policy, ArmState]]:
    """Give the organisation's policy to read and change; it is stored when the block ends well.

    `rng` seeds a policy that does not exist yet. Opens its own transaction where there is none.
    """
    with transaction.atomic():
        fresh = Policy(every(), seed=rng.randrange(_SEEDS) if rng else 0)
        # Two sessions may begin an organisation's learning at once; the row is locked before it is
        # read, so neither works on what the other is about to change.
        ArmState.objects.get_or_create(
            organisation_id=organisation_id,
            is_demo=is_demo,
            defaults={"policy": fresh.to_json(), "updated_at": now},
        )
        state = ArmState.objects.select_for_update().get(
            organisation_id=organisation_id, is_demo=is_demo
        )
        policy = policy_of(state)
        yield policy, state
        state.policy = policy.to_json()
        state.updated_at = now
        state.save(update_fields=["policy", "session_id", "updated_at"])


def policy_of(state: ArmState) -> Policy:
    """Return an organisation's policy; of kinds that it has not met it believes what priors say."""
    policy = Policy.from_json(state.policy)
    policy.meet(every())
    return policy


def choose(
    session: Session,
    context: Mapping[str, object],
    eligible: Sequence[Kind],
    *,
    holdout: float | None,
    now: dt.datetime,
    rng: random.Random,
) -> Decision:
    """Return a decision as an intervention stores it; the policy remembers that it is waiting.

    In a sandbox a copy of what the organisation knows decides, and is thrown away.
    """
    wanted = [kind.value for kind in eligible]
    if session.is_sandboxed:
        policy = _copy(session, rng)
        return _stored(policy.choose(context, wanted, holdout=holdout), policy)
    with _of(session, now, rng) as (policy, state):
        if state.session_id != session.pk:
            if state.session_id is not None:
                policy.new_event()
            state.session_id = session.pk
        made = policy.choose(context, wanted, holdout=holdout)
        return _stored(made, policy)


def _copy(session: Session, rng: random.Random) -> Policy:
    known = ArmState.objects.filter(
        organisation_id=session.event.organisation_id, is_demo=False
    ).first()
    return Policy(every(), seed=rng.randrange(_SEEDS)) if known is None else policy_of(known)


def _stored(made: bandit.Decision, policy: Policy) -> Decision:
    return Decision(
        id=made.id,
        # Of the policy: after a reset the numbers begin anew, and an old one means nothing.
        policy=policy.seed,
        action=made.action,
        suggested=made.suggested,
        is_holdout=made.is_holdout,
        propensities=dict(made.propensities),
        confidence=dict(made.confidence),
        estimates={name: Effect(**asdict(each)) for name, each in made.estimates.items()},
        measurable=made.measurable,
        deliveries=dict(made.deliveries),
        holdouts=made.holdouts,
        noise=policy.noise,
        row=dict(made.row),
    )


def learn(intervention: Intervention, outcome: float, now: dt.datetime) -> bool:
    """Teach the policy one outcome (points); False where the policy knows of no such decision."""
    if intervention.session.is_sandboxed:
        return False
    with _of(intervention.session, now) as (policy, state):
        if not _is_own(policy, intervention) or not policy.learn(intervention.decided.id, outcome):
            return False
        ArmSample.objects.create(
            organisation_id=state.organisation_id,
            is_demo=state.is_demo,
            time=now,
            standings={
                name: [
                    round(each.effect, 3), round(each.low, 3), round(each.high, 3),
                    round(each.confidence, 4), policy.deliveries[name],
                ]
                for name, each in policy.standings().items()
            },
            holdouts=policy.holdouts,
        )  # fmt: skip
        return True


def drop(intervention: Intervention, now: dt.datetime) -> None:
    """Let the policy forget a decision that will have no outcome."""
    if intervention.decided.id and not intervention.session.is_sandboxed:
        with _of(intervention.session, now) as (policy, _):
            if _is_own(policy, intervention):
                policy.drop(intervention.decided.id)


def _is_own(policy: Policy, intervention: Intervention) -> bool:
    decided = intervention.decided
    return decided.policy == policy.seed and decided.id in policy.waiting


@contextmanager
def _of(
    session: Session, now: dt.datetime, rng: random.Random | None = None
) -> Iterator[tuple[Policy, ArmState]]:
    organisation_id = session.event.organisation_id
    with locked(organisation_id, is_demo=session.is_demo, now=now, rng=rng) as held:
        yield held
