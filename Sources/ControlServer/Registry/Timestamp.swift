// Times as the API writes them.

import FoundationEssentials

/// RFC 3339, in UTC, to the second.
enum Timestamp {
    static func text(_ millisecondsSince1970: Int64) -> String {
        Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1_000).formatted(.iso8601)
    }
}
