#!/usr/bin/env python3
"""Print the proof that a run of the site playbook left, for a person. Exits non-zero unless every store is proven.

Usage: report.py FILE, with the collection on PYTHONPATH
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.openimage.glance.plugins.module_utils._verify.proof import failures
from ansible_collections.openimage.glance.plugins.module_utils._verify.table import render


def main() -> int:
    """Print the table, then what is not proven."""
    report = json.loads(Path(sys.argv[1]).read_text())
    print("\n".join(render(report, sys.stdout.isatty())))
    problems = failures(report) if report.get("stores") else ["no store was proven"]
    for problem in problems:
        print(f"  FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
