import pytest

from engagement.scoring import DEFAULT, Profile, ProfileError


def test_profile_survives_json():
    profile = Profile(weights=(10.0, 20.0, 30.0, 0.0, 5.0), engaged_from=80.0)

    assert Profile.from_json(profile.to_json()) == profile


def test_empty_json_is_the_default():
    assert Profile.from_json({}) == DEFAULT


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"weight": 3}, "weight: no such field"),
        ({"weights": [1, 2, 3]}, "weights: 5 numbers"),
        ({"weights": [30, 25, 0, 10, 10]}, "weights: active people must count"),
        ({"weights": 3}, "weights: one number or 5 numbers"),
        ({"expected": [0.1, 0.5, 0, 0.1, 0.1]}, "expected: each number lies"),
        ({"expected": [0.1, "x", 0.2, 0.1, 0.1]}, "expected: not a number"),
        ({"quiet_factor": True}, "quiet_factor: not a number"),
        ({"quiet_factor": 3}, "quiet_factor: a number from 0.05 to 1.0"),
        ({"losing_below": 60, "engaged_from": 61}, "engaged_from: a number from 65.0"),
    ],
)
def test_profile_that_cannot_be_meant_names_the_field(data: dict[str, object], told: str):
    with pytest.raises(ProfileError, match=told):
        Profile.from_json(data)
