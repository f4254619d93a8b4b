"""All kinds, in the order of menus and of the policy's arms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from django.utils.functional import Promise

from interventions.kinds import (
    Kind,
    break_time,
    chat_prompt,
    hold,
    notification,
    poll,
    question_prompt,
    quiz,
    speaker_cue,
    spoken,
    team_challenge,
)
from interventions.kinds.declaration import Answer, Declaration, Shape, Surface

_DECLARED: Final[dict[str, Declaration]] = {
    module.DECLARATION.kind: module.DECLARATION
    for module in (
        poll,
        quiz,
        chat_prompt,
        question_prompt,
        notification,
        team_challenge,
        speaker_cue,
        break_time,
        spoken,
        hold,
    )
}


def declaration_of(kind: str) -> Declaration:
    """Return what is true of a kind. Raises KeyError for a name that is none."""
    return _DECLARED[kind]


def is_kind(name: str) -> bool:
    """Whether a name is that of a kind: another version may have stored others."""
    return name in _DECLARED


def kind_name(kind: str) -> str:
    """Return the noun for a kind; for an unknown one of another version its name."""
    return str(_DECLARED[kind].labels.name) if is_kind(kind) else kind


def shape_of(kind: Kind) -> Shape:
    """Return the limits of a kind's content. Raises KeyError where it has none."""
    shape = declaration_of(kind).shape
    if shape is None:
        raise KeyError(kind)
    return shape


def every(holds: Callable[[Declaration], bool] | None = None) -> tuple[Kind, ...]:
    """Return the kinds, in their order; where `holds` is given those of which it is true."""
    return tuple(each.kind for each in _DECLARED.values() if holds is None or holds(each))


def acts() -> tuple[Kind, ...]:
    """Return everything that is sent to somebody: all but HOLD."""
    return every(lambda each: each.shape is not None)


def for_audience() -> frozenset[Kind]:
    """Return the kinds that ask for the audience's attention."""
    return frozenset(every(lambda each: each.is_for_audience))


def taking_votes() -> tuple[Kind, ...]:
    """Return the kinds of which each person chooses an option."""
    return every(lambda each: each.takes_votes)


def for_speaker() -> tuple[Kind, ...]:
    """Return the kinds that only the speaker's screen shows."""
    return every(lambda each: each.surface is Surface.CUE)


def has_teams(kind: str) -> bool:
    """Whether the options of a kind are sides that earn points."""
    return declaration_of(kind).answer is Answer.TEAM


def choices() -> list[tuple[str, Promise]]:
    """Return the names with their words, as a model's field takes them."""
    return _named(every())


def choices_of_acts() -> list[tuple[str, Promise]]:
    """Return the same without HOLD."""
    return _named(acts())


def _named(kinds: Iterable[Kind]) -> list[tuple[str, Promise]]:
    return [(kind.value, declaration_of(kind).labels.name) for kind in kinds]


@contextmanager
def declared(added: Declaration) -> Iterator[Kind]:
    """Have one kind more while the block lasts; lend its name. Raises ValueError where it is there."""
    if added.kind in _DECLARED:
        raise ValueError(f"{added.kind} is declared already")
    _DECLARED[added.kind] = added
    try:
        yield added.kind
    finally:
        del _DECLARED[added.kind]
