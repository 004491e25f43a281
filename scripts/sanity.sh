#!/usr/bin/env bash
# ansible-test sanity on this checkout. It wants a real directory …/ansible_collections/openimage/glance, no symlink,
# and a script from a host that not every network reaches. To be run with the test environment in the PATH.
#   sanity.sh [ANSIBLE-TEST ARGUMENT…]
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

if [[ $checkout == */ansible_collections/openimage/glance && ! -e $checkout/.git ]]; then
    # A copy already, made by copy_tree.sh.
    copy=$checkout
else
    copy=$cache/sanity/$(say "$checkout" | content_hash)/ansible_collections/openimage/glance
    exec {guard}>"$cache/sanity.lock"
    flock "$guard"
    rm -rf "$copy"
    mkdir -p "$copy"
    "$checkout/scripts/copy_tree.sh" | tar -C "$copy" --extract
fi

# ansible-test makes its environments with a get-pip script that it downloads and keeps. Out of its reach, Python's own
# ensurepip does the same.
version=$(python - <<'PYTHON'
import inspect
import re

from ansible_test._internal import python_requirements

print(re.search(r"pip='([0-9.]+)'", inspect.getsource(python_requirements))[1])
PYTHON
)
script=$HOME/.ansible/test/cache/get_pip_${version//./_}.py
url=https://ci-files.testing.ansible.com/ansible-test/get-pip-$version.py
# A slow answer counts as none: the stand-in works everywhere.
if [[ ! -e $script ]] && ! python -c "import urllib.request as u; u.urlopen('$url', timeout=10)" 2>/dev/null; then
    mkdir -p "${script%/*}"
    cat >"$script.new" <<'PYTHON'
"""Stands in for get-pip where its host is out of reach: pip from ensurepip, then the packages that were asked for."""

import ensurepip
import subprocess
import sys

ensurepip.bootstrap()
packages = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
if packages:
    subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", *packages])
PYTHON
    mv "$script.new" "$script"
fi

# Programs and tests of the lab are no Ansible code, and rules such as its own list of shebangs do not fit them. The part
# "lint" of test.sh looks after them, with ruff and shellcheck.
exclude=()
for path in benchmarks molecule scripts tests/chaos tests/site; do
    [[ ! -e $copy/$path ]] || exclude+=(--exclude "$path/")
done

cd "$copy"
python=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ansible-test sanity --local --python "$python" --color no --truncate 0 "${exclude[@]}" "$@"
