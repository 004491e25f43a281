# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store type ``s3``: images as objects in a bucket of Amazon S3, or of what speaks its protocol.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import secret
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import (
    COMMON_KEYS,
    Claim,
    Context,
    Key,
    Needs,
    Store,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import optional_path
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Wrong,
    below,
    choice,
    flag,
    optional_text,
    service_url,
    shown,
    text,
    whole,
)

MEBI = 1 << 20
DEFAULT_LARGE_OBJECT_SIZE = 100
DEFAULT_LARGE_OBJECT_CHUNK_SIZE = 10
DEFAULT_THREAD_POOLS = 10
_CHECKSUM = choice("when_required", "when_supported")


def bucket(value: Any) -> str:
    """Return the name of a bucket. RGW takes more names than Amazon does."""
    name = text(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{2,254}", name):
        raise Wrong(f"{shown(name)} is not the name of a bucket", "write 3 or more letters, digits, '.', '_' and '-'")
    return name


@dataclass(frozen=True)
class S3Store(Store):
    """A bucket."""

    TYPE: ClassVar[str] = "s3"
    KEYS: ClassVar[tuple[Key, ...]] = (
        *COMMON_KEYS,
        Key(
            "host",
            "s3_store_host",
            service_url("https://s3.example.com"),
            required=True,
            example="https://s3.example.com",
            own=True,
        ),
        Key("access_key", "s3_store_access_key", secret, required=True, example="…", secret=True, own=True),
        Key("secret_key", "s3_store_secret_key", secret, required=True, example="…", secret=True, own=True),
        Key("bucket", "s3_store_bucket", bucket, required=True, example="glance", own=True),
        Key("region", "s3_store_region_name", optional_text, since="2025.1"),
        Key("create_bucket", "s3_store_create_bucket_on_put", flag),
        Key("bucket_url_format", "s3_store_bucket_url_format", choice("auto", "virtual", "path")),
        Key("large_object_size", "s3_store_large_object_size", whole(0)),
        Key("large_object_chunk_size", "s3_store_large_object_chunk_size", whole(5)),
        Key("thread_pools", "s3_store_thread_pools", whole(1)),
        Key("cacert", "s3_store_cacert", optional_path, since="2025.1"),
        Key("", "s3_store_enable_data_integrity_protection", flag, since="2026.1"),
        Key("", "s3_store_request_checksum_calculation", _CHECKSUM, since="2026.1"),
        Key("", "s3_store_response_checksum_validation", _CHECKSUM, since="2026.1"),
    )

    host: str = ""
    access_key: str = ""
    secret_key: str = ""
    bucket: str = ""
    region: str = ""
    create_bucket: bool | None = None
    bucket_url_format: str = ""
    large_object_size: int | None = None
    large_object_chunk_size: int | None = None
    thread_pools: int | None = None
    cacert: str = ""

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        def problem(key: str, wrong: str, instead: str) -> None:
            problems.append(Problem(below(context.path, key), wrong, instead))

        problems: list[Problem] = []
        name, host = values.get("bucket", ""), values.get("host", "")
        dns = re.fullmatch(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name)
        if values.get("bucket_url_format") == "virtual" and name and not dns:
            wrong = f"{name} cannot be a part of a host name, as bucket_url_format virtual makes it"
            problem("bucket", wrong, "write 3 to 63 small letters, digits, '.' and '-', or bucket_url_format: path")
        if values.get("cacert") and host.startswith("http://"):
            problem("cacert", "is of no use: host begins with http://", "write https:// in host, or remove cacert")
        if values.get("large_object_size") == 0 and not knows(context.release, "2026.1"):
            wrong = f"is 0, with which {context.release} cannot use the store"
            problem("large_object_size", wrong, "write the size in MiB from which on images are uploaded in parts")
        return problems

    @classmethod
    def doubts(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        if not values.get("host", "").startswith("http://"):
            return []
        return [Problem(below(context.path, "host"), "sends images unencrypted", "write https:// if the server has it")]

    @classmethod
    def claims(cls, values: Mapping[str, Any]) -> dict[tuple[str, ...], Claim]:
        host, name = values.get("host", ""), values.get("bucket", "")
        return {("s3", host.lower(), name): Claim(f"bucket {name} at {host}")} if host and name else {}

    def needs(self) -> Needs:
        return Needs(package=("boto3",))

    def access(self) -> dict[str, Any]:
        return {
            "host": self.host,
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "bucket": self.bucket,
            "region": self.effective("s3_store_region_name", ""),
            "create_bucket": bool(self.effective("s3_store_create_bucket_on_put", False)),
            "bucket_url_format": self.effective("s3_store_bucket_url_format", "auto"),
            "cacert": self.effective("s3_store_cacert", ""),
            "integrity": self.effective("s3_store_enable_data_integrity_protection", False),
            "request_checksum": self.effective("s3_store_request_checksum_calculation", ""),
            "response_checksum": self.effective("s3_store_response_checksum_validation", ""),
        }

    def properties(self, release: str) -> dict[str, Any]:  # noqa: ARG002
        size = self.effective("s3_store_large_object_size", DEFAULT_LARGE_OBJECT_SIZE)
        chunk = self.effective("s3_store_large_object_chunk_size", DEFAULT_LARGE_OBJECT_CHUNK_SIZE)
        return {
            "s3_store_large_object_size": size * MEBI,
            "s3_store_large_object_chunk_size": chunk * MEBI,
            "s3_store_thread_pools": self.effective("s3_store_thread_pools", DEFAULT_THREAD_POOLS),
        }
