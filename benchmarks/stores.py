#!/usr/bin/env python3
"""Time stores_info and store_canary on a real Glance (2026.2, uWSGI, sqlite) with several file stores."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
BUDGET = 5.0


def in_test_environment() -> None:
    """Go on with the Python that the tests have, and with this checkout as the collection."""
    scripts = CHECKOUT / "scripts"
    python = subprocess.check_output([scripts / "venvs.sh", "test"], text=True).strip() + "/bin/python"
    if sys.executable != python:
        os.execv(python, [python, *sys.argv])
    sys.path[:0] = [
        subprocess.check_output([scripts / "collection.sh"], text=True).strip(),
        str(CHECKOUT / "tests/api"),
        str(CHECKOUT / "tests/api/image"),
    ]


def main() -> None:
    """Measure, print, do not judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=10, help="how many file stores (10)")
    parser.add_argument("--size", type=int, default=1 << 20, help="bytes of each canary (1 MiB)")
    parser.add_argument("--times", type=int, default=5, help="how often (5)")
    wanted = parser.parse_args()
    in_test_environment()
    # Only now can they be found.
    from glance_server import Glance, Store, running, virtual_environment
    from module_process import ModuleProcess

    def timed(module: str, **options: Any) -> float:
        began = time.monotonic()
        result = ModuleProcess(module, {**login, **options}, home).result()
        seconds = time.monotonic() - began
        if result.get("failed") or not result["ok"]:
            sys.exit(f"{module} failed: {result.get('msg') or result}")
        return seconds

    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        stores = [Store(f"store-{number}", path=home / f"store-{number}") for number in range(wanted.stores)]
        ids = [{"id": store.id} for store in stores]
        with running(Glance(virtual_environment("2026.2"), home, stores), default=stores[0].id) as glance:
            login = {"auth_type": "none", "auth": {"endpoint": glance.url}}
            info = [timed("stores_info", expected=ids) for _ in range(wanted.times)]
            canary = [
                timed("store_canary", endpoints={"one": glance.url}, stores=ids, size=wanted.size)
                for _ in range(wanted.times)
            ]
    both = statistics.median(info) + statistics.median(canary)
    print(f"stores_info   {statistics.median(info):6.2f} s  (longest {max(info):.2f})")
    print(f"store_canary  {statistics.median(canary):6.2f} s  (longest {max(canary):.2f}), {wanted.size} bytes each")
    print(f"both          {both:6.2f} s  for {wanted.stores} stores; budget {BUDGET:g} s besides the bytes moved")


if __name__ == "__main__":
    main()
