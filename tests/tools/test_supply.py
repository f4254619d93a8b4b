"""What is installed is pinned with hashes, and an audit that did not happen is not a good one."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.tools import supply

PROJECT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    found = PIN.findall((PROJECT / name).read_text())
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}


def test_what_we_ask_for_is_what_is_installed() -> None:
    wanted, locked = pins("requirements.in"), pins("requirements.txt")

    assert len(wanted) > 20
    assert {name: locked.get(name) for name in wanted} == wanted


def test_every_package_has_hashes() -> None:
    text = (PROJECT / "requirements.txt").read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)[1:]

    assert len(entries) == len(pins("requirements.txt"))
    assert [each for each in entries if "--hash=sha256:" not in each] == []


def test_image_takes_nothing_without_a_hash() -> None:
    assert "--require-hashes -r requirements.txt" in (PROJECT / "Dockerfile").read_text()


SAFE: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
SKIPPED: dict[str, Any] = {"name": "b", "skip_reason": "not found"}
FAULTY: dict[str, Any] = {
    "name": "c", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]
}  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "is_well", "words"),
    [
        ([SAFE], True, "1 packages, no known fault."),
        ([SAFE, SKIPPED], True, "NOT AUDITED: nobody could be asked about 1 packages"),
        ([], True, "NOT AUDITED: nobody could be asked about all packages"),
        ([SKIPPED, FAULTY], False, "c 2: CVE-1, mended in 2.1"),
    ],
)
def test_audit_says_what_it_knows(entries: list[dict[str, Any]], is_well: bool, words: str) -> None:
    verdict = supply.verdict(entries)

    assert verdict[0] is is_well
    assert words in verdict[1]
