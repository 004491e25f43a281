"""Real MariaDB servers in temporary directories, run by the user who runs the tests."""

from __future__ import annotations

import functools
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql

Run = Callable[..., dict[str, Any]]
ROOT_PASSWORD = "r00t p@ss'\"\\ %s"
SCRIPTS = Path("/usr/share/mysql")
SMALL = [
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=4M",
    "--innodb-flush-log-at-trx-commit=0",
    "--skip-log-bin",
    "--character-set-server=utf8mb4",
    "--performance-schema=off",
]


def program() -> str:
    """Return the path of the server's program, which scripts/host.sh installs."""
    found = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, "mariadbd is missing; scripts/host.sh installs it"
    return found


@functools.lru_cache(maxsize=1)
def empty_data(home: Path) -> Path:
    """Return a data directory with the system tables and root's accounts for localhost and 127.0.0.1."""
    data = home / "empty"
    (data / "mysql").mkdir(parents=True)
    names = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
    # mariadb-install-db does the same, with programs of the package mariadb-server, which would also start a server.
    script = "create database if not exists mysql;\nuse mysql;\nSET @auth_root_socket=NULL;\n"
    script += "".join((SCRIPTS / name).read_text() for name in names)
    script += "DELETE FROM global_priv WHERE User = 'root' AND Host NOT IN ('localhost', '127.0.0.1');\n"
    command = [program(), "--no-defaults", "--bootstrap", f"--user={getpass.getuser()}", f"--datadir={data}", *SMALL]
    done = subprocess.run(command, input=script, text=True, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return data


@dataclass
class MariaDB:
    """A server of its own. Its root logs in with ROOT_PASSWORD over TCP, and over the socket too."""

    home: Path
    options: list[str] = field(default_factory=list)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        return str(self.home / "s.sock")

    def start(self) -> None:
        if not (self.home / "data").exists():
            shutil.copytree(empty_data(self.home.parent), self.home / "data")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        command = [program(), "--no-defaults", f"--user={getpass.getuser()}", f"--datadir={self.home}/data", *SMALL]
        command += [f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1", *self.options]
        with (self.home / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 120
        while not self.answers():
            log_text = (self.home / "log").read_text(errors="replace")
            assert self.process.poll() is None and time.monotonic() < end, log_text[-2000:]
            time.sleep(0.05)

    def answers(self) -> bool:
        """Tell whether the server takes logins, and give root its password on the first time."""
        for password in (ROOT_PASSWORD, ""):
            try:
                with self.connect(unix_socket=self.socket, password=password) as session:
                    quoted = session.escape(ROOT_PASSWORD)
                    for host in ("localhost", "127.0.0.1"):
                        session.cursor().execute(f"SET PASSWORD FOR root@{host} = PASSWORD({quoted})")
                    return True
            except pymysql.err.OperationalError:
                continue
        return False

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(30)

    def connect(self, **options: Any) -> Any:
        """Return a session that is not the module's; as root unless told otherwise."""
        where = {} if "unix_socket" in options else {"host": "127.0.0.1", "port": self.port}
        login = {"user": "root", "password": ROOT_PASSWORD, "charset": "utf8mb4", "autocommit": True}
        return pymysql.connect(**{**login, **where, **options})

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as root; return the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        with self.connect() as session, session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = list(cursor.fetchall())
        return rows

    def can_log_in(self, user: str, password: str, **options: Any) -> bool:
        """Tell whether a client on the loopback address gets in."""
        try:
            self.connect(user=user, password=password.encode(), **options).close()
        except pymysql.err.OperationalError as error:
            if error.args[0] not in (1045, 1698, 1820, 1862, 4151):
                raise
            return False
        return True

    def login(self) -> dict[str, Any]:
        """Return the module's options for a login as root."""
        return {
            "login_host": "127.0.0.1",
            "login_port": self.port,
            "login_user": "root",
            "login_password": ROOT_PASSWORD,
        }


def certificates(home: Path) -> None:
    """Make two authorities, a certificate of the first for the server at 127.0.0.1, and one for a client."""
    text = """
[req]
prompt = no
distinguished_name = name
[name]
CN = $ENV::NAME
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:false
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = IP:127.0.0.1
"""
    (home / "openssl.cnf").write_text(text)
    for name, kind, signer in (
        ("ca", "ca", ""),
        ("other", "ca", ""),
        ("server", "leaf", "ca"),
        ("client", "leaf", "ca"),
    ):
        command = ["openssl", "req", "-config", "openssl.cnf", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2"]
        command += ["-extensions", kind, "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        command += ["-CA", f"{signer}.pem", "-CAkey", f"{signer}.key"] if signer else []
        subprocess.run(command, cwd=home, env={**os.environ, "NAME": name}, check=True, capture_output=True)
