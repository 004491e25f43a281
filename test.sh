#!/usr/bin/env bash
# Everything that must pass, or the parts that are named. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "$0")/scripts/lib.sh"

usage() {
    cat <<'TEXT'
Usage: ./test.sh [PART…]    run these parts, or all; two at a time
       ./test.sh --list     list the parts

"molecule" stands for all molecule scenarios but those that only run when they are named, for the time that they take:
molecule-ceph-venv and molecule-cinder-packages; cores, which tries every supported ansible-core; and chaos, which kills
deployments for an hour.
Installs what this machine lacks, with apt; says what and asks nothing.
LANES=1 runs one part at a time. Logs are in .cache/test/.
CI=true runs a part that failed once more, alone, after the others. If it passes then, the run passes and lists it as FLAKY;
the log of its first run is PART.first.log. A second run that would end later than 80 minutes (RETRY_LIMIT)
after the beginning is not made.
TEXT
}

# --- the parts: each is a function and runs in a process of its own, in this directory

part_lint() {
    local code=ansible_collections/openimage/glance broken=() shell=()
    mapfile -t shell < <(git ls-files --cached --others --exclude-standard '*.sh')
    check shellcheck "${shell[@]}" .ci/run
    check yamllint --strict .
    check ruff check .
    check ruff format --check .
    # From the collections path, where the absolute imports of plugins resolve.
    cd "$ANSIBLE_COLLECTIONS_PATH"
    check mypy --config-file "$checkout/pyproject.toml" --cache-dir "$cache/mypy" "$code/plugins" "$code/scripts"
    # References to collections that are not installed here (see also: openstack.cloud) cannot be checked.
    check antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs dependent "$code"
    cd "$checkout"
    check ansible-lint --strict
    check antsibull-changelog lint
    check pytest -q tests/lint
    ((${#broken[@]} == 0)) || die "found something: ${broken[*]}"
}

# Every linter has its say; one that finds something does not hide what the next would find.
check() {
    printf '\n== %s\n' "$*"
    "$@" || broken+=("$1")
}

part_unit() { pytest -q -n 2 tests/unit tests/cores --ignore tests/cores/site; }

part_api() { pytest -q tests/api; }

# Faults that need a kernel of their own; a guest per folder of tests.
part_guest() { pytest -q tests/guest; }

part_sanity() { scripts/sanity.sh; }

# What users get: the tarball, and what others read in it.
part_package() { pytest -q tests/package; }

part_molecule() { # SCENARIO
    # Playbooks and tests reach the hosts directly; their addresses are known later.
    bypass_proxy 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16
    molecule test --no-command-borders --scenario-name "$1"
}

# As a reader of the README runs it, beside one that may be in use.
part_quickstart() { pytest -q tests/quickstart; }

# Supported versions of ansible-core, each with a whole site; prints a table.
part_cores() { scripts/cores.py "$@"; }

# Ten fresh deployments, killed at random moments and run again.
part_chaos() { tests/chaos/kill_deployment.py --times 10 --jobs 2; }

# Not part of a run of all, for their time: an hour on one processor for the scenarios, an hour on two for chaos, half an hour
# on two for all versions of ansible-core.
on_request=(chaos cores molecule-ceph-venv molecule-cinder-packages)

# The long ones first, so that the lanes end together.
parts() {
    local scenario part
    # The other parts run with the oldest core, this one with the newest that is no pre-release.
    say core-2.21
    for scenario in molecule/*/molecule.yml; do
        part=molecule-$(basename "${scenario%/molecule.yml}")
        [[ " ${on_request[*]} " == *" $part "* ]] || say "$part"
    done
    printf '%s\n' guest quickstart api sanity lint package unit
}

# --- running them

run_part() { # NAME: in a process of its own, which its first failure ends
    case $1 in
    molecule-*) part_molecule "${1#molecule-}" ;;
    core-*) part_cores "${1#core-}" ;;
    *) "part_$1" ;;
    esac
}

cd "$checkout"
logs=$checkout/.cache/test
mapfile -t known < <(parts)
chosen=()
case ${1-} in
-h | --help) usage && exit ;;
--list) printf '%s\n' "${known[@]}" "${on_request[@]}" && exit ;;
--run)
    # Not in a condition: bash would go on after a failure within.
    run_part "$2"
    exit
    ;;
esac
for argument in "$@"; do
    found=0
    for part in "${known[@]}"; do
        [[ $part != "$argument" && $part != "$argument"-* ]] || { chosen+=("$part") && found=1; }
    done
    for part in "${on_request[@]}"; do
        [[ $part != "$argument" ]] || { chosen+=("$part") && found=1; }
    done
    ((found)) || die "no such part: $argument (./test.sh --list)"
done
((${#chosen[@]})) || chosen=("${known[@]}")

mkdir -p "$logs"
missing=$(scripts/host.sh --missing tests)
if [[ -n $missing ]]; then
    say "This machine lacks, and gets from its apt sources now: $missing"
    scripts/host.sh tests >"$logs/host.log" 2>&1 || die "preparing this machine failed: $(tail -n 5 "$logs/host.log")"
fi
venv=$(scripts/venvs.sh test)
ANSIBLE_COLLECTIONS_PATH=$(scripts/collection.sh)
export ANSIBLE_COLLECTIONS_PATH ANSIBLE_CONFIG=$checkout/ansible.cfg PATH=$venv/bin:$PATH
export MOLECULE_GLOB='molecule/*/molecule.yml' NO_COLOR=1

say "Parts: ${chosen[*]}"
RUN_BEGAN=$(($(date +%s) - SECONDS)) exec scripts/run_parts.sh "$logs" "$checkout/test.sh" --run -- "${chosen[@]}"
