"""How the production server runs; values come from the service's own settings."""

import gc
import os

from rental import settings

_settings = settings.load()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.workers
# A proxy sends whole requests and holds no idle connections to us: one request at a time, taken
# by whichever worker is free. Browsers do both, so without a proxy each worker needs threads.
threads = _settings.threads or (1 if _settings.proxies else 4)
worker_class = "gthread" if threads > 1 else "sync"
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # ruff: ignore[os-path-isdir, hardcoded-temp-file] - heartbeat files belong in memory


def post_worker_init(worker: object) -> None:
    """Take what was loaded at the start out of the garbage collector's rounds."""
    del worker
    gc.collect()
    gc.freeze()


def child_exit(server: object, worker: object) -> None:
    """Forget the metrics of a worker that ended."""
    del server
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess  # ruff: ignore[import-outside-top-level] - only with a folder set

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[attr-defined,no-untyped-call]
