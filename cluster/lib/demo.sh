# Sourced by cluster/quickstart: the cluster and the resources that the demonstration is made of.

bin="${HYPERPLANE_BIN:-.build/release}"
url="http://127.0.0.1:8470"
products=(hyperplane hyperplane-placement hyperplane-node hyperplane-traffic)

build_products() {
    local product
    for product in "${products[@]}"; do
        swift build -c release --product "$product" || return 1
    done
}

# The programs of another build: all of them must be there.
find_products() {
    local product
    for product in "${products[@]}"; do
        [ -x "$bin/$product" ] || { echo "$bin/$product is not there" && return 1; }
    done
}

cli() { "$bin/hyperplane" --context quickstart "$@"; }

start_cluster() {
    if (exec 3<> /dev/tcp/127.0.0.1/8470) 2> /dev/null; then
        echo "something listens on 127.0.0.1:8470 already: end it first"
        return 1
    fi
    if [ -e "$state" ] && [ ! -e "$state/made-by-the-quick-start" ]; then
        echo "$state is there and not the quick start's: name another by HYPERPLANE_QUICKSTART_STATE"
        return 1
    fi
    rm -rf "$state" && mkdir -p "$state" && : > "$state/made-by-the-quick-start" || return 1
    # Without faults to be found, nodes that share two cores with all else are given more time.
    local times=()
    [ -n "${faulted:-}" ] || times=(--lease 100 --suspicion 130)
    start_process placement \
        "$bin/hyperplane-placement" "${times[@]}" \
        --listen 127.0.0.1:8470 --state "$state/placement" \
        ${copies:+--shard-size "$copies"}
    "$bin/hyperplane" context add quickstart --url "$url" --replace --use > /dev/null || return 1
    until_true 20 cli tenant list || return 1
    local node
    for node in $(seq "$nodes"); do start_node "$node"; done
    until_true 30 all_registered && require_running
}

start_node() {
    start_process "node$1" "$(node_release "$1")/hyperplane-node" --name "node$1" \
        --zone "zone$((($1 - 1) % 5 + 1))" --address "127.0.0.$((10 + $1))" \
        --placement "$url" --state "$state/node$1" --router 127.0.1.1 --engines "$engines"
}

# Where the programs of a node are: with an older release in the cluster, all nodes run it until they
# are restarted; those of odd numbers if another fault is played.
node_release() {
    if [ -n "${older:-}" ] && { [ -n "$rolling" ] || [ $(($1 % 2)) = 1 ]; }; then
        echo "$older"
    else
        echo "$bin"
    fi
}

all_registered() { [ "$(cli node list --json | grep -c '"name"')" = "$nodes" ]; }

# until_true SECONDS COMMAND...: tries it until it succeeds; says why it didn't.
until_true() {
    local deadline=$((SECONDS + $1)) said
    shift
    until said="$("$@" 2>&1)"; do
        require_running || return 1
        [ "$SECONDS" -lt "$deadline" ] || { echo "$said" && return 1; }
        sleep 0.1
    done
}

register_resources() {
    cli host create host1 --address 127.0.1.1 \
        && cli host create host2 --address 127.0.1.2 \
        && cli edge create edge1 --address 127.0.2.1 \
        && create_tenant \
        && cli vpc create main --prefix 10.0.0.0/16 \
        && register_gateway && register_balancer
}

# Whichever nodes a tenant is placed on; with fewer copies than nodes, those that are to be struck
# must be among them, or there is nothing to see.
create_tenant() {
    local attempt
    for attempt in $(seq 200); do
        cli tenant create acme --max-eips-per-gateway $((eips + 8)) || return 1
        struck_nodes_serve && return
        cli tenant delete acme || return 1
    done
    echo "no tenant was placed on the nodes that are to be struck"
    return 1
}

struck_nodes_serve() {
    local node served
    [ -n "${copies:-}" ] && [ -n "${kill:-}${pause:-}" ] || return 0
    served="$(cli tenant show acme)"
    for node in ${kill//,/ } ${pause//,/ }; do
        grep -qw "node$node" <<< "$served" || return 1
    done
}

# Options of the gateway's creation, for those who source this.
gateway_options=()

register_gateway() {
    local number options=("${gateway_options[@]}")
    for number in $(seq "$eips"); do
        cli eip create "203.0.113.$number" || return 1
        options+=(--eip "203.0.113.$number")
    done
    cli nat-gateway create main "${options[@]}"
}

register_balancer() {
    cli load-balancer create web --address 10.0.9.10 \
        && cli target-group create web \
        && cli listener create tcp/80 --load-balancer web --target-group web \
        && cli listener create udp/53 --load-balancer web --target-group web \
        && cli target register 10.0.8.1:8080 10.0.8.2:8080 10.0.8.3:8080 10.0.8.4:8080 \
            --target-group web
}

wait_for_configuration() {
    until_true 30 all_configured && until_true 30 all_ready && until_true 30 all_whole \
        && until_true 30 all_at_rest
}
all_configured() { cli config status; }
all_ready() { [ "$(cli status | grep -c ' ready ')" -ge "$nodes" ]; }

# What a node says of itself, as JSON in one line.
node_status() {
    (
        exec 3<> "/dev/tcp/127.0.0.$((10 + $1))/8480" || exit 1
        printf 'GET /v1/status HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n' >&3
        timeout 2 cat <&3
    )
}

# Who leads and keeps how much, and by which views, is the same for two seconds: those that came late
# have taken their share.
all_at_rest() {
    local before
    before="$(all_standing)"
    sleep 2
    [ "$before" = "$(all_standing)" ] || { echo "buckets still move" && return 1; }
}
all_standing() {
    local node
    for node in $(seq "$nodes"); do
        node_status "$node" | grep -oE '"(leads|follows|viewChanges)":[0-9]+'
    done
}

# All nodes are ready, no copy is being filled, and no bucket waits for a full one: the next fault may
# come.
all_whole() {
    local node said
    for node in $(seq "$nodes"); do
        said="$(node_status "$node")" || { echo "node$node doesn't answer" && return 1; }
        [[ "$said" == *'"ready":true'* ]] || { echo "node$node is not ready" && return 1; }
        if [[ "$said" =~ \"(filling|waiting)\":[1-9] ]]; then
            echo "node$node: ${BASH_REMATCH[0]}"
            return 1
        fi
    done
}

drive_traffic() {
    local options=()
    [ -n "$json" ] && options+=(--json "$json")
    [ -n "$html" ] && options+=(--html "$html")
    if [ -n "${faulted:-}" ]; then
        drive_under_faults "${options[@]}"
        return
    fi
    "$bin/hyperplane-traffic" run --placement "$url" --tenant acme --nat-gateway main \
        --load-balancer web --profile "$preset" --flows "$flows" --seconds "$seconds" \
        "${options[@]}"
}

look_around() {
    cat << END

The cluster goes on running. Look around:

    export PATH="$(cd "$bin" && pwd):\$PATH"
    hyperplane status
    hyperplane nat-gateway show main
    hyperplane flow list --resource main
    hyperplane explain --nat-gateway main --source 10.0.1.5:4000 --destination 198.51.100.1:53/udp
    hyperplane-traffic run --tenant acme --nat-gateway main --flows 1000 --seconds 5

    cluster/quickstart --stop        # ends it
END
}
