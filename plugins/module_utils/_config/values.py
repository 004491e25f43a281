# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: write values so that oslo.config reads back the same ones.

What oslo.config does to ``option = value``: it strips the value, takes off one pair of equal quotes around it, then
replaces ``$name`` by the value of another option. ``%`` and ``#`` mean nothing inside a value, and there is no way to
write a line end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# ``$$`` is a dollar sign, and so is ``\$``; after a backslash only the second is one.
_DOLLAR = re.compile(r"(\\?)\$")
_LINE_END = re.compile(r"[\r\n]")


class ValueRefused(ValueError):
    """A value that no configuration file can carry."""


def escape(text: str) -> str:
    r"""Write dollar signs so that oslo.config reads them as such: ``$$``, or ``\$`` behind a backslash."""
    return _DOLLAR.sub(lambda found: r"\\$" if found.group(1) else "$$", text)


def _protected(text: str) -> str:
    """Put quotes around what oslo.config would strip off."""
    stripped = text != text.strip()
    unquoted = bool(text) and text[0] == text[-1] and text[0] in "\"'"
    return f'"{text}"' if stripped or unquoted else text


def _scalar(value: Any) -> str:
    if value is None:
        raise ValueRefused("no value: leave the option out instead of setting it to null")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise ValueRefused(f"a {type(value).__name__} cannot stand here, only a string, number or boolean")
    if _LINE_END.search(value):
        raise ValueRefused("a value cannot contain a line end")
    return value


def _item(value: Any, what: str, also: str = "") -> str:
    """One entry of a list or dictionary, which oslo.config splits at commas and strips."""
    text = _scalar(value)
    unfit = "," in text or any(character in text for character in also)
    if unfit or not text or text != text.strip():
        raise ValueRefused(
            f"{what} must not be empty, begin or end with a space, or contain ','" + (f" or '{also}'" if also else "")
        )
    return text


def render(value: Any, bounds: bool = False) -> str:
    """Write one value: true/false, numbers, strings, ``a,b`` for a list, ``a:1,b:2`` for a dictionary.

    :param bounds: put brackets around a list, braces around a dictionary, for the few options that want them.
    """
    if isinstance(value, Mapping):
        pairs = [f"{_item(k, 'a key', ':')}:{_item(v, 'a value of a dictionary')}" for k, v in value.items()]
        text, brackets = ",".join(pairs), "{}"
    elif isinstance(value, (list, tuple)):
        text, brackets = ",".join(_item(item, "an item of a list") for item in value), "[]"
    else:
        return _protected(escape(_scalar(value)))
    return _protected(escape(brackets[0] + text + brackets[1] if bounds else text))
