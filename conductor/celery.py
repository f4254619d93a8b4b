"""The Celery application. Tasks only wake us; rows carry the work."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
# Celery warns root because of pickle, with which whoever writes to the broker runs code. We accept
# JSON only, and one machine's `manage.py up` may well be root's.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("conductor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
