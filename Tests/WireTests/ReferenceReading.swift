// Reads each layer of a reference packet with our parsers and compares every field with scapy's.

import Testing
import Wire

/// Reads one layer at the start of `bytes`, expects the line's fields, and returns its length.
func expectRead(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    switch line.kind {
    case "ethernet": try expectEthernet(line, bytes)
    case "arp": try expectARP(line, bytes)
    case "ipv4": try expectIPv4(line, bytes)
    case "ipv6": try expectIPv6(line, bytes)
    case "fragment6": try expectFragment(line, bytes)
    case "tcp": try expectTCP(line, bytes)
    case "udp": try expectUDP(line, bytes)
    case "icmp": try expectICMP(line, bytes)
    case "geneve": try expectGeneve(line, bytes)
    case "vxlan": try expectVXLAN(line, bytes)
    case "batch": try expectBatch(line, bytes)
    default: line.bytes("bytes").count
    }
}

private func expectEthernet(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try EthernetHeader.parse(bytes.rawSpan)
    #expect(header.destination == line.value("destination"))
    #expect(header.source == line.value("source"))
    #expect(header.etherType.rawValue == line.integer("etherType"))
    #expect(header.tag == line.optional("tag"))
    return header.headerBytes
}

private func expectARP(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let packet = try ARPPacket.parse(bytes.rawSpan)
    #expect(packet.operation.rawValue == line.integer("operation"))
    #expect(packet.senderHardware == line.value("senderHardware"))
    #expect(packet.sender == line.value("sender"))
    #expect(packet.targetHardware == line.value("targetHardware"))
    #expect(packet.target == line.value("target"))
    return ARPPacket.byteCount
}

private func expectIPv4(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try IPv4Header.parse(bytes.rawSpan)
    #expect(header.headerBytes == line.integer("headerBytes"))
    #expect(header.trafficClass == line.integer("trafficClass"))
    #expect(header.totalBytes == line.integer("totalBytes"))
    #expect(header.identification == line.integer("identification"))
    #expect(header.dontFragment == line.flag("dontFragment"))
    #expect(header.moreFragments == line.flag("moreFragments"))
    #expect(header.fragmentOffset == line.integer("fragmentOffset"))
    #expect(header.timeToLive == line.integer("timeToLive"))
    #expect(header.ipProtocol == line.ipProtocol("protocol"))
    #expect(header.source == line.value("source"))
    #expect(header.destination == line.value("destination"))
    #expect(try IPv4View(bytes.rawSpan).checksum == line.integer("checksum"))
    return Int(header.headerBytes)
}

private func expectIPv6(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try IPv6Header.parse(bytes.rawSpan)
    #expect(header.trafficClass == line.integer("trafficClass"))
    #expect(header.flowLabel == line.integer("flowLabel"))
    #expect(header.payloadBytes == line.integer("payloadBytes"))
    #expect(header.nextHeader == line.ipProtocol("nextHeader"))
    #expect(header.hopLimit == line.integer("hopLimit"))
    #expect(header.source == line.value("source"))
    #expect(header.destination == line.value("destination"))
    return IPv6Header.byteCount
}

private func expectFragment(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try IPv6FragmentHeader.parse(bytes.rawSpan)
    #expect(header.nextHeader == line.ipProtocol("nextHeader"))
    #expect(header.fragmentOffset == line.integer("fragmentOffset"))
    #expect(header.moreFragments == line.flag("moreFragments"))
    #expect(header.identification == line.integer("identification"))
    return IPv6FragmentHeader.byteCount
}

private func expectTCP(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try TCPHeader.parse(bytes.rawSpan)
    #expect(header.sourcePort == line.port("sourcePort"))
    #expect(header.destinationPort == line.port("destinationPort"))
    #expect(header.sequenceNumber == line.integer("sequenceNumber"))
    #expect(header.acknowledgmentNumber == line.integer("acknowledgmentNumber"))
    #expect(header.headerBytes == line.integer("headerBytes"))
    #expect(header.reservedBits == line.integer("reservedBits"))
    #expect(header.flags.rawValue == line.integer("flags"))
    #expect(header.window == line.integer("window"))
    #expect(header.checksum == line.integer("checksum"))
    #expect(header.urgentPointer == line.integer("urgentPointer"))
    let options = try TCPOptions.parse(line.bytes("options").rawSpan)
    #expect(options.maximumSegmentSize == line.optional("maximumSegmentSize"))
    #expect(options.windowScale == line.optional("windowScale"))
    #expect(
        options.selectiveAcknowledgmentPermitted == line.flag("selectiveAcknowledgmentPermitted"))
    #expect(options.timestampValue == line.optional("timestampValue"))
    #expect(options.timestampEcho == line.optional("timestampEcho"))
    return Int(header.headerBytes)
}

private func expectUDP(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    // Its own bytes alone, because the length of a first fragment is that of the whole datagram.
    var header = UDPHeader(sourcePort: Port(0), destinationPort: Port(0), payloadBytes: 0)
    if bytes.count >= bytes.rawSpan.bigEndianUInt16(at: 4) {
        header = try UDPHeader.parse(bytes.rawSpan)
    } else {
        var whole = bytes
        whole.append(contentsOf: [UInt8](repeating: 0, count: line.integer("length") - bytes.count))
        header = try UDPHeader.parse(whole.rawSpan)
    }
    #expect(header.sourcePort == line.port("sourcePort"))
    #expect(header.destinationPort == line.port("destinationPort"))
    #expect(header.length == line.integer("length"))
    #expect(header.checksum == line.integer("checksum"))
    return UDPHeader.byteCount
}

private func expectICMP(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try ICMPHeader.parse(bytes.rawSpan)
    #expect(header.type == line.integer("type"))
    #expect(header.code == line.integer("code"))
    #expect(header.checksum == line.integer("checksum"))
    #expect(header.rest == line.integer("rest"))
    return ICMPHeader.byteCount
}

private func expectGeneve(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try GeneveHeader.parse(bytes.rawSpan)
    #expect(header.vni.rawValue == line.integer("vni"))
    #expect(header.protocolType.rawValue == line.integer("protocolType"))
    #expect(header.isControl == line.flag("isControl"))
    #expect(header.hasCriticalOptions == line.flag("hasCriticalOptions"))
    let end = GeneveHeader.byteCount + header.optionBytes
    let options = Array(bytes[GeneveHeader.byteCount..<end])
    var walk = GeneveOptionWalk(options.rawSpan)
    var texts: [String] = []
    while let option = try walk.next() {
        let data = options[option.dataStart..<option.dataStart + option.dataBytes]
        texts.append("\(option.optionClass):\(option.type):\(hexText(Array(data)))")
    }
    #expect(texts.joined(separator: ",") == line.text("options"))
    return end
}

private func expectVXLAN(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    #expect(try VXLANHeader.parse(bytes.rawSpan).vni.rawValue == line.integer("vni"))
    return VXLANHeader.byteCount
}

private func expectBatch(_ line: ReferenceLine, _ bytes: [UInt8]) throws -> Int {
    let header = try BatchHeader.parse(bytes.rawSpan)
    #expect(header == batchHeader(line))
    return header.headerBytes
}
