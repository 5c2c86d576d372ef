# Sourced by cluster/quickstart and tools/nemesis: faults of nodes under traffic. Every process is
# named by the id that it was started with.

# Flows opened in a second before a fault.
opening_rate=10000

# drive_under_faults OPTIONS...: flows are opened and held, then the nodes are struck.
drive_under_faults() {
    local options=("$@") node
    for node in ${kill//,/ }; do options+=(--kill-node "$(node_process "$node")"); done
    for node in ${pause//,/ }; do options+=(--pause-node "$(node_process "$node")"); done
    if [ -n "$rolling" ]; then
        options+=(--under-faults --during "$(rolling_restart_command)")
    fi
    "$bin/hyperplane-traffic" hold --placement "$url" --tenant acme --nat-gateway main \
        --load-balancer web --profile "$preset" --flows "$flows" --seconds "$seconds" \
        --rate "$opening_rate" "${options[@]}"
}

# `node1=4711`, as the generator wants it.
node_process() { echo "node$1=$(process_id "node$1")"; }

rolling_restart_command() {
    echo "HYPERPLANE_QUICKSTART_STATE='$state' HYPERPLANE_BIN='$bin' nodes=$nodes" \
        "engines=$engines copies=$copies cluster/lib/rolling-restart"
}

# end_node N SIGNAL: ends it and waits until it is gone.
end_node() {
    local id tenth
    id="$(process_id "node$1")" || return 1
    kill "-$2" "$id"
    for tenth in $(seq 200); do
        process_id "node$1" > /dev/null || break
        sleep 0.1
    done
    forget_process "node$1"
}

# restart_node N SIGNAL: ends it, starts it anew, and waits until nothing is missing.
restart_node() {
    end_node "$1" "$2" && start_node "$1" && until_true 60 all_whole
}
