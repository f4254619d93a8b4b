"""What a made-up audience says. All of it written for this product."""

from typing import Final

LIVELY: Final = (
    "That diagram finally makes it click for me",
    "Hello from Lisbon!",
    "We tried this last spring and it held up well",
    "Could you zoom in on the left part?",
    "This is the part I came for",
    "+1",
    "Love the example",
    "Same problem in our team",
    "Slides will be shared, right?",
    "Ha, we have exactly that legacy system",
    "Sound is great today",
    "The second option looks safer to me",
    "Wow, that was quick",
    "Writing this down",
    "How many people did this take?",
    "We measured about the same",
    "Not sure I agree, but interesting",
    "Good question in the back",
    "Greetings from the night shift",
    "So the queue is the source of truth?",
    "Please keep this slide a moment longer",
    "Our numbers are worse, I am jealous",
    "That is a brave choice",
    "Yes!",
    "Agreed",
    "Is there a recording?",
    "The trade-off table is gold",
    "First time here, enjoying it",
    "Does this also work on a small cluster?",
    "I would have guessed the opposite",
)
FADING: Final = (
    "Lost the thread a bit",
    "Which slide are we on?",
    "This is getting long",
    "Back in a minute",
    "Hm",
    "Too many boxes for me",
    "Can we see it running?",
    "ok",
)
RETURNING: Final = (
    "Ah, a demo!",
    "Now we are talking",
    "That brought me back",
    "Nice, it really runs",
    "Do that again please",
    "More of this",
)
QUESTIONS: Final = (
    "How do you roll this back when it fails half way?",
    "What would you do differently the second time?",
    "Does this need a separate team to run?",
    "How does it behave when the network is slow?",
    "What did it cost, roughly?",
    "Which part was hardest to explain to your users?",
    "Is there a smaller version to start with?",
    "How do you test this before an event?",
    "When would you not use it?",
)
REACTIONS: Final = ("clap", "heart", "laugh", "wow", "thumbs_up")
POLL_OPTIONS: Final = ("yes", "no", "unsure")
"""The options of the polls that happen in a made-up session."""
