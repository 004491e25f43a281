#!/usr/bin/env bash
# Put a virtual environment of Glance into a guest's root directory, as the module venv makes it and the role api then finds it: in
# the guest it would take ten times as long.
#   cinder.sh ROOT        do it; PIP_INDEX_URL says where packages come from
#   cinder.sh --inputs    print the files that it is made of
set -euo pipefail
release=2026.2 # that of molecule/cinder

checkout=$(cd -- "$(dirname -- "$0")/../.." && pwd)
locks=$checkout/roles/api/files/locks
code=plugins/module_utils
# _venv.py and all that it imports from the collection.
sources=(_venv.py _turns.py _site/systems.py)
inputs=("${sources[@]/#/$checkout/$code/}" "$locks/glance-$release.txt" "$locks/uv.txt")
if [[ $1 == --inputs ]]; then
    printf '%s\n' "${inputs[@]}"
    exit
fi

work=$1/venv-work
modules=$work/ansible_collections/openimage/glance/$code
mkdir -p "$modules"
(cd "$checkout/$code" && cp --parents "${sources[@]}" "$modules")
cp "$locks/glance-$release.txt" "$work/glance.txt"
cp "$locks/uv.txt" "$work/uv.txt"
chroot "$1" env RELEASE="$release" PYTHONPATH=/venv-work PYTHONDONTWRITEBYTECODE=1 python3 - <<'PYTHON'
import os
import subprocess
from pathlib import Path

from ansible_collections.openimage.glance.plugins.module_utils import _venv


def run(command, environment, data):
    done = subprocess.run(command, env={**os.environ, **environment}, input=data, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


# As the role hands them to the module: by a lookup, which ends a text before its last newline.
lock, installer = (Path(f"/venv-work/{name}.txt").read_text().rstrip() for name in ("glance", "uv"))
python = "/usr/bin/python3"
wanted = _venv.Venv(f"/opt/glance/{os.environ['RELEASE']}", lock, installer, python, os.environ.get("PIP_INDEX_URL", ""))
# What it runs must not find the collection's code.
del os.environ["PYTHONPATH"]
_venv.build(wanted, run([python, "-V"], {}, None)[1].strip(), run)
PYTHON
rm -r "$work"
