// Routers and edges are told who leads: pushed as a view becomes active or a bucket is handed over, and
// whenever one of them says that it knows less. DESIGN part 5, rule 21. The node's first engine does it.

import Configuration
import Consensus
import Steering
import Translation
import Wire

extension Engine {
    /// Whether a datagram is a subscription, by its first bytes.
    func isSubscription(_ packet: Packet) -> Bool {
        packet.length >= 4 && Subscription.isOne(frames.bytes(of: packet))
    }

    /// Takes a subscription of a machine that the snapshot names.
    mutating func subscribe(_ packet: Packet, at now: Tick) {
        if translator.resources.sender(packet.remote) != nil {
            Self.take(packet, frames, &announcer, now)
        }
        frames.give(packet.frame)
    }

    // Of two parts of the engine at once, so that neither is the whole.
    private static func take(
        _ packet: Packet, _ frames: borrowing FramePool,
        _ announcer: inout ViewAnnouncer<IdentityAnnouncementSealer>, _ now: Tick
    ) {
        announcer.handle(frames.bytes(of: packet), from: packet.remote, at: now)
    }

    /// Tells what changed, to whoever subscribes.
    mutating func announceViews(_ now: Tick) {
        guard settings.index == 0 else { return }
        while let group = exchange.replica.takeChangedGroup() {
            guard let announcement = announcement(of: group) else { continue }
            announcer.update(announcement)
        }
        while frames.freeCount > settings.frameCount / 8, let frame = frames.take() {
            guard let (machine, length) = Self.poll(&announcer, into: frame, &frames, now) else {
                frames.give(frame)
                return
            }
            outgoing.append(
                Packet(
                    frame: frame, start: UInt16(frames.headroomBytes), length: UInt16(length),
                    remote: machine))
        }
    }

    private func announcement(of group: Int) -> ViewAnnouncement? {
        guard exchange.replica.isActive(group: group),
            let view = exchange.replica.view(group: group)
        else { return nil }
        var announcement = ViewAnnouncement(
            cluster: translator.resources.snapshot.cluster.id, view)
        announcement.leads = exchange.replica.leads(group: group)
        return announcement
    }

    // Of two parts of the engine at once, so that neither is the whole.
    private static func poll(
        _ announcer: inout ViewAnnouncer<IdentityAnnouncementSealer>, into frame: UInt32,
        _ frames: inout FramePool, _ now: Tick
    ) -> (subscriber: IPAddress, length: Int)? {
        var bytes = frames.mutableBytes(
            frame, start: frames.headroomBytes, count: ChannelSettings.datagramBytes)
        return announcer.poll(at: now, into: &bytes)
    }
}
