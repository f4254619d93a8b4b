from engagement.scoring.poll_window import PollWindow


def test_open_poll_takes_its_own_votes_and_those_without_a_name():
    poll = PollWindow("p1", 5, 1, implied=False, induced=False)

    assert [poll.takes(key) for key in ("p1", "", "p2")] == [True, True, False]


def test_closed_poll_takes_nothing_and_a_late_vote_opens_nothing():
    poll = PollWindow("p1", 5, 1, implied=False, induced=False)
    poll.closed_at = 3

    assert [poll.takes(key) for key in ("p1", "")] == [False, False]
    assert [poll.implies_another(key) for key in ("p1", "", "p2")] == [False, False, True]


def test_poll_that_somebody_opened_stays_open_without_votes():
    poll = PollWindow("p1", 0, 1, implied=False, induced=False)

    poll.settle(500, present=9)

    assert (poll.closed_at, poll.eligible) == (None, 9)
