"""What a made-up audience says, in other languages than English."""

from collections.abc import Mapping
from typing import Final

_GERMAN: Final[Mapping[str, str]] = {
    "That diagram finally makes it click for me": "Mit dem Bild verstehe ich es endlich",
    "Hello from Lisbon!": "Hallo aus Lissabon!",
    "We tried this last spring and it held up well": "Das haben wir im Frühjahr probiert, es hielt",
    "Could you zoom in on the left part?": "Können Sie links etwas näher heran?",
    "This is the part I came for": "Genau deswegen bin ich hier",
    "+1": "+1",
    "Love the example": "Schönes Beispiel",
    "Same problem in our team": "Dasselbe Problem haben wir im Team",
    "Slides will be shared, right?": "Die Folien gibt es nachher, oder?",
    "Ha, we have exactly that legacy system": "Ha, genau dieses Altsystem haben wir auch",
    "Sound is great today": "Der Ton ist heute sehr gut",
    "The second option looks safer to me": "Die zweite Möglichkeit wirkt auf mich sicherer",
    "Wow, that was quick": "Wow, das ging schnell",
    "Writing this down": "Das schreibe ich mir auf",
    "How many people did this take?": "Wie viele Leute hat das gebraucht?",
    "We measured about the same": "Wir haben ungefähr dasselbe gemessen",
    "Not sure I agree, but interesting": "Ich bin nicht sicher, aber interessant",
    "Good question in the back": "Gute Frage da hinten",
    "Greetings from the night shift": "Grüße aus der Nachtschicht",
    "So the queue is the source of truth?": "Also zählt, was in der Warteschlange steht?",
    "Please keep this slide a moment longer": "Bitte die Folie noch einen Moment stehen lassen",
    "Our numbers are worse, I am jealous": "Unsere Zahlen sind schlechter, ich bin neidisch",
    "That is a brave choice": "Das ist mutig",
    "Yes!": "Ja!",
    "Agreed": "Einverstanden",
    "Is there a recording?": "Gibt es eine Aufzeichnung?",
    "The trade-off table is gold": "Die Tabelle mit dem Für und Wider ist Gold wert",
    "First time here, enjoying it": "Zum ersten Mal hier, gefällt mir",
    "Does this also work on a small cluster?": "Geht das auch auf einem kleinen Cluster?",
    "I would have guessed the opposite": "Ich hätte das Gegenteil vermutet",
    "Lost the thread a bit": "Ich habe ein wenig den Faden verloren",
    "Which slide are we on?": "Auf welcher Folie sind wir?",
    "This is getting long": "Das zieht sich",
    "Back in a minute": "Bin gleich zurück",
    "Hm": "Hm",
    "Too many boxes for me": "Zu viele Kästchen für mich",
    "Can we see it running?": "Kann man das laufen sehen?",
    "ok": "ok",
    "Ah, a demo!": "Ah, eine Vorführung!",
    "Now we are talking": "So, jetzt wird es interessant",
    "That brought me back": "Jetzt bin ich wieder dabei",
    "Nice, it really runs": "Schön, es läuft wirklich",
    "Do that again please": "Bitte noch einmal",
    "More of this": "Mehr davon",
    "How do you roll this back when it fails half way?": "Was tun Sie, wenn es auf halbem Weg scheitert?",
    "What would you do differently the second time?": "Was würden Sie beim zweiten Mal anders machen?",
    "Does this need a separate team to run?": "Braucht man dafür ein eigenes Team?",
    "How does it behave when the network is slow?": "Wie verhält es sich bei langsamem Netz?",
    "What did it cost, roughly?": "Was hat es ungefähr gekostet?",
    "Which part was hardest to explain to your users?": "Was war am schwersten zu erklären?",
    "Is there a smaller version to start with?": "Gibt es eine kleinere Fassung für den Anfang?",
    "How do you test this before an event?": "Wie testen Sie das vor einer Veranstaltung?",
    "When would you not use it?": "Wann würden Sie es nicht einsetzen?",
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {"de": _GERMAN}


def said_in(language: str, text: str) -> str:
    """Return an English text of `texts` in a language; as it is where there is no other."""
    return _WORDS.get(language, {}).get(text, text)
