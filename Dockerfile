# Galley in a container: docker build -t galley . ; roles are in deploy/entrypoint.sh.

FROM python:3.12-slim AS builder
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1

# what seldom changes comes first, so that a change of ours reinstalls nothing
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-default-groups --group web --no-install-project
COPY web web
RUN .venv/bin/python web/build.py
COPY tasks tasks
COPY server server
COPY celery_config.py ./
# without the group of the page's tools: Node stays behind in this stage
RUN uv sync --frozen --no-default-groups

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data --no-create-home galley \
    && install --directory --owner galley --mode 700 /data
WORKDIR /app
COPY --from=builder /app/.venv .venv
COPY --from=builder /app/web/dist web/dist
COPY --from=builder /app/tasks tasks
COPY --from=builder /app/server server
COPY --from=builder /app/celery_config.py /app/pyproject.toml ./
COPY deploy/entrypoint.sh deploy/healthcheck.sh deploy/

# SECRET_KEY has no default: it has to be given, and the start says so when it is not.
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 ACCESS=anonymous DATA_DIR=/data
USER galley
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/app/deploy/healthcheck.sh"]
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["all-in-one"]
