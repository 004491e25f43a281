# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store type ``cinder``: each image a volume of OpenStack's block storage, attached to the API host for every transfer.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import secret
from ansible_collections.openimage.glance.plugins.module_utils._stores.logins import EXAMPLES, login_problems
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import (
    COMMON_KEYS,
    Claim,
    Context,
    Directory,
    Key,
    Needs,
    Store,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import data_directory, optional_path
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Wrong,
    below,
    choice,
    flag,
    keystone_url,
    optional_text,
    shown,
    some_texts,
    text,
    url,
    whole,
)

DEFAULT_CATALOG_INFO = "volumev3::publicURL"
ROOTWRAP_CONFIG = "/etc/glance/rootwrap.conf"
ISCSI, NVME_TCP = "iscsi", "nvme-tcp"
_transport = choice(ISCSI, NVME_TCP)


def catalog_info(value: Any) -> str:
    """Return how the block storage is found in Keystone's catalog."""
    info = text(value)
    if not re.fullmatch(r"[^:\s]+:[^:]*:(publicURL|internalURL|adminURL|public|internal|admin)", info):
        raise Wrong(
            f"{shown(info)} is not type:name:interface",
            f"write it like {DEFAULT_CATALOG_INFO}; the name may be empty",
        )
    return info


def endpoint_template(value: Any) -> str:
    """Return the URL of the block storage with placeholders, or nothing."""
    if value is None or value == "":
        return ""
    template = text(value)
    try:
        address = url(template % {"tenant": "0", "project_id": "0", "tenant_id": "0"})
    except (KeyError, TypeError, ValueError) as error:
        raise (
            error
            if isinstance(error, Wrong)
            else Wrong(
                f"{shown(template)} has a placeholder that Glance does not fill",
                "write it like https://cinder.example.com:8776/v3/%(tenant)s",
            )
        ) from error
    if "@" in address.split("/")[2]:
        raise Wrong("holds a user name or password", "write it without; the login has keys of its own")
    return template


def transports(value: Any) -> tuple[str, ...]:
    """Return how volumes reach the host."""
    return tuple(dict.fromkeys(_transport(item) for item in some_texts(value)))


