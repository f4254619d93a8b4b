# `make run` and `make test` are all a person needs; the rest is what they are made of.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: clients firefox run test lint lint-browsers compat types check test-timescale bench bench-detect bench-bandit bench-crowd chaos shots venv dev chromium gettext proxies words supply lock help

help:
	@echo "make run             everything on this machine, with a live demo session"
	@echo "make test            the tests, on real PostgreSQL and Valkey"
	@echo "make lint            style, types, layers"
	@echo "make lint-browsers   whether older browsers understand our pages (needs Node; part of lint)"
	@echo "make test-timescale  the migrations against real TimescaleDB code (needs Node)"
	@echo "make bench           speed, as ratios measured in one run"
	@echo "make bench-detect    what detectors find, and what they cost in false alarms"
	@echo "make bench-bandit    what the policy loses, claims and knows, against others"
	@echo "make bench-crowd     people who come at once, and whose words are held that should not be"
	@echo "make chaos           kill -9 at random for minutes, then every promise is checked"
	@echo "make shots           screenshots of every page into docs/shots"
	@echo "make supply          an SBOM, and whether a known fault is in what the product is made of"
	@echo "make clients         what a test needs to try a client in TypeScript (needs Node; part of test)"
	@echo "make lock            requirements.txt with hashes, made of requirements.in"
	@echo "make words           what is to translate into locale/, and compiles it (needs gettext)"

run: venv
	@$(PY) manage.py up --demo

test: dev chromium firefox gettext proxies clients
	$(PY) -m tests.tools.parts

lint: dev lint-browsers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy
	$(PY) -m tests.tools.checks

# Scripts and styles against the browsers of docs/browsers.md, with linters that know their data.
COMPAT := tests/tools/compat/node_modules
lint-browsers:
	@if command -v node >/dev/null && command -v npm >/dev/null; then $(MAKE) --no-print-directory compat; \
	else echo "*** NO NODE: WHETHER OLDER BROWSERS UNDERSTAND OUR PAGES IS NOT CHECKED (install nodejs, npm) ***"; fi

compat: $(COMPAT)/.ready
	$(COMPAT)/.bin/eslint -c tests/tools/compat/eslint.config.js static/js static/vendor/*/*.js
	$(COMPAT)/.bin/stylelint -c tests/tools/compat/stylelint.config.js "static/css/**/*.css"

$(COMPAT)/.ready: tests/tools/compat/package.json
	cd tests/tools/compat && npm install --no-audit --no-fund --ignore-scripts --loglevel error
	@touch $@

# The tests make a client in TypeScript from the API's description, and try it.
CLIENTS := tests/clients/node_modules
clients:
	@if command -v node >/dev/null && command -v npm >/dev/null; then $(MAKE) --no-print-directory $(CLIENTS)/.ready; \
	else echo "*** NO NODE: A CLIENT IN TYPESCRIPT IS NOT TRIED (install nodejs, npm) ***"; fi

$(CLIENTS)/.ready: tests/clients/package.json
	cd tests/clients && npm install --no-audit --no-fund --ignore-scripts --loglevel error
	@touch $@

test-timescale: dev
	$(PY) -m tests.tools.timescale

supply: dev
	$(PY) -m tests.tools.supply

# Keeps the versions that stand there; takes the newest of what is new in requirements.in.
lock: dev
	$(VENV)/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.txt requirements.in

bench: dev
	$(PY) -m tests.bench.speed

bench-detect: dev
	$(PY) -m tests.bench.detect $(if $(DATA),--data $(DATA))

bench-bandit: dev
	$(PY) -m tests.bench.bandit

bench-crowd: dev
	$(PY) -m tests.bench.crowd

# MINUTES of killing (5), ROOMS and SEED may be given.
chaos: dev
	$(PY) -m tests.chaos --minutes $(or $(MINUTES),5) --rooms $(or $(ROOMS),16) --seed $(or $(SEED),1)

shots: dev chromium
	$(PY) -m tests.browser.shots

venv: $(VENV)/.ready
$(VENV)/.ready: requirements.txt
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing $$(grep -c == requirements.txt) packages; this takes about a minute ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

dev: $(VENV)/.ready-dev
$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	@echo "Installing what checking the project needs; this takes about a minute ..."
	@grep -o '^[A-Za-z0-9._-]*==[^ ;]*' requirements.txt > $(VENV)/pins.txt
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -c $(VENV)/pins.txt -r requirements-dev.txt
	@touch $@

# The browser tests want a real Chromium. Root on Debian gets one; everybody else is told.
chromium:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests ..."; \
	    { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install chromium; } >/dev/null; \
	  fi; }; \
	command -v chromium >/dev/null || \
	  echo "*** NO CHROMIUM: THE BROWSER TESTS ARE SKIPPED (apt-get install chromium) ***"

# The journey of an attendee runs in Firefox as well. The same offer.
firefox:
	@command -v firefox-esr firefox >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Firefox for the browser tests ..."; \
	    { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install firefox-esr; } >/dev/null; \
	  fi; }; \
	command -v firefox-esr firefox >/dev/null || \
	  echo "*** NO FIREFOX: THE JOURNEY IN FIREFOX IS SKIPPED (apt-get install firefox-esr) ***"

# One test wants xgettext: it finds the words that have no German one. The same offer.
gettext:
	@command -v xgettext >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing gettext for the test of the words ..."; \
	    { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install gettext; } >/dev/null; \
	  fi; }; \
	command -v xgettext >/dev/null || \
	  echo "*** NO XGETTEXT: WHETHER EVERY WORD IS TRANSLATED IS NOT CHECKED (apt-get install gettext) ***"

# Deployments are tested behind proxies that others wrote. They are not left running (RUNLEVEL=1).
proxies:
	@{ command -v caddy && command -v nginx; } >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Caddy and nginx for the tests behind proxies ..."; \
	    { apt-get -q update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
	      apt-get -q -y --no-install-recommends install caddy nginx-light; } >/dev/null; \
	  fi; }; \
	{ command -v caddy && command -v nginx; } >/dev/null || \
	  echo "*** NO CADDY OR NGINX: THE DEPLOYMENTS ARE NOT TESTED (apt-get install caddy nginx-light) ***"

words: dev gettext
	$(PY) manage.py makemessages --locale de --no-location --no-obsolete \
	  --ignore .venv --ignore tests --ignore var
	msgfmt --check-format --output-file locale/de/LC_MESSAGES/django.mo locale/de/LC_MESSAGES/django.po
