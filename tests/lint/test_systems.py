"""What a distribution decides is in the table of systems, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site import systems

REPOSITORY = Path(__file__).resolve().parents[2]
TABLE = REPOSITORY / "plugins" / "module_utils" / "_site" / "systems.py"
# Words with other meanings, and the path at which any system has its Python.
COMMON = {"dmidecode", "glance-api", "keystone", "mariadb", "memcached", "python3", "sudo", "/usr/bin/python3"}
# Defaults that operators read, and examples in documentation.
ALLOWED = {
    ("plugins/modules/host_facts.py", "qemu-utils"),
    ("plugins/modules/nfs_mount.py", "nfs-common"),
    ("plugins/modules/service_database.py", "/etc/ssl/certs/ca-certificates.crt"),
    ("plugins/modules/service_database.py", "/run/mysqld/mysqld.sock"),
    ("plugins/modules/service_running.py", "/etc/mysql/mariadb.conf.d"),
    ("roles/database/defaults/main.yml", "/run/mysqld/mysqld.sock"),
    ("roles/database/meta/argument_specs.yml", "/run/mysqld/mysqld.sock"),
}


def texts(value: Any) -> Iterator[str]:
    """Yield every package, path and unit of a row."""
    if is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, tuple):
        yield from (text for text in value if isinstance(text, str))
    elif isinstance(value, str) and ("/" in value or "-" in value):
        yield value


def names() -> set[str]:
    """Return what only the table may name."""
    found = {text for system in systems.SYSTEMS for text in texts(system)}
    found |= {*systems.MODULE_PACKAGES.values(), systems.MODULES_DIRECTORY, systems.CA_BUNDLE}
    return (found | {str(system.account_id) for system in systems.SYSTEMS}) - COMMON


def test_packages_and_paths_of_distributions_are_in_the_table_only() -> None:
    pattern = re.compile("|".join(rf"(?<![\w/.-]){re.escape(name)}(?![\w-])" for name in sorted(names(), key=len)))
    roles = [path for path in (REPOSITORY / "roles").rglob("*") if path.suffix in {".yml", ".j2", ".py"}]
    found = {
        (str(path.relative_to(REPOSITORY)), match)
        for path in [*(REPOSITORY / "plugins").rglob("*.py"), *roles]
        if path != TABLE
        for match in pattern.findall(path.read_text())
    }
    assert sorted(found - ALLOWED) == []
    # An exception that nothing needs any more.
    assert sorted(ALLOWED - found) == []
