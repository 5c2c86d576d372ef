// Faults that the perfect translator can plant, so that it is known that the generator sees them.

/// One wrong thing, done once in a self-test.
public enum Fault: String, CaseIterable, Sendable {
    /// An answer is given to the client of another flow.
    case misdelivery
    /// A flow gets the translation of another live flow to the same destination.
    case duplicateTranslation = "duplicate-translation"
    /// A byte changes on the way.
    case badChecksum = "bad-checksum"
    /// A packet of a load-balanced flow goes to another target than those before it.
    case changedTarget = "changed-target"
    /// A flow's packets get another source port than those before.
    case changedTranslation = "changed-translation"

    /// How many of the report's faults of this kind a run saw.
    public func count(in report: RunReport) -> UInt64 {
        switch self {
        case .misdelivery: report.flows.misdelivered
        case .duplicateTranslation: report.flows.duplicateTranslations
        case .badChecksum: report.packets.badChecksum
        case .changedTarget: report.flows.changedTarget
        case .changedTranslation: report.flows.changedTranslation
        }
    }
}
