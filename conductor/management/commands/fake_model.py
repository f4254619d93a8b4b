"""`manage.py fake_model`: the product through the real client, without a key and without a bill."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conductor.devtools.fake_model import FAULTS, FakeModel, Fault


class Command(BaseCommand):
    help = (
        "Run a local server that speaks the Messages API and answers with wordings of the library."
        " Start the product with ANTHROPIC_BASE_URL set to what it prints. POST /script with a"
        f" JSON list of faults spoils the next answers: {', '.join(FAULTS)}."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, default=8765, help="port (default 8765; 0: any)")
        parser.add_argument(
            "--faulty", type=float, default=0.0, help="share of answers that go wrong, 0 to 1"
        )
        parser.add_argument("--seed", type=int, default=1, help="of what goes wrong and when")
        parser.add_argument("--script", nargs="*", default=[], help="faults of the first answers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until Ctrl-C."""
        try:
            script = [Fault(name) for name in options["script"]]
            server = FakeModel(options["port"], script, options["seed"], options["faulty"])
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"ANTHROPIC_BASE_URL={server.url}")
        self.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            server.server_close()
