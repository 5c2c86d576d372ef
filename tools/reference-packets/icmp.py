"""ICMP and ICMPv6: queries, and errors with the packet that caused them."""

from scapy.all import (
    ICMP, IP, TCP, UDP, ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NS,
    ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPv6, IPv6ExtHdrDestOpt, Raw, raw,
)

from describe import packet
from summary import embedded, refused, summary

A, B, R = "10.0.1.5", "198.51.100.7", "192.0.2.254"
A6, B6, R6 = "2001:db8:1::5", "2001:db8:ffff::7", "2001:db8::fe"


def queries():
    return [
        packet("an echo request", IP(src=A, dst=B) / ICMP(id=0x1234, seq=7) / b"ping",
               summary("icmpQuery", 1, A, B, 32, 20, 28, sourcePort=0x1234, icmpType=8,
                       identification=1)),
        packet("an echo reply", IP(src=B, dst=A) / ICMP(type=0, id=0x1234, seq=7) / b"ping",
               summary("icmpQuery", 1, B, A, 32, 20, 28, destinationPort=0x1234,
                       identification=1)),
        packet("a timestamp request",
               IP(src=A, dst=B) / ICMP(type=13, id=9, seq=1, ts_ori=1, ts_rx=0, ts_tx=0),
               summary("icmpQuery", 1, A, B, 40, 20, 28, sourcePort=9, icmpType=13,
                       identification=1)),
        packet("a redirect is no error to translate",
               IP(src=R, dst=A) / ICMP(type=5, code=1, gw="192.0.2.1")
               / IP(src=A, dst=B) / UDP(sport=1, dport=2),
               summary("other", 1, R, A, 56, 20, 28, icmpType=5, icmpCode=1, identification=1)),
        packet("an ICMPv6 echo request",
               IPv6(src=A6, dst=B6) / ICMPv6EchoRequest(id=0x1234, seq=7, data=b"ping6"),
               summary("icmpQuery", 58, A6, B6, 53, 40, 48, sourcePort=0x1234, icmpType=128)),
        packet("an ICMPv6 echo reply",
               IPv6(src=B6, dst=A6) / ICMPv6EchoReply(id=0x1234, seq=7, data=b"ping6"),
               summary("icmpQuery", 58, B6, A6, 53, 40, 48, destinationPort=0x1234,
                       icmpType=129)),
        packet("a neighbour solicitation",
               IPv6(src=A6, dst=B6, hlim=255) / ICMPv6ND_NS(tgt=B6),
               summary("other", 58, A6, B6, 64, 40, 48, icmpType=135, timeToLive=255)),
    ]


def errors():
    cut = raw(IP(src=A, dst=B, ttl=1) / TCP(sport=40000, dport=443, seq=77) / bytes(100))[:28]
    options = IP(src=A, dst=B, options=[]) / UDP(sport=5000, dport=33434) / b"trace"
    echo = IP(src=A, dst=B) / ICMP(id=77, seq=1) / b"ping"
    later = IP(src=A, dst=B, frag=2, proto=17) / Raw(bytes(16))
    error = IP(src=A, dst=B) / ICMP(type=3, code=1) / cut
    bad = IP(src=A, dst=B, chksum=1) / UDP(sport=1, dport=2)
    outer = IP(src=R, dst=A)
    same = dict(identification=1)
    return [
        packet("port unreachable", outer / ICMP(type=3, code=3) / options,
               summary("icmpError", 1, R, A, 61, 20, 28, icmpType=3, icmpCode=3, **same),
               embedded(17, A, 5000, B, 33434, 28, 48, 61)),
        packet("time exceeded with 8 bytes of a TCP segment", outer / ICMP(type=11) / Raw(cut),
               summary("icmpError", 1, R, A, 56, 20, 28, icmpType=11, **same),
               embedded(6, A, 40000, B, 443, 28, 48, 56)),
        packet("time exceeded with a padded packet",
               outer / ICMP(type=11) / Raw(raw(options) + bytes(95)),
               summary("icmpError", 1, R, A, 156, 20, 28, icmpType=11, **same),
               embedded(17, A, 5000, B, 33434, 28, 48, 61)),
        packet("fragmentation needed, about an echo request",
               outer / ICMP(type=3, code=4, nexthopmtu=1400) / echo,
               summary("icmpError", 1, R, A, 60, 20, 28, icmpType=3, icmpCode=4, **same),
               embedded(1, A, 77, B, 0, 28, 48, 60)),
        packet("an error about a later fragment tells no flow",
               outer / ICMP(type=11) / later,
               summary("icmpError", 1, R, A, 64, 20, 28, icmpType=11, **same),
               "embedded error=badEmbeddedPacket"),
        packet("an error about an error tells no flow", outer / ICMP(type=3, code=1) / error,
               summary("icmpError", 1, R, A, 84, 20, 28, icmpType=3, icmpCode=1, **same),
               "embedded error=badEmbeddedPacket"),
        packet("an error about a damaged header tells no flow", outer / ICMP(type=3) / bad,
               summary("icmpError", 1, R, A, 56, 20, 28, icmpType=3, **same),
               "embedded error=badEmbeddedPacket"),
        packet("an ICMP message of 7 bytes is refused",
               IP(src=A, dst=B, proto=1) / Raw(bytes(7)), refused("badTransportHeader")),
    ]


def errors6():
    udp = IPv6(src=A6, dst=B6) / UDP(sport=5000, dport=53) / b"q"
    options = IPv6(src=A6, dst=B6) / IPv6ExtHdrDestOpt() / TCP(sport=40000, dport=443)
    echo = IPv6(src=A6, dst=B6) / ICMPv6EchoRequest(id=88, seq=1)
    outer = IPv6(src=R6, dst=A6)
    return [
        packet("no route, over IPv6", outer / ICMPv6DestUnreach(code=0) / udp,
               summary("icmpError", 58, R6, A6, 97, 40, 48, icmpType=1),
               embedded(17, A6, 5000, B6, 53, 48, 88, 97)),
        packet("packet too big, about a TCP segment behind options",
               outer / ICMPv6PacketTooBig(mtu=1280) / options,
               summary("icmpError", 58, R6, A6, 116, 40, 48, icmpType=2),
               embedded(6, A6, 40000, B6, 443, 48, 96, 116)),
        packet("hop limit exceeded, about an echo request",
               outer / ICMPv6TimeExceeded(code=0) / echo,
               summary("icmpError", 58, R6, A6, 96, 40, 48, icmpType=3),
               embedded(58, A6, 88, B6, 0, 48, 88, 96)),
    ]


def packets():
    return queries() + errors() + errors6()
