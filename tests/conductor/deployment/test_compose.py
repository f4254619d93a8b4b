"""docker-compose.yml and Dockerfile: no Docker needed to see that they mean what they should."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conductor.embedded.postgres import EmbeddedPostgres
from conductor.embedded.process import free_port
from conductor.embedded.valkey import EmbeddedValkey
from conductor.supervision import processes
from tests.support.waiting import eventually

PROJECT = Path(__file__).resolve().parents[3]
PINNED = re.compile(r"[\w/.-]+:v?\d+\.\d+\.\d+(-[\w.-]+)?")
PARTS = ("web", "worker", "ticker", "beat")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((PROJECT / "docker-compose.yml").read_text()))


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (PROJECT / "Dockerfile").read_text()


def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(compose["services"])


def test_every_part_has_its_service(compose: dict[str, Any]) -> None:
    expected = {*PARTS, "migrate", "proxy", "database", "log", "bus"}

    assert set(services(compose)) == expected


def test_images_are_pinned_to_an_exact_release(compose: dict[str, Any], dockerfile: str) -> None:
    foreign = [each["image"] for each in services(compose).values() if "build" not in each]
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)

    assert [image for image in foreign + bases if not PINNED.fullmatch(image)] == []


def test_timescaledb_is_a_release_whose_jobs_run(compose: dict[str, Any]) -> None:
    image = services(compose)["database"]["image"]
    found = re.fullmatch(r"timescale/timescaledb:(\d+)\.(\d+)\.(\d+)-pg1[78]", image)

    assert found is not None
    assert tuple(map(int, found.groups())) >= (2, 31, 2)


def test_product_commands_are_those_of_up(compose: dict[str, Any]) -> None:
    commands = {name: services(compose)[name]["command"] for name in (*PARTS, "migrate")}

    run = {role: ["python", "manage.py", "run", role] for role in processes.ROLES}
    assert commands == {**run, "migrate": ["python", "manage.py", *processes.MIGRATE]}


def test_everything_in_lists_and_environments_is_text(compose: dict[str, Any]) -> None:
    for name, service in services(compose).items():
        values = [*service.get("command", []), *service.get("environment", {}).values()]
        values += service.get("healthcheck", {}).get("test", [])
        assert [each for each in values if not isinstance(each, str)] == [], name


def test_services_start_again_and_are_looked_after(compose: dict[str, Any]) -> None:
    for name, service in services(compose).items():
        assert service["restart"] == ("on-failure" if name == "migrate" else "unless-stopped")
        assert ("healthcheck" in service) == (name != "migrate"), name


def test_services_wait_for_what_they_need(compose: dict[str, Any]) -> None:
    found = services(compose)
    for name in PARTS:
        waits = {other: each["condition"] for other, each in found[name]["depends_on"].items()}
        assert waits == {
            "migrate": "service_completed_successfully",
            "log": "service_healthy",
            "bus": "service_healthy",
        }
    assert found["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}


def test_services_can_be_scaled(compose: dict[str, Any]) -> None:
    found = services(compose)

    assert [name for name, each in found.items() if "container_name" in each] == []
    assert [name for name, each in found.items() if "ports" in each] == ["proxy"]


def test_log_is_durable_and_the_bus_is_another_server(compose: dict[str, Any]) -> None:
    found = services(compose)
    command = found["log"]["command"]
    environment = found["web"]["environment"]

    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--appendfsync") + 1] == "always"
    password = "${VALKEY_PASSWORD:?set VALKEY_PASSWORD in .env}"
    assert environment["REDIS_LOG_URL"] == f"redis://:{password}@log:6379/0"
    assert environment["REDIS_URL"] == f"redis://:{password}@bus:6379/0"
    for name in ("log", "bus"):
        command = found[name]["command"]
        assert command[command.index("--requirepass") + 1] == password
        assert found[name]["environment"] == {"REDISCLI_AUTH": password}


def test_servers_are_in_a_network_of_their_own_without_a_way_out(compose: dict[str, Any]) -> None:
    networks = {name: set(each["networks"]) for name, each in services(compose).items()}

    assert {name for name, has in networks.items() if has == {"inside"}} == {
        "database", "log", "bus", "migrate", "ticker", "beat"
    }  # fmt: skip
    assert (networks["proxy"], networks["web"]) == ({"front"}, {"front", "inside"})
    assert networks["worker"] == {"inside", "outside"}
    assert compose["networks"] == {"front": None, "outside": None, "inside": {"internal": True}}


def test_no_secret_stands_in_the_file_and_none_may_be_left_out(compose: dict[str, Any]) -> None:
    found = services(compose)

    secrets = {
        "VALKEY_PASSWORD": found["log"]["environment"]["REDISCLI_AUTH"],
        "POSTGRES_PASSWORD": found["database"]["environment"]["POSTGRES_PASSWORD"],
        "SECRET_KEY": found["web"]["environment"]["SECRET_KEY"],
    }
    assert secrets == {name: f"${{{name}:?set {name} in .env}}" for name in secrets}
    assert ":${POSTGRES_PASSWORD:?" in found["web"]["environment"]["DATABASE_URL"]


def test_volumes_that_are_used_are_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.partition(":")[0]
        for service in services(compose).values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }

    assert used == set(compose["volumes"])


def test_image_runs_as_a_user_of_its_own_with_static_files_inside(dockerfile: str) -> None:
    lines = dockerfile.replace("\\\n", " ").splitlines()
    instructions = [line for line in lines if line and line[0].isalpha()]

    user = instructions.index("USER conductor")
    assert any(
        " ".join(processes.COLLECT_STATIC) in " ".join(each.split()) for each in instructions[:user]
    )
    assert instructions[-1] == 'CMD ["python", "manage.py", "run", "web"]'


def test_image_has_the_python_that_the_tests_run_on(dockerfile: str) -> None:
    minors = set(re.findall(r"^FROM python:(\d+\.\d+)", dockerfile, re.MULTILINE))

    assert minors == {"{}.{}".format(*sys.version_info)}


def test_no_secret_and_no_data_goes_into_the_image() -> None:
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()

    assert {".env", ".git", "var", ".venv"} <= set(ignored)


# --- the same commands, run ----------------------------------------------------------------------


class Containers:
    """The product services of docker-compose.yml as plain processes on servers of their own."""

    def __init__(self, home: Path, found: dict[str, dict[str, Any]]) -> None:
        self.found = found
        self.port = free_port(None)
        self.servers = (
            EmbeddedPostgres(home / "database", durable=False),
            EmbeddedValkey(home / "log"),
            EmbeddedValkey(home / "bus"),
        )
        database, log, bus = (server.ensure() for server in self.servers)
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "DATABASE_URL": database, "REDIS_LOG_URL": log, "REDIS_URL": bus,
            "SECRET_KEY": "0123456789abcdef" * 2, "HOST": "127.0.0.1", "PORT": str(self.port),
            "CONDUCTOR_HOME": str(home), "STATIC_ROOT": str(home / "static"), "SHARDS": "2",
        }  # fmt: skip
        self.log = (home / "log.txt").open("wb")
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            self._here(self.found[name]["command"]), cwd=PROJECT, env=self.environment,
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.running.append(process)
        return process

    def is_healthy(self, name: str) -> bool:
        """Run the service's health check as Docker would."""
        kind, *words = self.found[name]["healthcheck"]["test"]
        if kind == "CMD-SHELL":
            hostname = os.uname().nodename
            bin_folder = Path(sys.executable).parent
            words = ["sh", "-c", words[0].replace("$$HOSTNAME", hostname)]
            words[2] = words[2].replace("celery", f"{bin_folder}/celery", 1)
        words = [word.replace(":8000", f":{self.port}") for word in words]
        done = subprocess.run(
            self._here(words), cwd=PROJECT, env=self.environment, capture_output=True, timeout=240
        )
        return done.returncode == 0

    def answer(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as found:
                return int(found.status)
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code)
        except OSError:
            return 0

    def stop(self) -> None:
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(120)
        self.log.close()
        for server in self.servers:
            server.stop()

    @staticmethod
    def _here(words: list[str]) -> list[str]:
        return [sys.executable if word == "python" else word for word in words]


@pytest.fixture
def containers(tmp_path: Path, compose: dict[str, Any]) -> Iterator[Containers]:
    made = Containers(tmp_path, services(compose))
    try:
        yield made
    finally:
        made.stop()


@pytest.mark.processes
def test_commands_and_health_checks_of_the_file_work(containers: Containers) -> None:
    assert containers.start("migrate").wait(120) == 0

    for name in PARTS:
        containers.start(name)

    eventually(lambda: containers.answer("/health/detailed") == 200, "everything is well", 60)
    assert {name: containers.is_healthy(name) for name in PARTS} == dict.fromkeys(PARTS, True)


@pytest.mark.processes
def test_health_checks_of_the_file_notice_what_is_away(containers: Containers) -> None:
    containers.start("migrate").wait(120)

    assert {name: containers.is_healthy(name) for name in PARTS} == dict.fromkeys(PARTS, False)
