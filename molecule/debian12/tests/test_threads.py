"""Zed under uWSGI: log handlers keep Python's own locks, or threads wait for each other for ever now and then."""

from __future__ import annotations

import shlex

from live_site import LiveSite

# All of Glance's start that concerns logging, and then: what locks does a new handler get?
QUESTION = """
import logging, runpy, sys, threading
from glance.common import wsgi_app
wsgi_app.init_app = lambda: wsgi_app.logging.setup(wsgi_app.CONF, "glance")
runpy.run_path(sys.argv[1])
print("eventlet" in sys.modules, type(logging.Handler().lock) is type(threading.RLock()))
"""


def ask(site: LiveSite, file: str) -> list[str]:
    """Return whether eventlet is imported, and whether a log handler's lock is Python's, with a WSGI file."""
    return site.shell(f"/usr/bin/python3 -c {shlex.quote(QUESTION)} {file}").split()


def test_log_handlers_have_the_locks_of_native_threads(site: LiveSite) -> None:
    (file,) = site.shell("sed -n 's/^wsgi-file = //p' /etc/glance/uwsgi-api.ini").split()
    assert ask(site, file) == ["True", "True"]


def test_the_release_alone_has_others(site: LiveSite) -> None:
    site.shell("echo 'from glance.common.wsgi_app import init_app; init_app()' >/tmp/plain.py")
    assert ask(site, "/tmp/plain.py") == ["True", "False"]
    site.shell("rm /tmp/plain.py")
