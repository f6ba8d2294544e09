# One image for the API, the dashboard and the migration; compose only changes the command.
FROM python:3.13-slim AS dependencies
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
# Wheels only: nothing compiles, so the image needs no compiler. The layer is rebuilt when the locks change.
COPY requirements-otel.lock ./
RUN pip install --only-binary=:all: --require-hashes -r requirements-otel.lock
RUN useradd --uid 10001 --create-home app && install -d -o app -g app data

# `docker compose run --rm test`: the same dependencies, plus the test tools and the tests.
FROM dependencies AS test
COPY requirements-dev.lock ./
RUN pip install --only-binary=:all: --require-hashes -r requirements-dev.lock
# The tests run `make run` in a clone.
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
RUN chown app:app .
COPY --chown=app:app . .
USER app
CMD ["python", "-m", "pytest", "-m", "not e2e", "-n", "2"]

FROM dependencies AS runtime
COPY alembic.ini app.py backup.py import_csv.py keys.py restore.py run.py seed.py settings.py ./
COPY .streamlit .streamlit
COPY scoring scoring
COPY db db
COPY services services
COPY api api
COPY ui ui
COPY pages pages
COPY static static
COPY deploy/healthcheck.py deploy/healthcheck.py
USER app
EXPOSE 8000 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "deploy/healthcheck.py", "http://127.0.0.1:8000/health/ready"]
CMD ["python", "-m", "api", "--host", "0.0.0.0", "--port", "8000"]
