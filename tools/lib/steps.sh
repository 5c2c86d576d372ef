# Sourced by the scripts of tools/ and .ci/: steps with a title, their time and their log. A step
# that succeeds prints one line, one that fails prints what it said.

steps_log_folder="${TMPDIR:-/tmp}/hyperplane-steps.$$"
mkdir -p "$steps_log_folder"
trap 'rm -rf "$steps_log_folder"' EXIT

now_milliseconds() {
    local now="${EPOCHREALTIME/[.,]/}"
    echo $((now / 1000))
}

seconds_since() {
    local elapsed=$(($(now_milliseconds) - $1))
    printf '%d.%d s' $((elapsed / 1000)) $((elapsed % 1000 / 100))
}

# step TITLE COMMAND...: runs it with its output in a log. Returns the command's status.
step() {
    local title="$1" begun status=0
    shift
    begun="$(now_milliseconds)"
    step_log="$steps_log_folder/log"
    printf '%-58s ' "$title"
    "$@" > "$step_log" 2>&1 < /dev/null || status=$?
    if [ "$status" = 0 ]; then
        printf 'ok      %s\n' "$(seconds_since "$begun")"
    else
        printf 'FAILED  %s\n' "$(seconds_since "$begun")"
        show_failure
    fi
    return "$status"
}

# What of the log tells why: the first errors, failed tests, and the end.
show_failure() {
    grep -A1 -E '(^|[^a-z])error:|^✘ .* recorded|[Ff]atal' "$step_log" | head -60 | sed 's/^/    /'
    echo "    ... the last lines:"
    tail -n 25 "$step_log" | sed 's/^/    /'
}
