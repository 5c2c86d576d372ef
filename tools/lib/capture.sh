# Sourced by tools/scenes/capture: a capture, and what tshark says of it.

# begin_capture FILE NAMESPACE DEVICE
begin_capture() {
    local file="$1" namespace="$2" device="$3" tenth
    # The pcap format has every frame at a place that its length tells.
    ip netns exec "$namespace" dumpcap -q -P -B 64 -i "$device" -w "$file" > "$state/dumpcap.log" 2>&1 < /dev/null &
    capturing=$!
    for tenth in $(seq 100); do
        grep -q '^File: ' "$state/dumpcap.log" && return 0
        kill -0 "$capturing" 2> /dev/null || break
        sleep 0.1
    done
    cat "$state/dumpcap.log"
    return 1
}

# A job in the background of a script doesn't hear SIGINT.
end_capture() {
    [ -n "${capturing:-}" ] && kill "$capturing" 2> /dev/null && wait "$capturing"
    capturing=''
}

# dumpcap says how many frames it lost: "Packets received/dropped on interface 'x': 9/0".
finish_capture() {
    sleep 0.5
    end_capture
    cat "$state/dumpcap.log"
    grep -q 'received/dropped.*: [1-9][0-9]*/0 ' "$state/dumpcap.log"
}

# read_frames FILE ARGUMENTS...: tshark with every checksum checked, outside and inside.
read_frames() {
    local file="$1"
    shift
    tshark -n -r "$file" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
        -o udp.check_checksum:TRUE "$@" 2> /dev/null
}

# A line for each frame: number, bytes in the file, VNI, then each list with commas: IPv4 sources
# and destinations from the outermost inwards, checksum verdicts of all layers (0 is wrong), whether
# it is malformed, and the protocols up to where that was seen; then checksums as they are and as they
# should be, lengths, flags and ports.
# table_of FILE TABLE [ARGUMENTS...]
table_of() {
    read_frames "$1" "${@:3}" -T fields -E separator=/t -E occurrence=a \
        -e frame.number -e frame.cap_len -e geneve.vni -e ip.src -e ip.dst \
        -e ip.checksum.status -e udp.checksum.status -e tcp.checksum.status \
        -e icmp.checksum.status -e icmpv6.checksum.status -e _ws.malformed -e frame.protocols \
        -e udp.checksum -e udp.checksum_calculated -e tcp.checksum -e tcp.checksum_calculated \
        -e ip.len -e tcp.flags -e udp.srcport -e udp.dstport -e tcp.srcport -e tcp.dstport > "$2"
}

