// What is done to nodes while flows are held: signals to their processes, at set times after all
// flows are open, so that the report knows to the millisecond when each happened.

import Glibc
import LinuxIO
import Traffic
import Wire

/// Something that is done to the process of a node.
struct NodeFault: Equatable {
    enum Deed: Equatable {
        case kill
        case pause(seconds: Double)
    }

    var deed: Deed
    /// As the snapshot names it.
    var node: String
    var process: Int32

    var what: String {
        switch deed {
        case .kill: "killed"
        case .pause(let seconds): "paused for \(Figures.fixed(seconds, 1)) s"
        }
    }

    /// `NODE=PID`, of a process that is there.
    init(_ deed: Deed, _ text: String) throws {
        let halves = text.split(separator: "=")
        guard halves.count == 2, let process = Int32(halves[1]), process > 1 else {
            throw RunFailure.wrongArgument("'\(text)' is not NODE=PROCESS-ID")
        }
        guard Glibc.kill(process, 0) == 0 else {
            throw RunFailure.wrongArgument("\(text): no such process of ours is there")
        }
        self.deed = deed
        node = String(halves[0])
        self.process = process
    }
}

/// Faults, one after the other, and a command beside them.
struct FaultSchedule {
    private enum Step {
        case strike(NodeFault)
        case wake(NodeFault)
        case command(String)
    }

    /// With seconds after all flows are open, in order.
    private var steps: [(at: Double, step: Step)] = []
    private(set) var meanwhile: Meanwhile?
    private let made = MonotonicClock.now()

    /// The first fault `after` so many seconds, the next ones `gap` seconds apart.
    init(_ faults: [NodeFault], after: Double, gap: Double, command: String?) {
        for (number, fault) in faults.enumerated() {
            let at = after + Double(number) * gap
            steps.append((at, .strike(fault)))
            if case .pause(let seconds) = fault.deed { steps.append((at + seconds, .wake(fault))) }
        }
        if let command { steps.append((after, .command(command))) }
        steps.sort { $0.at < $1.at }
    }

    /// Does what is due. Once a turn.
    mutating func act(_ engine: inout TrafficEngine) {
        guard let allOpen = engine.allOpen else { return }
        while let next = steps.first {
            let now = MonotonicClock.now()
            guard now >= allOpen + UInt64(next.at * 1e9) else { return }
            steps.removeFirst()
            take(next.step, &engine)
        }
    }

    private mutating func take(_ step: Step, _ engine: inout TrafficEngine) {
        switch step {
        case .strike(let fault):
            send(fault.deed == .kill ? SIGKILL : SIGSTOP, to: fault)
            engine.noteStrike(node: fault.node, fault.what, at: MonotonicClock.now())
        case .wake(let fault): send(SIGCONT, to: fault)
        case .command(let command): meanwhile = Meanwhile(command, afterSeconds: 0, since: made)
        }
    }

    private func send(_ signal: Int32, to fault: NodeFault) {
        if Glibc.kill(fault.process, signal) != 0 {
            Terminal.complain("\(fault.node): process \(fault.process) can't be signalled")
        }
    }

    /// Wakes what still sleeps: a run that is interrupted leaves no process standing.
    func wakeAll() {
        for case (_, .wake(let fault)) in steps { send(SIGCONT, to: fault) }
    }

    /// Steps that the run was too short for.
    var isSpent: Bool { steps.isEmpty }
}
