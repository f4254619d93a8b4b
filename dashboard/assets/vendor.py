"""What other people wrote and the browser loads: is it what we once looked at? (pure but for files)"""

import base64
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LICENCES: Final = frozenset(
    {"MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "OFL-1.1"}
)
MANIFEST: Final = "vendor.toml"
LICENCE_FILE: Final = "LICENSE"


@dataclass(frozen=True, slots=True)
class Package:
    """One entry of the manifest; `files` maps names to their sha384."""

    name: str
    version: str
    licence: str
    files: dict[str, str]

    @property
    def folder(self) -> str:
        """Where its files are."""
        return f"{self.name}-{self.version}"


def packages(root: Path) -> list[Package]:
    """Read the manifest of a vendor folder."""
    data = tomllib.loads((root / MANIFEST).read_text())
    return [
        Package(each["name"], each["version"], each["licence"], each["files"])
        for each in data["package"]
    ]


def problems(root: Path) -> list[str]:
    """Return what is wrong with a vendor folder, one sentence each; nothing where all is well."""
    found: list[str] = []
    listed = {root / MANIFEST}
    for package in packages(root):
        if package.licence not in LICENCES:
            found.append(f"{package.folder}: the licence {package.licence} is not one we accept.")
        licence = root / package.folder / LICENCE_FILE
        listed.add(licence)
        if not licence.is_file():
            found.append(f"{package.folder}: its {LICENCE_FILE} is missing.")
        for name, expected in package.files.items():
            path = root / package.folder / name
            listed.add(path)
            found += _file_problems(path, expected, root)
    strays = sorted(set(_files(root)) - listed)
    return found + [f"{path.relative_to(root)}: not in {MANIFEST}." for path in strays]


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def _file_problems(path: Path, expected: str, root: Path) -> list[str]:
    name = path.relative_to(root)
    if not path.is_file():
        return [f"{name}: missing."]
    data = path.read_bytes()
    if sha384(data) != expected:
        return [f"{name}: its hash is {sha384(data)}, expected {expected}."]
    if b"sourceMappingURL" in data:
        # The manifest storage looks for the map and fails without it.
        return [f"{name}: names a source map that is not there."]
    return []


def sha384(data: bytes) -> str:
    """Return the hash as subresource integrity writes it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()
