#!/bin/sh
# The main job on a real example, as `make demo` runs it. BIN is where smcproof is installed.
set -u
BIN=${BIN:-.venv/bin}
XEN=examples/systems/xen
failures=0

say() { printf '\n\033[1m== %s\033[0m\n' "$1"; }

# run EXPECTED COMMAND...: shows a command, runs it, and checks its exit status
run() {
    expected=$1
    shift
    printf '$ smcproof %s\n' "$*"
    "$BIN/smcproof" "$@"
    status=$?
    if [ "$status" -ne "$expected" ]; then
        printf 'exit status %s, expected %s\n' "$status" "$expected"
        failures=$((failures + 1))
    fi
}

say "check: a policy of 30 lines"
run 0 check examples/first/first.smc
say "prove: all its properties"
run 0 prove examples/first/first.smc
say "prove: its faulty twin, and the call that breaks it"
run 1 prove examples/first/faulty.smc --property psci_virtual
say "run: that call, rule by rule"
run 0 run examples/first/faulty.smc --caller dom0 --smc 0x1_8400_0001
say "prove: the policy of Xen 4.17, its real exceptions declared"
run 0 prove $XEN/xen-4.17-declared.smc
say "conform: does that policy explain what the real binary answered?"
run 0 conform $XEN/xen-4.17.smc $XEN/xen-4.17-dom0.jsonl

if [ "$failures" -ne 0 ]; then
    printf '\n%s commands did not end as they should\n' "$failures"
    exit 1
fi
printf '\nall as expected\n'
