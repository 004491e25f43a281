#!/usr/bin/env bash
# A real Glance on a systemd host in a container on this machine, proven, by one command. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname -- "$0")/scripts/lib.sh"

usage() {
    cat <<'TEXT'
Usage: ./quickstart.sh [--release RELEASE] [--os OS] [-- ANSIBLE-PLAYBOOK ARGUMENT…]
       ./quickstart.sh --destroy [--purge]

Starts one systemd container, glance-quickstart, and deploys MariaDB, memcached, Keystone and Glance to it with
openimage.glance.site, then proves every store. Needs Debian 12 or 13 with root or sudo; installs what is missing with apt.
Run it again at any time, after an interruption too: it goes on where it must and changes nothing that is right.

  --release R   the release of Glance: zed (Debian 12) and 2025.1 (Debian 13) come as packages, which is the default;
                2025.1, 2026.1 and 2026.2 from PyPI. Later runs keep it until another one is named
  --os OS       debian13 (default) or debian12
  --destroy     remove the container, its network and the folder quickstart/ with its keys and secrets.
                The base images and virtual environments stay, for the next run and for test.sh
  --purge       with --destroy: remove those, too
  --help        this text
  -- ARGUMENT…  all that follows goes to ansible-playbook: ./quickstart.sh -- -e @mine.yml -vvv --diff

Everything it writes is in quickstart/: site.yml (address and generated secrets), ssh_key, known_hosts, clouds.yaml
(cloud "quickstart"), seed.qcow2, report.json and quickstart.log.

QUICKSTART_NAME=NAME in the environment makes another one beside it: container and network NAME, folder .cache/NAME/.
TEXT
}

name=${QUICKSTART_NAME:-glance-quickstart}
[[ $name =~ ^[a-z0-9][a-z0-9-]*$ ]] || die "QUICKSTART_NAME=$name: write small letters, digits and hyphens"
if [[ $name == glance-quickstart ]]; then state=$checkout/quickstart; else state=$checkout/.cache/$name; fi
log=$state/quickstart.log
export LAB_STATE=$state LAB_NETWORK=$name

lab() { "$checkout/scripts/lab.sh" "$@"; }

destroy() { # PURGE
    if [[ -n $(find_engine) ]]; then
        lab down "$name"
        [[ -z $1 ]] || lab purge
    fi
    rm -rf "$state"
    say "Removed $state."
    if [[ -n $1 ]]; then
        rm -rf "$cache"
        say "Removed the base images and $cache."
    elif [[ -d $cache ]]; then
        say "Kept for the next run: the base images and $cache ($(du -sh "$cache" | cut -f 1)); --destroy --purge removes them."
    fi
}

prepare_machine() {
    local missing
    ((EUID == 0)) || { say "Some steps need root; sudo may ask for your password." && sudo -v; }
    missing=$("$checkout/scripts/host.sh" --missing)
    [[ -z $missing ]] || say "This machine lacks, and gets from its apt sources now: $missing"
    step "Prepare this machine" "$checkout/scripts/host.sh"
    step "Control environment: Ansible and the OpenStack client" "$checkout/scripts/venvs.sh" control
    venv=$("$checkout/scripts/venvs.sh" control)
}

start_host() {
    local present address
    present=$(lab os "$name")
    if [[ -n $present && $present != "$os" ]]; then
        die "$name exists already, with $present. Keep it (--os $present), or remove it first: ./quickstart.sh --destroy"
    fi
    step "Base image of $os" lab image "$os"
    step "Host $name" lab up "$name" "$os"
    address=$(lab address "$name")
    bypass_proxy "$address"
    release=$("$venv/bin/python" "$checkout/scripts/quickstart_site.py" "$state" "$address" "$release")
}

# With these the reader wants ansible-playbook's own output.
wants_raw() {
    local argument
    for argument in "$@"; do
        case $argument in
        -v* | --verbose | -D | --diff | --list-* | --syntax-check | --step) return 0 ;;
        esac
    done
    return 1
}

deploy() { # ANSIBLE-PLAYBOOK ARGUMENT…
    local command status
    command=("$venv/bin/ansible-playbook" openimage.glance.site -i "$checkout/inventories/quickstart"
        -e "glance_quickstart_state=$state/site.yml" "$@")
    ANSIBLE_COLLECTIONS_PATH=$("$checkout/scripts/collection.sh")
    export ANSIBLE_COLLECTIONS_PATH ANSIBLE_CONFIG=$checkout/ansible.cfg
    export GLANCE_PROOF_REPORT=$state/report.json
    rm -f "$state/report.json"
    printf '\n== %s\n' "${command[*]}" >>"$log"
    # The playbook ends with this script, however that ends.
    set +e
    setpriv --pdeathsig TERM "${command[@]}" 2>&1 | "$venv/bin/python" "$checkout/scripts/progress.py" "${raw[@]}" "$log"
    status=${PIPESTATUS[0]}
    set -e
    return "$status"
}

release='' os=debian13 action=deploy purge=''
while (($#)); do
    case $1 in
    --release) release=${2:?--release needs a release} && shift ;;
    --release=*) release=${1#*=} ;;
    --os) os=${2:?--os needs debian12 or debian13} && shift ;;
    --os=*) os=${1#*=} ;;
    --destroy) action=destroy ;;
    --purge) purge=yes ;;
    -h | --help) usage && exit ;;
    --) shift && break ;;
    *) usage >&2 && die "unknown argument: $1" ;;
    esac
    shift
done
[[ $release =~ ^[a-z0-9.]*$ ]] || die "--release $release: not the name of a release"
[[ $os =~ ^debian1[23]$ ]] || die "--os $os: debian12 and debian13 are what there is"
[[ -z $purge || $action == destroy ]] || die "--purge goes with --destroy"

if [[ $action == destroy ]]; then
    destroy "$purge"
    exit
fi

trap 'exit 130' INT
(umask 077 && mkdir -p "$state" && : >"$log")
say "openimage.glance on $os; the whole output goes to $log"
prepare_machine
start_host
say "Glance ${release:-as packaged} on $name"
"$checkout/scripts/seed.sh" "$state/seed.qcow2"
status=0
began=$SECONDS
# Then ansible-playbook's own output has the table.
if wants_raw "$@"; then raw=(--raw) table=(--failures-only); else raw=() table=(); fi
deploy "$@" || status=$?
playbook=$(duration $((SECONDS - began)))
say
if [[ -e $state/report.json ]]; then
    PYTHONPATH=$ANSIBLE_COLLECTIONS_PATH "$venv/bin/python" "$checkout/scripts/report.py" "${table[@]}" "$state/report.json" || status=$((status ? status : 1))
elif ((status == 0 && $# == 0)); then
    say "The playbook ended without a report: nothing is proven."
    status=1
fi
if ((status)); then
    say "Failed after $(duration $SECONDS) (the playbook: $playbook). The whole output: $log"
    say "When the cause is gone, run the same command again."
else
    say "Done in $(duration $SECONDS) (the playbook: $playbook). Try it:"
    [[ -z ${http_proxy-}${https_proxy-} ]] || printf '  export no_proxy=%q\n' "$no_proxy"
    printf '  OS_CLIENT_CONFIG_FILE=%q %q --os-cloud quickstart image list\n' "$state/clouds.yaml" "$venv/bin/openstack"
fi
exit "$status"
