# Sourced by tools/test and tools/dev: runs test targets and counts tests from the report that Swift
# Testing writes. A run without a report (a crash, a hang) is a failure, and so is one of no tests.

passed=0
failed=0

# A new folder of tests must be seen, and SwiftPM keeps the old answer of a manifest that looks at
# the disk.
swiftpm_options=(--manifest-cache none)

# run_tests TITLE ARGUMENTS...: `swift test` with these arguments; adds to `passed` and `failed`.
run_tests() {
    local title="$1" status=0 report counts
    shift
    report="$steps_log_folder/report.xml"
    rm -f "$steps_log_folder"/report*.xml
    step "$title" timeout --kill-after 10 "${HYPERPLANE_TEST_SECONDS:-900}" \
        swift test "${swiftpm_options[@]}" --disable-xctest --xunit-output "$report" "$@" \
        || status=$?
    counts="$(count_tests "$steps_log_folder"/report*.xml)"
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
    if [ "$status" = 0 ] && [ "$counts" = "0 0" ]; then
        echo "    no test ran: the filter names none, or the targets are not in the package"
        failed=$((failed + 1))
    elif [ "$status" != 0 ] && [ "${counts#* }" = 0 ]; then
        # Did not build, crashed, or took too long: nobody reported the failure.
        failed=$((failed + 1))
    fi
    [ "$status" = 0 ]
}

# "PASSED FAILED" of a report: test functions, each once, however many arguments or issues it had.
count_tests() {
    [ -f "$1" ] || { echo "0 0"; return; }
    awk '
        function close_case() { if (open) { if (bad) failed++; else if (!skipped) passed++ } open = 0 }
        /<testcase/ { close_case(); open = 1; bad = 0; skipped = 0 }
        /<failure/ { bad = 1 }
        /<skipped/ { skipped = 1 }
        END { close_case(); printf "%d %d\n", passed, failed }' "$1"
}
