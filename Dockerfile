# One image: all groups under uvicorn on port 8000, or those that GROUPS names (GROUPS=auth,money).
#   docker build -t artel .
#   docker run -p 8000:8000 -e DATABASE_URL=postgresql://user:password@host:5432/database -d artel
# The same image runs the worker (`python -m server.worker`) and the migration (`python -m migrations.migrate`).
# The page and what stands before the API are deploy/nginx/Dockerfile.

FROM python:3.13-slim AS build
ARG UV_VERSION=0.13.9
RUN pip install --no-cache-dir --disable-pip-version-check "uv==${UV_VERSION}"
ENV UV_PROJECT_ENVIRONMENT=/opt/artel UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /src
# The packages are a layer of their own, which changes with the lock and not with every line of ours.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-default-groups --group services --no-install-project
COPY layers/common/common layers/common/common
COPY functions functions
COPY migrations migrations
COPY server server
COPY tools tools
RUN uv sync --frozen --no-default-groups --group services --no-editable

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin artel
COPY --from=build /opt/artel /opt/artel
ENV PATH=/opt/artel/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /tmp
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8000)}/health', timeout=2)"]
CMD ["python", "-m", "server.main"]
