"""How many signals the integrations of one organisation may send, however many keys and requests they use."""

from django.conf import settings

from engagement.doors.admission.signal_admission import too_fast
from engagement.limits.token_bucket import Bucket


class SignalBudget:
    """The signals of each organisation, in one web process: n processes give up to n shares."""

    def __init__(self) -> None:
        self._buckets: dict[int, Bucket] = {}

    def take(self, organisation_id: int, signals: int, now: float) -> None:
        """Count signals of an organisation, all of them or none. now: seconds, of a steady clock.

        Raises a rate limit that says when there is room for all of them.
        """
        bucket = self._buckets.get(organisation_id)
        if bucket is None:
            bucket = self._buckets[organisation_id] = Bucket(
                settings.ORGANISATION_SIGNALS_PER_SECOND, settings.ORGANISATION_SIGNALS_AT_ONCE, now
            )
        if not bucket.take(signals, now):
            raise too_fast(bucket.seconds_until(signals))
