# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: keep secrets out of everything that a person or a log sees.

Three nets. Every given secret is replaced wherever it stands, also in the forms in which files carry it. Whatever a
file holds under a name that sounds secret is replaced too: nobody gives us yesterday's password. And so is what stands
under a name that the installed service itself calls secret, as soon as it was asked.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from ansible_collections.openimage.glance.plugins.module_utils._config.values import escape

MASK = "********"

_SECRET_OPTION = re.compile(
    r"(?P<head>\s*(?:[\w.-]*(?:passw|secret)[\w.-]*|(?:[\w.-]*_)?(?:token(?:_id)?|keys?|pass(?:code)?|approle_role_id))"
    r"\s*[=:]\s*).+",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(?P<head>\s*(?P<name>[\w.-]+)\s*[=:]\s*).+")
# Up to the last @: what wrote an old file may not have quoted the password.
_URL_LOGIN = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^\s:/@]*:)\S+(?=@)", re.IGNORECASE)


def _forms(secret: str) -> list[str]:
    """The forms in which a file, a URL or a message may carry a secret."""
    quoted = [quote(secret, safe=""), quote(secret), quote(secret, safe=" +"), quote_plus(secret)]
    return [form for plain in [secret, *quoted] for form in (plain, escape(plain), repr(plain)[1:-1])]


def _split(text: str) -> list[str]:
    """The lines of a file; only a line end ends one, whatever else Unicode calls a separator."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


class Mask:
    """Replaces secrets in texts."""

    def __init__(self, secrets: Iterable[str], options: Iterable[str] = ()) -> None:
        """Take the secrets, and names of options whose values are secret whatever they are."""
        forms = {form for secret in secrets if secret.strip() for form in _forms(secret.strip())}
        # Longest first: a secret may be part of another.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._options = frozenset(options)

    def text(self, text: str) -> str:
        """The text without any given secret; a secret of several lines stays as many lines."""
        for form in self._forms:
            text = text.replace(form, "\n".join([MASK] * (form.count("\n") + 1)))
        return text

    def _declared(self, line: str) -> re.Match[str] | None:
        """The option of the line if the service calls it secret; not a URL, of which only the login is masked."""
        found = _OPTION.match(line)
        return found if found and found.group("name") in self._options and not _URL_LOGIN.search(line) else None

    def lines(self, text: str) -> list[str]:
        """The lines of a configuration file without secrets, also those that nobody gave us."""
        lines: list[str] = []
        in_secret = False
        for line in _split(self.text(text)):
            found = _SECRET_OPTION.match(line) or self._declared(line)
            if found:
                line = found.group("head") + MASK
            elif in_secret and line.startswith((" ", "\t")) and line.strip():
                line = " " + MASK  # the value of the option above goes on
            else:
                line = _URL_LOGIN.sub(lambda login: login.group("head") + MASK, line)
            in_secret = line.endswith(MASK)
            lines.append(line)
        return lines

    def diff(self, path: str, before: str, after: str) -> str:
        """A unified diff of two texts. A changed secret shows as changed, and as nothing more."""
        old, new = self.lines(before), self.lines(after)
        matcher = difflib.SequenceMatcher(None, _split(before), _split(after), autojunk=False)
        out: list[str] = []
        for group in matcher.get_grouped_opcodes(3):
            first, last = group[0], group[-1]
            spans = [(first[1], last[2]), (first[3], last[4])]
            # As diff -u counts: from 1, and an empty span stands behind the line that it names.
            old_span, new_span = (f"{start + (end > start)},{end - start}" for start, end in spans)
            out.append(f"@@ -{old_span} +{new_span} @@")
            for tag, start, end, new_start, new_end in group:
                if tag == "equal":
                    out += [f" {line}" for line in old[start:end]]
                    continue
                out += [f"-{line}" for line in old[start:end]]
                out += [f"+{line}" for line in new[new_start:new_end]]
        return "\n".join([f"--- before: {path}", f"+++ after: {path}", *out]) + "\n" if out else ""
