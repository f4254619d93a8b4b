#!/usr/bin/env python
"""Operators' entry point: `python manage.py help` lists every command."""

import os
import sys

from django.core.management import execute_from_command_line

from conductor.env import SettingError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        sys.exit(f"Settings: {error}")
