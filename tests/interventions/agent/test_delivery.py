"""Words that change while they are sent: pages are told those that stay."""

import pytest
import redis
from django.db import connection

from interventions.agent import delivery
from interventions.kinds import Kind
from interventions.models import Delivery
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import fresh
from tests.interventions.audience.chat.rooms import listening, told
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db(transaction=True)
REWORDED = """
create function reword() returns trigger language plpgsql as $$begin
  update interventions_intervention set version = version + 1,
    content = jsonb_set(content, array['quote'], '"[no longer shown]"') where id = new.intervention_id;
  return new; end$$;
create trigger reword after update on interventions_delivery
  for each row when (new.status = 'sent') execute function reword()
"""


def test_pages_are_told_anew_where_who_was_quoted_is_erased_while_it_is_sent(
    valkey: "redis.Redis",
) -> None:
    row = make_sent(make_session(), Kind.QUESTION_PROMPT, quote="Who?", status=Status.SENDING.value)
    Delivery.objects.create(intervention=row, target=delivery.SOCKETS, next_at=NOON)
    with connection.cursor() as cursor:
        # As another process would, between the sending and its note.
        cursor.execute(REWORDED)
    try:
        with listening(valkey) as heard:
            first = delivery.deliver_due(NOON, "test")
            second = delivery.deliver_due(NOON + delivery.GIVE_UP, "test")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop function reword cascade")

    shown = [frame["quote"] for frame in told(heard) if frame["type"] == "interaction"]
    assert shown == ["Who?", "[no longer shown]"]
    assert (first, second, fresh(row).status) == (0, 1, Status.DELIVERED)
