# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store type ``swift``: images as objects in containers of OpenStack Swift, or of Ceph's RGW.

PRIVATE to the collection: can change at any time.

The login of a single-tenant store goes into a reference file, not into ``glance-api.conf``: otherwise Glance writes
it into the location of every image.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import secret
from ansible_collections.openimage.glance.plugins.module_utils._stores.logins import login_problems
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import (
    COMMON_KEYS,
    Claim,
    Context,
    Directory,
    HostFile,
    Key,
    Needs,
    Store,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import absolute, optional_path
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Wrong,
    below,
    choice,
    flag,
    keystone_url,
    optional,
    optional_text,
    service_url,
    shown,
    text,
    texts,
    whole,
)

DEFAULT_CONTAINER = "glance"
DEFAULT_REFERENCE = "ref1"
# Glance's driver counts in these, neither MB nor MiB.
MEGA = 1000 * 1024
DEFAULT_LARGE_OBJECT_SIZE = 5120
DEFAULT_LARGE_OBJECT_CHUNK_SIZE = 200

_LOGIN = (
    "auth_url",
    "user",
    "password",
    "project",
    "user_domain",
    "project_domain",
    "application_credential_id",
    "application_credential_secret",
    "reference",
)


def name_in_login(value: Any) -> str:
    """Return a user or project, which Glance joins with a colon."""
    name = text(value)
    if ":" in name:
        raise Wrong(f"{shown(name)} has a colon in it", "write the name only; project and user have a key each")
    return name


def container(value: Any) -> str:
    """Return the name of a container."""
    name = text(value)
    if "/" in name or len(name.encode()) > 256:
        raise Wrong(f"{shown(name)} is not the name of a container", "write up to 256 bytes without a slash")
    return name


def reference(value: Any) -> str:
    """Return the name of a section of the reference file, which becomes a part of every image's location."""
    name = text(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) or name.upper() == "DEFAULT":
        raise Wrong(f"{shown(name)} is not the name of a reference", "write one like ref1")
    return name


def _quoted(value: str) -> str:
    """Return a value as the driver's parser reads it back: it takes %% for % and removes quotes around a value."""
    value = value.replace("%", "%%")
    return f'"{value}"' if value[:1] in ("'", '"') else value


_FILE = "the collection writes the login into a reference file"


