// A snapshot as it travels and lies on disk: its bytes in an envelope.

public import Configuration
public import Sealing

/// A snapshot that is not run by, and why, for people.
public struct RefusedSnapshot: Error, Hashable, Sendable, CustomStringConvertible {
    public var refusal: SnapshotRefusal
    public var detail: String

    public init(_ refusal: SnapshotRefusal, _ detail: String) {
        self.refusal = refusal
        self.detail = detail
    }

    public var description: String { "\(refusal.rawValue): \(detail)" }
}

/// Puts snapshots into envelopes and takes them out.
public enum SnapshotEnvelope {
    /// The snapshot's bytes in an envelope of `leastClass` or the next that holds them; nil if
    /// none does.
    public static func seal(_ snapshot: Snapshot, leastClass: SizeClass) -> [UInt8]? {
        Envelope.seal(SnapshotEncoder.encode(snapshot), leastClass: leastClass)
    }

    /// Throws for anything but one whole, intact snapshot that this release can read.
    public static func open(_ bytes: [UInt8]) throws(RefusedSnapshot) -> Snapshot {
        let payload: [UInt8]
        do throws(EnvelopeError) {
            payload = try Envelope.open(bytes)
        } catch {
            throw RefusedSnapshot(error, bytes)
        }
        do throws(SnapshotError) {
            return try SnapshotDecoder.decode(payload)
        } catch {
            throw RefusedSnapshot(error)
        }
    }
}

extension RefusedSnapshot {
    fileprivate init(_ error: EnvelopeError, _ bytes: [UInt8]) {
        switch error {
        case .torn:
            self.init(.torn, "it ends after \(bytes.count) bytes, before the length it states")
        case .badMagic where bytes.starts(with: "HPSN".utf8):
            self.init(
                .olderFormat,
                "it is of a release before snapshots were compressed; one from the "
                    + "placement service will replace it")
        case .badMagic: self.init(.notASnapshot, "it begins with other bytes than a snapshot")
        case .newerFormat(let format):
            self.init(.newerFormat, Self.newer("envelope", format, than: Envelope.format))
        case .corrupt: self.init(.corrupt, "its checksum doesn't match")
        case .tooLong(let bytes):
            self.init(
                .corrupt,
                "it states \(bytes) bytes, more than the "
                    + "\(SizeClass.largest.byteCount) that a snapshot may have")
        }
    }

    fileprivate init(_ error: SnapshotError) {
        switch error {
        case .torn: self.init(.corrupt, "its body ends too early")
        case .badMagic: self.init(.notASnapshot, "its envelope holds something else")
        case .newerFormat(let format):
            self.init(.newerFormat, Self.newer("body", format, than: SnapshotEncoder.format))
        case .olderFormat(let format):
            self.init(
                .olderFormat,
                "its body is of format \(format), this release reads \(SnapshotEncoder.format) "
                    + "alone; one from the placement service will replace it")
        case .corrupt: self.init(.corrupt, "its body's checksum doesn't match")
        case .invalid(let problem): self.init(.invalid, problem)
        }
    }

    private static func newer(_ part: String, _ format: UInt16, than own: UInt16) -> String {
        "its \(part) is of format \(format), this release reads up to \(own): upgrade this program"
    }
}
