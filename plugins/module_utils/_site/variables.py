# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of the site's variables, and its secrets.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import absolute, optional_path
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Reader,
    Wrong,
    choice,
    kind,
    optional,
    port,
    shown,
    size,
    some_texts,
    text,
    texts,
    url,
    whole,
    words,
)


def host(value: Any) -> str:
    """Return a host name or address without anything around it."""
    name = text(value)
    if re.search(r"[/@\s]", name) or re.fullmatch(r"[^:]*:\d*", name):
        raise Wrong(
            f"{shown(name.rpartition('@')[2])} is more than a host",
            "write name or address only, the port has its own variable",
        )
    return name


def address(value: Any) -> str:
    """Return an IPv4 or IPv6 address to listen on. No name: uWSGI knows none."""
    written = text(value)
    try:
        ipaddress.ip_address(written)
    except ValueError as error:
        raise Wrong(
            f"{shown(written)} is not an address",
            "write an address of the host, or 0.0.0.0 for all of IPv4, or :: for all; without brackets and port",
        ) from error
    return written


def number(minimum: int) -> Reader:
    """Return the reader of a whole number. A text of digits is fine: that is how ``-e name=1024`` arrives."""
    read = whole(minimum)

    def read_number(value: Any) -> int:
        digits = isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value)
        return int(read(int(value) if digits else value))

    return read_number


# The words that Ansible's own booleans know.
_TRUE = words("y yes on 1 true t")
_FALSE = words("n no off 0 false f")


def switch(value: Any) -> bool:
    """Return a boolean, also of a text or number: ``-e name=false`` arrives as a text."""
    if isinstance(value, str):
        word = value.strip().lower()
        known, result = word in _TRUE | _FALSE, word in _TRUE
    else:
        # True is 1, and 0.0 is False.
        known, result = isinstance(value, (int, float)) and value in (0, 1), value == 1
    if not known:
        raise Wrong(f"is {shown(value)}", "write true or false")
    return result


def database_identifier(value: Any) -> str:
    """Return a name that needs no quoting anywhere."""
    name = text(value)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise Wrong(f"{shown(name)} is not a plain name", "write up to 64 letters, digits, '_' and '-'")
    return name


def collation(value: Any) -> str:
    """Return a collation of utf8mb4, the character set that the database gets."""
    name = text(value)
    if not re.fullmatch(r"(utf8mb4|uca1400)_\w+", name):
        raise Wrong(f"{shown(name)} is not a collation of utf8mb4", "write one like utf8mb4_general_ci")
    return name


def servers(value: Any) -> list[str]:
    """Return a list of host:port, which may be empty."""
    for number, server in enumerate(texts(value)):
        if not re.fullmatch(r"(inet6:)?(\[[0-9A-Fa-f:.]+\]|[^\s:\[\],/@]+):[0-9]{1,5}", server):
            raise Wrong(f"its entry {number} is not host:port", "write entries like 10.0.0.5:11211")
    return list(value)


_import_method = choice("glance-direct", "web-download", "copy-image", "glance-download")


def import_methods(value: Any) -> list[str]:
    """Return import methods of Glance."""
    return [_import_method(method) for method in texts(value)]


def plain_url(value: Any) -> str:
    """Return a URL without user and password: Ansible and Glance show such URLs in messages."""
    address = url(value)
    if "@" in urlsplit(address).netloc:
        raise Wrong("holds a user name or password, which messages would show", "write it without")
    return address


def optional_url(value: Any) -> str:
    """Return a URL or nothing."""
    return "" if value is None or value == "" else url(value)


VARIABLES: dict[str, Reader] = {
    "glance_region": text,
    "glance_setup_host": text,
    "glance_database_host": host,
    "glance_database_port": port,
    "glance_database_name": database_identifier,
    "glance_database_user": text,
    "glance_database_allowed_hosts": some_texts,
    "glance_database_require_tls": switch,
    "glance_database_collation": collation,
    "glance_database_tls_ca": optional_path,
    "glance_keystone_url": plain_url,
    "glance_keystone_public_url": plain_url,
    "glance_cloud": optional(text),
    "glance_keystone_admin_user": text,
    "glance_keystone_admin_project": text,
    "glance_keystone_admin_domain": text,
    "glance_keystone_cacert": optional_path,
    "glance_service_user": text,
    "glance_service_project": text,
    "glance_service_domain": text,
    "glance_service_roles": some_texts,
    "glance_service_system_roles": texts,
    "glance_memcached_servers": servers,
    "glance_public_url": plain_url,
    "glance_internal_url": plain_url,
    "glance_admin_url": plain_url,
    "glance_api_port": port,
    "glance_api_node_url": plain_url,
    "glance_api_bind_address": address,
    "glance_api_processes": number(0),
    "glance_api_threads": number(1),
    "glance_api_chunk_limit": number(1),
    "glance_api_socket_timeout": number(1),
    "glance_api_start_timeout": number(1),
    "glance_api_start_idle_timeout": number(1),
    "glance_import_methods": import_methods,
    "glance_load_metadefs": switch,
    "glance_venv_directory": absolute,
    "glance_pip_index_url": optional_url,
    "glance_minimum_free_space": size,
    "glance_proof_table": switch,
    "glance_verify_size": number(1),
    "glance_verify_timeout": number(1),
    "glance_object_store_public_url": optional_url,
    "glance_object_store_internal_url": optional_url,
    "glance_object_store_admin_url": optional_url,
    # How the setup host logs in to the database server ...
    "glance_database_setup_host": text,
    "glance_database_login_host": optional(host),
    "glance_database_login_port": port,
    "glance_database_login_user": text,
    "glance_database_login_unix_socket": absolute,
    "glance_database_login_tls_ca": optional_path,
    "glance_database_login_tls_cert": optional_path,
    "glance_database_login_tls_key": optional_path,
    "glance_database_login_check_hostname": switch,
    # ... and the lab host's services.
    "glance_all_in_one_database_bind": address,
    "glance_all_in_one_keystone_bind": address,
    "glance_all_in_one_keystone_port": port,
    "glance_all_in_one_keystone_url": plain_url,
    "glance_all_in_one_keystone_processes": number(1),
    "glance_all_in_one_start_timeout": number(1),
    "glance_all_in_one_keystone_threads": number(1),
}

