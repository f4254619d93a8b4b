"""Proxies that others wrote, run with the files that the documentation gives to operators."""

import datetime as dt
import os
import shutil
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.browser.server import ROOT, free_port
from tests.support.waiting import eventually, is_open

NAME = "rooms.example.org"
DOCS = ROOT / "docs" / "proxies"
NEEDED = ("caddy", "nginx")
MISSING = [program for program in NEEDED if shutil.which(program) is None]


class Proxy:
    """One running proxy: `port` is where it listens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str, **environment: str) -> "Proxy":
        """Start and wait until it listens."""
        data = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        with (self.folder / "log.txt").open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log,
                env={**os.environ, **data, **environment},
            )  # fmt: skip
        try:
            eventually(lambda: is_open(self.port), f"it listens; see {self.folder}/log.txt")
        except AssertionError:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(120)


def instead(text: str, **values: str) -> str:
    """Replace what stands in an operator's file exactly once; anything else is another file."""
    for old, new in values.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the file"
        text = text.replace(old, new)
    return text


def nginx(folder: Path, behind: int, *, without: str = "") -> Proxy:
    """Run docs/proxies/nginx.conf before a port of this machine; `without`: a line that is left out."""
    proxy = Proxy(folder)
    certificate(folder)
    text = (DOCS / "nginx.conf").read_text()
    if without:
        text = instead(text, **{without: ""})
    text = instead(
        text,
        **{
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{behind};",
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl;": f"listen 127.0.0.1:{proxy.port} ssl;",
            "/etc/ssl/rooms.example.org.crt": f"{folder}/crt.pem",
            "/etc/ssl/rooms.example.org.key": f"{folder}/key.pem",
        },
    )
    (folder / "conductor.conf").write_text(text)
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}"
        f" http {{ access_log off; {paths} include {folder}/conductor.conf; }}"
    )
    return proxy.run("nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"))


def caddy(folder: Path, behind: int) -> Proxy:
    """Run docs/proxies/Caddyfile before a port of this machine."""
    proxy = Proxy(folder)
    certificate(folder)
    text = instead(
        (DOCS / "Caddyfile").read_text(),
        **{
            "rooms.example.org {": f"{NAME}:{proxy.port} {{\n\ttls {folder}/crt.pem {folder}/key.pem",
            "reverse_proxy 127.0.0.1:8000": f"reverse_proxy 127.0.0.1:{behind}",
        },
    )
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    return proxy.run("caddy", "run", "--config", str(folder / "Caddyfile"))


def ours(folder: Path, behind: int, site: str = "") -> Proxy:
    """Run the product's own Caddyfile as docker-compose.yml does, before a port of this machine."""
    proxy = Proxy(folder)
    return proxy.run(
        "caddy", "run", "--config", str(ROOT / "Caddyfile"),
        SITE_ADDRESS=f"{site}:{proxy.port}", WEB_HOST="127.0.0.1", WEB_PORT=str(behind),
        FRONT_PROXIES="private_ranges", CADDY_ADMIN=f"127.0.0.1:{free_port()}",
    )  # fmt: skip


def certificate(folder: Path) -> None:
    """Write a certificate for NAME that nobody signed but itself: crt.pem, key.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "crt.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
