"""All settings, in one file. Every own setting says its unit and its reason.

Works with no variable set: then PostgreSQL and Valkey are the embedded ones of `manage.py up`.
"""

import os
import re
import socket
from pathlib import Path
from typing import Any

import django_stubs_ext
from redis.backoff import NoBackoff
from redis.retry import Retry

from conductor import env
from conductor.deployment import connections
from conductor.embedded.data_directory import Home
from conductor.embedded.process import derived_secret, private_secret
from conductor.monitoring.log_settings import logging_settings
from conductor.schedule import beat_schedule
from interventions.agent.writing.llm.prices import PriceError, read_prices

# Lets Django's generic classes be written with their type: `ModelAdmin[Session]`.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things are ------------------------------------------------------------------------
# Data of the embedded services, the generated secret key, the chosen port.
CONDUCTOR_HOME = Path(env.text("CONDUCTOR_HOME", str(BASE_DIR / "var"))).absolute()
EMBEDDED = Home(CONDUCTOR_HOME, durable=not env.flag("CONDUCTOR_FAST_AND_LOOSE", default=False))
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.key("SECRET_KEY") or private_secret(CONDUCTOR_HOME / "secret_key")
# Signs what is pushed to phones; phones subscribe with its public half. With SECRET_KEY given there may
# be several machines, which must agree: then it is made of that.
VAPID_PRIVATE_KEY = env.secret("VAPID_PRIVATE_KEY") or (
    derived_secret(SECRET_KEY, "vapid")
    if env.secret("SECRET_KEY")
    else private_secret(CONDUCTOR_HOME / "vapid_key")
)
if not re.fullmatch(r"[\w-]{43}=?", VAPID_PRIVATE_KEY, re.ASCII):
    raise env.SettingError(
        "VAPID_PRIVATE_KEY must be 32 bytes as base64url: 43 letters and digits."
    )
# Where the web server listens; port 0: 8000 or the next free one.
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 0, most=65_535)
# The address people type; printed, put into QR codes. Empty: taken from the request.
_SITE = env.site("PUBLIC_URL", env.text("PUBLIC_URL"))
PUBLIC_URL = _SITE.url
# The same as browsers send it: forms and sockets from there are ours, whatever a proxy makes of Host.
PUBLIC_ORIGIN = _SITE.origin
# Host names we answer to. The machine's own are always among them, for health checks.
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
if PUBLIC_URL:
    ALLOWED_HOSTS.append(_SITE.host)
if HOST not in {"0.0.0.0", "::"}:  # noqa: S104  (that is every address; then names must be named)
    ALLOWED_HOSTS.append(f"[{HOST}]" if ":" in HOST else HOST)
CSRF_TRUSTED_ORIGINS = [*env.words("CSRF_TRUSTED_ORIGINS"), *filter(None, [PUBLIC_ORIGIN])]
CSRF_FAILURE_VIEW = "conductor.serving.errors.form_refused"
# Behind a TLS proxy: cookies only over https, and the proxy's word for the scheme is believed. We speak
# no https ourselves, so an address with it means that a proxy does.
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY", default=False)
if not env.text("BEHIND_TLS_PROXY"):
    BEHIND_TLS_PROXY = PUBLIC_URL.startswith("https://")
if BEHIND_TLS_PROXY and PUBLIC_URL.startswith("http://"):
    raise env.SettingError(
        f"BEHIND_TLS_PROXY=1, but PUBLIC_URL={PUBLIC_URL!r}: it must start with https:// then."
    )
# Proxies of ours in front: that many entries of X-Forwarded-For are believed, from the right.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, most=10)
# Networks from which operators may open /admin/, /metrics and /health/detailed through a proxy.
OPERATORS_FROM = env.networks("OPERATORS_FROM")

# A web process works on this many pages and requests of the API at the same time, each with a thread
# and a database connection. More would not be faster: the work is done by the cores of two machines.
PAGES_AT_ONCE = env.integer("PAGES_AT_ONCE", 12, least=1, most=500)
# So many more wait for a place, so many seconds at most; then "come back in a moment" (503).
PAGES_WAITING = env.integer("PAGES_WAITING", 2_000, least=0)
PAGES_WAIT_SECONDS = env.integer("PAGES_WAIT_SECONDS", 20, least=1, most=300)
# How many of these run in all, on all machines: their database connections must fit into PostgreSQL's.
WEB_PROCESSES = env.integer("WEB_PROCESSES", 1, least=1)
WORKER_PROCESSES = env.integer("WORKER_PROCESSES", 1, least=1)
# Sockets and requests that one web process holds open at the same time.
WEB_CONNECTIONS = env.integer("WEB_CONNECTIONS", 10_000, least=10)

