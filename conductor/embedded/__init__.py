"""PostgreSQL and Valkey from Python wheels, for one machine: nothing to install, data in one folder.

With DATABASE_URL and REDIS_URL set nothing here runs.
"""
