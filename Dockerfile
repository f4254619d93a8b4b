# One image for every part; which one it is, its command says (`manage.py run web`, `run worker` …).
# Python of the same minor version as the tests run on; packages are pinned in requirements.txt.
FROM python:3.11.14-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes -r requirements.txt

FROM python:3.11.14-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CONDUCTOR_HOME=/var/lib/conductor \
    STATIC_ROOT=/srv/static \
    HOST=0.0.0.0 \
    PORT=8000
RUN useradd --system --uid 10001 --home-dir /var/lib/conductor --create-home conductor
COPY --from=packages /venv /venv
WORKDIR /srv/conductor
COPY . .
# The key of the build is forgotten with it; the real one comes with the container.
RUN SECRET_KEY=$(python -c "import secrets; print(secrets.token_hex())") \
    python manage.py collectstatic --noinput
USER conductor
EXPOSE 8000
CMD ["python", "manage.py", "run", "web"]
