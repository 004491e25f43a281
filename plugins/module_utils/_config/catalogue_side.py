# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection, on the service's side: the options that the installed service knows.

Travels to the interpreter of the installed service, see ``probe_side``.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._config.assignments_side import DEFAULT, normal


class Name(NamedTuple):
    """An option under one of the names by which a file may give it."""

    group: str
    opt: Any
    current: bool


class Catalogue:
    """All options that the installed service knows, also registered with a parser of our own."""

    def __init__(self) -> None:
        from oslo_config import cfg

        class Judge(cfg.ConfigOpts):
            """A parser that never fetches a remote configuration source."""

            def _load_alternative_sources(self) -> None:
                pass

        self.conf = Judge()
        self.groups: dict[str, str] = {DEFAULT: DEFAULT}
        self.names: dict[tuple[str, str], list[Name]] = {}
        self.duplicate = cfg.DuplicateOptError

    def add(self, group: Any, options: Iterable[Any]) -> None:
        """Register options; of two definitions of one option the first one judges its value."""
        name = str(getattr(group, "name", group) or DEFAULT)
        name = self.groups.setdefault(normal(name), name)
        for original in options:
            opt = copy.copy(original)
            opt.required = False  # a file need not be complete to be right
            self._name(name, opt.dest, Name(name, opt, True))
            for old in opt.deprecated_opts:
                if old.name or old.group:
                    self._name(old.group or name, old.name or opt.dest, Name(name, opt, False))
            try:
                self.conf.register_opt(opt, group=None if name == DEFAULT else name)
            except self.duplicate:
                continue

    def _name(self, section: str, option: str, name: Name) -> None:
        self.names.setdefault((normal(section), option), []).append(name)

    def find(self, section: str, option: str) -> Name | None:
        """The option that this name means, under its current name if it has one here."""
        found = self.names.get((normal(section), option), [])
        return next((name for name in found if name.current), found[0] if found else None)

    def has(self, section: str) -> bool:
        """Whether any option, also under an old name, may stand in the section."""
        return normal(section) in self.groups or any(known == normal(section) for known, _option in self.names)

    def options(self, section: str) -> list[str]:
        """The current names of the section's options."""
        group = normal(section)
        return sorted(option for (known, option), names in self.names.items() if known == group and names[0].current)

    def secrets(self) -> list[str]:
        """The names of the options whose values the service itself would not show, under old names as well.

        Without their sections: a file from before may have any of them in the section of a store that is gone.
        """
        return sorted({option for (_section, option), names in self.names.items() if any(n.opt.secret for n in names)})

    def sections_with(self, option: str) -> list[str]:
        """Every section that has an option of this name."""
        homes = {name.group for (_s, o), names in self.names.items() if o == option for name in names if name.current}
        return sorted(homes)

    def value(self, name: Name) -> Any:
        """Have oslo.config read the option from the files."""
        return self.conf[name.opt.dest] if name.group == DEFAULT else self.conf[name.group][name.opt.dest]


def load(catalogue: Catalogue, contents: Iterable[str]) -> None:
    """Let oslo.config parse the contents from anonymous memory."""
    paths = []
    for content in contents:
        descriptor = os.memfd_create("config_files")
        with open(descriptor, "wb", closefd=False) as memory:
            memory.write(content.encode())
        paths.append(f"/proc/self/fd/{descriptor}")
    catalogue.conf(args=[], project="config_files", default_config_files=paths, default_config_dirs=[], use_env=False)
