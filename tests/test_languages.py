"""German is whole: every word of the product has one, and every main page is written in it."""

import datetime as dt
import re
import shutil
import warnings
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from dashboard.wording.numerals import count, day_clock, decimal, isolated
from dashboard.wording.page_language import speak
from engagement.models import Organisation, Session
from engagement.vocabulary.errors import ProblemError, conflict
from interventions.agent.approval import services as approval
from interventions.audience import screens
from interventions.models import ChatState, Experiment, ExperimentStatus, Intervention, ViewKind
from tests.conftest import NOON
from tests.dashboard.agent_rooms import WORDS, ask_model, make, past
from tests.dashboard.rooms import fill
from tests.interventions.audience.chat.rooms import make_line
from tests.support.factories import make_event, make_session, make_user

ROOT = Path(settings.BASE_DIR)
WORDS_FILE = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
APPS = ("conductor", "dashboard", "engagement", "interventions")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd](?!\w)|\{+\w*\}+|%%|<[^>]+>")
GERMAN = {"Accept-Language": "de"}
POLL = {
    **WORDS, "language": "de", "text": "Wie ist das Tempo?", "options": ["Genau richtig", "Zu rasch"],
}  # fmt: skip
# Words that no German sentence has; names and codes aside.
ENGLISH = re.compile(
    r"\b(the|and|of|is|are|you|your|nothing|nobody|from|with|not|sent|here|to|by|when)\b"
)
ARABIC = "\N{ARABIC LETTER MEEM}\N{ARABIC LETTER REH}\N{ARABIC LETTER HAH}\N{ARABIC LETTER BEH}"


@pytest.fixture(autouse=True)
def _at_noon_and_quiet(time_machine) -> Iterator[None]:
    """A fixed moment; the language that a page chose is not the next test's."""
    time_machine.move_to(NOON, tick=False)
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def german() -> polib.POFile:
    return polib.pofile(str(WORDS_FILE))


# --- the words


def test_every_word_has_a_german_one(german: polib.POFile) -> None:
    left = [entry.msgid for entry in german if not entry.translated() or entry.obsolete]

    assert left == []


def forms_of(entry: polib.POEntry) -> list[tuple[str, str]]:
    """The German texts of an entry, each with the English one it stands for."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    one, many = entry.msgstr_plural[0], entry.msgstr_plural[1]
    return [(entry.msgid, one), (entry.msgid_plural, many)]


def test_german_words_have_the_same_placeholders(german: polib.POFile) -> None:
    pairs = [pair for entry in german for pair in forms_of(entry)]

    differing = [
        (english, words)
        for english, words in pairs
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(words))
    ]

    assert differing == []


def test_german_words_are_calm_and_say_sie(german: polib.POFile) -> None:
    texts = [words for entry in german for _, words in forms_of(entry)]

    assert [text for text in texts if "!" in text] == []
    assert [
        text for text in texts if re.search(r"\b([Dd]u|[Dd]ein\w*|[Dd]ich|[Dd]ir)\b", text)
    ] == []


def test_compiled_words_are_those_of_the_text(german: polib.POFile) -> None:
    compiled = polib.mofile(str(WORDS_FILE.with_suffix(".mo")))

    def told(file: polib.POFile | polib.MOFile) -> set[tuple[object, ...]]:
        return {
            (each.msgctxt, each.msgid, each.msgstr, str(sorted(each.msgstr_plural.items())))
            for each in file
        }

    assert told(compiled) == told(german)


def test_extracting_finds_no_word_that_is_missing(
    german: polib.POFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    if shutil.which("xgettext") is None:
        reason = (
            "NO XGETTEXT: that every word is in the .po is NOT CHECKED (apt-get install gettext)"
        )
        warnings.warn(pytest.PytestWarning(reason), stacklevel=1)
        pytest.skip(reason)
    for folder in (*APPS, "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "locale").mkdir()
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)

    call_command("makemessages", locale=["de"], no_location=True, verbosity=0)

    found = polib.pofile(str(tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"))
    known = {(each.msgctxt, each.msgid, each.msgid_plural) for each in german}
    assert [e.msgid for e in found if (e.msgctxt, e.msgid, e.msgid_plural) not in known] == []


# --- the pages


class Page(HTMLParser):
    """What a page says: its texts and labels, what it claims about its language, its numbers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.html: dict[str, str | None] = {}
        self.broken: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what attributes say; a comma in a drawing's number breaks the drawing."""
        values = dict(attrs)
        if tag == "html":
            self.html = values
        self._silent += tag in {"script", "style", "pre"}
        self.texts += [
            values[n] or "" for n in ("aria-label", "placeholder", "title") if n in values
        ]
        drawn = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "min", "max"}
        for name, value in attrs:
            if (name in drawn or name.startswith("data-")) and re.fullmatch(
                r"-?\d+[.,]?\d*,\d+%?", value or ""
            ):
                self.broken.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        """Speak again after a script."""
        self._silent -= tag in {"script", "style", "pre"}

    def handle_data(self, data: str) -> None:
        """Collect a text that people read."""
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


