// The other processor: two nodes that follow, or two sockets that play ping-pong, as the leader's
// processor says.

import Foundation
import LinuxIO
import Synchronization
import Wire

/// What the two processors share.
final class CommitSwitch: Sendable {
    enum Mode: Int { case starting, nodes, pingPong, stopped }

    private let wanted = Atomic(Mode.nodes.rawValue)
    private let running = Atomic(Mode.starting.rawValue)
    let answerBytes = Atomic(0)
    /// Of both followers since the start: UDP payload sent, and time in turns that had work.
    let bytesSent = Atomic<UInt64>(0)
    let busyNanoseconds = Atomic<UInt64>(0)

    fileprivate var mode: Mode { Mode(rawValue: wanted.load(ordering: .acquiring))! }
    fileprivate func note(_ mode: Mode) { running.store(mode.rawValue, ordering: .releasing) }

    /// Returns when the other processor does that.
    func set(_ mode: Mode) {
        wanted.store(mode.rawValue, ordering: .releasing)
        while running.load(ordering: .acquiring) != mode.rawValue {}
    }
}

/// Owned by its thread.
struct CommitFollowers: ~Copyable {
    private var second: SocketNode
    private var third: SocketNode
    private var secondEcho: PingPong
    private var thirdEcho: PingPong
    private let control: CommitSwitch

    /// Starts them on a processor of their own; they run until they are stopped.
    static func start(_ control: CommitSwitch, flows: Int, on processor: Int32) {
        let thread = Thread {
            Processors.pin(to: processor)
            do {
                var followers = try CommitFollowers(control, flows: flows)
                followers.run()
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(2)
            }
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    private init(_ control: CommitSwitch, flows: Int) throws(IOError) {
        let snapshot = CommitWorld.snapshot()
        let second = try SocketNode(
            CommitWorld.settings(node: 2, flows: flows), snapshot, at: CommitWorld.nodes[1])
        let third = try SocketNode(
            CommitWorld.settings(node: 3, flows: flows), snapshot, at: CommitWorld.nodes[2])
        let secondEcho = try PingPong(at: CommitWorld.followerEchoes[0])
        let thirdEcho = try PingPong(at: CommitWorld.followerEchoes[1])
        self.control = control
        self.second = second
        self.third = third
        self.secondEcho = secondEcho
        self.thirdEcho = thirdEcho
    }

    private mutating func run() {
        var running = CommitSwitch.Mode.starting
        while true {
            let mode = control.mode
            if mode != running {
                running = mode
                control.note(mode)
            }
            switch mode {
            case .nodes: follow()
            case .pingPong:
                let bytes = control.answerBytes.load(ordering: .relaxed)
                secondEcho.answer(bytes: bytes)
                thirdEcho.answer(bytes: bytes)
            case .starting, .stopped: return
            }
        }
    }

    private mutating func follow() {
        let isSecondBusy = second.turn()
        let isThirdBusy = third.turn()
        guard isSecondBusy || isThirdBusy else { return }
        control.bytesSent.store(second.bytesSent + third.bytesSent, ordering: .relaxed)
        control.busyNanoseconds.store(
            second.busyNanoseconds + third.busyNanoseconds, ordering: .relaxed)
    }
}
