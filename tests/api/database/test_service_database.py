"""service_database against a real MariaDB."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from mariadb_server import MariaDB, Run

NEEDED = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "TRIGGER"]
LISTED = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER", "TRIGGER"]


def unchanged(result: dict[str, Any]) -> bool:
    return not result["changed"] and not result["actions"] and result["diff"] == {"before": {}, "after": {}}


def held(server: MariaDB, user: str, host: str = "127.0.0.1") -> dict[str, set[str]]:
    """Return the privileges of an account by the pattern of the schema."""
    with server.connect() as session, session.cursor() as cursor:
        cursor.execute(
            "SELECT TABLE_SCHEMA, PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES"
            " WHERE GRANTEE = %s",
            (f"'{user}'@'{host}'",),
        )
        result: dict[str, set[str]] = {}
        for schema, privilege, grantable in cursor.fetchall():
            result.setdefault(schema, set()).update({privilege} | ({"GRANT OPTION"} if grantable == "YES" else set()))
        return result


def test_from_nothing_to_everything_and_then_nothing(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    name, user = site["name"], site["user"]
    predicted = run(site, check=True)
    assert predicted["actions"] == [
        f"create database '{name}' with character set utf8mb4, collation utf8mb4_general_ci",
        f"create account '{user}@localhost' with a password",
        f"grant '{user}@localhost' on database '{name}': {', '.join(NEEDED)}",
        f"create account '{user}@127.0.0.1' with a password",
        f"grant '{user}@127.0.0.1' on database '{name}': {', '.join(NEEDED)}",
    ]
    assert not server.sql(f"SHOW DATABASES LIKE '{name}'"), "check mode must not create anything"
    assert not server.sql(f"SELECT 1 FROM mysql.user WHERE User = '{user}'")

    done = run(site)
    assert (done["actions"], done["diff"]) == (predicted["actions"], predicted["diff"])
    assert done["diff"]["before"][f"account {user}@localhost"] is None
    assert done["diff"]["after"][f"account {user}@localhost"] == {"authentication": "password (new)"}
    assert done["diff"]["before"][f"privileges of {user}@localhost on {name}"] == {"privileges": []}
    assert server.can_log_in(user, site["password"], database=name)
    assert server.sql(
        "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA"
        f" WHERE SCHEMA_NAME = '{name}'"
    ) == [("utf8mb4", "utf8mb4_general_ci")]
    assert held(server, user) == {name.replace("_", "\\_"): set(NEEDED)}

    again = run(site)
    assert unchanged(again) and not again["warnings"]
    assert unchanged(run(site, check=True))
    ((text,),) = server.sql("SELECT VERSION()")
    assert again["server"] == f"MariaDB {text.partition('-')[0]}"


def test_service_can_do_its_work_and_nothing_else(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site)
    alike = site["name"].replace("_", "x")
    server.sql(f"CREATE DATABASE {alike}")
    with server.connect(user=site["user"], password=site["password"], database=site["name"]) as session:
        cursor = session.cursor()
        cursor.execute("CREATE TABLE images (id INT PRIMARY KEY, n INT)")
        cursor.execute("CREATE TABLE tags (id INT REFERENCES images (id))")
        cursor.execute("ALTER TABLE images ADD INDEX (n)")
        cursor.execute("CREATE TRIGGER t BEFORE INSERT ON images FOR EACH ROW SET NEW.n = 1")
        cursor.execute("INSERT INTO images VALUES (1, 0)")
        cursor.execute("UPDATE images SET n = 2")
        cursor.execute("DELETE FROM images")
        cursor.execute("DROP TABLE tags")
        for refused in (f"USE {alike}", "USE mysql", "CREATE VIEW v AS SELECT 1", "CREATE DATABASE other"):
            with pytest.raises(pymysql.MySQLError):
                cursor.execute(refused)


def test_password_change_is_applied_and_the_old_one_stops(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site, password="first")
    assert server.can_log_in(site["user"], "first")
    changed = run(site)
    assert changed["actions"] == [
        f"change account '{site['user']}@{host}': set its password (it has another one)" for host in site["hosts"]
    ]
    place = f"account {site['user']}@localhost"
    assert changed["diff"]["before"][place] == {"authentication": "mysql_native_password (another password)"}
    assert changed["diff"]["after"][place] == {"authentication": "password (new)"}
    assert server.can_log_in(site["user"], site["password"])
    assert not server.can_log_in(site["user"], "first")
    assert unchanged(run(site))


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ("ACCOUNT LOCK", "unlock it"),
        ("PASSWORD EXPIRE", "set its password again (it has expired)"),
        ("IDENTIFIED VIA unix_socket", "set its password (it authenticates with unix_socket)"),
        ("IDENTIFIED BY ''", "set its password (it has another one)"),
        ("IDENTIFIED VIA mysql_native_password USING 'invalid'", "set its password (it has another one)"),
    ],
)
def test_account_that_keeps_the_service_out_is_mended(
    run: Run, site: dict[str, Any], server: MariaDB, before: str, step: str
) -> None:
    run(site)
    server.sql("SET GLOBAL disconnect_on_expired_password = ON")
    server.sql(f"ALTER USER '{site['user']}'@'127.0.0.1' {before}")
    assert not server.can_log_in(site["user"], site["password"])
    predicted = run(site, check=True)
    assert predicted["actions"] == [f"change account '{site['user']}@127.0.0.1': {step}"]
    assert not server.can_log_in(site["user"], site["password"]), "check mode must not change anything"
    assert run(site)["diff"] == predicted["diff"]
    assert server.can_log_in(site["user"], site["password"])
    assert unchanged(run(site))


def test_password_that_expires_by_age_is_set_again(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site)
    account = f"'{site['user']}'@'127.0.0.1'"
    server.sql(
        f"ALTER USER {account} PASSWORD EXPIRE INTERVAL 3 DAY",
        "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.password_last_changed', UNIX_TIMESTAMP() - 4 * 86400)"
        f" WHERE User = '{site['user']}' AND Host = '127.0.0.1'",
        "FLUSH PRIVILEGES",
    )
    assert len(run(site)["actions"]) == 1
    assert server.can_log_in(site["user"], site["password"]) and unchanged(run(site))


def test_password_beside_the_socket_is_enough(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site)
    (row,) = server.sql(f"SELECT Password FROM mysql.user WHERE User = '{site['user']}' AND Host = 'localhost'")
    server.sql(
        f"ALTER USER '{site['user']}'@'localhost' IDENTIFIED VIA unix_socket OR mysql_native_password USING '{row[0]}'"
    )
    assert unchanged(run(site))


def test_tls_requirement_is_set_kept_and_taken_away(run: Run, site: dict[str, Any], server: MariaDB, tls: Any) -> None:
    run(site)
    user, password = site["user"], site["password"]
    assert server.can_log_in(user, password, ssl_disabled=True)
    done = run(site, require_tls=True)
    assert done["actions"] == [f"change account '{user}@{host}': require TLS" for host in site["hosts"]]
    assert not server.can_log_in(user, password, ssl_disabled=True)
    assert server.can_log_in(user, password, ssl={"ca": f"{tls}/ca.pem"})
    assert unchanged(run(site, require_tls=True)) and unchanged(run(site)), "omitted, it must stay"
    run(site, require_tls=True, password="n3w-0ne")
    assert not server.can_log_in(user, "n3w-0ne", ssl_disabled=True), "a new password must not end the requirement"
    run(site, require_tls=True)
    assert run(site, require_tls=False)["diff"]["before"][f"account {user}@localhost"] == {"require": "SSL"}
    assert server.can_log_in(user, password, ssl_disabled=True)

    server.sql(f"ALTER USER '{user}'@'127.0.0.1' REQUIRE X509", f"ALTER USER '{user}'@'localhost' REQUIRE ISSUER 'x'")
    for wish in (True, False):
        kept = run(site, require_tls=wish)
        assert [f"{user}@127.0.0.1" in text and "REQUIRE X509" in text for text in kept["warnings"]] == [False, True]
        assert not any("127.0.0.1" in action for action in kept["actions"])


def test_new_account_requires_tls_from_its_first_moment(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    done = run(site, require_tls=True)
    assert f"create account '{site['user']}@localhost' with a password, which must use TLS" in done["actions"]
    rows = server.sql(f"SELECT ssl_type FROM mysql.user WHERE User = '{site['user']}'")
    assert rows == [("ANY",), ("ANY",)]


def test_surplus_privileges_are_revoked_and_missing_ones_granted(
    run: Run, site: dict[str, Any], server: MariaDB
) -> None:
    run(site)
    account, pattern = f"'{site['user']}'@'127.0.0.1'", site["name"].replace("_", "\\_")
    server.sql(
        f"GRANT ALL ON `{pattern}`.* TO {account} WITH GRANT OPTION", f"REVOKE SELECT ON `{pattern}`.* FROM {account}"
    )
    done = run(site)
    assert done["actions"][0] == f"grant '{site['user']}@127.0.0.1' on database '{site['name']}': SELECT"
    assert done["actions"][1].startswith(f"revoke from '{site['user']}@127.0.0.1' on database '{site['name']}': ")
    place = f"privileges of {site['user']}@127.0.0.1 on {site['name']}"
    assert list(done["diff"]["before"]) == [place]
    before = done["diff"]["before"][place]["privileges"]
    assert {"EXECUTE", "CREATE ROUTINE", "GRANT OPTION"} < set(before) and "SELECT" not in before
    assert done["diff"]["after"][place]["privileges"] == LISTED
    assert held(server, site["user"]) == {pattern: set(NEEDED)}
    assert unchanged(run(site))


def test_privileges_elsewhere_are_kept_and_reported(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site)
    account = f"'{site['user']}'@'127.0.0.1'"
    server.sql(
        f"GRANT PROCESS ON *.* TO {account} WITH GRANT OPTION",
        f"GRANT SELECT ON `glance%`.* TO {account}",
        f"GRANT SELECT ON `nova`.* TO {account}",
        f"CREATE TABLE `{site['name']}`.images (id INT)",
        f"GRANT DELETE HISTORY ON `{site['name']}`.images TO {account}",
        f"CREATE ROLE `{site['user']}_role`",
        f"GRANT `{site['user']}_role` TO {account}",
    )
    done = run(site)
    assert unchanged(done)
    (warning,) = done["warnings"]
    assert warning.startswith(
        f"Account '{site['user']}@127.0.0.1' has more than it needs: PROCESS, GRANT OPTION on *.*; "
        f"SELECT on `glance%`.*; DELETE HISTORY on `{site['name']}`.`images`; role {site['user']}_role. "
        "This is left as it is"
    )


def test_fewer_privileges_can_be_declared(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site)
    run(site, privileges=["select", "create  temporary\ttables"])
    assert held(server, site["user"]) == {site["name"].replace("_", "\\_"): {"SELECT", "CREATE TEMPORARY TABLES"}}


def test_host_that_is_no_longer_declared_keeps_its_account(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site, hosts=["localhost", "127.0.0.1", "192.0.2.9"])
    done = run(site)
    assert unchanged(done)
    assert [f"DROP USER '{site['user']}'@'192.0.2.9'" in text for text in done["warnings"]] == [True]


def test_existing_database_keeps_its_collation(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    server.sql(f"CREATE DATABASE `{site['name']}` CHARACTER SET latin1 COLLATE latin1_german1_ci")
    done = run(site)
    assert not any("database" in action and "create" in action for action in done["actions"])
    (warning,) = done["warnings"]
    assert "has the character set latin1 with collation latin1_german1_ci, not utf8mb4 with" in warning
    assert f"ALTER DATABASE `{site['name']}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci" in warning
    assert len(run(site, collation=None)["warnings"]) == 1
    assert not run(site, character_set="latin1", collation="latin1_german1_ci")["warnings"]


def test_collation_of_a_new_database_has_a_short_name_too(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    for collation in ("utf8mb4_uca1400_ai_ci", "uca1400_ai_ci"):
        name = site["name"] + collation
        assert run(site, name=name, collation=collation)["changed"]
        again = run(site, name=name, collation=collation)
        assert unchanged(again) and not again["warnings"]


def test_account_known_by_the_socket(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    by_socket = {**site, "authentication": "unix_socket", "password": None, "hosts": ["localhost"]}
    done = run(by_socket)
    assert f"create account '{site['user']}@localhost' with authentication by the socket" in done["actions"]
    assert server.sql(f"SELECT plugin FROM mysql.user WHERE User = '{site['user']}'") == [("unix_socket",)]
    assert unchanged(run(by_socket))
    run(site, hosts=["localhost"])
    assert run(by_socket)["actions"] == [
        f"change account '{site['user']}@localhost': authenticate by the socket (it is mysql_native_password)"
    ]


def test_login_by_the_socket(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    login = {"login_unix_socket": server.socket, "login_host": None, "ca_cert": "/ignored"}
    assert run({**site, **login})["changed"] and unchanged(run(site))


def test_login_with_the_documented_rights_is_enough(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    login = f"p{site['user']}"
    pattern = site["name"].replace("_", "\\_")
    server.sql(
        f"CREATE USER `{login}`@`127.0.0.1` IDENTIFIED BY 'secret-1'",
        f"GRANT SELECT ON mysql.* TO `{login}`@`127.0.0.1`",
        f"GRANT CREATE USER ON *.* TO `{login}`@`127.0.0.1`",
        f"GRANT {', '.join(NEEDED)} ON `{pattern}`.* TO `{login}`@`127.0.0.1` WITH GRANT OPTION",
    )
    limited = {**site, "login_user": login, "login_password": "secret-1"}
    assert len(run(limited)["actions"]) == 5
    assert unchanged(run(limited)) and unchanged(run(site))
    run(limited, password="another", require_tls=True)
    assert unchanged(run(site, password="another", require_tls=True))
