# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""What a failed request to an OpenStack API means to the operator: which address, what failed, what to do."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a proxy or load balancer says when nothing behind it answers.
GATEWAY_ERRORS = (502, 503, 504)


class AuthenticationError(Exception):
    """No session could be made. The text is for the operator and holds no secret.

    :ivar unreachable: nothing answered at the address (in contrast to an answer that says no).
    """

    def __init__(self, message: str, unreachable: bool = False) -> None:
        super().__init__(message)
        self.unreachable = unreachable


def explain(error: Exception, url: str) -> AuthenticationError:
    """Turn what keystoneauth1 raised when talking to a URL into an error for the operator."""
    from keystoneauth1 import exceptions

    url = without_userinfo(url) or "the service"
    host = urlsplit(url).netloc or url
    status = getattr(error, "http_status", None)
    if isinstance(error, exceptions.HttpError) and status:
        return AuthenticationError(
            f"{url} answered HTTP {status}: {first_line(error)}", unreachable=status in GATEWAY_ERRORS
        )
    causes = list(causes_of(error))
    if isinstance(error, exceptions.SSLError) or any(isinstance(cause, ssl.SSLError) for cause in causes):
        reason = next((str(cause) for cause in causes if isinstance(cause, ssl.SSLError)), str(error))
        return AuthenticationError(
            f"TLS with {host} failed ({url}): {reason}. "
            "If the server's certificate is right, name its authority with ca_cert."
        )
    reason = _network_reason(error, causes)
    if reason:
        return AuthenticationError(
            f"{host} cannot be reached ({url}): {reason}. Check that the service runs there and that the URL is right.",
            unreachable=True,
        )
    # A failed discovery keeps the status only in its text.
    down = any(f"(HTTP {status})" in str(error) for status in GATEWAY_ERRORS)
    return AuthenticationError(f"{url}: {first_line(error)}.", unreachable=down)


def without_userinfo(url: str) -> str:
    """Return the URL without ``user:password@``."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and all that led to it; requests and urllib3 hide the system's error several levels down."""
    queue: list[object | None] = [error]
    seen: set[int] = set()
    while queue:
        item = queue.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        queue += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def _network_reason(error: Exception, causes: list[BaseException]) -> str:
    from keystoneauth1 import exceptions

    kinds = {type(cause).__name__ for cause in causes}
    text = str(error)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes) or "Connection refused" in text:
        return "connection refused"
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "Name or service not known" in text:
        return "the host name cannot be resolved"
    if isinstance(error, exceptions.ConnectTimeout) or "ConnectTimeoutError" in kinds or "timed out" in text:
        return "no answer in time"
    system = next((cause for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
    if system is not None:
        return str(system.strerror)
    if isinstance(error, exceptions.ConnectionError) or "Unable to establish connection" in text:
        return first_line(error)
    return ""


def first_line(error: BaseException) -> str:
    """Return the first line of an error without its final stop, ready to be put into a sentence."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
