// A batch in the log: its place in the stream, and what members tell in it of views, from "will you
// promise" to "this I have installed". Heartbeats, grants and entries are not spelled out.

import Wire

/// A batch, as text.
enum BatchText {
    static func line(_ span: RawSpan) -> String {
        guard let header = try? BatchHeader.parse(span) else { return "batch, malformed" }
        var text =
            "batch \(header.kind) \(header.sender.engine)>\(header.receiver.engine) "
            + "#\(header.sequence) ack \(header.acknowledged)"
        guard header.kind == .messages else { return text }
        var offset = header.headerBytes
        let contents = span.extracting(0..<header.totalBytes)
        while let head = try? PeerMessageHead.parse(contents, at: offset) {
            offset = head.body.upperBound
            guard head.family == .members, let message = try? MemberMessage.parse(contents, head)
            else { continue }
            text += line(message).map { "; \($0)" } ?? ""
        }
        return text
    }

    private static func line(_ message: MemberMessage) -> String? {
        switch message {
        case .prepare(let prepare):
            "g\(prepare.group) prepare \(number(prepare.ballot))"
        case .promise(let part):
            "g\(part.group) promise \(number(part.ballot)) installed \(number(part.installed))"
                + part.standings.map { " \(standing($0))" }.joined()
        case .view(let part):
            "g\(part.content.view.group) \(part.isInstall ? "install" : "view") \(view(part))"
        case .standing(let standing):
            "g\(standing.group) at \(number(standing.installed))"
                + (standing.isActive ? " active" : "")
                + (standing.promised > standing.installed
                    ? " promised \(number(standing.promised))" : "")
                + " full \(buckets(standing.full)) leads \(buckets(standing.led))"
        case .heartbeat, .grant, .reach, .leads: nil
        }
    }

    /// Generation, number, proposer.
    private static func number(_ ballot: Ballot) -> String {
        ballot == .none
            ? "none" : "\(ballot.generation).\(ballot.number).\(ballot.proposer.rawValue)"
    }

    /// The members, who of them takes part, and by bucket leader, replicas and full ones.
    private static func view(_ part: ViewPart) -> String {
        let view = part.content.view
        let members = view.members.indices.map { seat in
            "\(view.members[seat].rawValue)\(view.incarnations[seat] == .unknown ? "?" : "")"
        }
        let seats = view.buckets.indices.map { place in
            let bucket = view.buckets[place]
            let leader =
                bucket.isOpen ? "\(view.members[Int(bucket.leader)].rawValue)" : "waits"
            let origin = part.content.origins[place]
            return " b\(part.firstBucket + place)(\(leader) \(nodes(bucket.replicas, view)) "
                + "full \(nodes(bucket.full, view)) since \(number(origin.ballot)) "
                + "\(nodes(origin.replicas, view)) full \(nodes(origin.full, view)))"
        }
        return "\(number(view.ballot)) on \(number(part.content.builtOn)) of "
            + members.joined(separator: ",") + seats.joined()
    }

    private static func nodes(_ seats: SeatSet, _ view: View) -> String {
        let named = view.members.indices.filter { seats.contains(seat: $0) }
        return named.isEmpty
            ? "-" : named.map { "\(view.members[$0].rawValue)" }.joined(separator: ",")
    }

    private static func standing(_ standing: BucketStanding) -> String {
        let stamp = standing.stamp
        return "b\(standing.bucket.rawValue)(\(number(stamp.ballot)) term \(stamp.term) "
            + "#\(stamp.sequence)\(standing.isFull ? " full" : "")"
            + "\(standing.hasAcknowledged ? " acted" : ""))"
    }

    private static func buckets(_ set: BucketSet) -> String {
        let named = (0..<set.bucketCount).filter { set.contains($0) }
        return named.isEmpty ? "-" : named.map { "\($0)" }.joined(separator: ",")
    }
}