# Needed by every site ...
SECRETS = ("glance_database_password", "glance_service_password", "glance_keystone_admin_password")
# ... and with memcached.
MEMCACHED_SECRET = "glance_memcached_secret"
# ... and the lab host, which makes the administrator.
ADMIN_SECRET = "glance_keystone_admin_password"
# ... and the playbook object_store_identity.
OBJECT_STORE_URL = "glance_object_store_public_url"
OBJECT_STORE_SECRET = "glance_object_store_password"
# Read if they are set. The database server may know its administrator by the socket.
OPTIONAL_SECRETS = ("glance_database_login_password", OBJECT_STORE_SECRET)

# Checked elsewhere, because they hang together or have a shape of their own.
STRUCTURES = (
    "glance_stores",
    "glance_backend_defaults",
    "glance_staging_path",
    "glance_tasks_path",
    "glance_release",
    "glance_install_method",
    "glance_api_config",
    "glance_images",
)
# Checked by the argument specification of the roles that read them.
UNCHECKED = (
    "glance_proof_report",
    "glance_service_description",
    "glance_object_store_service_name",
    "glance_object_store_service_description",
    "glance_object_store_user",
    "glance_object_store_project",
    "glance_object_store_domain",
    "glance_object_store_user_roles",
    "glance_object_store_roles",
    "glance_object_store_grants",
)
# Every variable that some role reads.
KNOWN = frozenset({*VARIABLES, *SECRETS, MEMCACHED_SECRET, *OPTIONAL_SECRETS, *STRUCTURES, *UNCHECKED})

_PLACEHOLDERS = re.compile(
    r"(please)?(change|replace|set|fill)_?(me|it|this|in)(_?now)?!*|(change|replace)d?|todo|tbd|fixme|placeholder|example"
    r"|(your|my)_?(secret|password|passw0rd|key)(_?here)?|insert_?.*_?here|x{3,}|\*{3,}|\.{3,}|…|<.*>|\{\{.*\}\}",
    re.IGNORECASE | re.DOTALL,
)


def secret(value: Any) -> str:
    """Return a secret. Messages never tell it."""
    if value is None or value == "":
        raise Wrong("is missing", "set it, best in a vault (ansible-vault encrypt_string)")
    if not isinstance(value, str):
        raise Wrong(f"is {kind(value)}, not a text", "put it in quotes")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in value):
        raise Wrong(
            "contains a line break or a control character", "remove it; a block scalar (|) and many files end with one"
        )
    if value != value.strip():
        raise Wrong("begins or ends with a blank", "remove the blank, which a configuration file would lose")
    if _PLACEHOLDERS.fullmatch(re.sub(r"[\s-]", "_", value)):
        raise Wrong("is a placeholder", "set a real secret, best in a vault (ansible-vault encrypt_string)")
    return value


def database_secret(value: Any) -> str:
    """Return a password that a database server and its clients take for the same.

    PyMySQL, which Glance and this collection log in with, sends any other letter as Latin-1, and the server compares it
    with what was stored as UTF-8 (PyMySQL's connections.py).
    """
    if not secret(value).isascii():
        raise Wrong(
            "holds letters beyond ASCII, which PyMySQL cannot log in with", "use ASCII letters, digits and signs"
        )
    return str(value)


def of_the_lab(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return those of some variables that a host reads which has lab services only, and those of other owners."""
    ours = ("glance_all_in_one_", "glance_keystone_admin_")
    return {
        name: value
        for name, value in values.items()
        if name not in KNOWN or name == "glance_region" or str(name).startswith(ours)
    }


def check_variables(site: Mapping[Any, Any]) -> list[Problem]:
    """Return the problems of all variables that are there; what is absent has a default in a role."""
    problems = []
    for name, read in VARIABLES.items():
        if name not in site:
            continue
        try:
            read(site[name])
        except Wrong as error:
            problems.append(error.at(name))
    return problems


def check_secrets(site: Mapping[Any, Any], memcached: bool = True, needed: Iterable[str] = SECRETS) -> list[Problem]:
    """Return the problems of secrets.

    :param memcached: whether memcached is used unless the site says something else.
    :param needed: those that must be there in any case.
    """
    names = [*needed]
    if site.get("glance_memcached_servers", memcached):
        names.append(MEMCACHED_SECRET)
    names += [name for name in OPTIONAL_SECRETS if name not in names and site.get(name) not in (None, "")]
    problems = []
    for name in names:
        try:
            (database_secret if name.startswith("glance_database_") else secret)(site.get(name))
        except Wrong as error:
            problems.append(error.at(name))
    return problems
