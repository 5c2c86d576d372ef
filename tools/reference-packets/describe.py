"""Turns a packet built by scapy into the lines that Tests/WireTests/ReferencePackets*.swift read.

Every value comes from scapy's own dissection of the bytes, or from the numbers that the packet was
built with, never from Hyperplane's code: so reader and writer can't share a mistake.
"""

from scapy.all import (
    ARP, ICMP, IP, TCP, UDP, Dot1Q, Ether, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, Raw, raw,
)
from scapy.contrib.geneve import GENEVE
from scapy.layers.inet6 import _ICMPv6
from scapy.layers.ipsec import AH
from scapy.layers.vxlan import VXLAN

EXTENSIONS = (IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt, IPv6ExtHdrRouting)


def pairs(**values):
    return " ".join(f"{key}={value}" for key, value in values.items())


def mac(text):
    return text.lower()


def ethernet(layer, data):
    tagged = isinstance(layer.payload, Dot1Q)
    inner = layer.payload if tagged else layer
    tag = ""
    if tagged:
        dei = inner.fields.get("dei", inner.fields.get("id", 0))
        tag = inner.prio << 13 | dei << 12 | inner.vlan
    line = "ethernet " + pairs(
        destination=mac(layer.dst), source=mac(layer.src), etherType=inner.type, tag=tag)
    return line, 18 if tagged else 14, inner.payload


def arp(layer, data):
    line = "arp " + pairs(
        operation=layer.op, senderHardware=mac(layer.hwsrc), sender=layer.psrc,
        targetHardware=mac(layer.hwdst), target=layer.pdst)
    return line, 28, None


def ipv4(layer, data):
    length = layer.ihl * 4
    line = "ipv4 " + pairs(
        headerBytes=length, trafficClass=layer.tos, totalBytes=layer.len, identification=layer.id,
        dontFragment=int("DF" in layer.flags), moreFragments=int("MF" in layer.flags),
        fragmentOffset=layer.frag * 8, timeToLive=layer.ttl, protocol=layer.proto,
        checksum=layer.chksum, source=layer.src, destination=layer.dst,
        options=data[20:length].hex())
    return line, length, layer.payload


def ipv6(layer, data):
    line = "ipv6 " + pairs(
        trafficClass=layer.tc, flowLabel=layer.fl, payloadBytes=layer.plen, nextHeader=layer.nh,
        hopLimit=layer.hlim, source=layer.src, destination=layer.dst)
    return line, 40, layer.payload


def fragment6(layer, data):
    line = "fragment6 " + pairs(
        nextHeader=layer.nh, fragmentOffset=layer.offset * 8, moreFragments=layer.m,
        identification=layer.id)
    return line, 8, layer.payload


def extension(layer, data):
    length = (layer.payloadlen + 2) * 4 if isinstance(layer, AH) else (layer.len + 1) * 8
    return f"extension bytes={data[:length].hex()}", length, layer.payload


def tcp(layer, data):
    length = layer.dataofs * 4
    known = {name: value for name, value in layer.options}
    stamps = known.get("Timestamp", ("", ""))
    line = "tcp " + pairs(
        sourcePort=layer.sport, destinationPort=layer.dport, sequenceNumber=layer.seq,
        acknowledgmentNumber=layer.ack, headerBytes=length, reservedBits=data[12] & 15,
        flags=int(layer.flags) & 255, window=layer.window, checksum=layer.chksum,
        urgentPointer=layer.urgptr, options=data[20:length].hex(),
        maximumSegmentSize=known.get("MSS", ""), windowScale=known.get("WScale", ""),
        selectiveAcknowledgmentPermitted=int("SAckOK" in known), timestampValue=stamps[0],
        timestampEcho=stamps[1])
    return line, length, layer.payload


def udp(layer, data):
    line = "udp " + pairs(
        sourcePort=layer.sport, destinationPort=layer.dport, length=layer.len,
        checksum=layer.chksum)
    return line, 8, layer.payload


def icmp(layer, data):
    checksum = layer.chksum if isinstance(layer, ICMP) else layer.cksum
    line = "icmp " + pairs(
        type=layer.type, code=layer.code, checksum=checksum,
        rest=int.from_bytes(data[4:8], "big"))
    return line, 8, None


def geneve(layer, data):
    options = ",".join(
        f"{option.classid}:{option.type}:{bytes(option.data).hex()}" for option in layer.options)
    line = "geneve " + pairs(
        vni=layer.vni, protocolType=layer.proto, isControl=layer.oam,
        hasCriticalOptions=layer.critical, options=options)
    return line, 8 + layer.optionlen * 4, layer.payload


def vxlan(layer, data):
    return "vxlan " + pairs(vni=layer.vni), 8, layer.payload


KINDS = [
    ((Ether,), ethernet), ((ARP,), arp), ((IP,), ipv4), ((IPv6,), ipv6),
    ((IPv6ExtHdrFragment,), fragment6), (EXTENSIONS + (AH,), extension), ((TCP,), tcp),
    ((UDP,), udp), ((ICMP, _ICMPv6), icmp), ((GENEVE,), geneve), ((VXLAN,), vxlan),
]


def layers(first, data):
    """The lines of all layers of `data`, which begins with a `first`."""
    layer, offset, lines = first(data), 0, []
    while layer is not None:
        describe = next((f for kinds, f in KINDS if isinstance(layer, kinds)), None)
        if describe is None:
            break
        line, length, layer = describe(layer, data[offset:])
        lines.append(line)
        offset += length
    if offset < len(data):
        lines.append(f"payload bytes={data[offset:].hex()}")
    return lines


def packet(name, built, *notes):
    """One packet's block: its name, bytes, layers and notes (`summary ...`, `refused ...`)."""
    data = raw(built)
    lines = [f"packet {name}", f"bytes {data.hex()}"]
    if not any(note.startswith("refused") for note in notes):
        lines += layers(type(built), data)
    return "\n".join(lines + list(notes)) + "\n"
