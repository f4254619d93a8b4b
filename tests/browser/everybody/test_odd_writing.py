"""Odd but honest writing in the chat, on small phones: shown as it was written, inside its bubble."""

import pytest
from playwright.sync_api import expect

from engagement.models import Organisation
from tests.browser.audience.test_attendee import join
from tests.browser.audience.test_attendee_chat import said, write
from tests.browser.conftest import Visitors
from tests.browser.everybody.test_long_words import sticks_out
from tests.browser.server import Server
from tests.support.factories import make_event, make_session

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
STACKED = "".join(letter + "\u0301\u0323\u0336\u0310" for letter in "stacked")
# The bubble that a text is in, and what of its content is higher or wider than it.
OVERFLOWS = """() => Array.from(document.querySelectorAll("#said li"), (item) =>
  [item.scrollWidth - item.clientWidth, item.scrollHeight - item.clientHeight]
).filter(([across, down]) => across > 1 || down > 1)"""


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        (FAMILY * 20, "ltr"),
        ("漢字" * 100, "ltr"),
        ("مرحبا Session 42 كيف الصوت؟", "rtl"),
        ("Session 42 مرحبا كيف الصوت؟", "ltr"),
        (STACKED * 4, "ltr"),
    ],
    ids=["joined", "cjk", "arabic", "latin-arabic", "stacked"],
)
def test_odd_writing_stays_in_its_bubble(
    visitors: Visitors, server: Server, organisation: Organisation, text: str, direction: str
) -> None:
    session = make_session(make_event(organisation))
    ann = visitors.open(server, width=360, height=720)
    join(ann, session.code, STACKED[:60])

    write(ann, text)

    assert said(ann.page)[-1] == text
    bubble = ann.page.locator("#said bdi").last
    expect(bubble).to_be_visible()
    assert bubble.evaluate("node => getComputedStyle(node).direction") == direction
    assert sticks_out(ann.page, "chat") == []
    assert ann.page.evaluate(OVERFLOWS) == []
