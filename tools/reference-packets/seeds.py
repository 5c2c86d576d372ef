"""First inputs of the fuzz targets (tools/fuzz/corpus), cut out of the reference packets."""

import re

ADDRESSES = [
    "10.0.1.5", "255.255.255.255", "0.0.0.0/0", "10.0.0.0/16", "::", "::1", "2001:db8::5",
    "::ffff:198.51.100.7", "2001:db8:0:0:1::/64", "1:2:3:4:5:6:7:8", "02:00:00:00:00:01",
]


def lengths(kind, fields, rest):
    """Bytes of a layer's header, as the fixture's line tells."""
    fixed = {"ipv6": 40, "fragment6": 8, "udp": 8, "icmp": 8, "vxlan": 8, "arp": 28, "batch": 96}
    if kind in fixed:
        return fixed[kind]
    if kind in ("ipv4", "tcp"):
        return int(fields["headerBytes"])
    if kind == "ethernet":
        return 18 if fields["tag"] else 14
    if kind == "geneve":
        return 8 + (rest[0] & 63) * 4
    return len(fields["bytes"]) // 2


def cuts(block):
    """Pairs of a target and an input for it, out of one packet's block."""
    lines = block.strip().split("\n")
    data = bytes.fromhex(lines[1].split(" ")[1])
    offset = 0
    for line in lines[2:]:
        kind, *words = line.split(" ")
        fields = dict(word.split("=", 1) for word in words)
        if kind in ("summary", "refused"):
            packet = data[int(fields["at"]):]
            yield "summary", packet
            yield ("ipv4-options" if packet[0] >> 4 == 4 else "ipv6-extensions"), packet
        elif kind == "embedded" and "offset" in fields:
            yield "embedded", data[int(fields["offset"]):]
        elif kind not in ("overlay", "embedded"):
            rest = data[offset:]
            target = {"tcp": "tcp-options", "geneve": "geneve-options"}.get(kind, kind)
            if target in ("tcp-options", "geneve-options", "vxlan", "arp", "batch"):
                yield target, rest
            if kind == "geneve":
                yield "overlay", rest
            if kind == "ethernet":
                yield "arp", rest
            offset += lengths(kind, fields, rest)


def write(blocks, folder):
    """Writes the inputs as small files, named after their packets."""
    for block in blocks:
        name = re.sub(r"[^a-z0-9]+", "-", block.split("\n")[0].removeprefix("packet ").lower())
        for index, (target, data) in enumerate(cuts(block)):
            path = folder / target / f"{name}-{index}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    (folder / "address-text").mkdir(parents=True, exist_ok=True)
    for index, text in enumerate(ADDRESSES):
        (folder / "address-text" / f"address-{index}").write_text(text)
