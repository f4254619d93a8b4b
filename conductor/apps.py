from django.apps import AppConfig
from django.core import checks


class ConductorConfig(AppConfig):
    name = "conductor"

    def ready(self) -> None:
        """Let `manage.py check --deploy` look at our settings as well."""
        from conductor.deployment.checks import check_settings  # noqa: PLC0415  (needs the apps)

        checks.register(check_settings, checks.Tags.security, deploy=True)
