# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of systems that Glance is deployed on: one row each, with everything that the system decides.

PRIVATE to the collection: can change at any time.

Package names, paths and numbers of a distribution are in this file only; tests/lint checks that.
Pure data without imports from the collection: modules load it on their hosts, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What stores need of a host, and the package that has it. Stores name the left side.
STORE_PACKAGES = {
    "rados": "python3-rados",
    "rbd": "python3-rbd",
    "swiftclient": "python3-swiftclient",
    "boto3": "python3-boto3",
    "cinderclient": "python3-cinderclient",
    "os_brick": "python3-os-brick",
    "dmidecode": "dmidecode",
    "sudo": "sudo",
    "nfs": "nfs-common",
    "iscsi": "open-iscsi",
    "nvme": "nvme-cli",
    "multipath": "multipath-tools",
}

# Packages of Python modules that error messages name when Glance's interpreter lacks one.
MODULE_PACKAGES = {
    "rados": STORE_PACKAGES["rados"],
    "rbd": STORE_PACKAGES["rbd"],
    "swiftclient": STORE_PACKAGES["swiftclient"],
    "boto3": STORE_PACKAGES["boto3"],
    "botocore": STORE_PACKAGES["boto3"],
    "cinderclient": STORE_PACKAGES["cinderclient"],
    "os_brick": STORE_PACKAGES["os_brick"],
    "keystoneauth1": "python3-keystoneauth1",
    "keystoneclient": "python3-keystoneclient",
    "requests": "python3-requests",
    "glance_store": "python3-glance-store",
    "pymysql": "python3-pymysql",
    "ensurepip": "python3-venv",
}

KEYSTONE_PACKAGE = "keystone"
# Where the system's interpreter finds the modules of these packages.
MODULES_DIRECTORY = "/usr/lib/python3/dist-packages"
# The certificate authorities that the system trusts.
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True)
class Glance:
    """Where the distribution's own packages of Glance put things."""

    packages: tuple[str, ...] = ("glance-api", "qemu-utils", "python3-memcache", MODULE_PACKAGES["pymysql"])
    manage: str = "/usr/bin/glance-manage"
    # A script, because Debian's 30.0 has no module glance.wsgi yet.
    application: str = "/usr/bin/glance-wsgi-api"
    # Not the copies in /etc/glance: those keep an older release's definitions after an upgrade.
    metadefs_path: str = "/usr/share/glance-common/metadefs"
    paste_source: str = "/usr/share/glance-common/glance-api-paste.ini"
    # A file that is newer than a running Glance if another version was installed since it started.
    installed_marker: str = "/var/lib/dpkg/info/python3-glance.list"


@dataclass(frozen=True)
class Uwsgi:
    """The distribution's uWSGI."""

    packages: tuple[str, ...] = ("uwsgi-core", "uwsgi-plugin-python3")
    program: str = "/usr/bin/uwsgi"
    plugins: str = "python3"


@dataclass(frozen=True)
class Lab:
    """What the role all_in_one installs and runs; its Keystone runs under the distribution's uWSGI."""

    packages: tuple[str, ...] = (
        "mariadb-server",
        "memcached",
        KEYSTONE_PACKAGE,
        MODULE_PACKAGES["pymysql"],
        "python3-memcache",
    )
    database_unit: str = "mariadb"
    # The directory of MariaDB's configuration that is included last.
    database_directory: str = "/etc/mysql/mariadb.conf.d"
    database_socket: str = "/run/mysqld/mysqld.sock"
    memcached_unit: str = "memcached"
    keystone_application: str = "/usr/bin/keystone-wsgi-public"
    # Units that these packages bring and that would take Keystone's port at the next boot.
    unwanted_units: tuple[str, ...] = ()


@dataclass(frozen=True)
class System:
    """A row of the table. What has a default is the same on Debian and on what is made from it."""

    # As Ansible's facts have it: `distribution`, and what `distribution_version` begins with.
    distribution: str
    version: str
    # The version of `interpreter`.
    python: tuple[int, int]
    # The release of Glance that the collection installs from the system's own packages, or "".
    packaged_release: str = ""
    # Whether scenarios of the collection's tests deploy to it.
    tested: bool = False
    lab: Lab = field(default_factory=Lab)
    glance: Glance = field(default_factory=Glance)
    uwsgi: Uwsgi = field(default_factory=Uwsgi)
    interpreter: str = "/usr/bin/python3"
    # What a virtual environment needs.
    venv_packages: tuple[str, ...] = (MODULE_PACKAGES["ensurepip"], "qemu-utils")
    # User and group of Glance: the number that Debian's base-passwd reserves, the same on every host.
    account_id: int = 64062
    store_packages: Mapping[str, str] = field(default_factory=lambda: dict(STORE_PACKAGES))

    @property
    def name(self) -> str:
        return f"{self.distribution} {self.version}"

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Return whether a host with these facts has this system."""
        version = str(facts.get("distribution_version") or facts.get("distribution_major_version") or "")
        return facts.get("distribution") == self.distribution and f"{version}.".startswith(f"{self.version}.")


# Ubuntu's package of Keystone runs it in Apache, on the same port.
_UBUNTU_LAB = Lab(unwanted_units=("apache2",))

SYSTEMS = (
    System("Debian", "12", python=(3, 11), packaged_release="zed", tested=True),
    System("Debian", "13", python=(3, 13), packaged_release="2025.1", tested=True),
    # Ubuntu's packages of Glance are not used: no test covers them.
    System("Ubuntu", "22.04", python=(3, 10), lab=_UBUNTU_LAB),
    System("Ubuntu", "24.04", python=(3, 12), lab=_UBUNTU_LAB),
)


def find(facts: Mapping[str, Any]) -> System | None:
    """Return the system of a host with these facts."""
    return next((system for system in SYSTEMS if system.matches(facts)), None)
