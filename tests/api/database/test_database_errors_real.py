"""What operators read when the server refuses: server, account, cause, what to do."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mariadb_server import MariaDB, Run
from venvs import CACHE


def failure(result: dict[str, Any], *parts: str) -> str:
    message = str(result["msg"])
    assert result.get("failed")
    for part in parts:
        assert part in message, message
    return message


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_wrong_password_of_the_login(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    failure(
        run(site, login_password="wrong-0ne"),
        f"Could not log in at the database server at 127.0.0.1:{server.port} (login_user 'root')",
        "the password is wrong",
        "(1045)",
        "glance_database_login_password",
    )


def test_login_without_an_account(run: Run, site: dict[str, Any]) -> None:
    failure(
        run(site, login_user="nobody"), "login_user 'nobody'", "it refuses the login", "glance_database_login_password"
    )


def test_nothing_listens(run: Run, site: dict[str, Any]) -> None:
    port = closed_port()
    failure(run(site, login_port=port), f"127.0.0.1:{port}", "nothing listens there (2003)", "bind-address")


def test_socket_is_missing(run: Run, site: dict[str, Any], tmp_path: Path) -> None:
    failure(run(site, login_unix_socket=f"{tmp_path}/none.sock"), f"the socket {tmp_path}/none.sock", "no such socket")


def test_name_cannot_be_resolved(run: Run, site: dict[str, Any]) -> None:
    failure(run(site, login_host="db.invalid"), "db.invalid:", "cannot be resolved")


def test_server_that_accepts_and_stays_silent_is_given_up(run: Run, site: dict[str, Any]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        failure(run(site, login_port=listener.getsockname()[1], connect_timeout=1), "did not answer in time")


def test_login_that_may_not_create(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    login = f"reader{site['user']}"
    server.sql(
        f"CREATE USER `{login}`@`127.0.0.1` IDENTIFIED BY 'secret-1'",
        f"GRANT SELECT ON mysql.* TO `{login}`@`127.0.0.1`",
    )
    message = failure(
        run(site, login_user=login, login_password="secret-1"),
        f"Could not create database '{site['name']}' with character set utf8mb4",
        f"(login_user '{login}')",
        "may not use or create this database (1044)",
        "docs/database.md",
    )
    assert "secret-1" not in message


def test_login_that_may_not_read_accounts(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    login = f"blind{site['user']}"
    server.sql(f"CREATE USER `{login}`@`127.0.0.1` IDENTIFIED BY 'secret-1'")
    failure(
        run(site, login_user=login, login_password="secret-1"),
        "Could not read the accounts (it needs SELECT on mysql.*)",
        "(1142)",
    )


def test_server_that_is_read_only_is_refused_only_when_something_must_change(
    run: Run, site: dict[str, Any], server: MariaDB
) -> None:
    run(site)
    server.sql("SET GLOBAL read_only = ON")
    try:
        assert not run(site)["changed"]
        failure(run(site, password="another-0ne"), "Nothing was changed.", "read-only", "glance_database_login_host")
    finally:
        server.sql("SET GLOBAL read_only = OFF")


def test_unknown_collation_is_refused_before_anything_is_made(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    failure(run(site, collation="utf8mb4_0900_ai_ci"), "Nothing was changed.", "no collation 'utf8mb4_0900_ai_ci'")
    failure(run(site, collation="latin1_bin"), "belongs to the character set latin1")
    failure(run(site, character_set="utf8mb5"), "no character set 'utf8mb5'")
    assert not server.sql(f"SELECT 1 FROM mysql.user WHERE User = '{site['user']}'")


def test_bad_input_is_refused_all_at_once(run: Run, site: dict[str, Any]) -> None:
    failure(
        run(site, name="a ", hosts=["a b"], privileges=["SELEKT"], login_port=1),
        "Nothing was changed.\nname: 'a ' ends with a space",
        "\nhosts[0]: 'a b' has a space",
        "\nprivileges[0]: 'SELEKT' is no privilege",
    )


def test_password_that_the_server_finds_too_weak(run: Run, site: dict[str, Any], another: Any) -> None:
    server = another("--skip-name-resolve", "--disconnect-on-expired-password=ON")
    server.sql("CREATE USER expired@127.0.0.1 IDENTIFIED BY 'secret-1' PASSWORD EXPIRE")
    login = {**site, **server.login(), "login_user": "expired", "login_password": "secret-1"}
    failure(run(login), "the password of the login has expired (1862)", "set the login's password anew")


def test_account_of_the_login_is_not_declared_as_the_service(run: Run, site: dict[str, Any]) -> None:
    failure(run(site, user="root"), "Nothing was changed.", "is the account with which this module logs in")


def test_server_without_tls(run: Run, site: dict[str, Any], another: Any, tls: Path) -> None:
    plain = {**site, **another("--skip-name-resolve").login()}
    failure(run(plain, ca_cert=f"{tls}/ca.pem"), "the server offers no TLS", "ssl_cert")
    failure(run(plain, require_tls=True), "Nothing was changed.", "nobody could log in with TLS")
    assert run(plain)["changed"]


def test_login_with_tls(run: Run, site: dict[str, Any], server: MariaDB, tls: Path) -> None:
    login = f"tls{site['user']}"
    server.sql(
        f"CREATE USER `{login}`@`127.0.0.1` IDENTIFIED BY 'secret-1' REQUIRE X509",
        f"GRANT ALL ON *.* TO `{login}`@`127.0.0.1` WITH GRANT OPTION",
    )
    secure = {**site, "login_user": login, "login_password": "secret-1", "ca_cert": f"{tls}/ca.pem"}
    certificate = {"client_cert": f"{tls}/client.pem", "client_key": f"{tls}/client.key"}
    failure(run(secure), "it refuses the login")
    failure(
        run(secure, client_cert=f"{tls}/client.pem", client_key=f"{tls}/other.key"), "is not the key of client_cert"
    )
    failure(run(secure, **{**certificate, "client_key": "/nowhere"}), "client_key: cannot read /nowhere")
    assert run(secure, **certificate)["changed"]
    assert not run(site)["changed"]


def test_certificate_of_another_authority_or_name(run: Run, site: dict[str, Any], tls: Path) -> None:
    failure(run(site, ca_cert=f"{tls}/other.pem"), "is not signed by this CA", "glance_database_login_tls_ca")
    failure(run(site, ca_cert=f"{tls}/nothing.pem"), f"ca_cert: cannot read {tls}/nothing.pem", "No such file")
    (tls / "empty.pem").write_text("nothing")
    failure(run(site, ca_cert=f"{tls}/empty.pem"), "(login_user 'root')", "To do: ")
    named = {**site, "login_host": "localhost", "ca_cert": f"{tls}/ca.pem"}
    failure(run(named), "is for another name", "check_hostname")
    assert run(named, check_hostname=False)["changed"]


def test_session_that_must_use_tls_says_so(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    server.sql("ALTER USER root@127.0.0.1 REQUIRE X509")
    try:
        failure(run(site), "or it must use TLS and ca_cert (glance_database_login_tls_ca) is not set")
    finally:
        with server.connect(unix_socket=server.socket) as session:
            session.cursor().execute("ALTER USER root@127.0.0.1 REQUIRE NONE")


def test_absent_server_is_predicted_in_check_mode_only(run: Run, site: dict[str, Any]) -> None:
    absent = {**site, "login_port": closed_port(), "assume_absent": True}
    predicted = run(absent, check=True)
    assert len(predicted["actions"]) == 5 and predicted["server"] is None and not predicted["warnings"]
    assert predicted["actions"] == run(site)["actions"]
    failure(run(absent), "nothing listens there")
    failure(run({**absent, "assume_absent": False}, check=True), "nothing listens there")


def test_refused_login_is_never_predicted(run: Run, site: dict[str, Any], tls: Path) -> None:
    failure(run(site, check=True, assume_absent=True, login_password="wrong-0ne"), "refuses the login")
    failure(run(site, check=True, assume_absent=True, ca_cert=f"{tls}/other.pem"), "is not signed by this CA")


# --- the driver ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def old_driver() -> Path:
    """Return the directory of the oldest PyMySQL that a supported host has: Debian 12's."""
    home = CACHE / "pymysql-1.0.2"
    if not (home / "pymysql").exists():
        uv = Path(sys.executable).with_name("uv")
        command = [uv, "pip", "install", "-q", "--no-deps", "--target", home, "PyMySQL==1.0.2"]
        subprocess.run(command, check=True)
    return home


