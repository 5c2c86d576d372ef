"""The `summary` and `embedded` notes: what PacketSummary must say of a packet, by hand."""

from describe import pairs


def summary(kind, protocol, source, destination, total, transport, payload, **others):
    """What a whole packet's summary must hold; `others` replace the usual values."""
    values = dict(
        at=0, kind=kind, protocol=protocol, source=source, sourcePort=0, destination=destination,
        destinationPort=0, totalBytes=total, transportOffset=transport, payloadOffset=payload,
        payloadBytes=total - payload, tcpFlags=0, icmpType=0, icmpCode=0, timeToLive=64,
        fragmentOffset=0, moreFragments=0, identification=0, verdict="valid")
    assert set(others) <= set(values), others
    values.update(others)
    return "summary " + pairs(**values)


def embedded(protocol, source, source_port, destination, destination_port, offset, transport,
             end):
    return "embedded " + pairs(
        protocol=protocol, source=source, sourcePort=source_port, destination=destination,
        destinationPort=destination_port, offset=offset, transportOffset=transport,
        end=end)


def refused(error, at=0):
    return f"refused error={error} at={at}"
