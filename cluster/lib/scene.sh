# Sourced by the scripts of tools/scenes, in the repository's root: a cluster of the scene's own,
# what is checked in it, with figures, and a verdict at the end, for people and as JSON.

. tools/lib/steps.sh
. cluster/lib/processes.sh
. cluster/lib/demo.sh

nodes=5 engines=1 eips=2
scene="${0##*/}"
scene_json="$(dirname "$state")/scenes/$scene.json"
scene_begun="$(now_milliseconds)"
checked_lines=() checked_json=() checks_failed=0

# What stands at the head of the script, between its first line and its first command.
scene_about() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

scene_fail() {
    echo "$scene: $*" >&2
    exit 2
}

# begin_scene "$@": reads the scene's arguments, and ends at its exit all that it started.
begin_scene() {
    while [ $# -gt 0 ]; do
        case "$1" in
            --json) [ $# -ge 2 ] || scene_fail "--json needs a file" && scene_json="$2" && shift ;;
            -h | --help) echo "usage: tools/scenes/$scene [--json FILE]" && scene_about && exit 0 ;;
            *) scene_fail "unknown argument \"$1\"; there is --json FILE" ;;
        esac
        shift
    done
    running_processes > /dev/null \
        && scene_fail "a cluster of the quick start is running: cluster/quickstart --stop ends it"
    find_products > /dev/null || scene_fail "no build in $bin: tools/dev build makes it"
    mkdir -p "$(dirname "$scene_json")" || exit 2
    trap 'rm -rf "$steps_log_folder"; stop_processes' EXIT
    trap 'exit 130' INT TERM
    reports="$state/reports"
}

# The cluster, the quick start's resources, and whatever the scene adds to them.
start_scene() {
    step "start a cluster of $nodes nodes" start_cluster || exit 1
    mkdir -p "$reports"
    step "register resources" register_resources || exit 1
    if [ $# -gt 0 ]; then step "register what the scene needs" "$@" || exit 1; fi
    step "wait until every node runs by them" wait_for_configuration || exit 1
}

# generate NAME ARGUMENTS...: runs the generator with its report in $reports/NAME.json. A scene
# judges by figures, so a verdict of FAIL is no failure of the step; a run that wasn't made is.
generate() {
    local name="$1" status=0
    shift
    "$bin/hyperplane-traffic" "$@" --placement "$url" --json "$reports/$name.json" || status=$?
    [ "$status" -le 1 ] && [ -s "$reports/$name.json" ]
}

# figure NAME PATH: a value of a report, such as `stages.0.established`; nothing if there is none.
# Reads JSON as the generator writes it: a key or an element to a line, two spaces to a level.
figure() {
    awk -v wanted="$2" '
        function leave(level) { while (depth > level) { delete name[depth]; depth-- } }
        /[^ ]/ {
            line = $0
            match(line, /^ */)
            level = RLENGTH / 2
            line = substr(line, RLENGTH + 1)
            sub(/,$/, "", line)
            if (line ~ /^[\]}]/) next
            leave(level)
            depth = level
            if (match(line, /^"[^"]*" : /)) {
                name[level] = substr(line, 2, RLENGTH - 5)
                value = substr(line, RLENGTH + 1)
            } else {
                name[level] = count[level]++
                value = line
            }
            if (value == "[" || value == "{") count[level + 1] = 0
            path = name[1]
            for (i = 2; i <= level; i++) path = path "." name[i]
            if (path == wanted) {
                gsub(/^"|"$/, "", value)
                print value
                exit
            }
        }' "$reports/$1.json"
}

# index_of NAME LIST KEY VALUE: the ordinal of the element whose key has that value.
index_of() {
    local index found
    for index in $(seq 0 999); do
        found="$(figure "$1" "$2.$index.$3")"
        [ -n "$found" ] || return 1
        [ "$found" = "$4" ] && echo "$index" && return
    done
}

# difference NUMBER LESS..., sum NUMBER...: of figures, with fractions; nothing if one is missing.
# In $((...)) a missing figure is an error, by which bash drops the whole command, a check too.
difference() { signed_sum -1 "$@"; }
sum() { signed_sum 1 "$@"; }
signed_sum() {
    local number
    for number in "$@"; do [[ "$number" =~ ^-?[0-9]+(\.[0-9]+)?$ ]] || return 0; done
    awk 'BEGIN { for (n = 2; n < ARGC; n++) total += n == 2 ? ARGV[n] : ARGV[1] * ARGV[n]
        print total }' "$@"
}

