// The control API's types, one file for each noun: what is answered, and what a creation asks for.
// JSON field names are the properties' names.

/// Namespace of the control API's types.
public enum API {}

/// A noun of the API: something that is created, listed, shown and deleted.
public protocol APIResource: Codable, Sendable, Hashable {
    /// What a creation asks for; the body of the POST.
    associatedtype Creation: Codable & Sendable & Hashable

    /// In the path: `/v1/<collection>`.
    static var collection: String { get }
    /// In words and on the command line.
    static var noun: String { get }
    static var kind: IdentifierKind { get }

    var id: Identifier { get }
    /// Unique within the tenant, or within the cluster for what no tenant owns.
    var name: String { get }
    var state: API.State { get }
    /// The registry's revision at which it last changed.
    var revision: UInt64 { get }
}

/// A noun whose settings can be changed while it lives.
public protocol ChangeableResource: APIResource {
    /// What is to change; the body of the PATCH. What is absent stays as it is.
    associatedtype Settings: Codable & Sendable & Hashable
}

extension API {
    /// Where something stands in its life. A text, not a closed list, so that an older client can
    /// show what a newer service says.
    public struct State: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        public var description: String { rawValue }

        /// Waits for something; `stateReason` says for what.
        public static let pending = State(rawValue: "pending")
        /// In force. An EIP: held by its tenant, free to be used.
        public static let available = State(rawValue: "available")
        /// Being given up: begins nothing, goes when its addresses are safe to use again.
        public static let deleting = State(rawValue: "deleting")
        /// An EIP in use by a resource.
        public static let associated = State(rawValue: "associated")
        /// Keeps its flows, begins none.
        public static let draining = State(rawValue: "draining")
        /// An EIP whose flows are ended and whose quiet time runs.
        public static let releasing = State(rawValue: "releasing")
        /// A target that takes flows.
        public static let healthy = State(rawValue: "healthy")
        /// A target whose drain time is over: what flows it has left are being reset.
        public static let terminating = State(rawValue: "terminating")
        /// A target whose group no listener uses.
        public static let unused = State(rawValue: "unused")
    }

    /// One page of a list, ordered by identifier.
    public struct Page<Item: Codable & Sendable>: Codable, Sendable {
        public var items: [Item]
        /// Pass as `after` to get the following page; absent on the last.
        public var next: String?

        public init(items: [Item], next: String? = nil) {
            self.items = items
            self.next = next
        }
    }
}
