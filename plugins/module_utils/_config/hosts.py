# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: hosts as they stand in URLs, and which of them are the machine itself."""

from __future__ import annotations

import ipaddress


def in_url(host: str) -> str:
    """Return a host as it stands in a URL, or before a port: an IPv6 address is put in brackets."""
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return host
    # The zone of a link-local address begins with a percent sign, which a URL must not hold as such.
    return f"[{host.replace('%', '%25')}]"


def is_loopback(host: str) -> bool:
    """Whether each machine takes this host for itself."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
