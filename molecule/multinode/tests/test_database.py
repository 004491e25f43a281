"""The database, over TCP: Glance's sessions are encrypted, and without TLS nobody gets in as Glance."""

from __future__ import annotations

import json
import shlex

import pytest
from live_site import LiveSite

testinfra_hosts = ["ansible://glance-multinode-1"]

# PyMySQL as Glance has it. The password comes from outside; what it prints is the session's cipher, or the refusal.
LOGIN = """
import json, sys, pymysql
given = json.load(sys.stdin)
try:
    with pymysql.connect(user="glance", database="glance", **given) as session, session.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        print("cipher", cursor.fetchone()[1])
except pymysql.err.OperationalError as error:
    print("refused", *error.args)
"""


def log_in(node: LiveSite, server: LiveSite, **tls: object) -> list[str]:
    """Return what becomes of a login with Glance's own password from an API host."""
    given = {"host": server.address, "password": node.secrets["glance_database_password"], **tls}
    python = node.shell("ls -d /opt/glance/*/bin/python").split()[0]
    return node.shell(f"{python} -c {shlex.quote(LOGIN)}", json.dumps(given)).split(maxsplit=2)


def test_every_session_of_glance_is_encrypted(lab: LiveSite, nodes: list[LiveSite]) -> None:
    for node in nodes:
        node.shell("systemctl is-active glance-api")
    rows = lab.sql(
        "SELECT t.processlist_host, s.variable_value FROM performance_schema.status_by_thread s"
        " JOIN performance_schema.threads t USING (thread_id)"
        " WHERE t.processlist_user = 'glance' AND s.variable_name = 'Ssl_cipher'"
    )
    assert {host for host, _ in rows} == {node.address for node in nodes}
    assert all(cipher.startswith(("TLS_", "ECDHE-")) for _, cipher in rows), rows


def test_the_server_asks_for_tls(lab: LiveSite, nodes: list[LiveSite]) -> None:
    accounts = lab.sql("SELECT host, ssl_type FROM mysql.user WHERE user = 'glance' ORDER BY host")
    assert accounts == [[address, "ANY"] for address in sorted(node.address for node in nodes)]


@pytest.mark.parametrize("number", [0, 1])
def test_a_login_without_tls_is_refused(lab: LiveSite, nodes: list[LiveSite], number: int) -> None:
    node = nodes[number]
    # With TLS it is let in: what is refused is not the password.
    assert log_in(node, lab, ssl={"ca": "/etc/ssl/database-ca.pem"})[0] == "cipher"
    assert log_in(node, lab, ssl_disabled=True)[:2] == ["refused", "1045"]


def test_glance_takes_no_server_of_another_authority(lab: LiveSite, one: LiveSite) -> None:
    told = log_in(one, lab, ssl={"ca": "/etc/ssl/certs/ca-certificates.crt"})
    assert told[:2] == ["refused", "2003"] and "CERTIFICATE_VERIFY_FAILED" in told[2]


def test_both_nodes_are_configured_so(nodes: list[LiveSite]) -> None:
    for node in nodes:
        (connection,) = node.shell("grep '^connection = ' /etc/glance/glance-api.conf").splitlines()
        assert "ssl_ca=" in connection and "database-ca.pem" in connection
