"""A real Glance under uWSGI on sqlite, without Keystone: what the image modules are tested against."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from venvs import venv

LOCKS = Path(__file__).resolve().parents[3] / "roles" / "api" / "files" / "locks"

PASTE = """
[composite:glance-api]
paste.composite_factory = glance.api:root_app_factory
/: api

[pipeline:api]
pipeline = versionnegotiation persona context rootapp

[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/: apiversions
/v2: apiv2app

[app:apiversions]
paste.app_factory = glance.api.versions:create_resource

[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory

[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory

[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory

[filter:persona]
paste.filter_factory = persona:factory
"""

# Stands where Keystone's middleware stands in production: who asks follows from the address that was asked.
# And sqlite has one writer: transactions must queue for it from their beginning, or they fail as "locked" halfway.
PERSONA = """
import os

from sqlalchemy import event
from sqlalchemy.engine import Engine

@event.listens_for(Engine, "before_cursor_execute", retval=True)
def queue(conn, cursor, statement, parameters, context, executemany):
    return ("BEGIN IMMEDIATE" if statement == "BEGIN" else statement), parameters

def factory(conf, **local):
    def wrap(app):
        def call(environ, start_response):
            member = environ.get("HTTP_HOST", "").startswith("127.0.0.2")
            environ.update(HTTP_X_IDENTITY_STATUS="Confirmed", HTTP_X_USER_ID="tester", HTTP_X_TENANT_ID="tests",
                           HTTP_X_PROJECT_ID="tests", HTTP_X_ROLES="member,reader" if member else "admin,member,reader",
                           HTTP_X_AUTH_TOKEN="token", HTTP_X_SERVICE_CATALOG=os.environ.get("TEST_CATALOG", "[]"))
            return app(environ, start_response)
        return call
    return wrap
"""

UWSGI = """
[uwsgi]
http-socket = 127.0.0.1:{port}
http-socket = 127.0.0.2:{port}
module = glance.wsgi.api:application
master = true
processes = 2
threads = 4
enable-threads = true
lazy-apps = true
die-on-term = true
no-orphans = true
thunder-lock = true
buffer-size = 65535
http-auto-chunked = true
http-chunked-input = true
http-raw-body = true
chunked-input-limit = 4096000
socket-timeout = 120
add-header = Connection: close
need-app = true
"""


@dataclass
class Store:
    """One entry of enabled_backends."""

    id: str
    type: str = "file"
    path: Path | None = None
    options: dict[str, object] = field(default_factory=dict)

    @property
    def entry(self) -> str:
        return f"{self.id}:{self.type}"

    def section(self) -> str:
        options = dict(self.options)
        if self.path is not None:
            options["filesystem_store_datadir"] = self.path
        return "\n".join([f"[{self.id}]", *(f"{name} = {value}" for name, value in options.items())])


class Glance:
    """One running Glance; at url everyone is an admin, at member_url an ordinary member, both of one project."""

    def __init__(
        self,
        venv: Path,
        home: Path,
        stores: list[Store],
        *,
        tmpfs: str = "",
        methods: tuple[str, ...] = ("glance-direct", "web-download", "copy-image"),
        sections: dict[str, dict[str, str]] | None = None,
        catalog: str = "[]",
    ) -> None:
        self.venv, self.home, self.stores, self.tmpfs = venv, home, stores, tmpfs
        self.methods, self.sections, self.catalog = methods, sections or {}, catalog
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.member_url = f"http://127.0.0.2:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.home / "uwsgi.log").read_text(errors="replace")

    def configure(self, default: str) -> None:
        """Write the configuration; without a default store, that of a Glance from before there were several."""
        for name in ("staging", "tasks"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        files = {
            "glance-api-paste.ini": PASTE,
            "persona.py": PERSONA,
            "uwsgi.ini": UWSGI.format(port=self.port),
            "glance-api.conf": "\n".join(
                [
                    "[DEFAULT]",
                    *(["enabled_backends = " + ",".join(store.entry for store in self.stores)] if default else []),
                    f"worker_self_reference_url = {self.url}",
                    f"enabled_import_methods = [{','.join(self.methods)}]",
                    "[database]",
                    f"connection = sqlite:///{self.home}/glance.sqlite?timeout=60",
                    "sqlite_synchronous = false",
                    "[glance_store]",
                    f"default_backend = {default}" if default else f"filesystem_store_datadir = {self.home}/images",
                    "[oslo_concurrency]",
                    f"lock_path = {self.home}/lock",
                    "[os_glance_staging_store]",
                    f"filesystem_store_datadir = {self.home}/staging",
                    "[os_glance_tasks_store]",
                    f"filesystem_store_datadir = {self.home}/tasks",
                    "[paste_deploy]",
                    f"config_file = {self.home}/glance-api-paste.ini",
                    "[wsgi]",
                    f"python_interpreter = {self.venv}/bin/python",
                    *(store.section() for store in self.stores),
                    *(
                        "\n".join([f"[{name}]", *(f"{option} = {value}" for option, value in options.items())])
                        for name, options in self.sections.items()
                    ),
                ]
            )
            + "\n",
        }
        for name, content in files.items():
            (self.home / name).write_text(content)

    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.venv}/bin:{os.environ['PATH']}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "OS_GLANCE_CONFIG_DIR": str(self.home),
            "PYTHONPATH": str(self.home),
            "TEST_CATALOG": self.catalog,
        }

    def create_database(self) -> None:
        """Copy a schema that was made once for this virtual environment; making it takes seconds."""
        template = self.venv / "empty-glance.sqlite"
        if not template.exists():
            command = [f"{self.venv}/bin/glance-manage", f"--config-file={self.home}/glance-api.conf", "db", "sync"]
            subprocess.run(command, check=True, env=self.environment(), capture_output=True)
            fresh = template.with_suffix(f".{os.getpid()}")
            shutil.copy(self.home / "glance.sqlite", fresh)
            fresh.replace(template)
        shutil.copy(template, self.home / "glance.sqlite")

    def start(self) -> None:
        command = [f"{self.venv}/bin/uwsgi", "--virtualenv", str(self.venv), "--ini", f"{self.home}/uwsgi.ini"]
        if self.tmpfs:
            # A private mount namespace: a small disk of its own for one store, gone with the process.
            mount = f"mount -t tmpfs -o size=256k tmpfs '{self.tmpfs}' && exec \"$@\""
            command = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["-Ur"]), "sh", "-c", mount, "sh", *command]
        with (self.home / "uwsgi.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.home, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def _wait(self, seconds: float = 600) -> None:
        """Wait until it answers, while its process lives; the limit ends one that hangs."""
        assert self._process is not None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError(f"Glance ended at start:\n{self.log[-4000:]}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{self.url}/versions", timeout=30).read()
                return
            time.sleep(0.1)
        raise RuntimeError(f"Glance did not answer on {self.url}:\n{self.log[-4000:]}")

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)
            self._process.wait(30)
            self._process = None


def virtual_environment(release: str) -> Path:
    """Return an environment with Glance of a release, and uWSGI as a wheel."""
    return venv(LOCKS / f"glance-{release}.txt", "pyuwsgi==2.0.30.post1")


@contextlib.contextmanager
def running(glance: Glance, default: str) -> Iterator[Glance]:
    """Serve Glance for the length of the block; see Glance.configure() for an empty default."""
    glance.configure(default)
    glance.create_database()
    try:
        glance.start()
        yield glance
    finally:
        glance.stop()
