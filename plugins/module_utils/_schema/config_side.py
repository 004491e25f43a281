# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On Glance's side: its configuration as far as it is needed, and the environment. PRIVATE to the collection.

Travels to Glance's interpreter, see ``glance_side``.
"""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

Json = dict[str, Any]


class Trouble(Exception):
    """Something that the module must explain to the operator."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def arguments(request: Json) -> list[str]:
    """Return glance-manage's options for exactly the configuration that the API reads, in its order."""
    files = [f"--config-file={path}" for path in request["files"]]
    return files + [f"--config-dir={path}" for path in request["dirs"]]


def configuration(request: Json, database_options: list[Any]) -> Any:
    """Return the few options that are needed before Glance itself is asked, from the files that the API reads."""
    from oslo_config import cfg

    conf = cfg.ConfigOpts()
    conf.register_opts(database_options, "database")
    conf.register_opt(cfg.StrOpt("metadata_source_path", default="/etc/glance/metadefs/"))
    try:
        conf(
            arguments(request), project="glance", prog="glance-manage", default_config_files=[], default_config_dirs=[]
        )
    except cfg.Error as error:
        raise Trouble("config", str(error)) from error
    return conf


def settings(request: Json) -> Any:
    """Return the configuration with all options of oslo.db; there must be a connection."""
    from oslo_db import options

    conf = configuration(request, options.database_opts)
    if not conf.database.connection:
        raise Trouble("unset", "[database] connection is not set")
    return conf


def url_of(conf: Any) -> Any:
    """Return the parsed connection URL."""
    from sqlalchemy.engine.url import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(conf.database.connection)
    except (ArgumentError, ValueError):  # their text quotes parts of the URL: it may be the password's
        text = "[database] connection is not a valid SQLAlchemy URL (is its password URL-quoted?)"
        raise Trouble("unset", text) from None


def where(url: Any) -> Json:
    """Return what may be said of a connection URL: everything but the password."""
    return {
        "dialect": url.get_backend_name(),
        "host": url.query.get("unix_socket") or url.host or "localhost",
        "port": url.port,
        "database": url.database,
        "user": url.username,
    }


def identity(place: Json) -> Json:
    """Return which database it is, for the state file; who asks it does not count."""
    return {name: place[name] for name in ("host", "port", "database")}


def mask(text: str, url: Any) -> str:
    """Remove the database password, in each of its spellings, from a text."""
    secret = str(url.password or "")
    spellings = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    for spelling in sorted(filter(None, spellings), key=len, reverse=True):
        text = text.replace(spelling, "********")
    return text


def metadefs_path(request: Json, conf: Any) -> str:
    """Return where this Glance's definitions lie: told, configured, the environment's own, or Glance's default."""
    own = Path(sys.prefix) / "etc" / "glance" / "metadefs"
    configured = conf.get_location("metadata_source_path").location.name in ("user", "environment", "command_line")
    if request["metadefs_path"]:
        return str(request["metadefs_path"])
    if not configured and sys.prefix != sys.base_prefix and own.is_dir():
        return str(own)
    return str(conf.metadata_source_path)


def prepare() -> None:
    """Leave of the environment only what Glance needs, and say what its configuration must not decide here."""
    os.environ.clear()
    os.environ["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    # stevedore would keep what it knows of entry points in HOME, where a share may be mounted, in check mode too.
    os.environ["XDG_CACHE_HOME"] = "/dev/null"
    # 0: the first refusal is the answer; Glance's own default would ask ten times, ten seconds apart.
    os.environ["OS_DATABASE__MAX_RETRIES"] = "0"
    os.environ["OS_DEFAULT__DEBUG"] = "False"
    os.environ["OS_DEFAULT__USE_STDERR"] = "True"
    os.umask(0o027)
