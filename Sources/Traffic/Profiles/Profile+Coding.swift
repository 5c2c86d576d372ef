// Profiles in files. Every key may be left out; `preset` names the profile that the rest comes
// from. A key that is not known is an error, since a misspelt one would otherwise do nothing.

extension Profile: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case preset, name, summary, protocols, sizes, arrivals, lifetime
        case requestIntervalMilliseconds, destinations, instancesPerVPC, patience, criteria
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(Key.self)
        let values = try decoder.container(keyedBy: Key.self)
        self.init()
        if let preset = try values.decodeIfPresent(String.self, forKey: .preset) {
            guard let base = Profile.preset(preset) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .preset, in: values,
                    debugDescription: "no preset is called '\(preset)'; there are "
                        + Profile.presets.map(\.name).joined(separator: ", "))
            }
            self = base
        }
        try values.take(.name, into: &name)
        try values.take(.summary, into: &summary)
        try values.take(.protocols, into: &protocols)
        try values.take(.arrivals, into: &arrivals)
        try values.take(.lifetime, into: &lifetime)
        try values.take(.requestIntervalMilliseconds, into: &requestIntervalMilliseconds)
        try values.take(.destinations, into: &destinations)
        instancesPerVPC = try values.decodeIfPresent(Int.self, forKey: .instancesPerVPC)
        try values.take(.patience, into: &patience)
        try values.take(.criteria, into: &criteria)
        if let sizes = try values.decodeIfPresent(SizesText.self, forKey: .sizes) {
            self.sizes = sizes.shares
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(name, forKey: .name)
        try values.encode(summary, forKey: .summary)
        try values.encode(protocols, forKey: .protocols)
        try values.encode(sizes, forKey: .sizes)
        try values.encode(arrivals, forKey: .arrivals)
        try values.encode(lifetime, forKey: .lifetime)
        try values.encode(requestIntervalMilliseconds, forKey: .requestIntervalMilliseconds)
        try values.encode(destinations, forKey: .destinations)
        try values.encodeIfPresent(instancesPerVPC, forKey: .instancesPerVPC)
        try values.encode(patience, forKey: .patience)
        try values.encode(criteria, forKey: .criteria)
    }
}

/// `imix`, or a list of sizes with weights.
private struct SizesText: Decodable {
    var shares: [SizeShare]

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let name = try? value.decode(String.self) {
            guard name == "imix" else {
                throw DecodingError.dataCorruptedError(
                    in: value, debugDescription: "sizes: '\(name)' is not 'imix'")
            }
            shares = SizeShare.imix
        } else {
            shares = try value.decode([SizeShare].self)
        }
    }
}

extension Destinations: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case prefix, count, ports, zipfExponent
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(Key.self)
        let values = try decoder.container(keyedBy: Key.self)
        self.init()
        try values.take(.prefix, into: &prefix)
        try values.take(.count, into: &count)
        try values.take(.ports, into: &ports)
        try values.take(.zipfExponent, into: &zipfExponent)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(prefix, forKey: .prefix)
        try values.encode(count, forKey: .count)
        try values.encode(ports, forKey: .ports)
        try values.encode(zipfExponent, forKey: .zipfExponent)
    }
}

extension Criteria: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case maximumRefusedFraction, maximumLossFraction, maximumOutageMilliseconds
        case maximumSetupP99Microseconds, maximumViewChanges, minimumRateFraction
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(Key.self)
        let values = try decoder.container(keyedBy: Key.self)
        self.init()
        try values.take(.maximumRefusedFraction, into: &maximumRefusedFraction)
        try values.take(.maximumLossFraction, into: &maximumLossFraction)
        try values.take(.minimumRateFraction, into: &minimumRateFraction)
        maximumOutageMilliseconds =
            try values.decodeIfPresent(Double.self, forKey: .maximumOutageMilliseconds)
        maximumSetupP99Microseconds =
            try values.decodeIfPresent(Double.self, forKey: .maximumSetupP99Microseconds)
        maximumViewChanges = try values.decodeIfPresent(Int.self, forKey: .maximumViewChanges)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(maximumRefusedFraction, forKey: .maximumRefusedFraction)
        try values.encode(maximumLossFraction, forKey: .maximumLossFraction)
        try values.encode(minimumRateFraction, forKey: .minimumRateFraction)
        try values.encodeIfPresent(maximumOutageMilliseconds, forKey: .maximumOutageMilliseconds)
        try values.encodeIfPresent(
            maximumSetupP99Microseconds, forKey: .maximumSetupP99Microseconds)
        try values.encodeIfPresent(maximumViewChanges, forKey: .maximumViewChanges)
    }
}

extension KeyedDecodingContainer {
    /// Sets `value` if the key is there.
    fileprivate func take<T: Decodable>(_ key: Key, into value: inout T) throws {
        if let found = try decodeIfPresent(T.self, forKey: key) { value = found }
    }
}

/// Any key at all, to see which ones a file has.
private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    fileprivate func refuseUnknownKeys<K: CodingKey & CaseIterable>(_: K.Type) throws {
        let known = K.allCases.map(\.stringValue)
        let found = try container(keyedBy: AnyKey.self)
        for key in found.allKeys where !known.contains(key.stringValue) {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: found,
                debugDescription: "'\(key.stringValue)' is not a key here; there are "
                    + known.joined(separator: ", "))
        }
    }
}
