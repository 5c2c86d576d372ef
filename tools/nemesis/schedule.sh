# Sourced by tools/nemesis: the schedule of a seed, and the cutting off of nodes.

# Numbers of our own, so that a seed means the same with every bash (Knuth's MMIX generator).
draw_state=0
draw() {
    draw_state=$((draw_state * 6364136223846793005 + 1442695040888963407))
    drawn=$(((draw_state >> 33 & 0x3FFFFFFF) % $1))
}

# make_schedule SEED SECONDS NODES CUTS: lines "SECONDS DEED NODE TENTHS", in order.
make_schedule() {
    local at=3 deeds=(kill restart pause pause) node deed tenths
    [ -n "$4" ] && deeds+=(cut-off cut-off-one-way)
    draw_state="$1"
    while [ "$at" -lt "$2" ]; do
        draw "${#deeds[@]}" && deed="${deeds[$drawn]}"
        draw "$3" && node=$((drawn + 1))
        draw 40 && tenths=$((drawn + 1))
        echo "$at $deed node$node $tenths"
        draw 5 && at=$((at + 6 + drawn))
    done
}

# cut NODE add|del both|out: the node's packets to the other nodes, or theirs to it too.
cut() {
    local own="127.0.0.$((10 + $1))" number other
    for number in $(seq "$nodes"); do
        other="127.0.0.$((10 + number))"
        [ "$other" != "$own" ] || continue
        ip rule "$2" pref 10 from "$own" to "$other" unreachable || return 1
        [ "$3" = out ] || ip rule "$2" pref 10 from "$other" to "$own" unreachable || return 1
    done
}

# Whatever happens to a run, nothing stands still afterwards.
wake_all() { signal_processes CONT; }
