// What all commands that speak to a cluster share: the session, the creation, the question.

import ArgumentParser
import ControlClient

/// A command that runs with a session.
protocol SessionCommand: AsyncParsableCommand {
    var options: GlobalOptions { get }
    /// Why a change is made; nil for what changes nothing.
    var reason: String? { get }
    func run(_ session: Session) async throws
}

extension SessionCommand {
    var reason: String? { nil }

    mutating func run() async throws {
        try await run(Session(options, reason: reason))
    }
}

/// A command that creates something.
protocol CreatingCommand: SessionCommand {
    var change: ChangeOptions { get }
}

extension CreatingCommand {
    var reason: String? { change.because.reason }
}

/// A command that changes settings in place: what is given changes, all else stays.
protocol SettingCommand: ChangingCommand {
    associatedtype Settings: Equatable

    /// What the options say.
    func settings() throws -> Settings
    /// What they say where none was given.
    static var nothing: Settings { get }
}

extension SettingCommand {
    /// Refuses a command line that asks for no change.
    func validate() throws {
        guard try settings() != Self.nothing else {
            throw ValidationError("say what to change; --help lists what can be")
        }
    }
}

/// A command that changes or takes away what there is.
protocol ChangingCommand: SessionCommand {
    var because: ReasonOptions { get }
}

extension ChangingCommand {
    var reason: String? { because.reason }
}

extension Session {
    /// Creates, and says what was created.
    func create<N: Noun>(
        _ type: N.Type, _ creation: N.Creation, _ change: ChangeOptions
    ) async throws {
        let made = try await ask { client throws(ControlError) in
            try await client.create(type, creation, idempotencyKey: change.key())
        }
        try await printer.show(made) { _ in [made.creationSentence] }
    }

    /// Changes settings, and says whether that was new.
    func change<N: Noun & ChangeableResource>(_ item: N, _ settings: N.Settings) async throws {
        let changed = try await ask { client throws(ControlError) in
            try await client.change(N.self, item.id, settings)
        }
        try await printer.show(changed) { _ in
            changed.revision == item.revision
                ? ["\(item.title.capitalizedFirst) was so already."] : ["Changed \(item.title)."]
        }
    }

    /// Asks on a terminal; elsewhere the command itself is the consent.
    func confirm(_ question: String, unless confirmation: ConfirmationOptions) throws {
        guard !confirmation.yes, printer.terminal.isInteractive else { return }
        StandardError.write("\(question.withoutControlCharacters) [y/N] ", terminator: "")
        let answer = readLine()?.lowercased()
        guard answer == "y" || answer == "yes" else {
            throw Failure(.usage, "not confirmed; nothing was changed")
        }
    }
}

extension Noun {
    /// What a person reads after a creation.
    var creationSentence: String {
        let verb = Self.kind == .target ? "Registered" : "Created"
        let isSettled = state == .available || state == .healthy
        return "\(verb) \(title)" + (isSettled ? "." : ", \(state)\(becauseClause).")
    }
}
