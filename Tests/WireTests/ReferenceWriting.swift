// Writes each layer of a reference packet with our writers, from scapy's fields alone.

import Testing
import Wire

/// The bytes that our writer makes of a layer. Checksums of the transport are the line's.
func writtenLayer(_ line: ReferenceLine) -> [UInt8] {
    switch line.kind {
    case "ethernet": writtenEthernet(line)
    case "arp": writtenARP(line)
    case "ipv4": writtenIPv4(line)
    case "ipv6": writtenIPv6(line)
    case "fragment6": writtenFragment(line)
    case "tcp": writtenTCP(line)
    case "udp": writtenUDP(line)
    case "icmp": writtenICMP(line)
    case "geneve": writtenGeneve(line)
    case "vxlan":
        written(8) { VXLANHeader(vni: VNI(truncating: line.integer("vni"))).write(to: &$0) }
    case "batch": written(BatchHeader.byteCount) { batchHeader(line).write(to: &$0) }
    default: line.bytes("bytes")
    }
}

private func writtenEthernet(_ line: ReferenceLine) -> [UInt8] {
    let header = EthernetHeader(
        destination: line.value("destination"), source: line.value("source"),
        etherType: EtherType(rawValue: line.integer("etherType")), tag: line.optional("tag"))
    return written(header.headerBytes) { header.write(to: &$0) }
}

private func writtenARP(_ line: ReferenceLine) -> [UInt8] {
    let packet = ARPPacket(
        operation: line.flag("operation") ? .request : .reply,
        senderHardware: line.value("senderHardware"), sender: line.value("sender"),
        targetHardware: line.value("targetHardware"), target: line.value("target"))
    return written(ARPPacket.byteCount) { packet.write(to: &$0) }
}

private func writtenIPv4(_ line: ReferenceLine) -> [UInt8] {
    var header = IPv4Header(
        ipProtocol: line.ipProtocol("protocol"), source: line.value("source"),
        destination: line.value("destination"), payloadBytes: 0)
    header.headerBytes = line.integer("headerBytes")
    header.trafficClass = line.integer("trafficClass")
    header.totalBytes = line.integer("totalBytes")
    header.identification = line.integer("identification")
    header.dontFragment = line.flag("dontFragment")
    header.moreFragments = line.flag("moreFragments")
    header.fragmentOffset = line.integer("fragmentOffset")
    header.timeToLive = line.integer("timeToLive")
    return written(Int(header.headerBytes)) { bytes in
        bytes.store(line.bytes("options").rawSpan, at: IPv4Header.minimumByteCount)
        header.write(to: &bytes)
    }
}

private func writtenIPv6(_ line: ReferenceLine) -> [UInt8] {
    var header = IPv6Header(
        nextHeader: line.ipProtocol("nextHeader"), source: line.value("source"),
        destination: line.value("destination"), payloadBytes: line.integer("payloadBytes"))
    header.trafficClass = line.integer("trafficClass")
    header.flowLabel = line.integer("flowLabel")
    header.hopLimit = line.integer("hopLimit")
    return written(IPv6Header.byteCount) { header.write(to: &$0) }
}

private func writtenFragment(_ line: ReferenceLine) -> [UInt8] {
    let header = IPv6FragmentHeader(
        nextHeader: line.ipProtocol("nextHeader"), fragmentOffset: line.integer("fragmentOffset"),
        moreFragments: line.flag("moreFragments"), identification: line.integer("identification"))
    return written(IPv6FragmentHeader.byteCount) { header.write(to: &$0) }
}

private func writtenTCP(_ line: ReferenceLine) -> [UInt8] {
    var header = TCPHeader(
        sourcePort: line.port("sourcePort"), destinationPort: line.port("destinationPort"),
        flags: TCPFlags(rawValue: line.integer("flags")))
    header.sequenceNumber = line.integer("sequenceNumber")
    header.acknowledgmentNumber = line.integer("acknowledgmentNumber")
    header.headerBytes = line.integer("headerBytes")
    header.reservedBits = line.integer("reservedBits")
    header.window = line.integer("window")
    header.checksum = line.integer("checksum")
    header.urgentPointer = line.integer("urgentPointer")
    return written(Int(header.headerBytes)) { bytes in
        header.write(to: &bytes)
        bytes.store(line.bytes("options").rawSpan, at: TCPHeader.minimumByteCount)
    }
}

private func writtenUDP(_ line: ReferenceLine) -> [UInt8] {
    var header = UDPHeader(
        sourcePort: line.port("sourcePort"), destinationPort: line.port("destinationPort"),
        payloadBytes: line.integer("length") - UDPHeader.byteCount)
    header.checksum = line.integer("checksum")
    return written(UDPHeader.byteCount) { header.write(to: &$0) }
}

private func writtenICMP(_ line: ReferenceLine) -> [UInt8] {
    var header = ICMPHeader(
        type: line.integer("type"), code: line.integer("code"), rest: line.integer("rest"))
    header.checksum = line.integer("checksum")
    return written(ICMPHeader.byteCount) { header.write(to: &$0) }
}

private func writtenGeneve(_ line: ReferenceLine) -> [UInt8] {
    var options: [UInt8] = []
    for text in line.text("options").split(separator: ",") {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let data = hex(String(parts[2]))
        let option = GeneveOption(
            optionClass: UInt16(parts[0])!, type: UInt8(parts[1])!,
            dataStart: GeneveOption.headerBytes, dataBytes: data.count)
        options += written(GeneveOption.headerBytes) { option.writeHeader(to: &$0) } + data
    }
    let header = GeneveHeader(
        vni: VNI(truncating: line.integer("vni")),
        protocolType: EtherType(rawValue: line.integer("protocolType")), optionBytes: options.count,
        hasCriticalOptions: line.flag("hasCriticalOptions"), isControl: line.flag("isControl"))
    return written(GeneveHeader.byteCount) { header.write(to: &$0) } + options
}

/// The value that a batch's line describes.
func batchHeader(_ line: ReferenceLine) -> BatchHeader {
    func incarnation(_ end: String) -> Incarnation {
        Incarnation(counter: line.integer(end + "Counter"), random: line.integer(end + "Random"))
    }
    func address(_ end: String) -> EngineAddress {
        EngineAddress(
            node: NodeID(rawValue: line.integer(end)), engine: line.integer(end + "Engine"))
    }
    return BatchHeader(
        kind: BatchKind(rawValue: line.integer("kind"))!, totalBytes: line.integer("totalBytes"),
        keyEpoch: line.integer("keyEpoch"), sender: address("sender"),
        receiver: address("receiver"), senderIncarnation: incarnation("sender"),
        receiverIncarnation: incarnation("receiver"), number: line.integer("number"),
        sequence: line.integer("sequence"), acknowledged: line.integer("acknowledged"))
}
