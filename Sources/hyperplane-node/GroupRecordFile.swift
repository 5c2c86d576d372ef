// The generation and configuration of each group that the node has acted under, on its disk: what tells
// a member that lost its memory from one that never was. DESIGN part 5, rule 19.
//
// One line a group: id, generation, configuration, members; ids in hexadecimal.

import Consensus
import Dispatch
import Foundation
import Logging
import Synchronization
import Wire

/// The file, and the thread that writes it. Safe from any thread.
final class GroupRecordFile: Sendable {
    private let path: String
    private let records: Mutex<[GroupRecord]>
    private let queue = DispatchQueue(label: "records")
    private let logger: Logger

    /// Reads the file in `directory`, if there is one.
    init(in directory: String, logger: Logger) throws(StartError) {
        path = directory + "/groups"
        self.logger = logger
        records = Mutex(try Self.read(path))
    }

    var all: [GroupRecord] { records.withLock { $0 } }

    /// Puts a record on the disk, then calls `done`: until that succeeds, again every second.
    func write(_ record: GroupRecord, then done: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            let all = records.withLock { records in
                records.removeAll { $0.group == record.group }
                records.append(record)
                records.sort { $0.group < $1.group }
                return records
            }
            if let problem = DurableFile.write(Self.text(all), to: path) {
                logger.error("\(path) can't be written: \(problem). The group waits for it.")
                queue.asyncAfter(deadline: .now() + 1) { self.write(record, then: done) }
                return
            }
            done()
        }
    }

    private static func text(_ records: [GroupRecord]) -> String {
        records.map { record in
            let members = record.members.map { String($0.rawValue, radix: 16) }
            return "\(String(record.group, radix: 16)) \(record.generation) "
                + "\(record.configuration) \(members.joined(separator: ","))\n"
        }.joined()
    }

    private static func read(_ path: String) throws(StartError) -> [GroupRecord] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw damaged(path)
        }
        var records: [GroupRecord] = []
        for line in text.split(separator: "\n") {
            guard let record = parse(line) else { throw damaged(path) }
            records.append(record)
        }
        return records
    }

    private static func parse(_ line: Substring) -> GroupRecord? {
        let words = line.split(separator: " ")
        guard words.count == 4, let group = UInt64(words[0], radix: 16),
            let generation = UInt32(words[1]), generation > 0,
            let configuration = UInt32(words[2]), configuration > 0
        else { return nil }
        let names = words[3].split(separator: ",")
        let members = names.compactMap { UInt64($0, radix: 16) }
        guard members.count == names.count, !members.isEmpty else { return nil }
        return GroupRecord(
            group: group, generation: generation, configuration: configuration,
            members: members.map(NodeID.init(rawValue:)))
    }

    private static func damaged(_ path: String) -> StartError {
        StartError(
            message: "\(path) is damaged. Restore it; without it this node must come back as a new "
                + "one: remove the whole state directory.")
    }
}
