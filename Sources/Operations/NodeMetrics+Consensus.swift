// Metrics of a node's part in its groups: who leads, what is committed, what is being copied.

import ControlClient
import Node

extension NodeOperations {
    func addConsensus(_ reports: [EngineReport], to page: inout PrometheusText) {
        let sum = reports.reduce(into: ConsensusReport()) { $0 += $1.consensus }
        page.add(
            "hyperplane_node_draining", .gauge,
            help: "1 if the node was asked to lead nothing.", value: current.isDraining ? 1 : 0)
        page.add(
            "hyperplane_node_groups", .gauge, help: "Groups that the node is a member of.",
            value: sum.groups)
        page.add(
            "hyperplane_node_buckets", .gauge,
            help: "Buckets by the node's part in them: led, full copies kept for another leader, "
                + "copies being filled, and those that wait for a full member.",
            samples: [
                ([("part", "leader")], sum.led), ([("part", "follower")], sum.followed),
                ([("part", "filling")], sum.filling), ([("part", "waiting")], sum.waiting),
            ])
        page.add(
            "hyperplane_node_views_total", .counter,
            help: "Views of all groups: installed here, and of those seen active.",
            samples: [
                ([("state", "installed")], sum.viewsInstalled),
                ([("state", "active")], sum.viewsActive),
            ])
        page.add(
            "hyperplane_node_view_changes_total", .counter,
            help: "Views that took the place of another.", value: sum.viewChanges)
        page.add(
            "hyperplane_node_hand_overs_total", .counter,
            help: "Buckets handed over to another member inside a view.", value: sum.handOvers)
        page.add(
            "hyperplane_node_leases_held", .gauge,
            help: "Groups that the node has a lease of now.", value: sum.leasesHeld)
        page.add(
            "hyperplane_node_leases_missed_total", .counter,
            help: "Packets that were not sent because a lease had ended.", value: sum.leasesMissed)
        page.add(
            "hyperplane_node_entries_total", .counter,
            help: "Entries: committed, in buckets that it led; acknowledged, to other leaders; "
                + "resent, to followers that had not acknowledged them in time.",
            samples: [
                ([("outcome", "committed")], sum.commits),
                ([("outcome", "acknowledged")], sum.stored),
                ([("outcome", "resent")], sum.sentAgain),
            ])
        page.add(
            "hyperplane_node_entries_uncommitted", .gauge,
            help: "Entries that are not known to be committed.", value: sum.uncommitted)
        page.add(
            "hyperplane_node_transfer_records_total", .counter,
            help: "Records sent to fill other nodes' copies.", value: sum.recordsSent)
        page.add(
            "hyperplane_node_copies_lost_total", .counter,
            help: "Full copies that were full no more, because a record found no room.",
            value: sum.copiesLost)
        addLosses(sum, to: &page)
    }

    private func addLosses(_ sum: ConsensusReport, to page: inout PrometheusText) {
        page.add(
            "hyperplane_node_begun_anew_total", .counter,
            help: "What this node began anew because all copies, and so their flows, were lost: "
                + "generations of whole groups, single buckets.",
            samples: [
                ([("of", "group")], sum.generationsOpened), ([("of", "bucket")], sum.bucketsBegun),
            ])
    }
}
