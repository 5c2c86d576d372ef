// One of a few words on the command line, as the API has them.

package import ControlClient

/// The transform for `@Option`.
package enum ChoiceArgument {
    /// Throws `InvalidValue` with the words that there are.
    package static func choice<Value: Choice>(_ text: String) throws -> Value {
        guard let value = Value(rawValue: text.lowercased()) else {
            throw InvalidValue("\"\(text)\" is not \(Value.words)")
        }
        return value
    }
}
