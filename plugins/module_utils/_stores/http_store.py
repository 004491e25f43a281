# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store type ``http``: images that lie on web servers. Glance reads them there and can write nothing.

Not called http.py, because pylint then reports findings in the standard library's module of that name.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._image.methods import checksum_mistakes, url_mistakes
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import COMMON_KEYS, Context, Key, Store
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import optional_path
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Wrong,
    below,
    flag,
    kind,
    text,
)


def proxies(value: Any) -> dict[str, str]:
    """Return proxies by scheme. Messages do not repeat them: a proxy's URL may carry a password."""
    advice = "write a mapping like {http: 'http://10.0.0.1:3128', https: 'http://10.0.0.1:3128'}"
    if not isinstance(value, Mapping):
        raise Wrong(f"is {kind(value)}", advice)
    result = {}
    for scheme, proxy in value.items():
        if scheme not in ("http", "https"):
            raise Wrong("has a key that is neither http nor https", advice)
        # Glance's file format separates pairs by commas and knows no quoting in them.
        if not isinstance(proxy, str) or not re.fullmatch(r"[!-~]+", proxy) or re.search("[,\"']", proxy):
            raise Wrong(f"its entry {scheme} is not an address without blanks, commas and quotes", advice)
        result[str(scheme)] = proxy
    return result


def probe_url(value: Any) -> str:
    """Return the address of an object that Glance can read."""
    address = text(value)
    for wrong, instead in url_mistakes(address):
        raise Wrong(wrong, instead)
    return address


def probe_checksum(value: Any) -> str:
    """Return the hash of that object, with its algorithm."""
    checksum = text(value)
    for wrong, instead in checksum_mistakes(checksum):
        raise Wrong(wrong, instead)
    return checksum


@dataclass(frozen=True)
class HttpStore(Store):
    """The web, read-only."""

    TYPE: ClassVar[str] = "http"
    READ_ONLY: ClassVar[bool] = True
    SINGLE: ClassVar[bool] = True
    KEYS: ClassVar[tuple[Key, ...]] = (
        *COMMON_KEYS,
        Key("https_ca_certificates_file", "https_ca_certificates_file", optional_path),
        Key("https_insecure", "https_insecure", flag, own=True),
        Key("http_proxy_information", "http_proxy_information", proxies),
        Key("canary_url", "", probe_url),
        Key("canary_checksum", "", probe_checksum),
    )

    https_ca_certificates_file: str = ""
    # Glance's own default is True: any certificate will do. Ours is to check.
    https_insecure: bool = False
    http_proxy_information: Mapping[str, str] = field(default_factory=dict)
    # A small object by which the store is proven: nothing can be written to it.
    canary_url: str = ""
    canary_checksum: str = ""

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        problems = []
        if values.get("canary_checksum") and not values.get("canary_url"):
            where = below(context.path, "canary_checksum")
            problems.append(Problem(where, "is the hash of nothing", "write canary_url too, or remove it"))
        if not (values.get("https_insecure") and values.get("https_ca_certificates_file")):
            return problems
        return [
            *problems,
            Problem(
                below(context.path, "https_insecure"),
                "is true, but with https_ca_certificates_file Glance checks certificates all the same",
                "remove one of the two",
            ),
        ]

    def canary(self) -> dict[str, Any]:
        if not self.canary_url:
            return super().canary()
        probe = {"url": self.canary_url}
        if self.canary_checksum:
            probe["checksum"] = self.canary_checksum
        return {**super().canary(), "probe": probe}

    def secrets(self) -> list[str]:
        found = (re.search(r"^(?:[a-z]+://)?[^/@:]*:(.*)@", proxy) for proxy in self.http_proxy_information.values())
        return [match.group(1) for match in found if match and match.group(1)]
