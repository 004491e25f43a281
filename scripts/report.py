#!/usr/bin/env python3
"""Print the proof that a run of the site playbook left, for a person. Exits non-zero unless every store is proven.

Usage: report.py [--failures-only] FILE, with the collection on PYTHONPATH
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible.utils.display import Display
from ansible_collections.openimage.glance.plugins.module_utils._verify.proof import failures
from ansible_collections.openimage.glance.plugins.module_utils._verify.table import render

COLOURS = {True: "green", False: "red", None: None}


def main() -> int:
    """Print the table, then what is not proven."""
    report = json.loads(Path(sys.argv[-1]).read_text())
    if "--failures-only" not in sys.argv:
        for line in render(report):
            # It knows when colours are wanted.
            Display().display(line.text, color=COLOURS[line.proven])
    problems = failures(report) if report.get("stores") else ["no store was proven"]
    for problem in problems:
        print(f"  FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
