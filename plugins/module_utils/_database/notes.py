# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Find reasons to refuse before anything changes, and facts that an operator should know of.

Problems end a run before its first statement; warnings do not.
"""

from __future__ import annotations

from ansible_collections.openimage.glance.plugins.module_utils._database import names
from ansible_collections.openimage.glance.plugins.module_utils._database.model import Account, Found, Wanted

OLDEST = {"MariaDB": (10, 4), "MySQL": (8, 0)}
_LONGEST_USER = {"MariaDB": 80, "MySQL": 32}


def problems(wanted: Wanted, found: Found) -> list[str]:
    """Return why nothing can be changed on this server."""
    server = found.server
    result = []
    oldest = OLDEST[server.kind]
    if server.version < oldest:
        at_least = ".".join(str(number) for number in oldest)
        result.append(f"The server is {server.label}; {server.kind} {at_least} or later is needed.")
    too_long = names.user_problem(wanted.user, _LONGEST_USER[server.kind])
    if too_long:
        result.append(f"user: {wanted.user!r} {too_long} on {server.kind}.")
    for number, host in enumerate(wanted.hosts):
        problem = names.host_problem(host, server.kind)
        if problem:
            result.append(f"hosts[{number}]: {host!r} {problem}.")
    if (wanted.user, server.current[1]) == server.current and server.current[1] in wanted.hosts:
        result.append(
            f"user: '{wanted.user}@{server.current[1]}' is the account with which this module logs in. "
            "Give the service an account of its own."
        )
    if wanted.password is None and server.kind != "MariaDB":
        result.append("authentication: unix_socket exists on MariaDB only. Use a password.")
    if wanted.require_tls and server.variables.get("have_ssl") == "DISABLED":
        result.append(
            "require_tls: the server has no certificate (have_ssl is DISABLED), so nobody could log in with TLS. "
            "Set ssl_cert and ssl_key in its configuration, or require_tls: false (glance_database_require_tls)."
        )
    if not found.database:
        result += _collation(wanted, found)
    return result


def warnings(wanted: Wanted, found: Found) -> list[str]:
    """Return what is found that this module leaves alone."""
    result = [*_other_collation(wanted, found)]
    for host in wanted.hosts:
        account = found.accounts.get(host)
        if account:
            result += _account(wanted, account)
    result += _further_accounts(wanted, found)
    result += _anonymous(wanted, found)
    if found.server.on("skip_name_resolve") and wanted.password is not None:
        named = [host for host in wanted.hosts if names.is_name(host)]
        if named:
            result.append(
                f"hosts: the server does not resolve names (skip_name_resolve is on), so nobody can log in to accounts "
                f"for {', '.join(named)}. Use addresses."
            )
    return result


def _collation(wanted: Wanted, found: Found) -> list[str]:
    known = found.server.collations
    if wanted.character_set not in {each.character_set for each in known}:
        return [f"character_set: the server has no character set '{wanted.character_set}' (SHOW CHARACTER SET)."]
    if not wanted.collation:
        return []
    alike = {each.character_set for each in known if wanted.collation in (each.name, each.full_name)}
    if not alike:
        return [
            f"collation: the server has no collation '{wanted.collation}'. "
            f"Those of {wanted.character_set}: SHOW COLLATION WHERE Charset = '{wanted.character_set}'."
        ]
    if wanted.character_set not in alike:
        owner = ", ".join(sorted(alike))
        return [f"collation: '{wanted.collation}' belongs to the character set {owner}, not {wanted.character_set}."]
    return []


def _other_collation(wanted: Wanted, found: Found) -> list[str]:
    if not found.database:
        return []
    character_set, collation = found.database
    asked = {each.full_name for each in found.server.collations if each.name == wanted.collation}
    alike = not wanted.collation or collation in {wanted.collation, *asked}
    if character_set == wanted.character_set and alike:
        return []
    name = found.server.stored(wanted.database)
    declared = wanted.character_set + (f" with collation {wanted.collation}" if wanted.collation else "")
    sql = f"ALTER DATABASE {names.identifier(name)} CHARACTER SET {wanted.character_set}"
    sql += f" COLLATE {wanted.collation}" if wanted.collation else ""
    return [
        f"Database '{name}' has the character set {character_set} with collation {collation}, not {declared}. "
        f"It is left as it is; new tables are made with its own. To change what new tables get: {sql}. "
        "Tables that exist keep theirs until ALTER TABLE … CONVERT TO CHARACTER SET."
    ]


def _account(wanted: Wanted, account: Account) -> list[str]:
    label = f"{account.user}@{account.host}"
    result = []
    if account.elsewhere:
        result.append(
            f"Account '{label}' has more than it needs: {'; '.join(account.elsewhere)}. This is left as it is; "
            f"REVOKE … FROM {names.account(account.user, account.host)} takes it away."
        )
    if wanted.require_tls is not None and account.tls in ("X509", "SPECIFIED"):
        asked = "a client certificate" if account.tls == "X509" else "a certain client certificate or cipher"
        result.append(
            f"Account '{label}' requires {asked} (REQUIRE {account.tls}). This is left as it is, and the service must "
            f"log in so; ALTER USER {names.account(account.user, account.host)} REQUIRE SSL ends it."
        )
    return result


def _further_accounts(wanted: Wanted, found: Found) -> list[str]:
    further = sorted(set(found.accounts) - set(wanted.hosts))
    if not further:
        return []
    drop = ", ".join(names.account(wanted.user, host) for host in further)
    return [
        f"User '{wanted.user}' also has accounts for hosts that are not declared: {', '.join(further)}. They keep "
        f"their password and privileges. To remove those that nobody uses: DROP USER {drop}."
    ]


def _anonymous(wanted: Wanted, found: Found) -> list[str]:
    hidden = [
        host
        for host in found.anonymous
        if "%" not in host and host not in wanted.hosts and any(names.host_matches(each, host) for each in wanted.hosts)
    ]
    if not hidden:
        return []
    drop = ", ".join(names.account("", host) for host in hidden)
    return [
        f"Accounts without a name exist for {', '.join(hidden)}. The server prefers them to '{wanted.user}' for "
        f"clients there, whose login then fails. Remove them (DROP USER {drop}) or add these hosts."
    ]
