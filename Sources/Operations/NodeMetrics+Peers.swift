// Metrics of what a node makes itself, of fragments, of loans, and of the batches that nodes exchange.

import ControlClient
import Node
import Translation

extension NodeOperations {
    func addMade(_ reports: [EngineReport], to page: inout PrometheusText) {
        func sum(_ field: (EngineCounters) -> UInt64) -> UInt64 {
            reports.reduce(0) { $0 + field($1.counters) }
        }
        page.add(
            "hyperplane_node_answers_total", .counter,
            help: "ICMP errors and resets of the node's own making; suppressed: beyond their rate.",
            samples: [
                ([("outcome", "made")], sum(\.answersMade)),
                ([("outcome", "suppressed")], sum(\.answersSuppressed)),
                ([("outcome", "unconfirmed")], sum(\.denialsDropped)),
            ])
        page.add(
            "hyperplane_node_packets_fragmented_total", .counter,
            help: "Packets that were cut because they were too long for the way ahead.",
            value: sum(\.packetsFragmented))
        page.add(
            "hyperplane_node_packets_over_loan_total", .counter,
            help: "Inbound packets passed on to the borrowers of their ports.",
            value: sum(\.packetsOverLoan))
        page.add(
            "hyperplane_node_decisions_total", .counter, help: "Flows that were decided.",
            value: sum(\.decisions))
        page.add(
            "hyperplane_node_turns_total", .counter, help: "Turns of the engines.",
            value: sum(\.turns))
    }

    func addFragments(_ reports: [EngineReport], to page: inout PrometheusText) {
        page.add(
            "hyperplane_node_fragments_collected_total", .counter,
            help: "Fragments that this node gathered until their flow was known.",
            value: reports.reduce(0) { $0 + $1.counters.fragmentsCollected })
        page.add(
            "hyperplane_node_fragments_waiting", .gauge,
            help: "Fragments that wait for their datagram's first.",
            value: UInt64(reports.reduce(0) { $0 + $1.fragmentsWaiting }))
        let causes: [(name: String, cause: DropCause)] = [
            ("overlap", .fragmentOverlap), ("contradiction", .fragmentContradiction),
            ("duplicate", .fragmentDuplicate), ("timeout", .fragmentTimeout),
            ("quota", .fragmentQuota), ("noFlow", .fragmentOfNoFlow),
        ]
        page.add(
            "hyperplane_node_fragments_refused_total", .counter,
            help: "Fragments dropped for what they are, by cause.",
            samples: causes.map { entry in
                let index = Int(DropReason(entry.cause).rawValue)
                return (
                    [("cause", entry.name)], reports.reduce(0) { $0 + $1.counters.drops[index] }
                )
            })
    }

    func addLoans(_ reports: [EngineReport], to page: inout PrometheusText) {
        let sum = reports.reduce(into: LoanReport()) { $0 += $1.loans }
        func byLender(_ values: [UInt64]) -> [(labels: [(String, String)], value: UInt64)] {
            LoanReport.Lender.allCases.map {
                (labels: [("lender", $0.label)], value: values[$0.rawValue])
            }
        }
        page.add(
            "hyperplane_node_loans_asked_total", .counter,
            help: "Ports that buckets of this node asked others for, by where those are.",
            samples: byLender(sum.asked))
        page.add(
            "hyperplane_node_loans_taken_total", .counter,
            help: "Ports that buckets of this node got on loan, by where the lender is.",
            samples: byLender(sum.taken))
        page.add(
            "hyperplane_node_loans_held", .gauge,
            help: "Ports of other buckets that flows of this node have now, by where those are.",
            samples: byLender(sum.held))
        page.add(
            "hyperplane_node_loans_refused_total", .counter,
            help: "Packets that got no port on loan, by reason.",
            samples: zip(LoanReport.refusalNames, sum.refused).map { ([("reason", $0)], $1) })
        page.add(
            "hyperplane_node_loans_given_total", .counter,
            help: "Ports of this node's buckets asked for by others, and given back by them.",
            samples: [
                ([("outcome", "given")], sum.given), ([("outcome", "denied")], sum.denied),
                ([("outcome", "returned")], sum.returned),
            ])
        page.add(
            "hyperplane_node_loans_lent", .gauge,
            help: "Ports of this node's buckets that are lent now, or quiet after it.",
            value: sum.lentNow)
        page.add(
            "hyperplane_node_loans_unkept_total", .counter,
            help: "Loans of committed entries for which this copy had no room.",
            value: reports.reduce(0) { $0 + $1.counters.loansUnkept })
        page.add(
            "hyperplane_node_flows_on_void_loans_total", .counter,
            help: "Flows, led or followed, that ended as their port's lender began anew.",
            value: reports.reduce(0) { $0 + $1.counters.flowsOnVoidLoans })
        page.add(
            "hyperplane_node_loan_messages_total", .counter,
            help: "What loans needed beyond a question and an answer, by kind.",
            samples: [
                ([("kind", "reminder")], sum.reminders), ([("kind", "unanswered")], sum.unanswered),
                ([("kind", "strayGrant")], sum.stray),
                ([("kind", "misdirected")], sum.misdirected),
            ])
    }

    func addBatches(_ reports: [EngineReport], to page: inout PrometheusText) {
        let sum = reports.reduce(into: BatchReport()) { $0 += $1.batches }
        page.add(
            "hyperplane_node_channels", .gauge, help: "Channels to engines of peers.",
            value: sum.channels)
        page.add(
            "hyperplane_node_batches_total", .counter,
            help: "Batches on the channels between engines.",
            samples: [
                ([("outcome", "sent")], sum.sent), ([("outcome", "resent")], sum.resent),
                ([("outcome", "received")], sum.taken),
                ([("outcome", "acknowledgement")], sum.acknowledgements),
                ([("outcome", "greeting")], sum.greetings),
            ])
        page.add(
            "hyperplane_node_batches_compressed_total", .counter,
            help: "Batches with records of a transfer that left compressed.",
            value: sum.compressed)
        page.add(
            "hyperplane_node_bytes_spared_total", .counter,
            help: "Bytes by which compression made batches shorter.", value: sum.bytesSpared)
        page.add(
            "hyperplane_node_batches_refused_total", .counter,
            help: "Batches of peers that were not taken, by reason.",
            samples: zip(BatchReport.refusalNames, sum.refused).filter { $1 > 0 }
                .map { ([("reason", $0)], $1) })
        page.add(
            "hyperplane_node_peer_messages_total", .counter,
            help: "Messages to peers; refused: their channel was full.",
            samples: [
                ([("outcome", "sent")], sum.messages),
                ([("outcome", "refused")], sum.messagesRefused),
            ])
        page.add(
            "hyperplane_node_peer_restarts_total", .counter,
            help: "Streams of batches that ended because the peer had started anew.",
            value: sum.restarts)
    }
}

extension LoanReport.Lender {
    fileprivate var label: String {
        switch self {
        case .sameEngine: "same_engine"
        case .sameNode: "same_node"
        case .otherNode: "other_node"
        }
    }
}
