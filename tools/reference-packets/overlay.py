"""Geneve and VXLAN; the three options of the overlay. Batch headers, packed field by field."""

import ipaddress
import struct

from scapy.all import IP, TCP, UDP, Ether, IPv6, Raw
from scapy.contrib.geneve import GENEVE, GeneveOptions
from scapy.layers.vxlan import VXLAN

from describe import packet, pairs
from summary import summary

CLASS = 0xFF48


def overlay_note(vni, ipv4, bucket, marks, eni, resource, listener, inner, origin=""):
    return "overlay " + pairs(
        vni=vni, innerIsIPv4=ipv4, bucket=bucket, marks=marks, eni=eni, resource=resource,
        listener=listener, innerOffset=inner, origin=origin)


def overlay(vni, protocol, bucket, marks, eni, resource, listener, *others):
    return GENEVE(vni=vni, proto=protocol, critical=1, options=[
        GeneveOptions(classid=CLASS, type=0x81, data=struct.pack(">HBB", bucket, marks, 0)),
        GeneveOptions(classid=CLASS, type=0x02, data=struct.pack(">Q", eni)),
        GeneveOptions(classid=CLASS, type=0x83, data=struct.pack(">QHH", resource, listener, 0)),
        *others,
    ])


def origin(text):
    """The option of a packet passed on: IPv4 addresses as IPv4-mapped."""
    data = ipaddress.ip_address(text)
    if data.version == 4:
        data = ipaddress.ip_address("::ffff:" + text)
    return GeneveOptions(classid=CLASS, type=0x84, data=data.packed)


def ours():
    a, b = "10.0.1.5", "198.51.100.7"
    a6, b6 = "2001:db8:1::5", "2001:db8:ffff::7"
    inner = IP(src=a, dst=b) / UDP(sport=4000, dport=53) / b"q"
    inner6 = IPv6(src=a6, dst=b6) / TCP(sport=40000, dport=443)
    says = summary("udp", 17, a, b, 29, 20, 28, at=44, sourcePort=4000, destinationPort=53,
                   identification=1)
    says64 = says.replace("at=44", "at=64")
    says6 = summary("tcp", 6, a6, b6, 60, 40, 60, at=44, sourcePort=40000, destinationPort=443,
                    tcpFlags=2)
    return [
        packet("outbound from a host",
               overlay(0xABCDE, 0x0800, 37, 0, 0x0123456789ABCDEF, 0xFEDCBA9876543210, 0) / inner,
               says, overlay_note(0xABCDE, 1, 37, 0, 0x0123456789ABCDEF, 0xFEDCBA9876543210, 0,
                                  44)),
        packet("inbound from an edge, IPv6",
               overlay(0, 0x86DD, 63, 1, 0, 5, 2) / inner6,
               says6, overlay_note(0, 0, 63, 1, 0, 5, 2, 44)),
        packet("over a loan, with every mark",
               overlay(0xFFFFFF, 0x0800, 65535, 0x0F, 2**64 - 1, 2**64 - 1, 65535) / inner,
               says, overlay_note(0xFFFFFF, 1, 65535, 0x0F, 2**64 - 1, 2**64 - 1, 65535, 44)),
        packet("passed on by a node, for an IPv4 host",
               overlay(0xABCDE, 0x0800, 37, 4, 6, 7, 0, origin("127.0.1.1")) / inner,
               says64, overlay_note(0xABCDE, 1, 37, 4, 6, 7, 0, 64, "127.0.1.1")),
        packet("passed on by a node, for an IPv6 edge",
               overlay(0, 0x0800, 37, 3, 0, 7, 0, origin("2001:db8::e")) / inner,
               says64, overlay_note(0, 1, 37, 3, 0, 7, 0, 64, "2001:db8::e")),
    ]


def others():
    a, b = "10.0.1.5", "198.51.100.7"
    frame = (Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
             / IP(src=a, dst=b) / UDP(sport=5, dport=6) / b"x")
    outer = IP(src="127.0.1.1", dst="127.0.0.11")
    return [
        packet("Geneve without options", GENEVE(vni=1, proto=0x6558) / frame),
        packet("Geneve with options of others",
               GENEVE(vni=0x10203, proto=0x0800, options=[
                   GeneveOptions(classid=0x0108, type=1, data=bytes(range(8))),
                   GeneveOptions(classid=0x0108, type=3, data=b"\1\2\3\4"),
                   GeneveOptions(classid=0x0102, type=0x80, data=b""),
               ], critical=1) / IP(src=a, dst=b) / UDP(sport=5, dport=6)),
        packet("a whole encapsulated datagram",
               outer / UDP(sport=50000, dport=6081)
               / overlay(9, 0x0800, 1, 0, 2, 3, 0) / IP(src=a, dst=b) / UDP(sport=5, dport=6),
               summary("udp", 17, "127.0.1.1", "127.0.0.11", 100, 20, 28, sourcePort=50000,
                       destinationPort=6081, identification=1),
               summary("udp", 17, a, b, 28, 20, 28, at=72, sourcePort=5, destinationPort=6,
                       identification=1)),
        packet("VXLAN", outer / UDP(sport=50000, dport=4789, chksum=0) / VXLAN(vni=0xFEDCBA, flags=8)
               / frame,
               summary("udp", 17, "127.0.1.1", "127.0.0.11", 79, 20, 28, sourcePort=50000,
                       destinationPort=4789, identification=1, verdict="absent")),
    ]


def batch(name, kind, contents, epoch, sender, receiver, engines, ours, theirs, number,
          sequence, acknowledged):
    total = 96 + len(contents)
    data = struct.pack(
        ">IBBBBIHHQQIIQQQQQQQ", 0x48505042, 1, 24, kind, 0, total, engines[1], engines[0], sender,
        receiver, epoch, 0, *ours, *theirs, number, sequence, acknowledged) + contents
    line = "batch " + pairs(
        kind=kind, totalBytes=total, keyEpoch=epoch, sender=sender, senderEngine=engines[0],
        receiver=receiver, receiverEngine=engines[1], senderCounter=ours[0], senderRandom=ours[1],
        receiverCounter=theirs[0], receiverRandom=theirs[1], number=number, sequence=sequence,
        acknowledged=acknowledged)
    lines = [f"packet {name}", f"bytes {data.hex()}", line]
    if contents:
        lines.append(f"payload bytes={contents.hex()}")
    return "\n".join(lines) + "\n"


def batches():
    return [
        batch("a hello", 1, b"", 1, 11, 12, (0, 0), (3, 0xAAAAAAAAAAAAAAAA), (0, 0), 0, 0, 0),
        batch("a batch of messages", 3, b"sealed contents", 0x01020304, 0x1111111111111111,
              0x2222222222222222, (1, 0x203), (4, 5), (6, 7), 0x0102030405060708,
              0x1112131415161718, 2**64 - 1),
    ]


def packets():
    return ours() + others() + batches()
