// What passes between the generator and the nodes, for other tools.

import ArgumentParser

struct CaptureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Capture every datagram, in both directions, for tshark.", valueName: "file"))
    var pcap: String?
}
