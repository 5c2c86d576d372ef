// Every refusal of the registry, made in one place, so that the same thing is always said in the
// same way: a code for programs, a detail for people, a hint that says what to do.

import ControlClient

typealias Problem = ProblemDocument

extension ProblemDocument {
    static func invalid(_ field: String, _ detail: String, hint: String? = nil) -> Problem {
        Problem(
            status: 400, code: "invalid-field", title: "The request has an invalid field",
            detail: detail, hint: hint, field: field)
    }

    static func outOfRange(_ field: String, _ value: Int, _ range: ClosedRange<Int>) -> Problem {
        Problem(
            status: 400, code: "out-of-range", title: "A number is out of range",
            detail: "\(field) is \(value)",
            hint: "Choose from \(range.lowerBound) to \(range.upperBound).", field: field)
    }

    static func unknown(_ id: Identifier, noun: String) -> Problem {
        Problem(
            status: 404, code: "not-found", title: "No such thing",
            detail: "there is no \(noun) \(id)",
            hint: "List them with `hyperplane \(noun) list`.")
    }

    /// A field of a request names something that doesn't exist.
    static func unknownReference(_ field: String, _ id: Identifier, noun: String) -> Problem {
        Problem(
            status: 400, code: "unknown-\(noun)", title: "The request names an unknown thing",
            detail: "\(field): there is no \(noun) \(id)",
            hint: "List them with `hyperplane \(noun) list`.", field: field)
    }

    static func nameInUse(_ name: String, by id: Identifier, noun: String) -> Problem {
        Problem(
            status: 409, code: "name-in-use", title: "The name is taken",
            detail: "\(noun) \(id) is already named \(name)",
            hint: "Choose another name, or use the existing one.", field: "name", conflicts: [id])
    }

    static func addressInUse(_ address: String, by id: Identifier) -> Problem {
        Problem(
            status: 409, code: "address-in-use", title: "The address is taken",
            detail: "\(address) belongs to \(id)", hint: "Choose another address.",
            field: "address", conflicts: [id])
    }

    static func eipInUse(_ eip: Identifier, by resource: Identifier) -> Problem {
        Problem(
            status: 409, code: "eip-in-use", title: "The elastic IP is in use",
            detail: "\(eip) belongs to \(resource)",
            hint: "Drain it there first, or create another EIP.", conflicts: [resource])
    }

    static func inUse(_ id: Identifier, by users: [Identifier]) -> Problem {
        let named = users.prefix(5).map(\.description).joined(separator: ", ")
        let more = users.count > 5 ? " and \(users.count - 5) more" : ""
        return Problem(
            status: 409, code: "in-use", title: "It is in use",
            detail: "\(id) is used by \(named)\(more)", hint: "Delete those first.",
            conflicts: Array(users.prefix(100)))
    }

    static func wrongState(_ id: Identifier, _ state: String, wanted: String) -> Problem {
        Problem(
            status: 409, code: "wrong-state", title: "Its state doesn't allow that",
            detail: "\(id) is \(state)", hint: "It must be \(wanted).", conflicts: [id])
    }

    static func limit(
        _ detail: String, hint: String? = nil, of holder: Identifier? = nil
    ) -> Problem {
        Problem(
            status: 409, code: "limit-exceeded", title: "A limit is reached", detail: detail,
            hint: hint, conflicts: holder.map { [$0] })
    }
}
