"""How the production server runs; values come from the service's own settings."""

import os

from rental import settings

_settings = settings.load()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.workers
worker_class = "gthread" if _settings.threads > 1 else "sync"
threads = _settings.threads
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # ruff: ignore[os-path-isdir, hardcoded-temp-file] - heartbeat files belong in memory


def child_exit(server: object, worker: object) -> None:
    """Forget the metrics of a worker that ended."""
    del server
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess  # ruff: ignore[import-outside-top-level] - only with a folder set

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[attr-defined,no-untyped-call]
