import subprocess
import sys

import pytest

from engagement.detection import NAMES, UnknownDetectorError, make


@pytest.mark.parametrize("name", NAMES)
def test_every_detector_is_made_by_its_name(name: str):
    assert make(name).name == name


def test_unknown_name_says_which_there_are():
    with pytest.raises(UnknownDetectorError, match="scan, hybrid"):
        make("oracle")


def test_river_is_not_loaded_before_it_is_asked_for():
    code = "import sys, engagement.detection as d; d.make(); print('river' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "False"