@dataclass(frozen=True)
class SwiftStore(Store):
    """Containers of an object store."""

    TYPE: ClassVar[str] = "swift"
    KEYS: ClassVar[tuple[Key, ...]] = (
        *COMMON_KEYS,
        Key(
            "auth_url", "swift_store_auth_address", keystone_url, not_in_options="write auth_url one level up", own=True
        ),
        Key("user", "swift_store_user", name_in_login, not_in_options="write user and project one level up", own=True),
        Key("password", "swift_store_key", secret, not_in_options="write password one level up", secret=True, own=True),
        Key("project", "", name_in_login),
        Key("user_domain", "", text),
        Key("project_domain", "", text),
        Key(
            "application_credential_id",
            "swift_store_application_credential_id",
            text,
            since="2026.1",
            own=True,
            not_in_options="write application_credential_id one level up",
        ),
        Key(
            "application_credential_secret",
            "swift_store_application_credential_secret",
            secret,
            since="2026.1",
            secret=True,
            own=True,
            not_in_options="write application_credential_secret one level up",
        ),
        Key("reference", "default_swift_reference", reference, own=True),
        Key("multi_tenant", "swift_store_multi_tenant", flag, own=True),
        Key("container", "swift_store_container", container, own=True),
        Key("create_container", "swift_store_create_container_on_put", flag),
        Key("region", "swift_store_region", optional_text),
        Key("endpoint", "swift_store_endpoint", optional(service_url("https://swift.example.com/v1/AUTH_glance"))),
        Key("endpoint_type", "swift_store_endpoint_type", choice("publicURL", "internalURL", "adminURL")),
        Key("service_type", "swift_store_service_type", text),
        Key("large_object_size", "swift_store_large_object_size", whole(1)),
        Key("large_object_chunk_size", "swift_store_large_object_chunk_size", whole(1)),
        Key("cacert", "swift_store_cacert", optional_path),
        Key("insecure", "swift_store_auth_insecure", flag),
        Key("", "swift_store_multiple_containers_seed", whole(0, 32)),
        Key("", "swift_store_admin_tenants", texts),
        Key("", "swift_store_ssl_compression", flag),
        Key("", "swift_store_retry_get_count", whole(0)),
        Key("", "swift_store_expire_soon_interval", whole(0)),
        Key("", "swift_store_use_trusts", flag),
        Key("", "swift_buffer_on_upload", flag),
        Key("", "swift_upload_buffer_dir", absolute),
        Key("", "swift_store_auth_version", str, not_in_options="remove it: 3 is the only one"),
        Key("", "swift_store_config_file", str, not_in_options=f"remove it: {_FILE}"),
        Key("", "swift_store_project_name", str, since="2026.1", not_in_options="write project one level up"),
        Key("", "swift_store_project_id", str, since="2026.1", not_in_options="write project one level up"),
    )

    auth_url: str = ""
    user: str = ""
    password: str = ""
    project: str = ""
    user_domain: str = "Default"
    project_domain: str = "Default"
    application_credential_id: str = ""
    application_credential_secret: str = ""
    reference: str = DEFAULT_REFERENCE
    multi_tenant: bool | None = None
    container: str = DEFAULT_CONTAINER
    create_container: bool | None = None
    region: str = ""
    endpoint: str = ""
    endpoint_type: str = ""
    service_type: str = ""
    large_object_size: int | None = None
    large_object_chunk_size: int | None = None
    cacert: str = ""
    insecure: bool | None = None

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        def problem(key: str, wrong: str, instead: str) -> None:
            problems.append(Problem(below(context.path, key), wrong, instead))

        problems: list[Problem] = []
        if values.get("multi_tenant"):
            if context.release == "zed":
                problem(
                    "multi_tenant", "is true, and the Glance of zed cannot describe such stores", "use a later release"
                )
            for key in sorted(context.written & set(_LOGIN)):
                problem(key, "is the login of one tenant, but with multi_tenant each user's own is used", "remove it")
            if not values.get("create_container", "create_container" not in context.written):
                wrong = "is false, but with multi_tenant every image is a container of its own"
                problem("create_container", wrong, "write true or remove it")
        else:
            problems.extend(login_problems(context, required=True))
        if values.get("insecure") and values.get("cacert"):
            problem("insecure", "is true, so that cacert is not used", "remove one of the two")
        return problems

    @classmethod
    def claims(cls, values: Mapping[str, Any]) -> dict[tuple[str, ...], Claim]:
        where = values.get("endpoint") or values.get("auth_url", "")
        region, name = values.get("region", ""), values.get("container", DEFAULT_CONTAINER)
        if values.get("multi_tenant"):
            return {("swift", "tenants", values.get("endpoint", ""), region): Claim("the users' own accounts")}
        owner = values.get("project") or values.get("application_credential_id", "")
        # The driver reads the files of all its stores into one parser.
        section = values.get("reference", DEFAULT_REFERENCE)
        found: dict[tuple[str, ...], Claim] = {
            ("swift reference", section): Claim(f"reference {section}", "write another reference, like ref2")
        }
        if where:
            found["swift", where, owner, region, name] = Claim(f"container {name} of {owner or 'its owner'} at {where}")
        return found

    @property
    def config_path(self) -> str:
        return "" if self.multi_tenant else f"/etc/glance/swift-{self.id}.conf"

    def section(self) -> dict[str, Any]:
        hidden = {key.option for key in self.KEYS if key.name in _LOGIN and key.option}
        section = {option: value for option, value in super().section().items() if option not in hidden}
        # Before 2026.1 the driver speaks to Keystone by version 2 where nothing else is said.
        section["swift_store_auth_version"] = "3"
        if self.multi_tenant:
            section.setdefault("swift_store_create_container_on_put", True)
            # A trust needs a login of the store's own, which it has not; Glance would try in vain and go on with the
            # user's token.
            section.setdefault("swift_store_use_trusts", False)
            return section
        # Said even if it is the default: since 2026.1 the driver finds nothing where the section does not say it.
        return {
            **section,
            "swift_store_config_file": self.config_path,
            "default_swift_reference": self.reference,
            "swift_store_container": self.container,
        }

    def files(self, release: str) -> list[HostFile]:
        if self.multi_tenant:
            return []
        login = {"auth_address": self.auth_url}
        if self.application_credential_id:
            login["application_credential_id"] = self.application_credential_id
            login["application_credential_secret"] = self.application_credential_secret
        else:
            login["user"] = f"{self.project}:{self.user}"
            login["key"] = self.password
        login["user_domain_name"] = self.user_domain
        login["project_domain_name"] = self.project_domain
        if not release or not knows(release, "2026.1"):
            # Their default is 2, with which no login succeeds. Later releases know only 3, and that this is obsolete.
            login["auth_version"] = "3"
        lines = "".join(f"{name} = {_quoted(value)}\n" for name, value in login.items())
        return [HostFile(self.config_path, f"[{self.reference}]\n{lines}")]

    def directories(self) -> list[Directory]:
        return [Directory("/etc/glance", owner="root")] if self.files("") else []

    def needs(self) -> Needs:
        return Needs(package=("swiftclient",))

    def secrets(self) -> list[str]:
        # In the reference file they look different.
        return list(dict.fromkeys(form for value in super().secrets() for form in (value, _quoted(value).strip('"'))))

    def access(self) -> dict[str, Any]:
        return {
            "config_file": self.config_path,
            "reference": "" if self.multi_tenant else self.reference,
            "container": self.container,
            "create_container": bool(self.effective("swift_store_create_container_on_put", False)),
            "region": self.effective("swift_store_region", ""),
            "endpoint": self.effective("swift_store_endpoint", ""),
            "endpoint_type": self.effective("swift_store_endpoint_type", "publicURL"),
            "service_type": self.effective("swift_store_service_type", "object-store"),
            "cacert": self.effective("swift_store_cacert", ""),
            "insecure": bool(self.effective("swift_store_auth_insecure", False)),
            "multi_tenant": bool(self.multi_tenant),
        }

    def properties(self, release: str) -> dict[str, Any]:  # noqa: ARG002
        size = self.effective("swift_store_large_object_size", DEFAULT_LARGE_OBJECT_SIZE)
        chunk = self.effective("swift_store_large_object_chunk_size", DEFAULT_LARGE_OBJECT_CHUNK_SIZE)
        expected = {"large_object_size": size * MEGA, "large_object_chunk_size": chunk * MEGA}
        # With multi_tenant it is null before the first upload and a name after it.
        return expected if self.multi_tenant else {"container": self.container, **expected}
