#!/usr/bin/env bash
# reasons.sh LOG: why a part of the tests failed, in a few dozen lines, which often are all that anybody sees of the log.
# The log's end is rarely the reason: after a failure molecule cleans up, and says so at length.
set -euo pipefail
log=$1 width=240

# What pytest found: first the assertions, then the names of the tests. Lines that start as these do are in no other log.
found=$(grep -E '^E   ' "$log" | head -n 16 || true)
tests=$(grep -E '^(FAILED|ERROR) [^ ]+\.py' "$log" | head -n 12 || true)
# Of a playbook that a test has run, pytest's assertion shows less than what Ansible said; that stands in the test's output.
played=$(awk '/^=+ / { failures = / FAILURES / } failures && /^\[ERROR\]: /' "$log" | head -n 4)
if [[ -z $tests ]]; then
    # What Ansible says of the last task that failed, and what molecule says of its own.
    found=$(awk '
        /^\[ERROR\]:/ && !over { error = ""; left = 10 }
        /^(fatal|failed): |^Origin: |^$/ { left = 0 }
        left { error = error $0 "\n"; left-- }
        /^(INFO|PLAY|WARNING)|^$/ { after = 0 }
        # Which step failed, and which tasks changed something again. It says the former three times.
        /Ansible return code was/ { next }
        /^CRITICAL/ { own = own $0 "\n"; after = 8; next }
        # What comes then is said of the cleaning.
        /^ERROR .*Executed: Failed/ { own = own $0 "\n"; after = 0; over = 1; next }
        after { own = own $0 "\n"; after-- }
        END { printf "%s%s", own, error }
    ' "$log")
fi
# What molecule/shared/cleanup.yml has asked the hosts, and which did not answer.
hosts=$(grep -E '^ +[a-z][a-z0-9-]*\| |: UNREACHABLE!' "$log" | sed 's/^ *//' | head -n 24 || true)
if [[ -n $found$tests$hosts ]]; then
    printf '%s\n' "$found" "$tests" "$played" "$hosts" | grep -v '^$' | sed 's/\x1b\[[0-9;]*m//g' | cut -c "-$width"
    printf '…\n'
    tail -n 3 "$log" | cut -c "-$width"
else
    tail -n 25 "$log" | cut -c "-$width"
fi
