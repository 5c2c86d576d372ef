"""IPv4 with TCP, UDP and others; options and fragments; Ethernet and ARP around it."""

from scapy.all import (
    ARP, IP, TCP, UDP, Dot1Q, Ether, IPOption_LSRR, IPOption_NOP, IPOption_RR,
    IPOption_Router_Alert, IPOption_Security, IPOption_Timestamp, Raw, raw,
)

from describe import packet
from summary import refused, summary

A, B = "10.0.1.5", "198.51.100.7"


def zero_sum_payload():
    """Two bytes that bring the UDP sum to all ones, so that the checksum comes to 0."""
    probe = raw(IP(src=A, dst=B) / UDP(sport=4000, dport=53) / b"\0\0")
    checksum = int.from_bytes(probe[26:28], "big")
    return checksum.to_bytes(2, "big")


def plain():
    syn = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (305419896, 0)), ("NOP", None),
           ("WScale", 7)]
    short = IP(raw(IP(src=A, dst=B) / UDP(sport=4000, dport=53) / b"abcd"))[UDP].chksum
    return [
        packet("UDP over IPv4", IP(src=A, dst=B, id=7) / UDP(sport=4000, dport=53) / b"question",
               summary("udp", 17, A, B, 36, 20, 28, sourcePort=4000, destinationPort=53,
                       identification=7)),
        packet("UDP over IPv4 without data",
               IP(src=A, dst=B, flags="DF", ttl=1, tos=0xB8) / UDP(sport=65535, dport=1),
               summary("udp", 17, A, B, 28, 20, 28, sourcePort=65535, destinationPort=1,
                       timeToLive=1, identification=1)),
        packet("UDP over IPv4 without checksum",
               IP(src=A, dst=B) / UDP(sport=4000, dport=53, chksum=0) / b"none",
               summary("udp", 17, A, B, 32, 20, 28, sourcePort=4000, destinationPort=53,
                       identification=1, verdict="absent")),
        packet("UDP whose checksum comes to 0",
               IP(src=A, dst=B) / UDP(sport=4000, dport=53) / zero_sum_payload(),
               summary("udp", 17, A, B, 30, 20, 28, sourcePort=4000, destinationPort=53,
                       identification=1)),
        packet("UDP with a wrong checksum",
               IP(src=A, dst=B) / UDP(sport=4000, dport=53, chksum=0x1234) / b"damaged",
               summary("udp", 17, A, B, 35, 20, 28, sourcePort=4000, destinationPort=53,
                       identification=1, verdict="badTransport")),
        packet("UDP shorter than its packet",
               IP(src=A, dst=B) / UDP(sport=4000, dport=53, len=12, chksum=short) / b"abcdefgh",
               summary("udp", 17, A, B, 36, 20, 28, sourcePort=4000, destinationPort=53,
                       payloadBytes=4, identification=1)),
        packet("a TCP SYN with the usual options",
               IP(src=A, dst=B) / TCP(sport=40000, dport=443, seq=0xDEADBEEF, options=syn),
               summary("tcp", 6, A, B, 60, 20, 60, sourcePort=40000, destinationPort=443,
                       tcpFlags=2, identification=1)),
        packet("a TCP segment with data and urgent pointer",
               IP(src=A, dst=B)
               / TCP(sport=40000, dport=443, flags="PAU", seq=1, ack=2, urgptr=3, window=512)
               / b"GET / HTTP/1.1\r\n\r\n",
               summary("tcp", 6, A, B, 58, 20, 40, sourcePort=40000, destinationPort=443,
                       tcpFlags=0x38, identification=1)),
        packet("a TCP segment with SACK blocks and ECN",
               IP(src=A, dst=B, tos=3)
               / TCP(sport=1, dport=2, flags="AEC", ack=100, reserved=0,
                     options=[("NOP", None), ("NOP", None), ("SAck", (10, 20, 30, 40))]),
               summary("tcp", 6, A, B, 60, 20, 60, sourcePort=1, destinationPort=2,
                       tcpFlags=0xD0, identification=1)),
        packet("a TCP RST", IP(src=A, dst=B) / TCP(sport=9, dport=10, flags="R", window=0),
               summary("tcp", 6, A, B, 40, 20, 40, sourcePort=9, destinationPort=10, tcpFlags=4,
                       identification=1)),
        packet("another protocol over IPv4", IP(src=A, dst=B, proto=47) / Raw(b"\0\0\x08\0data"),
               summary("other", 47, A, B, 28, 20, 20, identification=1, verdict="unverifiable")),
        packet("ICMPv6's number over IPv4", IP(src=A, dst=B, proto=58) / Raw(bytes(8)),
               summary("other", 58, A, B, 28, 20, 20, identification=1, verdict="unverifiable")),
    ]


