"""The three marks stay apart for eyes that see fewer colours.

Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB; distance CIE76 in CIELAB (D65).
"""

from itertools import combinations
from math import sqrt

import pytest

from tests.dashboard.assets.test_static import themes

LEAST = 20.0
SEEN = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def times(matrix, vector):
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def linear(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)


def lab(rgb):
    clipped = [min(1.0, max(0.0, c)) for c in rgb]
    scaled = [c / w for c, w in zip(times(XYZ, clipped), WHITE, strict=True)]
    x, y, z = (c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one, other, eyes):
    seen = [lab(times(SEEN[eyes], linear(each))) for each in (one, other)]
    return sqrt(sum((a - b) ** 2 for a, b in zip(*seen, strict=True)))


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("theme", range(2), ids=["light", "dark"])
@pytest.mark.parametrize(("one", "other"), list(combinations(("good", "watch", "low"), 2)))
def test_marks_stay_apart_for_eyes_that_see_fewer_colours(theme, one, other, eyes):
    tokens = themes()[theme]

    assert apart(tokens[f"{one}-mark"], tokens[f"{other}-mark"], eyes) >= LEAST


def test_distance_tells_colours_apart_that_are_alike_for_these_eyes():
    assert apart("#b05a3c", "#7a7a3c", "deutan") < LEAST < apart("#ffffff", "#000000", "deutan")