@dataclass(frozen=True)
class CinderStore(Store):
    """Volumes of one type."""

    TYPE: ClassVar[str] = "cinder"
    KEYS: ClassVar[tuple[Key, ...]] = (
        *COMMON_KEYS,
        Key("volume_type", "cinder_volume_type", optional_text, own=True),
        Key("auth_url", "cinder_store_auth_address", keystone_url, own=True),
        Key("user", "cinder_store_user_name", text, own=True),
        Key("password", "cinder_store_password", secret, secret=True, own=True),
        Key("project", "cinder_store_project_name", text, own=True),
        Key("user_domain", "cinder_store_user_domain_name", text, own=True),
        Key("project_domain", "cinder_store_project_domain_name", text, own=True),
        Key("application_credential_id", "cinder_store_application_credential_id", text, since="2026.1", own=True),
        Key(
            "application_credential_secret",
            "cinder_store_application_credential_secret",
            secret,
            since="2026.1",
            secret=True,
            own=True,
        ),
        Key("catalog_info", "cinder_catalog_info", catalog_info),
        Key("endpoint_template", "cinder_endpoint_template", endpoint_template),
        Key("region", "cinder_os_region_name", optional_text),
        Key("cacert", "cinder_ca_certificates_file", optional_path),
        Key("insecure", "cinder_api_insecure", flag),
        Key("use_multipath", "cinder_use_multipath", flag, own=True),
        Key("enforce_multipath", "cinder_enforce_multipath", flag, own=True),
        Key("mount_point_base", "cinder_mount_point_base", data_directory),
        Key("transports", "", transports),
        Key("", "cinder_http_retries", whole(0)),
        Key("", "cinder_state_transition_timeout", whole(0)),
        Key("", "cinder_do_extend_attached", flag, since="2025.1"),
        Key("", "cinder_attachment_retry_attempts", whole(1), since="2026.2"),
        Key("", "rootwrap_config", str, not_in_options=f"remove it: the collection writes {ROOTWRAP_CONFIG}"),
    )

    volume_type: str = ""
    auth_url: str = ""
    user: str = ""
    password: str = ""
    project: str = ""
    user_domain: str = ""
    project_domain: str = ""
    application_credential_id: str = ""
    application_credential_secret: str = ""
    catalog_info: str = ""
    endpoint_template: str = ""
    region: str = ""
    cacert: str = ""
    insecure: bool | None = None
    use_multipath: bool | None = None
    enforce_multipath: bool | None = None
    mount_point_base: str = ""
    transports: tuple[str, ...] = (ISCSI,)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        problems = login_problems(context, required=False)
        if NVME_TCP in values.get("transports", ()) and not knows(context.release, "2025.1"):
            wrong = (
                f"{NVME_TCP} does not work with {context.release}: its os-brick connects, does not find the volume "
                "under Linux 6.1 or later, and leaves the connection behind"
            )
            instead = "use iscsi, or a later release from a virtual environment"
            problems.append(Problem(below(context.path, "transports"), wrong, instead))
        if values.get("volume_type") and not context.written & set(EXAMPLES):
            wrong = "needs a login: Glance looks the type up at its start, when there is no user, and would not start"
            instead = "write auth_url, user, password and project, or remove it to use Cinder's default type"
            problems.append(Problem(below(context.path, "volume_type"), wrong, instead))
        if values.get("insecure") and values.get("cacert"):
            wrong = "is true, so that cacert is not used"
            problems.append(Problem(below(context.path, "insecure"), wrong, "remove one of the two"))
        if values.get("enforce_multipath") and not values.get("use_multipath", "use_multipath" in context.written):
            wrong = "is true without use_multipath"
            problems.append(Problem(below(context.path, "enforce_multipath"), wrong, "write use_multipath: true too"))
        return problems

    @classmethod
    def doubts(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        if "auth_url" in context.written:
            # cinderclient's own defaults count then.
            wrong = "is not used where the store has a login: Glance then takes the public endpoint of type volumev3"
            unused = [key for key in ("catalog_info", "endpoint_template") if key in context.written]
            return [Problem(below(context.path, key), wrong, "remove it") for key in unused]
        if values.get("volume_type"):
            return []
        wrong = "is missing, so every image is a volume in the project of the user who uploads it, and fills its quota"
        return [Problem(below(context.path, "auth_url"), wrong, "write a login if that is not meant")]

    @classmethod
    def claims(cls, values: Mapping[str, Any]) -> dict[tuple[str, ...], Claim]:
        name = values.get("volume_type", "")
        where = values.get("endpoint_template") or values.get("auth_url", "")
        what = f"volume type {name}" if name else "Cinder's default volume type"
        return {
            ("cinder", where, values.get("region", ""), name): Claim(
                f"{what}, by which Glance tells such stores apart,"
            )
        }

    @classmethod
    def alike(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        # glance_store has one session in a module's variable, made from the store that is used first.
        domains = {key: values.get(key) or "Default" for key in ("user_domain", "project_domain")}
        login = {key: values.get(key) or "" for key in EXAMPLES}
        return {**login, **domains, "cacert": values.get("cacert") or "", "insecure": bool(values.get("insecure"))}

    def section(self) -> dict[str, Any]:
        return {**super().section(), "rootwrap_config": ROOTWRAP_CONFIG}

    def directories(self) -> list[Directory]:
        # Not in Debian's package. Made by the first command that notes a volume there, it would come too late for the
        # API's unit, in which /etc cannot be written except for what is there at its start: no map, and one path only.
        return [Directory("/etc/multipath", owner="root", group="root", mode="0700")] if self.use_multipath else []

    def needs(self) -> Needs:
        host = ["sudo"]
        services: list[str] = []
        modules: list[str] = []
        if ISCSI in self.transports:
            host.append("iscsi")
            services.append("iscsid")
        if NVME_TCP in self.transports:
            host.append("nvme")
            modules.extend(("nvme_fabrics", "nvme_tcp"))
        if self.use_multipath:
            host.append("multipath")
            services.append("multipathd")
        return Needs(
            # Where the firmware tells no UUID, Debian 12's os-brick asks dmidecode, and fails without it.
            package=("cinderclient", "os_brick", "dmidecode", *host),
            venv=tuple(host),
            services=tuple(services),
            kernel_modules=tuple(modules),
            transports=self.transports,
            root=True,
        )

    def access(self) -> dict[str, Any]:
        login = (
            "auth_url",
            "user",
            "password",
            "project",
            *("application_credential_id", "application_credential_secret"),
        )
        return {
            "volume_type": self.volume_type,
            **{key: getattr(self, key) for key in login},
            "user_domain": self.user_domain or "Default",
            "project_domain": self.project_domain or "Default",
            # With a login Glance uses neither of the two options.
            "catalog_info": DEFAULT_CATALOG_INFO
            if self.auth_url
            else self.effective("cinder_catalog_info", DEFAULT_CATALOG_INFO),
            "endpoint_template": "" if self.auth_url else self.effective("cinder_endpoint_template", ""),
            "region": self.effective("cinder_os_region_name", ""),
            "cacert": self.effective("cinder_ca_certificates_file", ""),
            "insecure": bool(self.effective("cinder_api_insecure", False)),
            "use_multipath": bool(self.use_multipath),
            "transports": list(self.transports),
        }

    def properties(self, release: str) -> dict[str, Any]:  # noqa: ARG002
        return {"volume_type": self.volume_type or None, "use_multipath": bool(self.use_multipath)}
