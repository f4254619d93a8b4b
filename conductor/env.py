"""Typed readers of environment variables. Nonsense stops the start with a sentence, never a guess."""

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}


class SettingError(ValueError):
    """An environment variable holds something that cannot be used."""


def text(name: str, default: str = "") -> str:
    """Return the variable as text, surrounding blanks removed; `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """Return a yes/no variable. Accepts 1/0, true/false, yes/no, on/off in any case."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name}={value!r}: use 1 or 0 (true/false, yes/no, on/off).")


def integer(name: str, default: int, least: int = 0, most: int = 2**31) -> int:
    """Return a whole number between `least` and `most`."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise SettingError(f"{name}={value!r}: a whole number is needed.") from None
    if not least <= number <= most:
        raise SettingError(f"{name}={number}: must be between {least} and {most}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list of non-empty words."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def networks(name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return a comma-separated variable as networks: `203.0.113.0/24`, `2001:db8::/32`, an address."""
    try:
        return tuple(ipaddress.ip_network(word, strict=False) for word in words(name))
    except ValueError as error:
        raise SettingError(f"{name}: {error}; use 203.0.113.7 or 203.0.113.0/24.") from None


LEAST_KEY_CHARS: Final = 32
LEAST_KEY_VARIETY: Final = 10


def key(name: str) -> str:
    """Return a secret that signs: empty where unset, refused where it could be guessed."""
    value = secret(name)
    weak = len(value) < LEAST_KEY_CHARS or len(set(value)) < LEAST_KEY_VARIETY
    if value and (weak or value.startswith("django-insecure-")):
        raise SettingError(
            f"{name} is too easy to guess: take {LEAST_KEY_CHARS} or more letters and digits made by"
            " chance, for example of `openssl rand -hex 32`."
        )
    return value


@dataclass(frozen=True, slots=True)
class Site:
    """An address of ours: as it was written, and its parts as browsers send them. Empty: unset."""

    url: str = ""
    origin: str = ""
    host: str = ""


def site(name: str, value: str) -> Site:
    """Return the http(s) address that a variable holds. Refuses what pages or browsers could not use."""
    url = value.rstrip("/")
    if not url:
        return Site()
    said = f"{name}={url!r}"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise SettingError(f"{said}: this is no address like https://rooms.example.org.") from None
    if parts.scheme not in _PORTS:
        raise SettingError(f"{said}: must start with http:// or https://.")
    if parts.path:
        raise SettingError(
            f"{said}: the pages need a host name of their own and cannot live below {parts.path}. Use"
            f" an address without a path, for example {parts.scheme}://rooms.{host or 'example.org'}."
        )
    if not host or parts.query or parts.fragment or parts.username is not None or " " in url:
        raise SettingError(f"{said}: this is no address like https://rooms.example.org.")
    host = f"[{host}]" if ":" in host else host
    tail = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return Site(url, f"{parts.scheme}://{host}{tail}", host)


def secret(name: str) -> str:
    """Return a secret from NAME, or from the file that NAME_FILE points to; empty where neither is set."""
    path = text(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from None
    return text(name)
