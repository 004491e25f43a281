# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading single values that an operator wrote: what they mean, or what is wrong and what to write instead.

PRIVATE to the collection: can change at any time.

YAML hands over surprises (``yes`` is true, ``0640`` is 416, ``2026.2`` is a float), so every reader says what it got.
No reader raises anything but :class:`Wrong`, whatever it is given.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Reader = Callable[[Any], Any]

_HUGE = 10**18  # more digits help nobody, and from 4300 on Python refuses to print them
_LONG = 60


@dataclass(frozen=True)
class Problem:
    """One mistake in the inventory."""

    path: str
    wrong: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}: {self.wrong}; {self.instead}"


class Wrong(ValueError):
    """A value that cannot be used."""

    def __init__(self, wrong: str, instead: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.instead = instead

    def at(self, path: str) -> Problem:
        return Problem(path, self.wrong, self.instead)

    def problems(self, path: str) -> list[Problem]:
        return [self.at(path)]


class WrongWithin(Wrong):
    """A mapping of which single entries cannot be used."""

    def __init__(self, entries: Mapping[str, Wrong]) -> None:
        first = next(iter(entries.values()))
        super().__init__(first.wrong, first.instead)
        self.entries = dict(entries)

    def problems(self, path: str) -> list[Problem]:
        return [error.at(below(path, name)) for name, error in self.entries.items()]


def words(names: str) -> frozenset[str]:
    """Return names that are written one after the other."""
    return frozenset(names.split())


def kind(value: Any) -> str:
    """Name what YAML made of a value without telling the value, which may be secret."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "a list"
    return "a value that is no text (a date?)"


def shown(value: Any) -> str:
    """Return a value as an operator recognises it. Not for secrets."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value) if -_HUGE < value < _HUGE else "a huge number"
    if isinstance(value, str):
        quoted = repr(value)
        return quoted if len(quoted) <= _LONG else quoted[:_LONG] + "…'"
    return kind(value)


def below(path: str, key: Any) -> str:
    """Return the path of a key in a mapping."""
    return f"{path}.{key}" if isinstance(key, str) and re.fullmatch(r"[\w.-]{1,80}", key) else f"{path}[{shown(key)}]"


def close(name: Any, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """Return the known name that is most like another one, in a list that is empty if none is."""
    return difflib.get_close_matches(name.lower()[:_LONG], sorted(known), 1, cutoff) if isinstance(name, str) else []


def nearest(name: Any, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the advice that follows an unknown name."""
    names = list(known)
    return f"write {', '.join(close(name, names, cutoff)) or 'one of ' + ', '.join(names)}"


def text(value: Any) -> str:
    """Return one line of text."""
    if isinstance(value, bool):
        raise Wrong(
            f"is {shown(value)}, which YAML also makes of yes, no, on and off without quotes", "put it in quotes"
        )
    if isinstance(value, (int, float)):
        raise Wrong(f"is the number {shown(value)}", "put it in quotes")
    if not isinstance(value, str):
        raise Wrong(f"is {kind(value)}", "write a text")
    stripped = value.strip()
    if not stripped:
        raise Wrong("is empty", "write a text")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in stripped):
        raise Wrong("contains a line break or a control character", "write one line of text")
    return stripped


def optional_text(value: Any) -> str:
    """Return one line of text or nothing."""
    return "" if value is None or value == "" else text(value)


def flag(value: Any) -> bool:
    """Return a boolean, which no text is."""
    if not isinstance(value, bool):
        what = f"the text {shown(value)}" if isinstance(value, str) else shown(value)
        raise Wrong(f"is {what}", "write true or false without quotes")
    return value


def whole(minimum: int = -(2**31), maximum: int = 2**31 - 1) -> Reader:
    """Return the reader of a whole number between two bounds."""
    bounds = "" if minimum == -(2**31) else f" of at least {minimum}"
    if maximum != 2**31 - 1:
        bounds = f" from {minimum} to {maximum}"

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            what = f"the text {shown(value)}" if isinstance(value, str) else shown(value)
            raise Wrong(f"is {what}", f"write a whole number{bounds} without quotes")
        if not minimum <= value <= maximum:
            raise Wrong(f"is {shown(value)}", f"write a whole number{bounds}" if bounds else "write a smaller number")
        return value

    return read


_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def size(value: Any) -> int:
    """Return a number of bytes, which is written with its unit; only nothing at all needs none."""
    if not isinstance(value, bool) and value in (0, "0"):
        return 0
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(KiB|MiB|GiB|TiB)", value) if isinstance(value, str) else None
    if not found:
        raise Wrong(
            f"is {shown(value)}", "write a number with its unit, KiB, MiB, GiB or TiB, like 10 GiB; 0 for nothing"
        )
    return int(float(found.group(1)) * _UNITS[found.group(2)])


def in_units(count: int) -> str:
    """Return a number of bytes as a person reads it."""
    unit = next((name for name, least in reversed(_UNITS.items()) if count >= least), "")
    return f"{count / _UNITS[unit]:.1f}".removesuffix(".0") + f" {unit}" if unit else f"{count} B"


def port(value: Any) -> int:
    """Return a TCP port. Digits in quotes are fine: that is how ``-e name=9292`` arrives."""
    digits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value)
    return int(whole(1, 65535)(int(value) if digits else value))


def choice(*known: str) -> Reader:
    """Return the reader of one of several words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise Wrong(f"is {shown(value)}", nearest(value, known))
        return value

    return read


def texts(value: Any) -> list[str]:
    """Return a list of texts."""
    if not isinstance(value, (list, tuple)):
        what = f"the text {shown(value)}" if isinstance(value, str) else kind(value)
        raise Wrong(f"is {what}", "write a list, [like, this]")
    result = []
    for number, item in enumerate(value):
        try:
            result.append(text(item))
        except Wrong as error:
            raise Wrong(f"its entry {number} {error.wrong}", error.instead) from error
    return result


def some_texts(value: Any) -> list[str]:
    """Return a list of at least one text."""
    result = texts(value)
    if not result:
        raise Wrong("is an empty list", "write at least one entry")
    return result


def url(value: Any) -> str:
    """Return an http or https URL. Messages do not repeat it: it may carry a password."""
    address = text(value)
    advice = "write it with scheme and host, like https://image.example.com:9292"
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise Wrong("is not a URL: its host or port cannot be read", advice) from error
    if parts.scheme not in ("http", "https"):
        raise Wrong("does not begin with http:// or https://", advice)
    if not host or re.search(r"\s", address):
        raise Wrong("is not a URL: it has no host, or a blank in it", advice)
    return address


def service_url(example: str) -> Reader:
    """Return the reader of the URL of a service that Glance logs in to: without login, query or fragment."""

    def read(value: Any) -> str:
        address = url(value)
        parts = urlsplit(address)
        if "@" in parts.netloc:
            raise Wrong(
                "holds a user name or password, and Glance writes this URL into its log and its database",
                f"write it without, like {example}; the login has keys of its own",
            )
        if parts.query or parts.fragment:
            raise Wrong("has something after ? or #", f"write it without, like {example}")
        return address.rstrip("/")

    return read


def keystone_url(value: Any) -> str:
    """Return the URL of version 3 of Keystone's API, the only one that Glance's stores can log in to."""
    example = "http://keystone.example.com:5000/v3"
    address = service_url(example)(value)
    if not urlsplit(address).path.endswith("/v3"):
        raise Wrong("is not the URL of Keystone's version 3", f"end it with /v3, like {example}")
    return address


def optional(read: Reader) -> Reader:
    """Return a reader that also takes nothing."""
    return lambda value: "" if value is None or value == "" else read(value)
