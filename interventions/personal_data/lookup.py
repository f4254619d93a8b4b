"""Which person is meant: by her number here, by what a platform calls her, or by her name."""

from typing import Final

from engagement.intake.pseudonyms import actor_of
from engagement.models import Attendee, Event
from engagement.vocabulary.errors import ProblemError, not_found
from interventions.personal_data.inventory import PLACES, Fate, Person

MOST_NUMBER: Final = 2**63 - 1


def by_number(event_id: int, number: int) -> Person:
    """Return the person of an attendee's number. Raises not_found "person_unknown"."""
    rows = Attendee.objects.filter(event_id=event_id, pk=min(number, MOST_NUMBER))
    row = rows.first()
    if row is None:
        raise _unknown()
    return Person(event_id, row.actor)


def by_external_id(event_id: int, external_id: str) -> Person:
    """Return the person that an integration called so ("zoom:42"). Raises not_found "person_unknown".

    Names are hashed and not kept, so all that tells her from nobody is that something of hers is here.
    """
    salt = Event.objects.values_list("salt", flat=True).get(pk=event_id)
    try:
        her = Person(event_id, actor_of(bytes(salt), external_id))
    except UnicodeEncodeError:
        raise _unknown() from None
    hers = (place.rows(her) for place in PLACES if place.fate is not Fate.REWORDED)
    if not any(rows.exists() for rows in hers):
        raise _unknown()
    return her


def by_name(event_id: int, name: str) -> list[Attendee]:
    """Return all who are called so, whatever the case, the first who came first."""
    rows = Attendee.objects.filter(event_id=event_id, name__iexact=name.strip())
    return list(rows.order_by("joined_at", "pk"))


def _unknown() -> ProblemError:
    return not_found("person_unknown", "Nobody of this event is known by this.")