# --- PostgreSQL and Valkey -------------------------------------------------------------------
# Port 1 answers nobody: a command run before the services says "cannot connect" at once.
DATABASE_URL = env.secret("DATABASE_URL")
EMBEDS_POSTGRES = not DATABASE_URL
if EMBEDS_POSTGRES:
    DATABASE_URL = EMBEDDED.postgres.url() or "postgres://postgres@127.0.0.1:1/conductor"
# By its name every process sees how many of them run, on whatever machine.
_PROCESS = connections.name_of(PAGES_AT_ONCE, f"{socket.gethostname()[:30]}-{os.getpid()}")
DATABASES = {
    "default": connections.database_settings(
        DATABASE_URL, PAGES_AT_ONCE, _PROCESS, lent=connections.are_lent()
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Cache, Celery's broker and the bus to the sockets. Needs no persistence.
REDIS_URL = env.secret("REDIS_URL")
EMBEDS_VALKEY = not REDIS_URL
if EMBEDS_VALKEY:
    REDIS_URL = EMBEDDED.valkey.url() or "redis://127.0.0.1:1/0"
# The log of accepted signals: append-only file, fsync always. May be the same server.
REDIS_LOG_URL = env.secret("REDIS_LOG_URL") or REDIS_URL
# Where `collect_signals` listens to the channels of the platform.
PLATFORM_REDIS_URL = env.secret("PLATFORM_REDIS_URL") or REDIS_URL
# The number of the organisation whose platform that is; None: the only one that there is.
PLATFORM_ORGANISATION = env.integer("PLATFORM_ORGANISATION", 0) or None
# Whether what is sent to the audience also goes out there, on the channels' outgoing twins
# (conductor.events.*).
PLATFORM_CHANNELS_OUT = env.flag("PLATFORM_CHANNELS_OUT", default=False)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        # Seconds; one try more, at once. Without these a request hangs while Valkey is away.
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 2,
            "SOCKET_TIMEOUT": 2,
            # One for each thread that may run; a thread waits for none.
            "CONNECTION_POOL_KWARGS": {
                "retry": Retry(NoBackoff(), 1),
                "max_connections": PAGES_AT_ONCE + 16,
            },
        },
    }
}
# What a socket is sent when it comes, by audience: made by what stands above the sockets.
SNAPSHOTS = {
    "attendee": "interventions.audience.snapshots.for_attendees",
    "stage": "interventions.audience.snapshots.for_screens",
    "cue": "interventions.audience.snapshots.for_speakers",
}
# The channel layer carries low-rate control messages only; pages are fed by the hub.

