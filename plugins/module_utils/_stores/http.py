# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store type ``http``: images that lie on web servers. Glance reads them there and can write nothing.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._stores.model import COMMON_KEYS, Key, Store
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import optional_path
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, below, flag, kind


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


@dataclass(frozen=True)
class HttpStore(Store):
    """The web, read-only."""

    TYPE: ClassVar[str] = "http"
    READ_ONLY: ClassVar[bool] = True
    SINGLE: ClassVar[bool] = True
    KEYS: ClassVar[tuple[Key, ...]] = (
        *COMMON_KEYS,
        Key("https_ca_certificates_file", "https_ca_certificates_file", optional_path),
        Key("https_insecure", "https_insecure", flag),
        Key("http_proxy_information", "http_proxy_information", proxies),
    )

    https_ca_certificates_file: str = ""
    # Glance's own default is True: any certificate will do. Ours is to check.
    https_insecure: bool = False
    http_proxy_information: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], path: str) -> list[Problem]:
        if not (values.get("https_insecure") and values.get("https_ca_certificates_file")):
            return []
        return [
            Problem(
                below(path, "https_insecure"),
                "is true, but with https_ca_certificates_file Glance checks certificates all the same",
                "remove one of the two",
            )
        ]

    def secrets(self) -> list[str]:
        found = (re.search(r"^(?:[a-z]+://)?[^/@:]*:(.*)@", proxy) for proxy in self.http_proxy_information.values())
        return [match.group(1) for match in found if match and match.group(1)]
