"""IPv6 with TCP and UDP; extension headers and fragments."""

from scapy.all import (
    TCP, UDP, HBHOptUnknown, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting, PadN, Raw, RouterAlert, raw,
)
from scapy.layers.ipsec import AH

from describe import packet
from summary import refused, summary

A, B = "2001:db8:1::5", "2001:db8:ffff::7"


def plain():
    return [
        packet("UDP over IPv6", IPv6(src=A, dst=B, tc=0xB9, fl=0xABCDE)
               / UDP(sport=4000, dport=53) / b"question",
               summary("udp", 17, A, B, 56, 40, 48, sourcePort=4000, destinationPort=53)),
        packet("UDP over IPv6 without checksum",
               IPv6(src=A, dst=B) / UDP(sport=4000, dport=53, chksum=0) / b"none",
               summary("udp", 17, A, B, 52, 40, 48, sourcePort=4000, destinationPort=53,
                       verdict="missing")),
        packet("a TCP SYN-ACK over IPv6",
               IPv6(src=A, dst=B, hlim=255)
               / TCP(sport=443, dport=40000, flags="SA", seq=5, ack=6,
                     options=[("MSS", 1440), ("NOP", None), ("WScale", 14)]),
               summary("tcp", 6, A, B, 68, 40, 68, sourcePort=443, destinationPort=40000,
                       tcpFlags=0x12, timeToLive=255)),
        packet("no next header", IPv6(src=A, dst=B, nh=59) / Raw(b"ignored"),
               summary("other", 59, A, B, 47, 40, 40, verdict="unverifiable")),
        packet("an encrypted payload", IPv6(src=A, dst=B, nh=50) / Raw(bytes(24)),
               summary("other", 50, A, B, 64, 40, 40, verdict="unverifiable")),
        packet("an IPv4-mapped source is refused",
               IPv6(src="::ffff:10.0.0.1", dst=B) / UDP(sport=1, dport=2),
               refused("mappedAddress")),
        packet("an IPv4-mapped destination is refused",
               IPv6(src=A, dst="::ffff:10.0.0.1") / UDP(sport=1, dport=2),
               refused("mappedAddress")),
        packet("a payload length beyond the bytes is refused",
               IPv6(src=A, dst=B, plen=100) / UDP(sport=1, dport=2), refused("badTotalLength")),
    ]


def extensions():
    udp = UDP(sport=5, dport=6) / b"x"
    # scapy leaves the checksum behind an authentication header at 0; extension headers aren't part
    # of what it covers, so a packet without them has the same.
    checksum = IPv6(raw(IPv6(src=A, dst=B) / udp))[UDP].chksum
    summed = UDP(sport=5, dport=6, chksum=checksum) / b"x"
    return [
        packet("hop-by-hop options",
               IPv6(src=A, dst=B) / IPv6ExtHdrHopByHop(options=[RouterAlert()]) / udp,
               summary("udp", 17, A, B, 57, 48, 56, sourcePort=5, destinationPort=6)),
        packet("a chain of extension headers",
               IPv6(src=A, dst=B) / IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(12))])
               / IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=0x1E, optdata=b"abcd")])
               / IPv6ExtHdrRouting(type=2, segleft=0, addresses=[A])
               / AH(nh=17, spi=9, seq=1, icv=bytes(12), payloadlen=4) / summed,
               summary("udp", 17, A, B, 121, 112, 120, sourcePort=5, destinationPort=6)),
        packet("a routing header with segments left is refused",
               IPv6(src=A, dst=B) / IPv6ExtHdrRouting(addresses=[A]) / udp,
               refused("sourceRoute")),
        packet("hop-by-hop options after another header are refused",
               IPv6(src=A, dst=B) / IPv6ExtHdrDestOpt() / IPv6ExtHdrHopByHop() / udp,
               refused("badExtensionHeader")),
        packet("an extension header beyond the packet is refused",
               IPv6(src=A, dst=B) / IPv6ExtHdrDestOpt(len=9) / udp,
               refused("badExtensionHeader")),
    ]


def fragments():
    return [
        packet("the first fragment over IPv6",
               IPv6(src=A, dst=B) / IPv6ExtHdrFragment(m=1, id=0xCAFEBABE, nh=17)
               / UDP(sport=7, dport=8, len=100, chksum=0x4321) / Raw(bytes(24)),
               summary("fragment", 17, A, B, 80, 48, 56, sourcePort=7, destinationPort=8,
                       moreFragments=1, identification=0xCAFEBABE, verdict="unverifiable")),
        packet("a later fragment over IPv6",
               IPv6(src=A, dst=B) / IPv6ExtHdrFragment(offset=4, id=0xCAFEBABE, nh=17)
               / Raw(bytes(13)),
               summary("fragment", 17, A, B, 61, 48, 48, fragmentOffset=32,
                       identification=0xCAFEBABE, verdict="unverifiable")),
        packet("a later fragment's data is not walked",
               IPv6(src=A, dst=B) / IPv6ExtHdrFragment(offset=4, id=6, nh=60)
               / Raw(b"\x11\xff" + bytes(14)),
               summary("fragment", 60, A, B, 64, 48, 48, fragmentOffset=32, identification=6,
                       verdict="unverifiable")),
        packet("a second fragment header is refused",
               IPv6(src=A, dst=B) / IPv6ExtHdrFragment(m=1, id=5) / IPv6ExtHdrFragment(id=5)
               / UDP(sport=1, dport=2) / Raw(bytes(8)),
               refused("badExtensionHeader")),
        packet("an atomic fragment is a whole packet",
               IPv6(src=A, dst=B) / IPv6ExtHdrFragment(id=5) / UDP(sport=7, dport=8) / b"whole",
               summary("udp", 17, A, B, 61, 48, 56, sourcePort=7, destinationPort=8,
                       identification=5)),
        packet("a first fragment without its transport header is refused",
               IPv6(src=A, dst=B) / IPv6ExtHdrFragment(m=1, id=5, nh=6) / Raw(bytes(16)),
               refused("tinyFragment")),
    ]


def packets():
    return plain() + extensions() + fragments()
