// The merged list of flows, for people.

import ControlClient

enum FlowTable {
    static func table(of flows: [LocatedFlow], _ names: NameBook) -> Table {
        var table = Table([
            Column("node"), Column("resource"), Column("proto"), Column("client"),
            Column("destination"), Column("translated"), Column("state"), .number("bucket"),
            .number("age"), .number("idle"), .number("packets out"), .number("in"),
            .number("bytes out"), .number("in"),
        ])
        for located in flows { table.append(cells(located, names)) }
        return table
    }

    private static func cells(_ located: LocatedFlow, _ names: NameBook) -> [Cell] {
        let flow = located.flow
        return [
            Cell(located.node),
            Cell(Identifier(flow.resource).map { names[$0] } ?? flow.resource),
            Cell(flow.ipProtocol),
            Cell(flow.clientText),
            Cell(flow.destinationText),
            Cell(flow.translationText),
            .state(flow.state),
            Cell(flow.bucket),
            Cell(Quantity.duration(seconds: flow.ageSeconds)),
            Cell(Quantity.duration(seconds: flow.idleSeconds)),
            Cell(Quantity.amount(flow.packetsOutbound)),
            Cell(Quantity.amount(flow.packetsInbound)),
            Cell(Quantity.amount(flow.bytesOutbound)),
            Cell(Quantity.amount(flow.bytesInbound)),
        ]
    }
}
