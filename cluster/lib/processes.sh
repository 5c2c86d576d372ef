# Sourced by cluster/quickstart: processes that it starts, remembered by id and start time, so that
# it ends these and no others, whoever calls.

state="${HYPERPLANE_QUICKSTART_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/hyperplane/quickstart}"
processes="$state/processes"

# The moment at which a process started, in clock ticks since boot; fails if there is none.
start_time() {
    local line
    line="$(< "/proc/$1/stat")" 2> /dev/null || return 1
    line="${line##*) }"
    set -- $line
    echo "${20}"
}

# start_process NAME COMMAND...: in the background, with its output in a log.
start_process() {
    local name="$1" id
    shift
    "$@" > "$state/$name.log" 2>&1 < /dev/null &
    id=$!
    disown "$id" 2> /dev/null
    echo "$name $id $(start_time "$id")" >> "$processes"
}

# Lines "NAME ID" of those that still run; fails if none does.
running_processes() {
    local name id begun found=1
    [ -f "$processes" ] || return 1
    while read -r name id begun; do
        [ "$(start_time "$id")" = "$begun" ] && echo "$name $id" && found=0
    done < "$processes"
    return "$found"
} 2> /dev/null

# The id of a process that runs, by its name.
process_id() {
    local name id
    while read -r name id; do
        [ "$name" = "$1" ] && echo "$id" && return
    done < <(running_processes)
    return 1
}

# Lets go of a process that has ended on purpose.
forget_process() {
    local kept
    kept="$(grep -v "^$1 " "$processes")"
    printf '%s\n' "$kept" > "$processes"
}

# Asks all to end, and after five seconds makes them. Fails if one is still there.
stop_processes() {
    local tenth
    for tenth in $(seq 0 99); do
        running_processes > /dev/null || break
        [ "$tenth" = 0 ] && signal_processes TERM
        [ "$tenth" = 50 ] && signal_processes KILL
        sleep 0.1
    done
    if running_processes; then
        echo "these still run" >&2
        return 1
    fi
    rm -f "$processes"
}

signal_processes() {
    local name id
    while read -r name id; do kill "-$1" "$id" 2> /dev/null; done < <(running_processes)
}

# Ends with a message if a process is gone: what it said last is why.
require_running() {
    local name id begun
    while read -r name id begun; do
        [ "$(start_time "$id" 2> /dev/null)" = "$begun" ] && continue
        echo "$name has ended. Its last words:"
        tail -n 5 "$state/$name.log"
        return 1
    done < "$processes"
}