# RFC 8926 §3.3 (checksum): the outer UDP checksums of all frames are right.
# RFC 3022 §5.2 (leaks): no inside address leaves by the outside face.
# Data of a flow may come out with a wrong checksum if it came so, translated by difference: as often
# as it came in, and wrong by the same amount (docs/decisions/016).
# judge TABLE EDGE NODE...: prints what is wrong in what nodes sent, and in outer headers of all,
# and figures in the end. Fails if anything is.
judge() {
    local table="$1" edge="$2"
    shift 2
    awk -F '\t' -v edge="$edge" -v nodes=" $* " '
        function wrong(what) { print "frame " $1 ": " what; faults++ }
        function last(list,    parts) { return parts[split(list, parts, ",")] }
        function number(hexadecimal,    value, n) {
            for (n = 3; n <= length(hexadecimal); n++)
                value = 16 * value + index("123456789abcdef", substr(hexadecimal, n, 1))
            return value
        }
        # What a translator leaves as it is of a packet with a wrong transport checksum: its length,
        # the far end, and the amount, in arithmetic modulo 65,535. Of what may be carried so, only.
        function damage(isOutbound,    amount, port) {
            if ($12 ~ /:tcp(:|$)/ && last($8) == "0") {
                if (number(last($18)) % 8 != 0) return "" # FIN, SYN, RST
                amount = number(last($15)) - number(last($16))
                port = "tcp " last(isOutbound ? $22 : $21)
            } else if (last($7) == "0" && $12 !~ /:icmp(v6)?(:|$)/) {
                amount = number(last($13)) - number(last($14))
                port = "udp " last(isOutbound ? $20 : $19)
            } else return ""
            return last(isOutbound ? $5 : $4) " " port " " last($17) " " (amount + 65535) % 65535
        }
        {
            frames++
            split($4, source, ","); split($5, destination, ",")
            fromNode = index(nodes, " " source[1] " ") > 0
            if ($3 != "") overlay++
            split($6, ip, ","); split($7, udp, ",")
            if (ip[1] == "0" || udp[1] == "0") wrong("outer checksum")
            if (!fromNode) {
                if ((key = damage(source[1] != edge)) != "") damaged[key]++
                next
            }
            sent++
            if ((key = damage(destination[1] == edge)) != "" && damaged[key] > 0) {
                damaged[key]--
                carried++
                $7 = udp[1]; $8 = ""
            }
            # What an error carries may be cut off, and then its transport checksum says nothing.
            if ($12 ~ /:icmp:ip|:icmpv6:ipv6/) { $7 = udp[1]; $8 = "" }
            for (column = 6; column <= 10; column++)
                if (("," $column ",") ~ /,0,/) wrong("checksum, column " column ": " $column)
            # A payload of random bytes is taken for what its ports say, and is not that.
            if ($11 != "" && $12 ~ /:(geneve|ip|ipv6|udp|tcp|icmp|icmpv6)$/) wrong("malformed")
            if (destination[1] != edge || $3 == "") next
            outside++
            if ($3 != "0x000000" && $3 != "0") wrong("VNI " $3 " for the outside")
            inner = $4 "," $5
            sub(/^[^,]*/, "", $4); sub(/^[^,]*/, "", $5)
            if (($4 $5) ~ /,10\./) wrong("an inside address: " inner)
        }
        END {
            printf "%d frames, %d with Geneve; nodes sent %d, of which %d to the edge, %d damaged " \
                "as they came; %d faults\n", frames, overlay, sent, outside, carried, faults
            exit faults > 0 || outside == 0
        }' "$table"
}

# damage FILE OFFSET BYTES...: writes bytes, as printf has them, into a copy of a capture.
damage() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# Where in the file the first UDP packet inside a frame to the edge begins, and the frame's number:
# behind the file's header and the frames before it, each with its own, come Ethernet, IPv4, UDP,
# Geneve and options.
inner_offset() {
    awk -F '\t' -v edge="$2" '
        BEGIN { offset = 24 }
        { offset += 16; split($5, d, ","); split($7, u, ",") }
        $3 != "" && d[1] == edge && u[2] != "" { print offset + 14 + 20 + 8 + 44, $1; exit }
        { offset += $2 }' "$1"
}

# A copy of the capture in which one packet to the edge is damaged: it must be found, and no other.
# planted PLACE BYTES WHAT: PLACE counts from the inner packet. The outer checksum is taken away, so
# that it can't be what tells.
planted() {
    local at frame copy="$state/damaged.pcap" found
    read -r at frame < <(inner_offset "$state/table" "$edge")
    [ -n "$at" ] && cp "$capture" "$copy" || return 1
    damage "$copy" $((at - 44 - 2)) '\000\000'
    damage "$copy" $((at + $1)) "$2"
    table_of "$copy" "$state/damaged" -c $((frame + 1000))
    found="$(judge "$state/damaged" "$edge" "${captured_nodes[@]}" | grep '^frame ' \
        | grep -vxFf "$state/faults")"
    echo "$found"
    [ "$(cut -d : -f 1 <<< "$found" | sort -u | wc -l)" = 1 ] && grep -q "$3" <<< "$found"
}

# read_capture FILE EDGE NODE...: judges it, and then that the judgement sees.
read_capture() {
    local status=0
    capture="$1" edge="$2"
    captured_nodes=("${@:3}")
    step "read $(($(stat -c %s "$1") / 1000000)) MB with tshark" table_of "$1" "$state/table" \
        || return 1
    step "no wrong checksum, nothing malformed, no inside address" \
        judge "$state/table" "$edge" "${captured_nodes[@]}" || status=1
    tail -n 1 "$step_log"
    grep '^frame ' "$step_log" > "$state/faults"
    step "a payload changed on purpose is reported" planted 28 '\125\252' checksum || status=1
    step "an inside source address is reported" planted 12 '\012\000\000\005' 'an inside' \
        || status=1
    step "a header that is none is reported" planted 24 '\000\003' malformed || status=1
    return "$status"
}