# check WHAT SEEN OPERATOR WANTED: notes a figure beside what it must be. The operator is one of
# = != < > <= >=; numbers may have fractions. A figure that is missing, on either side, fails.
check() {
    local what="$1" seen="${2:-nothing}" operator="$3" wanted="${4:-nothing}" outcome=ok is_ok=true
    if ! holds "$seen" "$operator" "$wanted"; then
        outcome=FAILED is_ok=false
        checks_failed=$((checks_failed + 1))
    fi
    checked_lines+=("$(printf '  %-62s %12s   %2s %-10s %s' \
        "$what" "$(grouped "$seen")" "$operator" "$(grouped "$wanted")" "$outcome")")
    checked_json+=("$(printf '{"what": "%s", "seen": "%s", "wanted": "%s %s", "ok": %s}' \
        "$what" "$seen" "$operator" "$wanted" "$is_ok")")
}

# check_cases NAME WHAT: each case of a suite went well in all its trials, and there were some.
check_cases() {
    local index name sent
    for index in $(seq 0 999); do
        name="$(figure "$1" "cases.$index.name")"
        [ -n "$name" ] || break
        sent="$(figure "$1" "cases.$index.sent")"
        [ "$sent" != 0 ] || sent='' # nothing was tried
        check "$2$name" "$(figure "$1" "cases.$index.ok")" = "$sent"
    done
    check "$2cases played" "$index" '>' 0
}

# check_verdict NAME: that of the generator's run, with what it has to say if it is FAIL.
check_verdict() {
    local index failure
    check "verdict of the generator, run $1" "$(figure "$1" verdict)" = PASS
    for index in $(seq 0 9); do
        failure="$(figure "$1" "failures.$index")"
        [ -n "$failure" ] || break
        checked_lines+=("    $failure")
    done
}

# tell WHAT SEEN: a figure that has no limit.
tell() {
    checked_lines+=("$(printf '  %-62s %12s' "$1" "$(grouped "${2:-nothing}")")")
    checked_json+=("$(printf '{"what": "%s", "seen": "%s"}' "$1" "${2:-nothing}")")
}

holds() {
    [ "$1" != nothing ] && [ "$3" != nothing ] || return 1
    case "$2" in
        = | !=) [ "$1" "$2" "$3" ] ;;
        *) [[ "$1" =~ ^-?[0-9.]+$ ]] && awk "BEGIN { exit !(($1) $2 ($3)) }" ;;
    esac
}

# 64512 as 64,512; a fraction with one digit.
grouped() {
    local text="$1" rest=''
    if [[ "$text" =~ ^[0-9]+\.[0-9]+$ ]]; then
        LC_ALL=C printf '%.1f' "$text"
        return
    fi
    [[ "$text" =~ ^[0-9]{4,}$ ]] || { echo "$text" && return; }
    while [ "${#text}" -gt 3 ]; do
        rest=",${text: -3}$rest"
        text="${text:0:${#text}-3}"
    done
    echo "$text$rest"
}

# Prints what was checked, writes the JSON, and ends with the verdict as its status.
end_scene() {
    local verdict=PASS
    [ "$checks_failed" = 0 ] && [ "${#checked_lines[@]}" -gt 0 ] || verdict=FAIL
    echo
    printf '%-64s %12s   %s\n' "Scene $scene" "seen" "wanted"
    printf '%s\n' "${checked_lines[@]}"
    echo
    {
        printf '{\n  "scene": "%s",\n  "verdict": "%s",\n  "seconds": %s,\n  "checks": [\n' \
            "$scene" "$verdict" "$(seconds_since "$scene_begun" | tr -d ' s')"
        local index
        for index in "${!checked_json[@]}"; do
            printf '    %s%s\n' "${checked_json[$index]}" \
                "$([ "$index" -lt $((${#checked_json[@]} - 1)) ] && echo ,)"
        done
        printf '  ]\n}\n'
    } > "$scene_json"
    echo "$verdict, $checks_failed of ${#checked_json[@]} failed; $scene_json"
    [ "$verdict" = PASS ]
}