@pytest.fixture
def with_driver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that puts another PyMySQL before the one of the tests."""
    loaded = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "pymysql"}

    def use(home: Path | None) -> None:
        for name in loaded:
            monkeypatch.delitem(sys.modules, name)
        if home:
            monkeypatch.syspath_prepend(str(home))
        else:
            monkeypatch.setitem(sys.modules, "pymysql", None)

    return use


def test_oldest_driver(
    run: Run, site: dict[str, Any], server: MariaDB, another: Any, tls: Path, with_driver: Any, old_driver: Path
) -> None:
    plain = another("--skip-name-resolve")
    with_driver(old_driver)
    import pymysql

    assert pymysql.__version__ == "1.0.2"
    secure = {**site, "ca_cert": f"{tls}/ca.pem"}
    assert len(run(secure, require_tls=True)["actions"]) == 5
    assert not run(secure, require_tls=True)["changed"]
    failure(run(site, ca_cert=f"{tls}/other.pem"), "is not signed by this CA")
    failure(run({**site, **plain.login()}, ca_cert=f"{tls}/ca.pem"), "the server offers no TLS")
    failure(run(site, login_password="wrong-0ne"), "(1045)")
    failure(run(site, login_port=closed_port()), "nothing listens there")


def test_missing_driver_is_named_with_host_and_python(run: Run, site: dict[str, Any], with_driver: Any) -> None:
    with_driver(None)
    failure(run(site), f"PyMySQL is missing on {socket.gethostname()} for {sys.executable}", "python3-pymysql")
    assert len(run(site, check=True, assume_absent=True)["actions"]) == 5
