# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection, on the service's side: what configuration files say, line by line.

Travels to the interpreter of the installed service, see ``probe_side``.
"""

from __future__ import annotations

import io
from typing import Any, NamedTuple

DEFAULT = "DEFAULT"


class Assignment(NamedTuple):
    """One ``option = value`` as a file gives it."""

    path: str
    line: int
    section: str
    option: str
    value: str

    def where(self) -> dict[str, Any]:
        """The place, as every finding carries it."""
        return {"path": self.path, "line": self.line, "section": self.section, "option": self.option}


def normal(section: str) -> str:
    """The form in which oslo.config compares section names."""
    return section if section == DEFAULT else section.lower()


def read(path: str, content: str) -> tuple[list[Assignment], list[tuple[str, int]], dict[str, Any] | None]:
    """The assignments and sections of one file, and the syntax error that stopped the reading, if any."""
    from oslo_config import iniparser

    assignments: list[Assignment] = []
    sections: list[tuple[str, int]] = []

    class Reader(iniparser.BaseParser):
        """Collects what oslo.config's own parser sees, with line numbers."""

        def new_section(self, section: str) -> None:
            sections.append((section, self.lineno))

        def assignment(self, key: str, value: list[str]) -> None:
            # Called at the first line after the value, however many lines the value had.
            line = self.lineno - len(value)
            if not sections:
                raise self.parse_exc("an option stands before the first [section]", line, "")
            assignments.append(Assignment(path, line, sections[-1][0], key, "\n".join(value)))

    reader = Reader()
    try:
        # The lines that an open file would give, and one more, so that the last value ends before the text does.
        reader.parse([*io.StringIO(content, newline=None), "\n"])
    except iniparser.ParseError as error:
        # The error's own text quotes the line, which may hold a secret.
        found = {"kind": "syntax", "path": path, "line": error.lineno, "message": error.msg}
        return assignments, sections, found
    return assignments, sections, None


def enabled_backends(assignments: list[Assignment]) -> dict[str, str]:
    """The stores that the files themselves enable."""
    values = [a.value for a in assignments if (a.section, a.option) == (DEFAULT, "enabled_backends")]
    pairs = (pair.partition(":") for pair in (values[-1] if values else "").split(","))
    return {section.strip(): kind.strip() for section, colon, kind in pairs if colon}
