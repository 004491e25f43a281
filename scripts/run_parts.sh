#!/usr/bin/env bash
# run_parts.sh LOGS COMMAND… -- PART…: run `COMMAND… PART` for each part and report which passed. A part's output is in LOGS/PART.log.
# Environment:
#   LANES        how many parts run at the same time, 2 when not set
#   CI           true: run each part that failed once more, alone, after all the others. If it passes then, it counts as passed
#                and is listed as FLAKY; the output of its first run is in LOGS/PART.first.log
#   RETRY_LIMIT  minutes after the beginning by which a second run must have ended, 80 when not set: a CI job is killed after
#                90 minutes, and its report with it. A part whose first run took longer than what is left is not run again
#   RUN_BEGAN    when the whole run began, in seconds since the epoch; now when not set
# Exits with 0 if every part passed, with 1 if one failed, with 130 if it was interrupted; then nothing that it started runs on.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

logs=$1 command=() lanes=${LANES:-2} limit=$((${RETRY_LIMIT:-80} * 60)) began=${RUN_BEGAN:-$(date +%s)}
shift
while [[ $1 != -- ]]; do
    command+=("$1")
    shift
done
shift

declare -A part_of=() started=() took=()
passed=0 failed=0 running=0 again=() flaky=()

# Each part gets a process group of its own, so that an interrupt ends all that belongs to it.
set -m
interrupted() {
    local group
    for group in $(jobs -p); do kill -- "-$group" 2>/dev/null || true; done
    exit 130
}
trap interrupted INT TERM

elapsed() { say $(($(date +%s) - began)); }

report() { # STATE PART [NOTE]
    printf '  %-8s %-24s %s\n' "$1" "$2" "$(duration "${took[$2]}")${3:+   $3}"
}

show_reasons() { "$checkout/scripts/reasons.sh" "$logs/$1.log" | sed 's/^/    /'; }

start() { # PART
    # Bash forgets a job that a signal ended before `wait` was called, so the job is a shell that outlives the part.
    { "${command[@]}" "$1" || exit; } >"$logs/$1.log" 2>&1 </dev/null &
    part_of[$!]=$1
    started[$1]=$SECONDS
    ((++running))
}

# Wait for the next part to end; set `part` and `status`.
next_end() {
    local process
    status=0
    wait -n -p process || status=$?
    part=${part_of[$process]}
    took[$part]=$((SECONDS - started[$part]))
    ((running -= 1)) || true
}

reap() {
    local part status
    next_end
    if ((status == 0)); then
        ((++passed))
        report passed "$part"
    elif [[ ${CI-} == true ]]; then
        again+=("$part")
        report failed "$part" "$logs/$part.log, to be run once more"
        show_reasons "$part"
    else
        ((++failed))
        report FAILED "$part" "$logs/$part.log"
        show_reasons "$part"
    fi
}

retry() { # PART
    local part=$1 status
    if (($(elapsed) + took[$part] > limit)); then
        ((++failed))
        report FAILED "$part" "$logs/$part.log, not run once more: it would end later than $((limit / 60)) minutes after the beginning"
        return
    fi
    mv "$logs/$part.log" "$logs/$part.first.log"
    start "$part"
    next_end
    if ((status == 0)); then
        ((++passed))
        flaky+=("$part")
        report FLAKY "$part" "failed: $logs/$part.first.log, then passed: $logs/$part.log"
    else
        ((++failed))
        report FAILED "$part" "twice: $logs/$part.first.log, $logs/$part.log"
        show_reasons "$part"
    fi
}

mkdir -p "$logs"
for part in "$@"; do rm -f "$logs/$part.first.log"; done
for part in "$@"; do
    ((running < lanes)) || reap
    start "$part"
done
while ((running)); do reap; done
((${#again[@]} == 0)) || say "Once more, one at a time: ${again[*]}"
for part in "${again[@]}"; do retry "$part"; done

say "Took $(duration "$(elapsed)")."
((${#flaky[@]} == 0)) || say "FLAKY, a defect to mend: ${flaky[*]}"
say "$passed passed, $failed failed"
((failed == 0))
