# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what trying any store may meet, in an operator's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._site.systems import MODULE_PACKAGES

Json = dict[str, Any]


class Words(NamedTuple):
    """What is wrong with a store: what was tried, why it failed, what to do."""

    tried: str
    why: str
    todo: str


def listed(names: Iterable[str], nothing: str = "none") -> str:
    """Return names as a list for people."""
    shown = list(names)
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return ", ".join(shown[:10]) + more if shown else nothing


def one_line(text: str, length: int = 300) -> str:
    """Return a library's own words on one line, without the places in memory that they may name."""
    flat = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?", "", " ".join(text.split()))
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def reason(text: str) -> str:
    """Return the cause of a failed connection, out of the words of requests, boto3 and keystoneauth."""
    for pattern, words in (
        (r"Connection refused|Errno 111", "nothing listens there (connection refused)"),
        (
            r"Name or service not known|Temporary failure in name resolution|NameResolution|Errno -[235]",
            "the name does not resolve on this host",
        ),
        (r"No route to host|Errno 113", "there is no route to it"),
        (r"Network is unreachable|Errno 101", "its network cannot be reached from this host"),
        (r"[Tt]imed out|[Tt]imeout", "it does not answer in time"),
        (
            r"Connection reset|Errno 104|RemoteDisconnected|BadStatusLine",
            "it closes the connection: perhaps it expects TLS",
        ),
    ):
        if re.search(pattern, text):
            return words
    return one_line(text)


def tls(tried: str, text: str, authority: str) -> Words:
    """Explain a failed TLS connection.

    :param authority: the store's key that names the CA certificate.
    """
    if "WRONG_VERSION_NUMBER" in text or "unknown protocol" in text:
        return Words(tried, "the server does not speak TLS on that port", "write http:// in the URL, or another port")
    if "expired" in text:
        return Words(tried, "the server's certificate has expired", "renew it on the server")
    if re.search(r"[Hh]ostname|doesn't match|not valid for", text):
        why = f"the server's certificate is not for that name: {one_line(text)}"
        return Words(tried, why, "write the name that the certificate has, or renew the certificate")
    if re.search(r"invalid path|Could not find a suitable TLS CA|No such file", text):
        return Words(tried, f"the file of {authority} is not there: {one_line(text)}", "copy it to the host first")
    why = f"the server's certificate is not trusted: {one_line(text)}"
    return Words(tried, why, f"set {authority} to the file with the CA that signed it, readable by the service user")


def library(problem: Json, python: str) -> Words:
    """Explain that Glance's interpreter lacks what the driver needs."""
    package = MODULE_PACKAGES.get(str(problem["name"]).partition(".")[0])
    hint = f"install {package}, or its module in the virtual environment" if package else "see what it names"
    return Words(f"loading the driver's libraries with {python}", one_line(problem["text"]), hint)


def general(result: Json, python: str, seconds: int) -> Words | None:
    """Explain what is the same for all types; None for what a type must explain itself."""
    problem = result["problem"]
    if problem["kind"] == "library":
        return library(problem, python)
    if problem["kind"] == "timeout":
        todo = "look at the health of the storage and at firewalls; raise the timeout if it is only slow"
        return Words(f"to {result['step']}", f"no answer within {seconds} s, the attempt was ended", todo)
    if problem["kind"] == "crash":
        lines = [line for line in problem["text"].splitlines() if line.strip()] or ["no output"]
        why = f"the attempt broke off (status {problem['status']}): {one_line(lines[-1])}"
        return Words(f"to {result['step']}", why, f"see what its library says; the interpreter was {python}")
    return None
