"""One hostile organisation beside a quiet one: how much longer the quiet one waits for everything.

The hostile one does what it may, at its limits: texts that cost the most to read, twenty webhooks that
hang, refuse or have no name, a poll of thousands, a thousand open suggestions in as many live rooms, its
largest report and file on twenty connections, and rows on which the work always fails. Names that are
slow to look up need a name server of ours: tests/interventions/notifications/test_threads.py has them.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from conductor.supervision.supervisor import die_with_parent
from tests.bench.speed import machine
from tests.bench.speed.report import Report
from tests.interventions.notifications.sink import Sink, running
from tests.survival.installation import PROJECT, Installation, eventually, installation

SECONDS: Final = 25.0
QUICK_SECONDS: Final = 12.0
MORE_SECONDS: Final = 1.0
"""The bar: so much longer may the quiet organisation wait beside the hostile one."""
LOOK_SECONDS: Final = 0.05
LAST_SECONDS: Final = 10.0
"""For what was begun at the end of a phase to arrive."""
# As a fresh installation has them, whatever the bench's other parts lifted; and its own sinks are inside.
LIMITS: Final = {
    "SIGNALS_PER_MINUTE": "1200", "ORGANISATION_SIGNALS_PER_SECOND": "300",
    "ORGANISATION_SIGNALS_AT_ONCE": "5000", "SOCKET_SIGNALS_PER_SECOND": "20", "WEBHOOK_ALLOW_PRIVATE": "1",
}  # fmt: skip
WHAT: Final = (
    "chat",
    "ticks",
    "approvals",
    "deliveries",
    "webhooks",
    "exports",
    "pages",
    "reports",
)
Waits = dict[str, list[float]]


class Quiet:
    """The quiet organisation's people and programs, and how long each thing takes them."""

    def __init__(self, product: Installation, made: dict[str, Any], sink: Sink) -> None:
        self.product, self.made, self.sink = product, made, sink
        self.port = product.port
        self.waits: Waits = defaultdict(list)
        self.failed = 0
        self.waiting = list(made["suggestions"])
        self.approved: dict[int, float] = {}
        self.over = threading.Event()
        self._said = 0

    def phase(self, seconds: float) -> Waits:
        """Do everything at its pace for so long; return the seconds that each thing took."""
        self.waits, self.approved = defaultdict(list), {}
        self.over.clear()
        self.sink.got.clear()
        began = time.time()
        session, bearer = self.made["session"], {"Authorization": f"Bearer {self.made['key']}"}
        page = {"Cookie": self.made["cookie"]}
        jobs: list[tuple[float, Callable[[], None]]] = [
            (0.4, lambda: self._timed("pages", "GET", f"/sessions/{session}/", page)),
            (2.0, lambda: self._timed("reports", "GET", f"/sessions/{session}/report/", page)),
            (1.5, lambda: self._timed(
                "exports", "GET", f"/api/v1/sessions/{session}/exports/metrics.csv", bearer)),
            (1.0, lambda: self._approve(bearer)),
            (0.7, lambda: self._chat(session, bearer)),
        ]  # fmt: skip
        threads = [threading.Thread(target=self._pace, args=job) for job in jobs]
        threads += [threading.Thread(target=self._watch, args=(session,))]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.over.set()
        for thread in threads:
            thread.join()
        self._webhooks(began)
        return self.waits

    def _pace(self, every: float, act: Callable[[], None]) -> None:
        while not self.over.wait(every):
            act()

    def _timed(self, what: str, method: str, path: str, headers: dict[str, str]) -> float:
        began = time.time()
        if _ask(self.port, method, path, headers)[0] not in (200, 202):
            self.failed += 1
        ended = time.time()
        self.waits[what].append(ended - began)
        return ended

    def _approve(self, bearer: dict[str, str]) -> None:
        if not self.waiting:
            return
        pk = self.waiting.pop()
        path = f"/api/v1/interventions/{pk}/approve/"
        headers = {**bearer, "Content-Type": "application/json"}
        self.approved[pk] = self._timed("approvals", "POST", path, headers)

    def _chat(self, session: int, bearer: dict[str, str]) -> None:
        """Say something and wait until it is a line."""
        self._said += 1
        text = f"Could you go back one slide, please? {self._said}"
        body = json.dumps({"kind": "chat", "actor": f"ann{self._said % 9}", "text": text})
        headers = {**bearer, "Content-Type": "application/json"}
        began = time.time()
        if _ask(self.port, "POST", f"/api/v1/sessions/{session}/signals/", headers, body)[0] != 202:
            self.failed += 1
            return
        with self.product.database() as database:
            query = "select 1 from interventions_chatline where session_id = %s and text = %s"
            while time.time() - began < LAST_SECONDS:
                if database.execute(query, (session, text)).fetchone():
                    break
                time.sleep(LOOK_SECONDS)
        self.waits["chat"].append(time.time() - began)

    def _watch(self, session: int) -> None:
        """See ticks and deliveries as they are stored."""
        with self.product.database() as database:
            last = _last_tick(database, session)
            ends: float | None = None
            while ends is None or (self.approved and time.time() < ends):
                if ends is None and self.over.is_set():
                    ends = time.time() + LAST_SECONDS
                newest = _last_tick(database, session)
                if newest != last and ends is None:
                    self.waits["ticks"].append(time.time() - newest)
                last = newest
                for pk, due in _delivered(database, list(self.approved)):
                    del self.approved[pk]
                    self.waits["deliveries"].append(time.time() - due)
                time.sleep(LOOK_SECONDS)
        # What was not delivered in time waited at least so long.
        self.waits["deliveries"] += [LAST_SECONDS] * len(self.approved)

    def _webhooks(self, since: float) -> None:
        """Compare when the messages of a phase were made with when they arrived."""
        query = (
            "select id, extract(epoch from created_at)::float8 from interventions_webhookmessage"
            " where webhook_id = %s and created_at >= to_timestamp(%s)"
        )
        with self.product.database() as database:
            made = {
                f"msg_{pk.hex}": at
                for pk, at in database.execute(query, (self.made["hook"], since))
            }
        ends = time.time() + LAST_SECONDS
        while time.time() < ends and not made.keys() <= self._arrived().keys():
            time.sleep(LOOK_SECONDS)
        arrived = self._arrived()
        # What has not come by now waited at least so long.
        self.waits["webhooks"] += [arrived.get(name, time.time()) - at for name, at in made.items()]

    def _arrived(self) -> dict[str, float]:
        return {head["webhook-id"]: float(head["arrived"]) for head, _ in list(self.sink.got)}


