// Which node gathers a datagram's fragments, as the routers and edges compute it.

import Steering
import Wire

extension BucketHash {
    /// The bucket whose leader collects the datagram of a fragment.
    func collector(ofFragment bytes: [UInt8], vni: VNI) -> BucketIndex {
        natOutbound(
            FlowTuple(
                ipProtocol: IPProtocol(rawValue: bytes[9]), source: .v4(bytes.address(at: 12)),
                sourcePort: Port(bytes.uint16(at: 4)), destination: .v4(bytes.address(at: 16)),
                destinationPort: Port(0)))
    }
}
