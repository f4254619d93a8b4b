"""What the product is made of: an SBOM, and whether a known fault is in it. Run by `make supply`.

The audit asks PyPI for known faults. Where it cannot, that is said; then nothing is known either way.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

REQUIREMENTS: Final = "requirements.txt"
SBOM: Final = Path("var/sbom.json")
AUDIT_SECONDS: Final = 120


def write_sbom() -> int:
    """Write the SBOM (CycloneDX, JSON) and return how many packages are in it."""
    SBOM.parent.mkdir(exist_ok=True)
    subprocess.run(
        [_tool("cyclonedx-py"), "requirements", REQUIREMENTS, "--of", "JSON", "-o", str(SBOM)],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return len(json.loads(SBOM.read_text())["components"])


def audit() -> Sequence[Mapping[str, Any]]:
    """Return pip-audit's entry of each package; empty where it could not be run to its end."""
    command = [
        _tool("pip-audit"), "-r", REQUIREMENTS, "--disable-pip", "--progress-spinner", "off",
        "--format", "json",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=AUDIT_SECONDS)
        return list(json.loads(done.stdout)["dependencies"])
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []


def verdict(entries: Sequence[Mapping[str, Any]]) -> tuple[bool, str]:
    """Return whether this may go out, and what to say: a package nobody looked at is not a safe one."""
    faults = [(entry, fault) for entry in entries for fault in entry.get("vulns", [])]
    looked_at = [entry for entry in entries if "vulns" in entry]
    if faults:
        lines = [
            f"{entry['name']} {entry['version']}: {fault['id']}, mended in"
            f" {', '.join(fault['fix_versions']) or 'no release yet'}"
            for entry, fault in faults
        ]
        return False, "\n".join(["*** KNOWN FAULTS ***", *lines])
    if len(looked_at) < len(entries) or not entries:
        missed = len(entries) - len(looked_at) if entries else "all"
        return True, (
            f"*** NOT AUDITED: nobody could be asked about {missed} packages (no way to PyPI's list of"
            " known faults). Run `make supply` where there is one. ***"
        )
    return True, f"{len(entries)} packages, no known fault."


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def main() -> int:
    """Write, audit, say; return the exit code."""
    print(f"{SBOM}: {write_sbom()} packages (CycloneDX).")
    is_well, words = verdict(audit())
    print(words)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