def options():
    return [
        packet("IPv4 with router alert and padding",
               IP(src=A, dst=B, options=[IPOption_Router_Alert(), IPOption_NOP()])
               / UDP(sport=5, dport=6) / b"x",
               summary("udp", 17, A, B, 37, 28, 36, sourcePort=5, destinationPort=6,
                       identification=1)),
        packet("IPv4 with 40 bytes of options",
               IP(src=A, dst=B, options=[IPOption_RR(routers=["0.0.0.0"] * 9)])
               / TCP(sport=5, dport=6, flags="A"),
               summary("tcp", 6, A, B, 80, 60, 80, sourcePort=5, destinationPort=6, tcpFlags=0x10,
                       identification=1)),
        packet("a source route is refused",
               IP(src=A, dst=B, options=[IPOption_LSRR(routers=["192.0.2.1"])])
               / UDP(sport=5, dport=6),
               refused("sourceRoute")),
        packet("an option of length 1 is refused",
               IP(src=A, dst=B, options=[IPOption_Security(length=1)]) / UDP(sport=5, dport=6),
               refused("badOptions")),
    ]


def fragments():
    data = bytes(range(32))
    return [
        packet("the first fragment of a UDP datagram",
               IP(src=A, dst=B, id=99, flags="MF", proto=17)
               / UDP(sport=7, dport=8, len=48, chksum=0x4321) / data[:16],
               summary("fragment", 17, A, B, 44, 20, 28, sourcePort=7, destinationPort=8,
                       moreFragments=1, identification=99, verdict="unverifiable")),
        packet("a middle fragment",
               IP(src=A, dst=B, id=99, flags="MF", frag=3, proto=17) / Raw(data[:8]),
               summary("fragment", 17, A, B, 28, 20, 20, moreFragments=1, fragmentOffset=24,
                       identification=99, verdict="unverifiable")),
        packet("the last fragment",
               IP(src=A, dst=B, id=99, frag=4, proto=17) / Raw(data[:5]),
               summary("fragment", 17, A, B, 25, 20, 20, fragmentOffset=32, identification=99,
                       verdict="unverifiable")),
        packet("a tiny first fragment is refused",
               IP(src=A, dst=B, id=99, flags="MF", proto=6) / Raw(data[:8]),
               refused("tinyFragment")),
        packet("a fragment over the flags is refused",
               IP(src=A, dst=B, id=99, frag=1, proto=6) / Raw(data[:8]), refused("tinyFragment")),
        packet("a fragment beyond 65,535 is refused",
               IP(src=A, dst=B, id=99, frag=8191, proto=17) / Raw(data[:8]),
               refused("badFragment")),
        packet("an odd middle fragment is refused",
               IP(src=A, dst=B, id=99, flags="MF", frag=3, proto=17) / Raw(data[:7]),
               refused("badFragment")),
    ]


def defects():
    return [
        packet("a wrong header checksum is refused",
               IP(src=A, dst=B, chksum=0x1111) / UDP(sport=5, dport=6), refused("badIPChecksum")),
        packet("a UDP length of 7 is refused",
               IP(src=A, dst=B) / UDP(sport=5, dport=6, len=7) / b"abc",
               refused("udpLengthMismatch")),
        packet("a UDP length beyond the packet is refused",
               IP(src=A, dst=B) / UDP(sport=5, dport=6, len=12) / b"abc",
               refused("udpLengthMismatch")),
        packet("a TCP data offset of 4 is refused",
               IP(src=A, dst=B) / TCP(sport=5, dport=6, dataofs=4), refused("badTransportHeader")),
        packet("a TCP data offset beyond the packet is refused",
               IP(src=A, dst=B) / TCP(sport=5, dport=6, dataofs=6), refused("badTransportHeader")),
    ]


def frames():
    ours, theirs = "02:00:00:00:00:01", "02:00:00:00:00:02"
    everyone = "ff:ff:ff:ff:ff:ff"
    return [
        packet("an ARP request",
               Ether(src=ours, dst=everyone)
               / ARP(op=1, hwsrc=ours, psrc="10.0.1.5", hwdst="00:00:00:00:00:00",
                     pdst="10.0.1.1")),
        packet("an ARP reply with padding",
               Ether(src=theirs, dst=ours)
               / ARP(op=2, hwsrc=theirs, psrc="10.0.1.1", hwdst=ours, pdst="10.0.1.5")
               / Raw(bytes(18))),
        packet("a tagged frame",
               Ether(src=ours, dst=theirs) / Dot1Q(vlan=100, prio=5)
               / IP(src=A, dst=B) / UDP(sport=5, dport=6) / b"tagged",
               summary("udp", 17, A, B, 34, 20, 28, at=18, sourcePort=5, destinationPort=6,
                       identification=1)),
        packet("a padded frame",
               Ether(src=ours, dst=theirs) / IP(src=A, dst=B, len=29)
               / UDP(sport=5, dport=6, len=9) / b"p" / Raw(bytes(17)),
               summary("udp", 17, A, B, 29, 20, 28, at=14, sourcePort=5, destinationPort=6,
                       identification=1)),
    ]


def packets():
    return plain() + options() + fragments() + defects() + frames()