# --- Hearing at speed ------------------------------------------------------------------------
# Sessions map to shards by a stable hash; one ticker process each. Change it only while no
# session is live: a stream is read by the shard that wrote it.
SHARDS = env.integer("SHARDS", 1, least=1, most=64)
# Entries a shard's stream may hold before senders are refused (an entry is one flush, 1 to 1,000s
# of signals). At 200 flushes a second this is more than an hour of PostgreSQL being away.
STREAM_MOST_ENTRIES = env.integer("STREAM_MOST_ENTRIES", 1_000_000, least=1_000)
# Sessions for which the second detector runs in the shadow (it costs about 1 MB each).
SHADOW_SESSIONS = env.integer("SHADOW_SESSIONS", 20, least=0, most=10_000)
# Requests a minute for one client and endpoint of the API, and for one key at the signals door.
API_PER_MINUTE = env.integer("API_PER_MINUTE", 60, least=1)
# New people of one session from one network: so many at once, then so many a second.
JOINS_AT_ONCE = env.integer("JOINS_AT_ONCE", 120, least=1)
JOINS_PER_SECOND = env.integer("JOINS_PER_SECOND", 10, least=1)
SIGNALS_PER_MINUTE = env.integer("SIGNALS_PER_MINUTE", 1_200, least=1)
# Signals of one organisation's integrations a second in the long run, and so many at once: at
# least a full batch.
ORGANISATION_SIGNALS_PER_SECOND = env.integer("ORGANISATION_SIGNALS_PER_SECOND", 300, least=1)
ORGANISATION_SIGNALS_AT_ONCE = env.integer("ORGANISATION_SIGNALS_AT_ONCE", 5_000, least=1_000)
# Signals a second of one attendee in a session in the long run (twenty times as many at once), on however
# many pages, and of these messages and questions a minute: as many at once.
SOCKET_SIGNALS_PER_SECOND = env.integer("SOCKET_SIGNALS_PER_SECOND", 20, least=1)
CHAT_LINES_PER_MINUTE = env.integer("CHAT_LINES_PER_MINUTE", 20, least=1)
QUESTIONS_PER_MINUTE = env.integer("QUESTIONS_PER_MINUTE", 5, least=1)
# Questions of pages that get no socket through which one web process holds at the same time; whoever
# comes on top is answered at once and asks again every three seconds.
HELD_QUESTIONS = env.integer("HELD_QUESTIONS", 2_000, least=0)
# Days that signals and metrics are kept (on TimescaleDB by its policies, else by a beat task).
SIGNAL_DAYS = env.integer("SIGNAL_DAYS", 90, least=1)
METRIC_DAYS = env.integer("METRIC_DAYS", 365, least=1)
# Days that the log of decisions' steps and the ledger of model calls are kept.
LOG_DAYS = env.integer("LOG_DAYS", 730, least=1)
# Days that webhook messages are kept once they were taken or given up.
WEBHOOK_DAYS = env.integer("WEBHOOK_DAYS", 30, least=1)

# --- Writing ---------------------------------------------------------------------------------
# Without a key, and without a server of one's own, templates write.
ANTHROPIC_API_KEY = env.secret("ANTHROPIC_API_KEY")
# A compatible server (vLLM, a gateway, `manage.py fake_model`); empty: the maker's.
ANTHROPIC_BASE_URL = env.text("ANTHROPIC_BASE_URL").rstrip("/")
# Asked one after the other. A model without a price stops the start: it could not be budgeted.
LLM_MODELS = env.words("LLM_MODELS", "claude-sonnet-5-5,claude-haiku-5-5")
try:
    LLM_PRICES = read_prices(env.words("LLM_PRICES"))
except PriceError as error:
    raise env.SettingError(
        f"LLM_PRICES: {error} is neither model=0 nor model=input:write5m:write1h:read:output."
    ) from None
for _model in LLM_MODELS:
    if _model not in LLM_PRICES:
        raise env.SettingError(f"LLM_MODELS: {_model} has no price; add {_model}=0 to LLM_PRICES.")
# Milliseconds for the whole ladder, all models together; then a template writes.
LLM_DEADLINE_MS = env.integer("LLM_DEADLINE_MS", 4_500, least=500, most=60_000)
# Milliseconds for the judge of a model's text that nobody reads; then a template goes out.
LLM_CHECK_MS = env.integer("LLM_CHECK_MS", 3_000, least=200, most=10_000)
# Dollars that all processes together may spend in an hour and in a day (UTC).
LLM_HOUR_USD = env.integer("LLM_HOUR_USD", 20, most=100_000)
LLM_DAY_USD = env.integer("LLM_DAY_USD", 100, most=1_000_000)
# Of both, how much one organisation may use where there are several.
LLM_ORGANISATION_PERCENT = env.integer("LLM_ORGANISATION_PERCENT", 50, least=1, most=100)
# The only module that knows the model's client; loaded where text is written, not before.
LLM_WRITER = "interventions.agent.writing.llm.anthropic_client.AnthropicWriter"

# --- Telling operators -----------------------------------------------------------------------
# Who is told that 80 % of the budget is spent, by mail and by a signed webhook.
ALERT_EMAILS = env.words("ALERT_EMAILS")
ALERT_WEBHOOK_URL = env.text("ALERT_WEBHOOK_URL")
# "whsec_" and base64, as Standard Webhooks has it.
ALERT_WEBHOOK_SECRET = env.secret("ALERT_WEBHOOK_SECRET")
# For development: webhooks of organisations may go to machines inside, and over plain http.
WEBHOOK_ALLOW_PRIVATE = env.flag("WEBHOOK_ALLOW_PRIVATE", default=False)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, least=1, most=65_535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "conductor@localhost")

