# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Ask a URL what Glance may have got from it: Glance itself does not tell."""

from __future__ import annotations

import socket
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import open_url

SECONDS = 10


def look(url: str) -> str:
    """Return a sentence on how the URL answers to this host, without its data."""
    here = f"Asked from this host ({socket.gethostname()}), the URL"
    try:
        answer = open_url(url, method="HEAD", timeout=SECONDS, http_agent="openimage.glance")
    except HTTPError as error:
        return f"{here} answers HTTP {error.code} {error.reason}."
    except URLError as error:
        return f"{here} cannot be reached: {error.reason}."
    except (OSError, ValueError) as error:
        return f"{here} gives no answer: {error}."
    size = answer.headers.get("Content-Length")
    return (
        f"{here} answers HTTP {answer.getcode()}{f' with {size} bytes' if size else ''}: look whether the hosts of "
        "Glance reach it too, whether the data is of disk_format, and at the stores."
    )
