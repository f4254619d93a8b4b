"""What the page says while a simulated room stops and comes back: chip, sentence, number, change, cards."""

import re
from html import unescape
from random import Random

import pytest
from django.urls import reverse

from engagement.intake.wire_format import Signal
from engagement.models import Anomaly, Session
from engagement.simulation import Audience
from engagement.simulation.scenarios import Scenario
from engagement.ticks.history import write_history
from engagement.vocabulary.clock import tick_of, tick_start
from engagement.vocabulary.signal_kinds import TICK_SECONDS
from tests.conftest import NOON
from tests.engagement.ticks.played import KINDS
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db

LAST = tick_of(NOON.timestamp()) - 1
STOP = Scenario(((0, 1), (600, 1), (600.1, 0), (780, 0), (780.1, 1.1), (1500, 1.1)), polls=False)


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def played(session: Session, seconds: int) -> None:
    """Have 120 people live through so many seconds until noon."""
    audience = Audience(200, "steady", Random(4))
    audience.scenario = STOP
    start = tick_start(LAST + 1) - seconds
    signals = []
    for second in range(seconds):
        for each in audience.step():
            at = round((start + second + each.offset) * 1_000_000)
            actor = int(each.actor.partition("-")[2] or 0)
            kind, number = KINDS[each.kind], -len(signals) - 1
            signals.append(Signal(session.pk, at, at, kind, actor, 7, number, each.text))
    write_history(session.pk, signals, LAST)


def read(client, session: Session) -> dict[str, str]:
    """The page's words and numbers, as a reader finds them."""
    url = reverse("session-part", args=[session.pk, "headline+score+signals"])
    html = client.get(url).content.decode()

    def found(pattern: str) -> str:
        hit = re.search(pattern, html, re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", "", hit[1])).split()) if hit else ""

    cards = [int(n.replace("−", "-")) for n in re.findall(r"data-points>(.*?)<", unescape(html))]
    return {
        "chip": found(r'class="chip[^"]*"[^>]*>(.*?)</span>'),
        "sentence": found(r'id="headline-text">(.*?)</h1>'),
        "word": found(r'<p class="word[^"]*">(.*?)</p>'),
        "score": found(r"<span data-score>(\d+)"),
        "change": found(r"<b data-change>(.*?)</b>"),
        "over": found(r"<span data-over>(.*?)</span>"),
        "cards": str(sum(cards)) if cards else "",
    }


SAID = {
    "en": {
        600: ("Steady", "The room is doing as expected.", "Steady", "in 2 min"),
        615: ("Sudden drop", "The room went quiet.", "Losing the room", "in "),
        700: ("Sudden drop", "The room went quiet.", "Losing the room", "in "),
        850: ("Recovering", "The room came back: ", "Recovering", "in "),
    },
    "de": {
        615: ("Einbruch", "Der Raum ist still geworden.", "Entgleitet", "in "),
        850: ("Erholt sich", "Der Raum ist wieder da: ", "Erholt sich", "in "),
    },
}


@pytest.mark.parametrize(
    ("language", "seconds"), [(lang, at) for lang, said in SAID.items() for at in said]
)
def test_page_tells_one_story(client, owner, organisation, language: str, seconds: int):
    session = make_session(make_event(organisation))
    played(session, seconds // TICK_SECONDS * TICK_SECONDS)
    client.force_login(owner)
    client.cookies["django_language"] = language

    said = read(client, session)

    chip, sentence, word, over = SAID[language][seconds]
    assert said["chip"].startswith(chip), said
    assert said["sentence"].startswith(sentence), said
    assert said["word"].startswith(word), said
    assert said["over"].startswith(over), said
    assert int(said["cards"]) == int(said["change"].replace("−", "-")), said
    if seconds == 850:
        assert said["sentence"] == f"{sentence}{said['change']}."
        assert not Anomaly.objects.filter(session=session, resolved_at=None).exists()
    if seconds in (615, 700):
        assert said["change"].startswith("−")
