"""gunicorn's settings for the embedded start and for production: ``gunicorn -c deploy/gunicorn.conf.py wsgi:app``."""

import gc
import os

_host, _port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
# Slow uploads hold a thread each, and nothing spreads connections evenly over the workers: whoever accepts first keeps
# it, also with no thread free. So one worker alone has to bear forty phones on bad networks; 32 threads left a request
# waiting behind them whenever one worker had taken nearly all. An idle thread is not even started.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "64"))
preload_app = True
timeout = 120
graceful_timeout = 10
keepalive = 15
accesslog = None  # addresses carry ticket ids; the journal says who did what
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
if os.environ.get("TLS_CERT"):
    certfile, keyfile = os.environ["TLS_CERT"], os.environ["TLS_KEY"]


def post_fork(server, worker):
    """A request makes thousands of short-lived objects; the default of 700 would search them at every tenth row."""
    gc.set_threshold(20_000, 20, 20)


def when_ready(server):
    """Before the fork: what is loaded stays shared, because the collector no longer touches it."""
    gc.collect()
    gc.freeze()
