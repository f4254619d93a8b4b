import pytest

from engagement.scoring.caused_signals import Induction
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE, SignalKind

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
ANN, BEN, CLEO = 11, 12, 13
OUTSIDE = 77


def opened(text: str, at: int = START) -> Induction:
    induction = Induction()
    induction.judge(SignalKind.PROMPT, 0, INDUCED_SOURCE, text, at)
    return induction


def says(induction: Induction, kind: SignalKind, actor: int, seconds: float, text="hm") -> bool:
    return induction.judge(kind, actor, OUTSIDE, text, START + round(seconds * SECOND))


def test_nothing_is_induced_where_nothing_of_ours_opened():
    assert not says(Induction(), SignalKind.CHAT, ANN, 5)


def test_first_message_after_a_prompt_answers_it_and_the_second_does_not():
    induction = opened("chat:5:120")

    assert says(induction, SignalKind.CHAT, ANN, 5)
    assert not says(induction, SignalKind.CHAT, ANN, 6)
    assert says(induction, SignalKind.CHAT, BEN, 7)


@pytest.mark.parametrize(
    ("seconds", "answers"), [(-0.1, False), (0, True), (119.9, True), (120, False)]
)
def test_prompt_is_answered_while_it_is_open(seconds, answers):
    assert says(opened("chat:5:120"), SignalKind.CHAT, ANN, seconds) is answers


def test_prompt_does_not_cause_other_acts():
    induction = opened("chat:5:120")

    for kind in (SignalKind.REACTION, SignalKind.QUESTION, SignalKind.PULSE, SignalKind.JOIN):
        assert not says(induction, kind, ANN, 5)


def test_second_prompt_may_be_answered_again():
    induction = opened("chat:5:120")
    says(induction, SignalKind.CHAT, ANN, 5)

    induction.judge(SignalKind.PROMPT, 0, INDUCED_SOURCE, "chat:6:120", START + 300 * SECOND)

    assert says(induction, SignalKind.CHAT, ANN, 305)
    assert not says(induction, SignalKind.CHAT, ANN, 306)


def test_every_act_of_a_team_member_is_induced_while_the_challenge_runs():
    induction = opened("team:5:60")
    induction.judge(SignalKind.PROMPT, ANN, INDUCED_SOURCE, "join:5:1", START + SECOND)

    assert says(induction, SignalKind.CHAT, ANN, 5)
    assert says(induction, SignalKind.REACTION, ANN, 59)
    assert not says(induction, SignalKind.REACTION, ANN, 60)
    assert not says(induction, SignalKind.CHAT, BEN, 5)
    assert not says(induction, SignalKind.JOIN, ANN, 5)


def test_who_joined_before_the_challenge_was_heard_of_is_on_the_team():
    induction = Induction()
    induction.judge(SignalKind.PROMPT, ANN, INDUCED_SOURCE, "join:5:1", START)
    induction.judge(SignalKind.PROMPT, 0, INDUCED_SOURCE, "team:5:60", START)

    assert says(induction, SignalKind.PULSE, ANN, 5)


def test_votes_for_our_poll_are_induced_wherever_they_come_from():
    induction = Induction()

    assert says(induction, SignalKind.VOTE, ANN, 5, "iv-5:1")
    assert not says(induction, SignalKind.VOTE, ANN, 5, "p1:1")
    assert not says(induction, SignalKind.CHAT, ANN, 5, "iv-5:1")


def test_what_we_write_is_induced_and_opens_nothing_by_itself():
    induction = Induction()

    assert induction.judge(SignalKind.POLL_OPEN, 0, INDUCED_SOURCE, "iv-5", START)
    assert induction.judge(SignalKind.PROMPT, 0, INDUCED_SOURCE, "note:5:120", START)
    assert not says(induction, SignalKind.CHAT, ANN, 5)


@pytest.mark.parametrize("text", ["chat", "chat:x:120", "chat:5:x", "chat:5", "team:٣:60", ""])
def test_prompt_that_cannot_be_read_opens_nothing(text):
    assert not says(opened(text), SignalKind.CHAT, ANN, 5)


def test_prompt_of_an_outsider_opens_nothing():
    induction = Induction()

    induction.judge(SignalKind.PROMPT, 0, OUTSIDE, "chat:5:120", START)

    assert not says(induction, SignalKind.CHAT, ANN, 5)


def test_what_ended_is_let_go():
    induction = opened("chat:5:120")

    assert not says(induction, SignalKind.CHAT, ANN, 181)
    assert not says(induction, SignalKind.CHAT, BEN, 60)


def test_remembering_gives_the_same_judgement_as_having_heard():
    lived, rebuilt = opened("chat:5:120"), Induction()
    said = [(ANN, 5.0), (BEN, 6.0), (ANN, 7.0)]
    verdicts = [says(lived, SignalKind.CHAT, actor, at) for actor, at in said]

    rebuilt.remember(SignalKind.PROMPT, 0, INDUCED_SOURCE, "chat:5:120", START, True)
    rebuilt.remember(SignalKind.POLL_OPEN, 0, INDUCED_SOURCE, "iv-5", START, True)
    for (actor, at), verdict in zip(said, verdicts, strict=True):
        moment = START + round(at * SECOND)
        rebuilt.remember(SignalKind.CHAT, actor, OUTSIDE, "hm", moment, verdict)

    later = [(ANN, 20.0), (BEN, 20.0), (CLEO, 20.0), (CLEO, 21.0)]
    assert (
        [says(rebuilt, SignalKind.CHAT, *each) for each in later]
        == [says(lived, SignalKind.CHAT, *each) for each in later]
        == [False, False, True, False]
    )
