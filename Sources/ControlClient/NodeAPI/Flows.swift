// `GET /v1/flows` of a node.

extension NodeAPI {
    /// The flows of one node that pass the filters, at most as many as were asked for.
    public struct FlowAnswer: Codable, Sendable {
        public var node: String
        public var flows: [Flow]
        /// There are more than were sent.
        public var truncated: Bool

        public init(node: String, flows: [Flow], truncated: Bool) {
            self.node = node
            self.flows = flows
            self.truncated = truncated
        }
    }

    /// A flow as its leader has it.
    public struct Flow: Codable, Sendable {
        public var resource: String
        public var ipProtocol: String
        public var client: String
        public var clientPort: Int
        public var destination: String
        public var destinationPort: Int
        public var translatedSource: String?
        public var translatedSourcePort: Int?
        public var translatedDestination: String?
        public var translatedDestinationPort: Int?
        public var state: String
        public var bucket: Int
        public var ageSeconds: Double
        public var idleSeconds: Double
        public var packetsOutbound: UInt64
        public var packetsInbound: UInt64
        public var bytesOutbound: UInt64
        public var bytesInbound: UInt64

        enum CodingKeys: String, CodingKey {
            case resource
            case ipProtocol = "protocol"
            case client, clientPort, destination, destinationPort
            case translatedSource, translatedSourcePort
            case translatedDestination, translatedDestinationPort
            case state, bucket, ageSeconds, idleSeconds
            case packetsOutbound, packetsInbound, bytesOutbound, bytesInbound
        }

        public init(
            resource: String, ipProtocol: String, client: String, clientPort: Int,
            destination: String, destinationPort: Int, translatedSource: String?,
            translatedSourcePort: Int?, translatedDestination: String?,
            translatedDestinationPort: Int?, state: String, bucket: Int, ageSeconds: Double,
            idleSeconds: Double, packetsOutbound: UInt64, packetsInbound: UInt64,
            bytesOutbound: UInt64, bytesInbound: UInt64
        ) {
            self.resource = resource
            self.ipProtocol = ipProtocol
            self.client = client
            self.clientPort = clientPort
            self.destination = destination
            self.destinationPort = destinationPort
            self.translatedSource = translatedSource
            self.translatedSourcePort = translatedSourcePort
            self.translatedDestination = translatedDestination
            self.translatedDestinationPort = translatedDestinationPort
            self.state = state
            self.bucket = bucket
            self.ageSeconds = ageSeconds
            self.idleSeconds = idleSeconds
            self.packetsOutbound = packetsOutbound
            self.packetsInbound = packetsInbound
            self.bytesOutbound = bytesOutbound
            self.bytesInbound = bytesInbound
        }
    }
}
