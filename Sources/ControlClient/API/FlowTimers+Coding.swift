// Idle times as JSON. Earlier releases had one time, `tcpTransitorySeconds`, for opening and closing
// TCP flows: it is still read, from registries and from requests, where the two of today are absent.

private enum TimeoutKey: String, CodingKey {
    case tcpEstablishedSeconds, tcpOpeningSeconds, tcpClosingSeconds, tcpTransitorySeconds
    case udpSeconds, icmpSeconds
}

extension KeyedDecodingContainer<TimeoutKey> {
    fileprivate func seconds(_ key: TimeoutKey) throws -> Int? {
        try decodeIfPresent(Int.self, forKey: key)
    }
}

extension API.TimeoutSettings: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: TimeoutKey.self)
        let transitory = try container.seconds(.tcpTransitorySeconds)
        self.init(
            tcpEstablishedSeconds: try container.seconds(.tcpEstablishedSeconds),
            tcpOpeningSeconds: try container.seconds(.tcpOpeningSeconds) ?? transitory,
            tcpClosingSeconds: try container.seconds(.tcpClosingSeconds) ?? transitory,
            udpSeconds: try container.seconds(.udpSeconds),
            icmpSeconds: try container.seconds(.icmpSeconds))
    }

    /// Where one time stands for both, it is written under the old name too: what an older service
    /// understands.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: TimeoutKey.self)
        try container.encodeIfPresent(tcpEstablishedSeconds, forKey: .tcpEstablishedSeconds)
        try container.encodeIfPresent(tcpOpeningSeconds, forKey: .tcpOpeningSeconds)
        try container.encodeIfPresent(tcpClosingSeconds, forKey: .tcpClosingSeconds)
        if tcpOpeningSeconds == tcpClosingSeconds {
            try container.encodeIfPresent(tcpOpeningSeconds, forKey: .tcpTransitorySeconds)
        }
        try container.encodeIfPresent(udpSeconds, forKey: .udpSeconds)
        try container.encodeIfPresent(icmpSeconds, forKey: .icmpSeconds)
    }
}

extension API.IdleTimeouts {
    public init(from decoder: any Decoder) throws {
        let settings = try API.TimeoutSettings(from: decoder)
        func required(_ seconds: Int?, _ key: TimeoutKey) throws -> Int {
            guard let seconds else {
                throw DecodingError.keyNotFound(
                    key, .init(codingPath: decoder.codingPath, debugDescription: "is missing"))
            }
            return seconds
        }
        self.init(
            tcpEstablishedSeconds: try required(
                settings.tcpEstablishedSeconds, .tcpEstablishedSeconds),
            tcpOpeningSeconds: try required(settings.tcpOpeningSeconds, .tcpOpeningSeconds),
            tcpClosingSeconds: try required(settings.tcpClosingSeconds, .tcpClosingSeconds),
            udpSeconds: try required(settings.udpSeconds, .udpSeconds),
            icmpSeconds: try required(settings.icmpSeconds, .icmpSeconds))
    }
}