@pytest.fixture
def session(organisation: Organisation) -> Session:
    session = make_session(
        make_event(organisation, language="de"), title="Raumklang", language="de",
        time_zone="Europe/Berlin", agenda=[{"title": "Aufbau", "minutes": 90}],
    )  # fmt: skip
    fill(session, "drop", NOON)
    return session


@pytest.fixture
def row(session: Session, owner: User) -> Intervention:
    past(session, NOON - dt.timedelta(minutes=10), content=POLL, approved_by=owner)
    row = make(session, NOON, content=POLL)
    ask_model(row, NOON)
    return row


def english_of(page: Page, german: polib.POFile) -> list[str]:
    """The texts of a page that are English: a known word with another German one, or a marker."""
    known = {entry.msgid for entry in german if entry.msgid != " ".join(entry.msgstr.split())}
    # Some words are in both languages, with another meaning: Pause is a break.
    known -= {words for entry in german for _, words in forms_of(entry)}
    # The made-up session's phase, which the 60-second demo's is called as well.
    known -= {"Architecture"}
    return [text for text in page.texts if text in known or ENGLISH.search(text)]


PAGES = {
    "list": lambda s, r: "/",
    "live": lambda s, r: reverse("session-live", args=[s.pk]),
    "about": lambda s, r: reverse("session-detail", args=[s.pk]),
    "settings": lambda s, r: reverse("session-edit", args=[s.pk]),
    "new session": lambda s, r: reverse("session-new", args=[s.event_id]),
    "new event": lambda s, r: reverse("event-new"),
    "event": lambda s, r: reverse("event-edit", args=[s.event_id]),
    "agent": lambda s, r: reverse("session-agent", args=[s.pk]),
    "decision": lambda s, r: reverse("decision", args=[s.pk, r.pk]),
    "report": lambda s, r: reverse("session-report", args=[s.pk]),
    "table": lambda s, r: reverse("session-table", args=[s.pk]) + "?minutes=5",
    "formula": lambda s, r: reverse("session-formula", args=[s.pk]),
    "claims": lambda s, r: reverse("session-claims", args=[s.pk]),
    "connections": lambda s, r: reverse("session-sources", args=[s.pk]),
    "chat": lambda s, r: reverse("session-chat", args=[s.pk]),
    "keys": lambda s, r: reverse("session-keys", args=[s.pk]),
    "join screen": lambda s, r: reverse("session-join", args=[s.pk]),
    "screens": lambda s, r: reverse("session-screens", args=[s.pk]),
    "experiments": lambda s, r: reverse("experiment-list"),
    "door": lambda s, r: reverse("attendee", args=[s.code]),
    "frame": lambda s, r: reverse("embed", args=[s.code]),
    "code": lambda s, r: reverse("attendee-code"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_page_is_german_for_who_reads_german(
    name: str,
    client: Client,
    owner: User,
    session: Session,
    row: Intervention,
    german: polib.POFile,
) -> None:
    client.force_login(owner)

    answer = client.get(PAGES[name](session, row), headers=GERMAN)

    page = Page(answer.content.decode())
    assert answer.status_code == 200
    assert (page.html["lang"], page.html["dir"]) == ("de", "ltr")
    assert english_of(page, german) == []
    assert page.broken == []


@pytest.mark.django_db
def test_pages_without_a_login_are_german_too(client: Client, german: polib.POFile) -> None:
    answers = [client.get(path, headers=GERMAN) for path in ("/login/", "/j/", "/nowhere/")]

    for answer in answers:
        page = Page(answer.content.decode())
        assert page.html["lang"] == "de"
        assert english_of(page, german) == []


@pytest.mark.django_db
def test_admin_queue_is_german(
    client: Client, session: Session, row: Intervention, german: polib.POFile, admin_user: User
) -> None:
    client.force_login(admin_user)

    html = client.get(reverse("admin:interventions_intervention_changelist"), headers=GERMAN)

    text = html.content.decode()
    assert "Ausgewählte Vorschläge freigeben" in text
    assert "Ausgewählte Vorschläge verwerfen" in text


# --- rooms and screens speak their session's language


@pytest.mark.django_db
def test_room_speaks_the_sessions_language_whatever_the_browser_says(
    client: Client, session: Session
) -> None:
    door = client.get(f"/j/{session.code}", headers={"Accept-Language": "en"})
    client.post(f"/j/{session.code}", {"name": ""})
    room = client.get(f"/j/{session.code}", headers={"Accept-Language": "en"})

    assert "Teilnehmen" in door.content.decode()
    assert "Etwas sagen" in room.content.decode()
    assert room["Content-Language"] == "de"


@pytest.mark.django_db
def test_room_speaks_the_language_that_the_person_chose(client: Client, session: Session) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    html = client.get(f"/j/{session.code}", headers=GERMAN).content.decode()

    assert "Join" in html
    assert '<html lang="en"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ViewKind)
def test_screen_speaks_the_sessions_language(
    kind: ViewKind, client: Client, session: Session
) -> None:
    _, token = screens.make(session, kind, NOON)

    html = client.get(reverse(kind.value, args=[token])).content.decode()

    assert '<html lang="de"' in html
    assert "Nichts zu melden" in html


def test_language_that_is_not_spoken_changes_nothing(rf) -> None:
    speak(rf.get("/"), "tlh")

    assert translation.get_language() == "en"


@pytest.mark.django_db
def test_times_are_told_in_the_sessions_zone(
    client: Client, owner: User, session: Session, row: Intervention
) -> None:
    client.force_login(owner)

    html = client.get(reverse("session-report", args=[session.pk]), headers=GERMAN).content.decode()

    assert "3. Mär 2026, 12:30" in html


# --- right to left


@pytest.mark.django_db
def test_arabic_words_keep_their_direction_and_the_pages_theirs(
    client: Client, owner: User, organisation: Organisation
) -> None:
    session = make_session(make_event(organisation), title=ARABIC, agenda=[])
    fill(session, "drop", NOON)
    make(session, NOON, content={**POLL, "text": ARABIC, "options": [ARABIC, "B"]})
    client.force_login(owner)

    live = client.get(reverse("session-live", args=[session.pk])).content.decode()
    door = client.get(f"/j/{session.code}").content.decode()

    assert f'<p class="q" dir="auto">{ARABIC}</p>' in live
    assert f"<bdi>{ARABIC}</bdi>" in live
    assert f'<h1 dir="auto">{ARABIC}</h1>' in door
    assert Page(live).html["dir"] == "ltr"


def test_typed_words_of_a_right_to_left_script_leave_the_sentence_in_order() -> None:
    assert isolated("Umfrage 2") == "Umfrage 2"
    assert isolated(ARABIC) == f"\N{FIRST STRONG ISOLATE}{ARABIC}\N{POP DIRECTIONAL ISOLATE}"


def test_page_of_a_right_to_left_language_says_so() -> None:
    with translation.override("ar"):
        html = render_to_string("404.html")

    assert '<html lang="ar" dir="rtl"' in html


# --- numbers


def test_numbers_are_written_as_the_language_does() -> None:
    with translation.override("de"):
        assert count(12_400) == "12.400"
        assert decimal(0.44, 1) == "0,4"
        assert day_clock(NOON) == "3. Mär 2026, 12:00"

    assert count(12_400) == "12,400"
    assert decimal(0.44, 1) == "0.4"
    assert day_clock(NOON) == "3 Mar 2026, 12:00"


# --- refusals


def problem(sentence: str, **params: object) -> ProblemError:
    return conflict("changed_meanwhile", sentence, **params)


def test_refusals_are_told_in_the_readers_language() -> None:
    said = problem("%(who)s approved this already.", who="Mara Reyes")
    nameless = problem("%(who)s dismissed this already.", who=gettext_lazy("Somebody else"))

    with translation.override("de"):
        assert said.text == "Mara Reyes hat dies schon freigegeben."
        assert nameless.text == "Jemand anderes hat dies schon verworfen."
        assert nameless.message == "Somebody else dismissed this already."

    assert said.text == said.message == "Mara Reyes approved this already."
    assert problem("Never heard of.").text == "Never heard of."


def too_late_to_approve(client: Client, session: Session, row: Intervention) -> HttpResponse:
    approval.approve(row.pk, by=make_user("mara"), who="Mara Reyes", now=NOON)
    path = reverse("suggestion-act", args=[session.pk, row.pk, "dismiss"])
    return client.post(path, {"version": row.version}, headers={**GERMAN, "HX-Request": "true"})


def too_late_to_hide(client: Client, session: Session, row: Intervention) -> HttpResponse:
    line = make_line(session, "Is this on?", state=ChatState.HIDDEN)
    path = reverse("session-chat-act", args=[session.pk, line.pk, "hide"])
    return client.post(path, {"was": "shown"}, headers={**GERMAN, "HX-Request": "true"})


def archive_what_runs(client: Client, session: Session, row: Intervention) -> HttpResponse:
    running = Experiment.objects.create(
        organisation=session.event.organisation, name="Tone", subject="rule", salt="ab",
        variants=[{"key": "a", "label": "A", "settings": {}}, {"key": "b", "label": "B", "settings": {}}],
        status=ExperimentStatus.RUNNING, created_at=NOON, started_at=NOON,
    )  # fmt: skip
    path = reverse("experiment-act", args=[running.pk, "archive"])
    return client.post(path, headers=GERMAN, follow=True)


def start_again(client: Client, session: Session, row: Intervention) -> HttpResponse:
    return client.post(reverse("session-start", args=[session.pk]), headers=GERMAN, follow=True)


def plan_one_variant(client: Client, session: Session, row: Intervention) -> HttpResponse:
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    asked = {
        "organisation": session.event.organisation_id, "name": "Tone", "subject": "rule", "kind": "",
        "variants": "[{}]",
    }  # fmt: skip
    return client.post(reverse("admin:interventions_experiment_add"), asked, headers=GERMAN)


@pytest.mark.django_db
@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(
    ("act", "said"),
    [
        (too_late_to_approve, "Mara Reyes hat dies schon freigegeben."),
        (too_late_to_hide, "Jemand anderes hat diese Nachricht schon ausgeblendet."),
        (archive_what_runs, "Das ist im jetzigen Zustand des Experiments nicht möglich: läuft."),
        (start_again, "Diese Sitzung wurde schon gestartet."),
        (plan_one_variant, "Ein Experiment hat 2 bis 5 Varianten."),
    ],
)
def test_refusal_is_german_on_the_page_of_every_part(
    act: Callable[..., HttpResponse],
    said: str,
    client: Client,
    owner: User,
    session: Session,
    row: Intervention,
) -> None:
    client.force_login(owner)

    page = Page(act(client, session, row).content.decode())

    assert [text for text in page.texts if said in text] != []


@pytest.mark.django_db
@pytest.mark.usefixtures("valkey")
def test_programs_are_refused_in_english_whatever_they_read(
    client: Client, owner: User, session: Session, row: Intervention
) -> None:
    client.force_login(owner)
    approval.approve(row.pk, by=make_user("mara"), who="", now=NOON)

    answer = client.post(
        f"/api/v1/interventions/{row.pk}/dismiss/", {"version": row.version},
        content_type="application/json", headers=GERMAN,
    )  # fmt: skip

    assert answer.json()["error"]["message"] == "Somebody else approved this already."
