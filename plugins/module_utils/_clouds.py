# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Read which clouds the OpenStack client configuration (clouds.yaml, OS_* variables) of a host has.

openstacksdk uses the first file that it can read and parse, and passes over all others silently.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

OVERRIDE = "OS_CLIENT_CONFIG_FILE"
# openstacksdk's name for the login in the environment variables, unless OS_CLOUD_NAME gives another.
FROM_ENVIRONMENT = "envvars"
# openstacksdk's name for a configuration without any cloud.
_NOTHING = "defaults"
USED = "used"


class CloudsError(Exception):
    """The configuration cannot be used. The text is for the operator and holds no secret."""


@dataclass(frozen=True)
class Clouds:
    """The clouds of a host.

    :ivar names: names that a login can use.
    :ivar searched: path -> state of each file that openstacksdk looks for, in its order.
    """

    names: tuple[str, ...]
    searched: dict[str, str]


def read_clouds() -> Clouds:
    """Return the clouds that openstacksdk finds in this process's environment."""
    from openstack.config import OpenStackConfig, loader
    from openstack.exceptions import ConfigException

    override = os.environ.get(OVERRIDE)
    candidates = [*([override] if override else []), *loader.CONFIG_FILES]
    try:
        config = OpenStackConfig()
    except ConfigException as error:
        raise CloudsError(f"The OpenStack client configuration cannot be used: {error}") from None
    names = config.get_cloud_names()
    if not config.config_filename and names == [_NOTHING]:
        names = []
    return Clouds(tuple(names), states(candidates, config.config_filename))


def states(candidates: Sequence[str], used: str | None) -> dict[str, str]:
    """Return the state of each file, in the order in which openstacksdk looks for them.

    :param used: the file that openstacksdk took, None if it took none.
    """
    result: dict[str, str] = {}
    passed = False
    for candidate in candidates:
        path = os.path.abspath(candidate)
        if path in result:
            continue
        if candidate == used:
            passed, result[path] = True, USED
        elif not os.path.exists(path):
            result[path] = "not there"
        else:
            result[path] = f"ignored, {'an earlier file is used' if passed else _why_skipped(path)}"
    return result


def _why_skipped(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            file.read()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "it is not text"
    return "it cannot be parsed"


def missing_cloud(name: str, clouds: Clouds, host: str) -> str | None:
    """Return why a login cannot use the cloud, None if it can."""
    if name in clouds.names:
        return None
    known = ", ".join(f"'{known}'" for known in clouds.names) or "none"
    present = [f"{path} ({state})" for path, state in clouds.searched.items() if state != "not there"]
    absent = [path for path, state in clouds.searched.items() if state == "not there"]
    relative = os.environ.get(OVERRIDE, "")
    hint = (
        f" {OVERRIDE} is the relative path '{relative}'; make it absolute." if relative and relative[0] != "/" else ""
    )
    environment = (
        f" No OS_* environment variables with a login are set for Ansible, which '{FROM_ENVIRONMENT}' stands for."
        if name == FROM_ENVIRONMENT
        else ""
    )
    return (
        f"Cloud '{name}' (glance_cloud in an inventory) is not in the OpenStack client configuration on {host}, which "
        f"has the clouds: {known}.{environment}{hint} Files found: {', '.join(present) or 'none'}. "
        f"Not there: {', '.join(absent) or 'none'}. Correct the name, add the cloud to one of these files, or set "
        f"{OVERRIDE} to the absolute path of another."
    )
