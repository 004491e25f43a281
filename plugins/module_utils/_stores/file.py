# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store type ``file``: images as files in a directory of the API host, or of a filesystem that all API hosts share.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._nfs.unit import LONGEST, unit_name
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import (
    COMMON_KEYS,
    Claim,
    Context,
    Directory,
    HostFile,
    Key,
    Mount,
    Needs,
    Store,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.nfs import Nfs, same_source, source
from ansible_collections.openimage.glance.plugins.module_utils._stores.nfs import nfs as read_nfs
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import (
    absolute,
    data_directory,
    inside,
    optional_path,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Wrong,
    below,
    flag,
    kind,
    shown,
    size,
    text,
    whole,
)

DEFAULT_CHUNK_SIZE = 65536


def _sensible(mode: int) -> bool:
    """Return whether a mode looks meant: nobody has more than the owner, nobody executes an image."""
    owner, others = mode >> 6, (mode >> 3 | mode) & 0o7
    return 0 < mode <= 0o777 and owner & 4 != 0 and others & ~owner == 0 and not mode & 0o111


def _octal(digits: str) -> int | None:
    return int(digits, 8) if re.fullmatch(r"[0-7]{1,5}", digits) else None


def file_mode(value: Any) -> int:
    """Return the file mode in Glance's notation, which is 640 for 0640. 0 leaves it to the umask.

    In quotes the digits are what they seem. Without quotes YAML makes 416 of 0640, and 640 of 640; the number is taken
    for the one of the two modes that makes sense, and refused if both or none do.
    """
    advice = 'write it in quotes, like "0640"'
    if isinstance(value, str):
        mode = _octal(value[2:] if value.startswith("0o") else value)
        if mode is None or mode > 0o777:
            raise Wrong(f"is not a file mode: {shown(value)}", advice)
        if mode and not mode & 0o400:
            raise Wrong(f"{shown(value)} does not let the owner, Glance itself, read its images", advice)
    elif isinstance(value, int) and not isinstance(value, bool):
        readings = {m for m in (value, _octal(str(value)) if 0 < value < 1000 else None) if m and _sensible(m)}
        if value and len(readings) != 1:
            meanings = " or ".join(f'"{m:04o}"' for m in sorted(readings)) or "no sensible file mode"
            raise Wrong(f"is the number {shown(value)}, which can mean {meanings}", advice)
        mode = readings.pop() if readings else 0
    else:
        raise Wrong(f"is {kind(value)}", advice)
    return int(f"{mode:o}")


def _metadata_value(value: Any) -> Any:
    """Return what Glance takes as location metadata: texts, and lists and mappings of them."""
    if isinstance(value, Mapping):
        return {text(name): _metadata_value(one) for name, one in value.items()}
    return [_metadata_value(one) for one in value] if isinstance(value, (list, tuple)) else text(value)


def metadata(value: Any) -> str | dict[str, Any]:
    """Return the path of a file with location metadata, or its content."""
    if not isinstance(value, Mapping):
        return optional_path(value)
    advice = "write a mapping like {id: nfs-0, mountpoint: /var/lib/glance/nfs-0}, or the path of a file on the hosts"
    content = {}
    for name, one in {**dict.fromkeys(("id", "mountpoint")), **value}.items():
        try:
            content[text(name)] = absolute(one) if name == "mountpoint" else _metadata_value(one)
        except Wrong as error:
            raise Wrong(f"its entry {shown(name)} {error.wrong}", advice) from error
    return content


@dataclass(frozen=True)
class FileStore(Store):
    """A directory of images."""

    TYPE: ClassVar[str] = "file"
    KEYS: ClassVar[tuple[Key, ...]] = (
        *COMMON_KEYS,
        Key(
            "path",
            "filesystem_store_datadir",
            data_directory,
            required=True,
            example="/var/lib/glance/images",
            not_in_options="write path one level up",
            own=True,
        ),
        Key("file_perm", "filesystem_store_file_perm", file_mode),
        Key("chunk_size", "filesystem_store_chunk_size", whole(1)),
        Key("thin_provisioning", "filesystem_thin_provisioning", flag),
        Key("metadata_file", "filesystem_store_metadata_file", metadata, own=True),
        Key("minimum_free_space", "", size),
        Key("shared", "", flag),
        Key("nfs", "", read_nfs),
        Key("", "filesystem_store_timeout", whole(0), since="2026.1"),
        Key("", "filesystem_store_thread_pool_size", whole(1), since="2026.1"),
        Key("", "filesystem_store_threadpool_threshold", whole(0, 100), since="2026.1"),
        # Glance deprecated it, and cannot describe such a store in /v2/info/stores/detail.
        Key("", "filesystem_store_datadirs", str, not_in_options="declare one store for each directory"),
    )

    path: str = ""
    file_perm: int | None = None
    chunk_size: int | None = None
    thin_provisioning: bool | None = None
    # The path of a file that is there, or the content of one that is to be written.
    metadata_file: str | Mapping[str, Any] = ""
    # Bytes that must be free for this store; None for as many as the site says.
    minimum_free_space: int | None = None
    # The operator says that all API hosts see the same files under `path`.
    shared: bool = False
    nfs: Nfs | None = None

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        problems = []
        if "nfs" in context.written and values.get("shared") is False:
            wrong = "is false, but what is mounted by NFS is shared"
            problems.append(Problem(below(context.path, "shared"), wrong, "remove one of the two"))
        share, path = values.get("nfs"), values.get("path")
        if share and path and share.mount and not inside(path, share.mount):
            wrong = f"{share.mount} is not around the store's path {path}"
            advice = "remove it to mount the export at path, or move path into it"
            problems.append(Problem(below(context.path, "nfs.mount"), wrong, advice))
        where = values.get("metadata_file")
        if isinstance(where, Mapping) and path and not inside(path, where["mountpoint"]):
            wrong = (
                f"is {where['mountpoint']}, which is not around the store's path {path}, so Glance would leave it out"
            )
            problems.append(
                Problem(below(context.path, "metadata_file.mountpoint"), wrong, "write path or what it is in")
            )
        length = len(unit_name(share.mount or path or "/")) if share else 0
        if share and length > LONGEST:
            wrong = f"is too long to mount on: systemd's unit for it would have a name of {length} characters"
            advice = f"{LONGEST} is the most, and what is no ASCII letter or digit counts four times"
            problems.append(Problem(below(context.path, "nfs.mount" if share.mount else "path"), wrong, advice))
        return problems

    @classmethod
    def doubts(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        share = values.get("nfs")
        if not share or not {"soft", "softerr"} & set(share.options):
            return []
        wrong = "has soft, with which an upload fails, or is cut off unnoticed, when the server pauses"
        return [Problem(below(context.path, "nfs.options"), wrong, "write hard, which waits for the server")]

    @classmethod
    def claims(cls, values: Mapping[str, Any]) -> dict[tuple[str, ...], Claim]:
        share = values.get("nfs")
        return {("nfs", *same_source(share)): Claim(f"the NFS export {source(share)}")} if share else {}

    def _metadata_path(self) -> str:
        return self.metadata_file if isinstance(self.metadata_file, str) else f"/etc/glance/file-{self.id}.json"

    def section(self) -> dict[str, Any]:
        path = self._metadata_path()
        return {**super().section(), **({"filesystem_store_metadata_file": path} if path else {})}

    def files(self, release: str) -> list[HostFile]:  # noqa: ARG002
        if isinstance(self.metadata_file, str):
            return []
        return [HostFile(self._metadata_path(), json.dumps(self.metadata_file, indent=2, sort_keys=True) + "\n")]

    def access(self) -> dict[str, Any]:
        path = self._metadata_path()
        return {"path": self.path, "metadata_file": path} if path else {}

    def mounts(self) -> list[Mount]:
        if self.nfs is None:
            return []
        (directory,) = self.directories()
        share = self.nfs
        where = share.mount or self.path
        mount = Mount(where, share.server, share.export, share.version, share.options)
        return [replace(mount, mode=directory.mode, timeout=share.timeout)]

    def needs(self) -> Needs:
        return Needs(package=("nfs",), venv=("nfs",)) if self.nfs else Needs()

    def directories(self) -> list[Directory]:
        # When others may read image files, Glance gives them passage through the directory at each start. Declaring
        # 0750 nevertheless would undo and redo that for ever.
        others = int(str(self.file_perm or 0), 8) & 0o007
        return [Directory(self.path, mode="0751" if others else "0750")]

    def canary(self) -> dict[str, Any]:
        # A share is one directory for all API hosts; the verification need not believe it.
        return {**super().canary(), **({"shared": True} if self.shared or self.nfs else {})}

    def properties(self, release: str) -> dict[str, Any]:  # noqa: ARG002
        return {
            "data_dir": self.path,
            "chunk_size": self.effective("filesystem_store_chunk_size", DEFAULT_CHUNK_SIZE),
            "thin_provisioning": self.effective("filesystem_thin_provisioning", False),
        }
