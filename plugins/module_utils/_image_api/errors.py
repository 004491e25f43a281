# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""What the image API says when it refuses, in one line for the operator."""

from __future__ import annotations

import html
import json
import re

_TAGS = re.compile(r"<[^>]*>")
_HEAD = re.compile(r"<head>.*?</head>", re.DOTALL | re.IGNORECASE)
_STATUS_TITLE = re.compile(r"^\d{3} [A-Z][A-Za-z' -]*?(?:\n|$)")


class ImageApiError(Exception):
    """A request to the image API failed. The text names the request, the answer and holds no secret.

    :ivar status: HTTP status, or 0 when no answer came.
    :ivar detail: Glance's own words, or why there is no answer.
    """

    def __init__(self, request: str, status: int, detail: str) -> None:
        if status:
            text = f"{request} answered HTTP {status}: {detail}"
        else:
            # Why an address cannot be reached is already told with the address.
            text = detail if request.partition(" ")[2] in detail else f"{request} failed: {detail}"
        super().__init__(text if text.endswith((".", "!", "?")) else f"{text}.")
        self.request, self.status, self.detail = request, status, detail


class DeadlineError(ImageApiError):
    """The time that the caller gave to a series of requests is over."""

    def __init__(self, request: str, seconds: float) -> None:
        super().__init__(request, 0, f"not finished after {seconds:g} s")


def glance_message(text: str, content_type: str | None = None) -> str:
    """Return the sentence in the body of an error answer.

    Glance wraps it in HTML, JSON or plain text, whatever the client accepts; a proxy in front of it has its own page.
    """
    if "json" in (content_type or "") or text.lstrip().startswith("{"):
        text = _json_message(text)
    text = html.unescape(_TAGS.sub(" ", _HEAD.sub("", text))).strip()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    text = "\n".join(line for line in lines if line)
    without_title = _STATUS_TITLE.sub("", text)
    return " ".join((without_title or text).split())[:500] or "no explanation"


def _json_message(text: str) -> str:
    try:
        body = json.loads(text)
    except ValueError:
        return text
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    message = body.get("message") if isinstance(body, dict) else None
    return str(message) if message else text
