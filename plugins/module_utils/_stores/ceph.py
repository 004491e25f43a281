# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ceph's files: the configuration and the keyring of a client, from what an operator has of them.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.variables import secret
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong, kind, shown, text

_LIMIT = 1 << 20
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ .-]*")
_SECTION = re.compile(r"(global|client|mon|osd|mgr|mds)(\.[\w.-]+)?")
_MONITORS = ("mon_host", "mon_dns_srv_name", "mon_addr")
_VAULT = "$ANSIBLE_VAULT;"


def read_local(path: str, what: str) -> str:
    """Return the text of a file on the controller."""
    advice = f"write the path of {what} on the host that runs ansible, or the text itself"
    name = repr(path[:250])
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
        content = ""
        if regular:
            with open(path, encoding="utf-8") as file:
                content = file.read(_LIMIT + 1)
    except OSError as error:
        wrong = f"{name} cannot be read on the host that runs ansible: {error.strerror}"
        raise Wrong(wrong, advice) from error
    except ValueError as error:
        raise Wrong(f"{name} is not a text file", advice) from error
    if not regular:
        raise Wrong(f"{name} is not a file on the host that runs ansible", advice)
    if len(content) > _LIMIT:
        raise Wrong(f"{name} is larger than 1 MiB", advice)
    if content.startswith(_VAULT):
        raise Wrong(
            f"{name} is encrypted by ansible-vault",
            f"write \"{{{{ lookup('ansible.builtin.file', '{path[:200]}') }}}}\", which decrypts it",
        )
    return content


def is_path(value: Any) -> bool:
    """Return whether a text is a path: neither a key nor a file's text begins with a slash."""
    return isinstance(value, str) and value.strip().startswith("/") and "\n" not in value.strip()


def _value(raw: str) -> str:
    """Return a value as Ceph reads it: a backslash takes the meaning from what follows, # and ; begin a comment."""
    value = re.sub(r"^((?:[^\\#;]|\\.)*)[#;].*$", r"\1", raw).strip()
    quoted = re.fullmatch(r"([\"'])((?:[^\\]|\\.)*)\1", value)
    return re.sub(r"\\(.)", r"\1", quoted.group(2) if quoted else value)