# --- Traces ----------------------------------------------------------------------------------
# An OTLP exporter runs when an endpoint is set, and for LangSmith when flag *and* key are.
OTEL_EXPORTER_OTLP_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT").rstrip("/")
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
LANGSMITH_TRACING = env.flag("LANGSMITH_TRACING", default=False)
LANGSMITH_API_KEY = env.secret("LANGSMITH_API_KEY")
LANGSMITH_ENDPOINT = env.text("LANGSMITH_ENDPOINT", "https://api.smith.langchain.com").rstrip("/")
LANGSMITH_PROJECT = env.text("LANGSMITH_PROJECT", "conductor")
TRACE_EXPORT = "conductor.monitoring.trace_export.start"

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "django_htmx",
    "conductor",
    "dashboard",
    "interventions",
    "engagement",
]
MIDDLEWARE = [
    "conductor.serving.middleware.RequestIdMiddleware",
    "conductor.serving.middleware.ProxyMiddleware",
    "conductor.serving.unreadable_requests.PlainTextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "conductor.serving.middleware.PrivacyMiddleware",
    # Pages; static files are compressed where they are collected.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Before whatever could tell a page that is closed from one that is not there.
    "conductor.serving.middleware.OperatorsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "conductor.serving.middleware.DeviceMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "conductor.serving.middleware.AdminQueryMiddleware",
]
ROOT_URLCONF = "conductor.urls"
ASGI_APPLICATION = "conductor.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Findings of `manage.py check --deploy` that an operator answers for: conductor.E004, ….
SILENCED_SYSTEM_CHECKS = env.words("SILENCED_CHECKS")

# --- People and trust ------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "session-list"
LOGOUT_REDIRECT_URL = "login"
# Names of our own: a cookie that another application of the parent domain calls `sessionid` hides ours.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "conductor_session", "conductor_csrf"
SESSION_COOKIE_SAMESITE = "Lax"
# Whenever people come by https, whoever speaks it for us.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS_PROXY or (
    PUBLIC_URL.startswith("https://")
)
LANGUAGE_COOKIE_SAMESITE = "Lax"
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
_SELF, _NONE = "'self'", "'none'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [_NONE],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "font-src": [_SELF],
        "connect-src": [_SELF],
        "manifest-src": [_SELF],
        "worker-src": [_SELF],
        "form-action": [_SELF],
        "base-uri": [_NONE],
        "frame-ancestors": [_NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of one request body

# --- Language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
# The words in other languages, compiled ones too: a machine that runs this has no gettext.
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Static files ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(CONDUCTOR_HOME / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "conductor.storage.ModuleStorage"},
}

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "engagement.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["engagement.api.throttling.PerClientThrottle"],
    "DEFAULT_SCHEMA_CLASS": "engagement.api.schema.Schema",
    "EXCEPTION_HANDLER": "engagement.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Engagement Conductor",
    "VERSION": "1",
    "DESCRIPTION": (
        "Everything an organizer can do, for scripts and integrations. Keys come from `manage.py "
        "createapikey`; lists are pages with a cursor; every error has the same envelope. Signals go "
        "to POST /api/v1/sessions/{id}/signals/ (docs/signals.md), which stands before this API."
    ),
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PUBLIC": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Choices stay with their field; naming each set would be names for names' sake.
    "POSTPROCESSING_HOOKS": [],
}

# --- Background work -------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
# Connections of one process to the broker; a thread that finds none waits for one.
CELERY_BROKER_POOL_LIMIT = 10
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_BEAT_SCHEDULE = beat_schedule(SHARDS)
# The schedule is code; beat's own memory of it may be lost at any time.
CELERY_BEAT_SCHEDULE_FILENAME = str(CONDUCTOR_HOME / "beat-schedule")

# --- Logs ------------------------------------------------------------------------------------
# LOG_FORMAT: "json" for machines, "text" for a person at a terminal.
LOG_FORMAT = env.text("LOG_FORMAT", "json")
if LOG_FORMAT not in {"json", "text"}:
    raise env.SettingError(f"LOG_FORMAT={LOG_FORMAT!r}: use json or text.")
LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    raise env.SettingError(f"LOG_LEVEL={LOG_LEVEL!r}: use DEBUG, INFO, WARNING, ERROR or CRITICAL.")
LOGGING = logging_settings(LOG_FORMAT, LOG_LEVEL)
