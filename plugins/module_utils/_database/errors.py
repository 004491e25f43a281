# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Explain the errors of a database server and of its driver: cause and what to do."""

from __future__ import annotations

from ansible_collections.openimage.glance.plugins.module_utils._database.model import Login

_LOGIN = "login_user and login_password (glance_database_login_user, glance_database_login_password)"
_RIGHTS = (
    "log in as a user that may create databases and users and grant these privileges; docs/database.md names the "
    "rights that it needs"
)
_SERVER_LOG = "look into the server's log, then run again; what was done is kept"

# Codes of the servers (1xxx, 3xxx, 4xxx) and of the driver (2xxx).
_MEANING = {
    1006: ("the server cannot write the database's directory", "look into the server's log, and at its disk"),
    1007: (
        "the database exists, but this login may not see it",
        "let the login see it (SHOW DATABASES, or a privilege on the database)",
    ),
    1021: ("the server's disk is full", "free space on the server, then run again"),
    1040: ("the server has no free connection", "raise max_connections on the server or find who holds them"),
    1044: ("the login may not use or create this database", _RIGHTS),
    1047: ("the Galera node is not in its cluster's primary component", "recover the cluster, or name a synced node"),
    1115: ("the server does not know the character set", "correct character_set"),
    1129: ("the server blocks this host after many errors", "run 'mariadb-admin flush-hosts' on the server"),
    1130: ("the server has no account for clients of this host", "make an account for the login from this host"),
    1142: ("the login may not read the server's accounts or grant this", _RIGHTS),
    1205: ("another session holds a lock", "look for it with SHOW PROCESSLIST on the server, then run again"),
    1227: ("the login lacks a right", _RIGHTS),
    1273: ("the server does not know the collation", "correct collation (glance_database_collation)"),
    1290: ("the server runs with an option that forbids this", "name the server that takes writes, or end the option"),
    1396: (
        "the server refuses this account",
        "look for accounts and roles of this name (SELECT User, Host FROM mysql.user)",
    ),
    1410: ("the login may not grant these privileges", _RIGHTS),
    1524: ("the server has not loaded the authentication plugin", "load it (INSTALL SONAME) on the server"),
    # MariaDB answers so for an account that does not exist, too: it does not say which accounts there are.
    1698: (
        "it refuses the login: there is no such account, or it authenticates by the socket",
        f"correct {_LOGIN}; on the socket, run as that user (become: true for root)",
    ),
    1792: ("the session is read-only", "name the server that takes writes"),
    1819: ("the server's password policy refuses the password", "choose a password that the policy takes"),
    1820: ("the password of the login has expired", "set the login's password anew on the server"),
    1836: ("the server is read-only", "name the server that takes writes"),
    1862: ("the password of the login has expired", "set the login's password anew on the server"),
    2006: ("the server closed the connection", _SERVER_LOG),
    2013: ("the server did not answer in time or went away", _SERVER_LOG),
    2014: ("the server broke the protocol", _SERVER_LOG),
    3118: ("the account of the login is locked", "unlock it on the server (ALTER USER … ACCOUNT UNLOCK)"),
    3159: ("the server takes logins over TLS only", "set ca_cert (glance_database_login_tls_ca)"),
    3638: ("the server's password policy refuses the password", "choose one that was not used before"),
    4151: ("the account of the login is locked", "unlock it on the server (ALTER USER … ACCOUNT UNLOCK)"),
}

# Found in the text of an error that has the code 2003, 2026 or none: the driver has one code for many causes.
_TEXTS = (
    (
        ("Hostname mismatch", "IP address mismatch", "doesn't match"),
        "the server's certificate is for another name",
        "name the server in login_host as its certificate does, or set check_hostname: false",
    ),
    (
        ("has expired", "not yet valid"),
        "the server's certificate is not valid at this time",
        "renew it, and compare the clocks of both hosts",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed"),
        "the server's certificate is not signed by this CA",
        "name the CA that signed it in ca_cert (glance_database_login_tls_ca)",
    ),
    (
        ("server does not support", "doesn't support SSL", "SSL is required", "not support secure", "offers no TLS"),
        "the server offers no TLS",
        "set ssl_cert and ssl_key in the server's configuration, or leave ca_cert out",
    ),
    (
        ("Connection refused",),
        "nothing listens there",
        "start the server; compare login_host, login_port and bind-address with its configuration",
    ),
    (
        ("Name or service not known", "name resolution", "No address associated", "nodename nor"),
        "the name cannot be resolved",
        "correct login_host, or the name server of this host",
    ),
    (
        ("timed out", "No route to host", "Network is unreachable"),
        "the server cannot be reached",
        "look for a firewall or a route between this host and the server",
    ),
    (
        ("No such file or directory",),
        "there is no such socket",
        "start the server; correct login_unix_socket, or name the server in login_host",
    ),
    (
        ("Permission denied",),
        "this user of the system may not open it",
        "run as root (become: true)",
    ),
    (
        ("'cryptography' package is required",),
        "the account authenticates with SHA-256, for which PyMySQL without TLS needs the library cryptography",
        "set ca_cert to log in with TLS, or install python3-cryptography",
    ),
    (
        ("KEY_VALUES_MISMATCH",),
        "client_key is not the key of client_cert",
        "name certificate and key that belong together",
    ),
    (
        ("tlsv13 alert certificate required", "alert handshake failure", "unknown ca"),
        "the server does not take the client certificate",
        "name in client_cert one that is signed by a CA which the server knows (its ssl_ca)",
    ),
)


class DatabaseError(Exception):
    """A sentence for the operator."""


def explain(doing: str, error: BaseException, login: Login) -> DatabaseError:
    """Return the sentence: what was tried where, why it failed, what to do."""
    code, said = _parts(error)
    cause, advice = _cause(code, said, login)
    number = f" ({code})" if code else ""
    cause = f"{cause}{number}; it said: {said}" if cause else f"{said}{number}"
    return DatabaseError(f"Could not {doing} at {login.place}: {cause.rstrip('.')}. To do: {advice}.")


def _parts(error: BaseException) -> tuple[int, str]:
    if len(error.args) > 1 and isinstance(error.args[0], int) and not isinstance(error, OSError):
        return error.args[0], " ".join(str(error.args[1]).split())
    return 0, " ".join(str(error).split()) or type(error).__name__


def _cause(code: int, said: str, login: Login) -> tuple[str, str]:
    silent = code == 2013 and "timed out" in said
    for texts, cause, advice in _TEXTS if code in (0, 2002, 2003, 2013, 2026) and not silent else ():
        if any(text in said for text in texts):
            return cause, advice
    if code == 1045:
        return _refused(login)
    return _MEANING.get(code, ("", f"see what it said, and the server's log; the login is {_LOGIN}"))


def _refused(login: Login) -> tuple[str, str]:
    if login.socket:
        return "it refuses the login", f"run as root (become: true), or correct {_LOGIN}"
    tls = "" if login.ca_cert else ", or it must use TLS and ca_cert (glance_database_login_tls_ca) is not set"
    return (
        f"it refuses the login: the password is wrong, the account does not exist for clients of this host{tls}",
        f"compare {_LOGIN} with the account on the server",
    )