def parse(content: str, what: str, secret_text: bool = False) -> dict[str, dict[str, str]]:
    """Return section -> option -> value of a file of Ceph's, option names with underscores."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    lines = re.sub(r"\\\r?\n", "", content).splitlines()
    for number, raw in enumerate(lines, 1):
        line = raw.strip().lstrip("\ufeff")
        if not line or line[0] in "#;":
            continue
        heading = re.match(r"\[([^\]]+)\]", line)
        name, equals, value = line.partition("=")
        if heading:
            current = sections.setdefault(heading.group(1).strip(), {})
        elif not equals or not _NAME.fullmatch(name.strip()):
            detail = "" if secret_text else f": {shown(line)}"
            raise Wrong(f"its line {number} is neither a [section] nor an option{detail}", f"write the text of {what}")
        elif current is None:
            raise Wrong(f"its line {number} stands before the first [section]", "begin with [global]")
        else:
            current[re.sub(r"[ -]+", "_", name.strip())] = _value(value)
    return sections


@dataclass(frozen=True)
class CephConf:
    """The configuration of a client: section -> option -> value."""

    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def find(self, *names: str) -> str:
        """Return the first option that the sections of clients have."""
        for section in ("global", "client"):
            for name in names:
                if self.sections.get(section, {}).get(name):
                    return self.sections[section][name]
        return ""

    @property
    def fsid(self) -> str:
        return self.find("fsid").lower()

    @property
    def monitors(self) -> frozenset[str]:
        """Return the addresses of the monitors, without protocols and usual ports."""
        listed = re.split(
            r"[\s,;]+", re.sub(r"[\[\]]" if ":" not in self.find("mon_host") else r"v[12]:", "", self.find("mon_host"))
        )
        return frozenset(re.sub(r":(3300|6789)(/0)?$", "", one.strip("[]")) for one in listed if one.strip("[]"))

    @property
    def names_monitors(self) -> bool:
        return any(option in _MONITORS for options in self.sections.values() for option in options)

    def keyring(self, user: str) -> str:
        """Return the keyring that the configuration itself gives a user."""
        for section in (f"client.{user}", "client", "global"):
            for name in ("keyring", "key", "keyfile"):
                if self.sections.get(section, {}).get(name):
                    return self.sections[section][name]
        return ""

    def render(self, user: str, more: Mapping[str, str]) -> str:
        """Return the text of the file, with more options for one user."""
        sections = {name: dict(options) for name, options in self.sections.items()}
        if more:
            sections.setdefault(f"client.{user}", {}).update(more)
        blocks = (
            f"[{name}]\n" + "".join(f"{option} = {_written(value)}\n" for option, value in options.items())
            for name, options in sections.items()
        )
        return "\n".join(blocks)


def _written(value: str) -> str:
    # Ceph begins a comment at # and ; wherever they stand, also in quotes.
    return re.sub(r"([\\#;\"'])", r"\\\1", value)


def _option(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(text(str(item) if isinstance(item, int) else item) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return shown(value)
    return text(value)


def _from_mapping(value: Mapping[Any, Any]) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    for name, item in value.items():
        options = item if isinstance(item, Mapping) else {name: item}
        section = name if isinstance(item, Mapping) else "global"
        if isinstance(item, Mapping) and not (isinstance(name, str) and _SECTION.fullmatch(name)):
            raise Wrong(f"{shown(name)} is not a section of ceph.conf", "write global, client or client.NAME")
        for option, given in options.items():
            if not isinstance(option, str) or not _NAME.fullmatch(option):
                raise Wrong(f"{shown(option)} is not an option of ceph.conf", "write names like mon_host")
            try:
                sections.setdefault(section, {})[re.sub(r"[ -]+", "_", option.strip())] = _option(given)
            except Wrong as error:
                raise Wrong(f"its option {option} {error.wrong}", error.instead) from error
    return sections


def ceph_conf(value: Any) -> CephConf:
    """Return a configuration from a mapping, from the text of a ceph.conf, or from a file on the controller."""
    example = "{fsid: …, mon_host: '10.0.0.1,10.0.0.2'}"
    if isinstance(value, Mapping):
        sections = _from_mapping(value)
    elif isinstance(value, str) and "\n" in value.strip():
        sections = parse(value, "a ceph.conf")
    elif is_path(value):
        sections = parse(read_local(value.strip(), "a ceph.conf"), "a ceph.conf")
    else:
        what = f"the text {shown(value)}" if isinstance(value, str) and value.strip() else kind(value)
        raise Wrong(f"is {what}", f"write a mapping like {example}, an absolute path, or the text of a ceph.conf")
    if not any(sections.values()):
        raise Wrong(
            "has no option", f"write a mapping like {example}, or remove it to use the host's /etc/ceph/ceph.conf"
        )
    for name, options in sections.items():
        for option, given in options.items():
            if any(ord(letter) < 32 for letter in given) or not given.isprintable():
                raise Wrong(f"[{name}] {option} contains a control character", "remove it")
            if given.endswith("\\"):
                raise Wrong(f"[{name}] {option} ends with a backslash, which continues the line", "remove it")
    conf = CephConf(sections)
    if conf.fsid and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", conf.fsid):
        raise Wrong(f"its fsid {shown(conf.fsid)} is not a UUID", "write what `ceph fsid` prints")
    return conf


def _key(value: str) -> str:
    """Return a key of Ceph's. Messages never tell it."""
    key = secret(value)
    try:
        decoded = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Wrong("is not a key of Ceph", "write what `ceph auth print-key client.NAME` prints") from error
    if len(decoded) < 28:
        raise Wrong("is too short for a key of Ceph", "write what `ceph auth print-key client.NAME` prints")
    return key


@dataclass(frozen=True)
class Keyring:
    """The keys of a keyring by the name of their user; without a name it is one bare key."""

    keys: Mapping[str, str]

    def key(self, user: str) -> str:
        return self.keys.get("", "") or self.keys.get(f"client.{user}", "")


def keyring(value: Any) -> Keyring:
    """Return a keyring from a bare key, from the text of a keyring, or from a file on the controller."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong(
            "is empty" if value is None or value == "" or isinstance(value, str) else f"is {kind(value)}",
            "write the key, best from a vault, or remove it to use the keyring that the host has",
        )
    if is_path(value):
        content = read_local(value.strip(), "a keyring")
    else:
        content = value
        if content.lstrip().startswith(_VAULT):
            raise Wrong("is encrypted by ansible-vault", "write it with the tag !vault, or read it with a lookup")
    if "[" not in content:
        return Keyring({"": _key(content.strip() if "\n" in content.strip() or is_path(value) else content)})
    keys = {name: options["key"] for name, options in parse(content, "a keyring", True).items() if "key" in options}
    if not keys:
        raise Wrong("has no user with a key", "write the text that `ceph auth get client.NAME` prints")
    return Keyring({name: _key(key) for name, key in keys.items()})


def render_keyring(user: str, key: str) -> str:
    """Return the text of a keyring with one user."""
    return f"[client.{user}]\n\tkey = {key}\n"


def ceph_user(value: Any) -> str:
    """Return the name of a client without the type that Ceph puts before it."""
    name = text(value)
    if name.startswith("client."):
        raise Wrong(f"{shown(name)} begins with client., which Glance adds itself", f"write {name[7:] or 'glance'}")
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", name):
        raise Wrong(f"{shown(name)} is not the name of a Ceph user", "write one like glance or openstack")
    return name


def pool(value: Any) -> str:
    """Return the name of a pool."""
    name = text(value)
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        raise Wrong(
            f"{shown(name)} is not the name of a pool",
            "write letters, digits, '.', '_' and '-'; namespaces are not used",
        )
    return name
