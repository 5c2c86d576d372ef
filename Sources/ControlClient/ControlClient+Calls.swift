// The calls of the control API, one method each. Every one throws `ControlError`.

extension ControlClient {
    /// All that match every filter, e.g. `["tenant": "ten-…", "name": "main"]`; reads all pages.
    public func list<R: APIResource>(
        _ type: R.Type, where filters: [String: String] = [:]
    ) async throws(ControlError) -> [R] {
        var items: [R] = []
        var after: String?
        repeat {
            var query = filters
            query["after"] = after
            let path = "/v1/\(R.collection)" + Self.queryString(query)
            let page = try decode(
                API.Page<R>.self, from: judge(await send("GET", path)))
            items += page.items
            after = page.next
        } while after != nil
        return items
    }

    public func show<R: APIResource>(
        _ type: R.Type, _ id: Identifier
    ) async throws(ControlError) -> R {
        try decode(R.self, from: judge(await send("GET", "/v1/\(R.collection)/\(id)")))
    }

    /// Repeating a call with the same idempotency key gives the first answer again.
    public func create<R: APIResource>(
        _ type: R.Type, _ creation: R.Creation, idempotencyKey: String? = nil
    ) async throws(ControlError) -> R {
        let answer = try await send(
            "POST", "/v1/\(R.collection)", body: encode(creation),
            idempotencyKey: idempotencyKey)
        return try decode(R.self, from: judge(answer))
    }

    /// Changes what `settings` names and nothing else; the thing as it is then.
    public func change<R: ChangeableResource>(
        _ type: R.Type, _ id: Identifier, _ settings: R.Settings
    ) async throws(ControlError) -> R {
        let path = "/v1/\(R.collection)/\(id)"
        return try decode(
            R.self, from: judge(await send("PATCH", path, body: encode(settings))))
    }

    /// The thing as it is now if its deletion takes time (state `deleting` or `draining`), nil if
    /// it is gone.
    @discardableResult
    public func delete<R: APIResource>(
        _ type: R.Type, _ id: Identifier
    ) async throws(ControlError) -> R? {
        let answer = try await send("DELETE", "/v1/\(R.collection)/\(id)")
        let body = try judge(answer)
        return answer.status == 204 ? nil : try decode(R.self, from: body)
    }

    public func addEIP(
        _ eip: Identifier, to gateway: Identifier
    ) async throws(ControlError) -> API.NATGateway {
        try await action(
            "nat-gateways/\(gateway)/eips", API.NATGateway.EIPAddition(eip: eip))
    }

    public func drainEIP(
        _ eip: Identifier, of gateway: Identifier, maxDrainSeconds: Int? = nil
    ) async throws(ControlError) -> API.NATGateway {
        try await action(
            "nat-gateways/\(gateway)/eips/\(eip)/drain",
            API.NATGateway.EIPDrain(maxDrainSeconds: maxDrainSeconds))
    }

    /// The target keeps its flows and gets no new one, until it is deregistered.
    public func drainTarget(_ target: Identifier) async throws(ControlError) -> API.Target {
        try decode(
            API.Target.self, from: judge(await send("POST", "/v1/targets/\(target)/drain")))
    }

    /// What a node does at every start: says where it is, under the id that its disk holds.
    @discardableResult
    public func registerNode(
        _ id: Identifier, _ registration: API.Node.Creation
    ) async throws(ControlError) -> API.Node {
        let answer = try await send("PUT", "/v1/nodes/\(id)", body: encode(registration))
        return try decode(API.Node.self, from: judge(answer))
    }

    public func cluster() async throws(ControlError) -> API.Cluster {
        try decode(API.Cluster.self, from: judge(await send("GET", "/v1/cluster")))
    }

    public func changeCluster(
        _ settings: API.Cluster.Settings
    ) async throws(ControlError) -> API.Cluster {
        let answer = try await send("PATCH", "/v1/cluster", body: encode(settings))
        return try decode(API.Cluster.self, from: judge(answer))
    }

    /// Draws new keys for the channels between nodes. Nodes take them up without a pause.
    public func rotateKeys(
        idempotencyKey: String? = nil
    ) async throws(ControlError) -> API.Cluster {
        let answer = try await send(
            "POST", "/v1/cluster/rotate-keys", idempotencyKey: idempotencyKey)
        return try decode(API.Cluster.self, from: judge(answer))
    }

    /// Changes, oldest first, after revision `after`; of one thing, if there is a subject.
    public func history(
        of subject: API.Change.Subject?, after: UInt64 = 0, limit: Int = 100
    ) async throws(ControlError) -> API.Page<API.Change> {
        var query = ["after": "\(after)", "limit": "\(limit)"]
        query["subject"] = subject?.description
        let answer = try await send("GET", "/v1/history" + Self.queryString(query))
        return try decode(API.Page<API.Change>.self, from: judge(answer))
    }

    /// The same by identifier.
    public func history(
        subject: Identifier? = nil, after: UInt64 = 0, limit: Int = 100
    ) async throws(ControlError) -> API.Page<API.Change> {
        try await history(of: subject.map { .thing($0) }, after: after, limit: limit)
    }

    /// What a node says of itself, asked at its own endpoint: this client's URL is the node's.
    public func nodeStatus() async throws(ControlError) -> NodeAPI.Status {
        try decode(NodeAPI.Status.self, from: judge(await send("GET", "/v1/status")))
    }

    /// Returns if the service is ready to take changes.
    public func checkReadiness() async throws(ControlError) {
        _ = try judge(await send("GET", "/readyz"))
    }

    private func action<Answer: Decodable>(
        _ path: String, _ body: some Encodable
    ) async throws(ControlError) -> Answer {
        try decode(
            Answer.self, from: judge(await send("POST", "/v1/" + path, body: encode(body))))
    }

    /// Empty, or `?` and the items in the order of their names, percent-encoded (RFC 3986).
    static func queryString(_ items: [String: String]) -> String {
        let pairs = items.sorted { $0.key < $1.key }
            .map { percentEncoded($0.key) + "=" + percentEncoded($0.value) }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    package static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
            }
        }
        return encoded
    }
}
