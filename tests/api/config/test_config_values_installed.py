"""URLs and values as the installed oslo.config and SQLAlchemy read them."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

from ansible_collections.openimage.glance.plugins.module_utils._config.urls import database_url
from ansible_collections.openimage.glance.plugins.module_utils._config.values import render

# Reads one option per section with oslo.config, then, for URLs, what SQLAlchemy makes of it.
READ = """
import json, sys
from oslo_config import cfg
from sqlalchemy.engine import make_url
conf = cfg.ConfigOpts()
names = [f"s{number}" for number in range(int(sys.argv[2]))]
for name in names:
    conf.register_opt(cfg.StrOpt("value"), group=name)
conf(args=[], project="x", default_config_files=[sys.argv[1]], default_config_dirs=[], use_env=False)
values = [conf[name].value for name in names]
urls = [make_url(value) for value in values] if sys.argv[3] == "urls" else []
parts = [[u.drivername, u.username, u.password, u.host, u.port, u.database, dict(u.query)] for u in urls]
json.dump(parts or values, sys.stdout)
"""
AWKWARD = [
    "p@ss:/w%rd#'\"$",
    r"\$$\\$",
    "%24$$%%",
    " lead and trail ",
    "ü\u2028\x85\tß",
    "a+b c&d=e?f",
    "'quoted'",
    '"q"',
    "$",
]


def awkward(count: int) -> list[str]:
    """The known awkward texts and many random ones, the same in every run."""
    dice = random.Random(1)
    alphabet = "abc$\\%\"' #;:/@?&=+[]{},.ü\u00a0"
    return AWKWARD + ["".join(dice.choices(alphabet, k=dice.randint(1, 12))) for _time in range(count)]


def read(venv: Path, directory: Path, lines: list[str], kind: str) -> list:
    """What the installed libraries read from one section per line."""
    path = directory / "values.conf"
    text = "".join(f"[s{number}]\nvalue = {line}\n" for number, line in enumerate(lines))
    path.write_text(text, encoding="utf-8")
    command = [str(venv / "bin/python"), "-X", "utf8", "-c", READ, str(path), str(len(lines)), kind]
    found: list = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=600).stdout)
    return found


def test_strings(glance: Path, tmp_path: Path) -> None:
    values = awkward(300)
    assert read(glance, tmp_path, [render(value) for value in values], "values") == values


def test_database_urls(glance: Path, tmp_path: Path) -> None:
    logins = list(zip(awkward(300), reversed(awkward(300)), strict=True))
    hosts = ["db.example.org", "192.0.2.1", "fd00::1"]
    query = {"charset": "utf8mb4", "ssl_ca": "/etc/ssl/a b$c.pem"}
    expected, lines = [], []
    for number, (user, password) in enumerate(logins):
        host = hosts[number % len(hosts)]
        url = database_url(host, user, password, "glance", port=3306, query=query)
        assert render(url) == url
        lines.append(url)
        expected.append(["mysql+pymysql", user, password, host, 3306, "glance", query])
    assert read(glance, tmp_path, lines, "urls") == expected
