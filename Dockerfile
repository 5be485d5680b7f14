# One image for every role: `docker compose up`, or  docker build -t monitor . && docker run -v monitor:/data monitor
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/monitor
# The locked packages stand in a layer of their own: a change of our code doesn't fetch them again.
COPY requirements.lock ./
RUN /opt/monitor/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY schemas schemas
COPY seeds seeds
COPY watchlists watchlists
COPY monitor monitor
RUN /opt/monitor/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# Strangers' documents are read in here: never as root, and in a file system that the container can't write.
RUN useradd --system --uid 10001 --home-dir /data --no-create-home monitor && install -d -m 0700 -o monitor -g monitor /data
COPY --from=build /opt/monitor /opt/monitor
ENV PATH=/opt/monitor/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MONITOR_DATA_DIR=/data
USER monitor
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=20s --start-period=3m --retries=3 CMD ["monitor", "doctor", "--service"]
ENTRYPOINT ["monitor"]
CMD ["run"]
