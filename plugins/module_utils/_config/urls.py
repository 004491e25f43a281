# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: database URLs that SQLAlchemy and oslo.config read back unharmed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

_DRIVER = re.compile(r"[A-Za-z]\w*(\+\w+)?", re.ASCII)
_HOST = re.compile(r"[\w.-]*", re.ASCII)
# SQLAlchemy takes the name as it stands, without unquoting it.
_NAME = re.compile(r"[\w.-]*", re.ASCII)


class UrlRefused(ValueError):
    """A part that cannot stand in a database URL."""


def _host(host: str) -> str:
    if _HOST.fullmatch(host):
        return host
    bare = host[1:-1] if host[:1] == "[" and host[-1:] == "]" else host
    try:
        return f"[{ipaddress.IPv6Address(bare)}]"
    except ValueError as error:
        raise UrlRefused(f"{host!r} is no host name or address") from error


def database_url(
    host: str,
    user: str,
    password: str,
    name: str,
    port: int | None = None,
    driver: str = "mysql+pymysql",
    query: Mapping[str, Any] | None = None,
) -> str:
    """Build the URL. Everything that could mean something to a reader is percent-encoded, ``$`` and quotes included.

    :param host: a name, an IPv4 or IPv6 address; empty when ``query`` names a socket.
    :param query: parameters of the driver such as ``charset`` or ``ssl_ca``; those without a value are left out.
    """
    if not _DRIVER.fullmatch(driver):
        raise UrlRefused(f"{driver!r} is no driver such as mysql+pymysql")
    if not _NAME.fullmatch(name):
        raise UrlRefused(f"the database name {name!r} may only have letters, digits, '_', '-' and '.'")
    login = quote(user, safe="") + (":" + quote(password, safe="") if password else "")
    place = _host(host) + (f":{int(port)}" if port else "")
    parameters = {key: value for key, value in (query or {}).items() if value not in (None, "")}
    return f"{driver}://{login}@{place}/{name}" + ("?" + urlencode(parameters) if parameters else "")