class Arriving(list[tuple[dict[str, str], bytes]]):
    """What a sink got, each with when."""

    def append(self, got: tuple[dict[str, str], bytes]) -> None:
        """Keep a message."""
        super().append(({**got[0], "arrived": str(time.time())}, got[1]))


def _ask(
    port: int, method: str, path: str, headers: dict[str, str], body: str = ""
) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request(method, path, body or ("{}" if method == "POST" else None), headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        line.close()


def _last_tick(database: Any, session: int) -> float:
    query = (
        "select coalesce(extract(epoch from max(time)), 0)::float8 from engagement_metric"
        " where session_id = %s"
    )
    return float(database.execute(query, (session,)).fetchone()[0])


def _delivered(database: Any, pks: list[int]) -> list[tuple[int, float]]:
    query = (
        "select i.id, extract(epoch from t.time)::float8 + 5 from interventions_intervention i"
        " join interventions_transition t on t.intervention_id = i.id and t.after = 'approved'"
        " where i.id = any(%s) and i.status = 'delivered'"
    )
    return list(database.execute(query, (pks,)))


def measure(report: Report, *, quick: bool = False) -> None:
    """Run the product, let the quiet one work alone and beside the hostile one, and judge the difference."""
    seconds = QUICK_SECONDS if quick else SECONDS
    with (
        tempfile.TemporaryDirectory(prefix="neighbours-") as folder,
        running() as sink,
        running() as hanging,
        installation(Path(folder), LIMITS) as product,
    ):
        sink.got = Arriving()
        hanging.answer_on = threading.Event()
        people = Quiet(product, _rows(product, "quiet", {"sink": sink.url}), sink)
        _counted(product, people.made["session"])
        alone = people.phase(seconds)
        made = _rows(product, "hostile", {"hanging": hanging.url})
        with _load(product, made):
            _counted(product, made["session"])
            beside = people.phase(seconds)
        _tell(report, alone, beside, people.failed, _stuck(product))


def _rows(product: Installation, whose: str, asked: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.speed.neighbours_rows", whose, json.dumps(asked)],
        cwd=PROJECT, env=product.environment, stdout=subprocess.PIPE, check=True, timeout=120,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def _counted(product: Installation, session: int) -> None:
    """Wait until the ticker has come to know the rooms: making a thousand at once is not what is measured."""
    with product.database() as database:
        before = _last_tick(database, session)
        eventually(lambda: _last_tick(database, session) >= before + 15, 60, "ticks are closed")


@contextmanager
def _load(product: Installation, made: dict[str, Any]) -> Iterator[None]:
    words = json.dumps({**made, "port": product.port})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.speed.neighbours_load", words], cwd=PROJECT,
        stdout=subprocess.PIPE, preexec_fn=die_with_parent,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait(20)


def _stuck(product: Installation) -> set[str]:
    with product.database() as database:
        return {stage for (stage,) in database.execute("select stage from engagement_stuckrow")}


def _tell(report: Report, alone: Waits, beside: Waits, failed: int, stuck: set[str]) -> None:
    rows, more = [], {}
    for what in WHAT:
        before, after = _part(alone[what]), _part(beside[what])
        more[what] = after - before
        rows.append(
            [what, len(alone[what]), len(beside[what])]
            + [f"{value:.2f}" for value in (before, max(alone[what], default=0.0))]
            + [f"{value:.2f}" for value in (after, max(beside[what], default=0.0))]
            + [f"{more[what]:+.2f}", "met" if more[what] <= MORE_SECONDS else "missed"]
        )
    report.table(
        f"A quiet organisation beside a hostile one, seconds (load average {machine.load():.1f})",
        ["what", "n alone", "n beside", "p95 alone", "max", "p95 beside", "max", "more", "bar"],
        rows,
    )
    for what in WHAT:
        report.bar(f"{what}: p95 seconds more", more[what], MORE_SECONDS, at_least=False)
        fewest = min(len(alone[what]), len(beside[what]))
        report.bar(f"{what}: measured", fewest, 1, at_least=True)
    report.bar(
        "answers to the quiet organisation that were none or errors", failed, 0, at_least=False
    )
    report.bar("stages on which the hostile rows are stuck", len(stuck), 3, at_least=True)


def _part(seconds: list[float], share: float = 0.95) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
