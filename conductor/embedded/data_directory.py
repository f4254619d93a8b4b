"""Where one machine's data lives, and the pair of embedded servers in it."""

from dataclasses import dataclass
from pathlib import Path

from conductor.embedded.postgres import EmbeddedPostgres
from conductor.embedded.process import private_folder
from conductor.embedded.valkey import EmbeddedValkey


@dataclass(frozen=True)
class Home:
    """The data folder of one installation (`CONDUCTOR_HOME`, by default `var/` in the project)."""

    path: Path
    durable: bool = True

    def claim(self) -> None:
        """Make the folder ours alone. Raises EmbeddedError where it is somebody else's."""
        private_folder(self.path)

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The folder's PostgreSQL."""
        return EmbeddedPostgres(self.path / "postgres", durable=self.durable)

    @property
    def valkey(self) -> EmbeddedValkey:
        """The folder's Valkey."""
        return EmbeddedValkey(self.path / "valkey", durable=self.durable)
