// What a report says of a load balancer's targets, and of what an operator did meanwhile.

/// The flows that one target was given.
public struct TargetReport: Hashable, Sendable, Codable {
    /// `address:port`.
    public var target: String
    /// Whether its flows were allowed to break.
    public var isKilled: Bool
    public var flows: Int
    /// Of these, reset or left without an answer.
    public var broken: Int
    /// Of these, seen at another target later.
    public var changed: Int
    /// When, counted from the run's start, it was given its first flow and its last.
    public var firstFlowAfterSeconds: Double
    public var lastFlowAfterSeconds: Double
}

/// The flows that one EIP of a NAT gateway was given to.
public struct EIPReport: Hashable, Sendable, Codable {
    public var eip: String
    public var flows: Int
    /// Of these, reset or left without an answer.
    public var broken: Int
    public var firstFlowAfterSeconds: Double
    public var lastFlowAfterSeconds: Double
}

/// The traffic of one resource that the run drove.
public struct ResourceReport: Hashable, Sendable, Codable {
    public var resource: String
    public var tenant: String
    public var attempted: UInt64 = 0
    public var established: UInt64 = 0
    public var refused: UInt64 = 0
    public var broken: UInt64 = 0
    public var completed: UInt64 = 0
    /// Packets into the cluster and out of it.
    public var sent: UInt64 = 0
    public var received: UInt64 = 0
    /// Sent and not received, for whatever reason.
    public var lost: UInt64 = 0

    init(resource: String, tenant: String) {
        self.resource = resource
        self.tenant = tenant
    }
}

/// A command that ran while flows were held.
public struct MeanwhileReport: Hashable, Sendable, Codable {
    public var command: String
    /// Of its shell; nil if it had not ended when the run did.
    public var exitStatus: Int32?
    public var startedAfterSeconds: Double
    public var seconds: Double

    public init(
        command: String, exitStatus: Int32?, startedAfterSeconds: Double, seconds: Double
    ) {
        self.command = command
        self.exitStatus = exitStatus
        self.startedAfterSeconds = startedAfterSeconds
        self.seconds = seconds
    }
}

extension RunReport {
    /// Adds what was done during the run; what failed fails the run.
    public mutating func add(_ meanwhile: MeanwhileReport) {
        self.meanwhile = meanwhile
        switch meanwhile.exitStatus {
        case 0: return
        case let status?:
            failures.append("'\(meanwhile.command)' ended with status \(status)")
        case nil: failures.append("'\(meanwhile.command)' had not ended when the run did")
        }
        verdict = .fail
    }
}
