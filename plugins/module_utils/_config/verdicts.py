# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: put what ``probe_side`` found into words.

Each names the place where the operator wrote it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Finding = Mapping[str, Any]


class Verdict(NamedTuple):
    """All that is wrong, and all that works but should be known."""

    problems: list[str]
    warnings: list[str]


def nearest(name: str, choices: Iterable[str]) -> str:
    """The choice that was probably meant, or nothing."""
    by_form: dict[str, str] = {}
    for choice in choices:
        by_form.setdefault(choice.lower().replace("-", "_"), choice)
    form = name.lower().replace("-", "_")
    found = difflib.get_close_matches(form, list(by_form), n=1, cutoff=0.7)
    # chunk_size for filesystem_store_chunk_size: the prefix was left out.
    ends = sorted((choice for choice in by_form if choice.endswith(f"_{form}")), key=len)
    return by_form[(found or ends)[0]] if found or ends else ""


def _meant(name: str, choices: Iterable[str]) -> str:
    choice = nearest(name, choices)
    return f"; did you mean {choice}?" if choice else ""


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def _store(kind: str) -> str:
    article = "an" if kind in ("rbd", "s3") else "a"
    return f"{article} {kind} store"


def _unknown_section(finding: Finding) -> str:
    return "unknown section" + _meant(finding["section"], finding["choices"])


def _unknown_option(finding: Finding) -> str:
    option, kind = finding["option"], finding["store_type"]
    if finding["needs_auth_type"]:
        return "has no effect without auth_type; set auth_type, for example to password"
    text = f"unknown option of {_store(kind)}" if kind else f"unknown option of [{finding['section']}]"
    choice = nearest(option, finding["choices"])
    others = [other for other in finding["types"] if other != kind]
    if kind and others:
        return f"{text}; it is an option of {_listed([_store(other) for other in others])}"
    # A name that is right somewhere else was written into the wrong section; any other was misspelt.
    if finding["elsewhere"] and len(finding["elsewhere"]) <= 3:
        return f"{text}; it belongs in {_listed([f'[{section}]' for section in finding['elsewhere']])}"
    return text + (f"; did you mean {choice}?" if choice else "")


def _ill_typed(finding: Finding) -> str:
    reason = finding["message"].strip().rstrip(".")
    return f"not a valid value: {reason}" if reason else "not a valid value (not shown, the option is secret)"


def _substitution(finding: Finding) -> str:
    name = f"${finding['name']}" if finding["name"] else "a $name"
    return f"its value refers to {name}, and there is no such option; write $$ for a dollar sign"


PROBLEMS: Mapping[str, Callable[[Finding], str]] = {
    "syntax": lambda f: f"cannot be read: {f['message'][:1].lower()}{f['message'][1:]}",
    "section": _unknown_section,
    "option": _unknown_option,
    "type": _ill_typed,
    "substitution": _substitution,
    "conflict": lambda f: (
        f"set to two different values in one file (first on line {f['first']}), only the last would count"
    ),
    "auth_type": lambda f: f"there is no login plugin {f['value']!r}" + _meant(f["value"], f["choices"]),
    "store_type": lambda f: (
        f"this Glance has no store type {f['store_type']!r}" + _meant(f["store_type"], f["choices"])
    ),
    "driver": lambda f: f"the driver of {_store(f['store_type'])} does not load in this installation: {f['message']}",
}
WARNINGS: Mapping[str, Callable[[Finding], str]] = {
    "renamed": lambda f: f"deprecated name; the option is called {f['to_option']} in [{f['to_section']}] now",
    "removal": lambda f: (
        "deprecated and to be removed" + (f" ({' '.join(f['reason'].split())})" if f["reason"] else "")
    ),
    "repeated": lambda f: f"set twice in one file (first on line {f['first']})",
    "repeated_section": lambda f: f"the section stands twice in one file (first on line {f['first']})",
    "unread": lambda _finding: "not read: no enabled store has this name",
    "namespace": lambda f: f"the options of {f['name']} count as unknown, they could not be asked for: {f['message']}",
}


def worded(finding: Finding, text: str, origins: Mapping[str, str], prefix: str) -> str:
    """Where the operator wrote it, what is wrong, and the line of the file in which it would stand."""
    section, option = finding.get("section", ""), finding.get("option", "")
    parts = [origins[section]] if section in origins else [prefix, section]
    written = ".".join(part for part in [*parts, option] if part) if section else ""
    line = f"{finding['path']} line {finding['line']}" if finding.get("path") else ""
    if not written:
        return f"{line}: {text}" if line else text
    return f"{written}: {text}" + (f" ({line})" if line else "")


def judge(
    findings: Iterable[Finding], origins: Mapping[str, str], prefix: str, tolerated: Sequence[str] = ()
) -> Verdict:
    """Sort and word the findings.

    :param origins: section to the inventory path under which its options were written.
    :param prefix: the inventory variable that holds section, option and value for every other section.
    :param tolerated: kinds of problems that only warrant a warning this time.
    """
    verdict = Verdict([], [])
    for finding in findings:
        kind = finding["kind"]
        text = (WARNINGS.get(kind) or PROBLEMS[kind])(finding)
        harmless = kind in WARNINGS or kind in tolerated
        (verdict.warnings if harmless else verdict.problems).append(worded(finding, text, origins, prefix))
    return verdict
