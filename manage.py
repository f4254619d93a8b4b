#!/usr/bin/env python
"""Operators' entry point: `python manage.py help` lists every command."""

import sys

from conductor.commandline import main

if __name__ == "__main__":
    main(sys.argv)
