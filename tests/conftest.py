"""Make ``ansible_collections.openimage.glance`` importable from any clone, wherever it lies."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def _link_checkout() -> Path:
    """Return a directory in which openimage/glance is this checkout."""
    root = Path(tempfile.mkdtemp(prefix="openimage-glance-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    namespace = root / "ansible_collections" / "openimage"
    namespace.mkdir(parents=True)
    (namespace / "glance").symlink_to(REPOSITORY)
    return root


_ROOT = _link_checkout()
sys.path.insert(0, str(_ROOT))
# Child processes of tests, such as ansible-playbook and modules, find the same checkout.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(_ROOT)
