from django.apps import AppConfig, apps
from django.core import checks
from django.db.models.signals import pre_migrate


class ConductorConfig(AppConfig):
    name = "conductor"

    def ready(self) -> None:
        """Let `check --deploy` look at our settings, and `migrate` at the tables it meets."""
        # Both need the apps.
        from conductor.deployment.checks import check_settings  # noqa: PLC0415
        from conductor.deployment.older_tables import refuse_older_tables  # noqa: PLC0415

        # Sent for apps with models alone, and once is enough.
        pre_migrate.connect(refuse_older_tables, sender=apps.get_app_config("engagement"))
        checks.register(check_settings, checks.Tags.security, deploy=True)
