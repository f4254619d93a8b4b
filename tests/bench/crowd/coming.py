"""300 people, 100 of them at once, beside a session of 1,000: how long each waits, and who is refused."""

import concurrent.futures
import http.client
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from conductor.supervision.supervisor import die_with_parent
from tests.bench.speed import machine
from tests.bench.speed.report import Report
from tests.survival.installation import PROJECT, Installation, installation

PEOPLE: Final = 300
AT_ONCE: Final = 100
BESIDE: Final = 1_000
"""Simulated people of the session that goes on meanwhile."""
P95_SECONDS: Final = 3.0
TIMEOUT_SECONDS: Final = 60


@dataclass
class Line:
    """What one kind of request met with: seconds and statuses, one for each request."""

    seconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    cpu_seconds: float = 0.0
    """What the web process worked for all of it."""
    load: float = 0.0
    """Of the machine meanwhile: a shared one answers later."""

    @property
    def broken(self) -> int:
        """Answers of 5xx, and none at all (0)."""
        return sum(status == 0 or status >= 500 for status in self.statuses)

    @property
    def refused(self) -> int:
        """Answers of 4xx."""
        return sum(400 <= status < 500 for status in self.statuses)

    @property
    def is_met(self) -> bool:
        """Whether everybody was served, and nearly all of them in time."""
        return not self.broken and not self.refused and self.part(0.95) <= P95_SECONDS

    def part(self, share: float) -> float:
        """Return the seconds within which that share of the requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Visitor:
    """One person's browser, as far as a crowd needs one."""

    def __init__(self, port: int, ready: dict[str, Any], n: int) -> None:
        self.port, self.ready, self.n = port, ready, n
        self.bearer = {"Authorization": f"Bearer {ready['tokens'][n]}"}
        self.json = {**self.bearer, "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: str = "", **more: Any) -> tuple[int, str, str]:
        """Return status, body and the cookie that was set; status 0 where nothing answered."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            line.request(method, path, body, more.get("headers", {}))
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
            return answer.status, text, (answer.getheader("Set-Cookie") or "").split(";")[0]
        except (OSError, http.client.HTTPException):
            return 0, "", ""
        finally:
            line.close()

    def join(self) -> int:
        """Open the code's page, send the form, open the room; the worst status counts."""
        path = f"/j/{self.ready['code']}"
        opened, page, cookie = self.ask("GET", path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if opened != 200 or found is None:
            return opened or 0
        form = urlencode({"csrfmiddlewaretoken": found[1], "name": f"Guest {self.n}"})
        kind = "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "Cookie": cookie}
        sent, _, token = self.ask("POST", path, form, headers=headers)
        if sent != 302:
            return sent
        return self.ask("GET", path, headers={"Cookie": f"{cookie}; {token}"})[0]

    def vote(self) -> int:
        """Open a line to the session and vote in the open poll."""
        line = f"/api/v1/attend/{self.ready['session']}/line/?client=tab-{self.n}&hold=0"
        here = self.ask("GET", line, headers=self.bearer)[0]
        if here != 200:
            return here
        path = f"/api/v1/attend/{self.ready['session']}/interventions/{self.ready['poll']}/vote/"
        return self.ask("POST", path, json.dumps({"option": self.n % 3}), headers=self.json)[0]

    def questions(self) -> int:
        """Read the questions of the room."""
        path = f"/api/v1/attend/{self.ready['session']}/questions/"
        return self.ask("GET", path, headers=self.bearer)[0]

    def reload(self) -> int:
        """Open the page of the code."""
        return self.ask("GET", f"/j/{self.ready['code']}")[0]

    def dashboard(self) -> int:
        """Open the live page."""
        path = f"/sessions/{self.ready['session']}/"
        return self.ask("GET", path, headers={"Cookie": self.ready["cookie"]})[0]

    def api(self) -> int:
        """Read the session by the API."""
        path = f"/api/v1/sessions/{self.ready['session']}/"
        return self.ask("GET", path, headers={"Authorization": f"Bearer {self.ready['key']}"})[0]


ACTS: Final[dict[str, Callable[[Visitor], int]]] = {
    "joins (3 requests each)": Visitor.join,
    "votes (2 requests each)": Visitor.vote,
    "questions": Visitor.questions,
    "attendees' reloads": Visitor.reload,
    "dashboard reloads": Visitor.dashboard,
    "API reads": Visitor.api,
}


def measure(report: Report) -> None:
    """Run the product, let them come, print the table and judge it."""
    more = {"API_PER_MINUTE": "100000", "JOINS_AT_ONCE": "100000"}
    with (
        tempfile.TemporaryDirectory(prefix="crowd-") as folder,
        installation(Path(folder), more) as product,
    ):
        ready = _prepared(product)
        beside = _simulated(product, ready["session"])
        try:
            visitors = [Visitor(product.port, ready, n) for n in range(PEOPLE)]
            watch = _Connections(product)
            lines = {name: _come(product, visitors, act) for name, act in ACTS.items()}
            peak = watch.stop()
            after = _after(product)
        finally:
            beside.terminate()
            beside.wait(30)
    _tell(report, lines, peak, after)


def _prepared(product: Installation) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.crowd.prepare", str(PEOPLE)], cwd=PROJECT,
        env=product.environment, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def _simulated(product: Installation, session: int) -> "subprocess.Popen[bytes]":
    words = ["--session", str(session), "--people", str(BESIDE), "--quiet", "--seed", "1"]
    return subprocess.Popen(
        [sys.executable, "manage.py", "simulate", *words], cwd=PROJECT, env=product.environment,
        stdout=subprocess.DEVNULL, preexec_fn=die_with_parent,
    )  # fmt: skip


def _come(product: Installation, visitors: list[Visitor], act: Callable[[Visitor], int]) -> Line:
    line = Line()
    web = product.pid_of("web") or 0
    before = machine.cpu_seconds(web)

    def one(visitor: Visitor) -> tuple[int, float]:
        began = time.monotonic()
        return act(visitor), time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as crowd:
        for status, seconds in crowd.map(one, visitors):
            line.statuses.append(status)
            line.seconds.append(seconds)
    line.cpu_seconds = machine.cpu_seconds(web) - before
    line.load = machine.load()
    return line


class _Connections:
    """Looks several times a second at how many connections PostgreSQL has."""

    def __init__(self, product: Installation) -> None:
        self._product = product
        self._over = threading.Event()
        self._peak = 0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        with self._product.database() as database:
            while not self._over.wait(0.1):
                self._peak = max(self._peak, _count(database))

    def stop(self) -> int:
        """Return the most that were seen."""
        self._over.set()
        self._thread.join(10)
        return self._peak


def _after(product: Installation) -> int:
    """Return how many are left when the pool's minute is over."""
    with product.database() as database:
        least = _count(database)
        until = time.monotonic() + 90
        while time.monotonic() < until:
            time.sleep(1)
            least = min(least, _count(database))
    return least


def _count(database: Any) -> int:
    query = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
    return int(database.execute(query).fetchone()[0])


def _tell(report: Report, lines: dict[str, Line], peak: int, after: int) -> None:
    rows = [
        [name, len(line.statuses), line.broken, line.refused]
        + [f"{line.part(share):.2f}" for share in (0.5, 0.95, 1)]
        + [f"{1000 * line.cpu_seconds / len(line.statuses):.0f}", f"{line.load:.1f}"]
        + ["met" if line.is_met else "missed"]
        for name, line in lines.items()
    ]
    report.table(
        f"{PEOPLE} people, {AT_ONCE} at once, beside a session of {BESIDE:,}",
        ["what", "asked", "5xx", "4xx", "p50 s", "p95 s", "slowest s", "web CPU ms each", "load", "bar"],
        rows,
    )  # fmt: skip
    report.table(
        "PostgreSQL's connections", ["when", "connections"],
        [["at the most", peak], ["a minute and a half later", after]],
    )  # fmt: skip
    for name, line in lines.items():
        report.bar(f"{name}: answers of 5xx or none", line.broken, 0, at_least=False)
        report.bar(f"{name}: refused", line.refused, 0, at_least=False)
        report.bar(f"{name}: p95 seconds", line.part(0.95), P95_SECONDS, at_least=False)
    report.bar("connections at the most", peak, 97, at_least=False)
    report.bar("connections that go back", peak - after, 1, at_least=True)
