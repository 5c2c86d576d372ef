// The command line of the benchmarks.

struct Options {
    var names: [String] = []
    /// Also what takes long or much memory.
    var isFull = false
    var jsonPath: String?
    /// Sizes of tables to measure, in millions of flows; nil for the usual ones.
    var millions: [Int]?
    /// Those that measurements may use.
    let processors = Processors.allowed()

    static let usage = """
        Benchmarks/run [NAME...|all] [--full] [--flows MILLIONS,...] [--json FILE]
        names: \(Benchmark.allCases.map(\.rawValue).joined(separator: " "))
        """

    init(_ arguments: [String]) throws(OptionsError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--full": isFull = true
            case "--json":
                guard let path = rest.popFirst() else { throw .missingValue(argument) }
                jsonPath = path
            case "--flows":
                guard let list = rest.popFirst() else { throw .missingValue(argument) }
                millions = try Self.sizes(list)
            case "all": names = Benchmark.allCases.map(\.rawValue)
            default:
                guard Benchmark(rawValue: argument) != nil else { throw .unknown(argument) }
                names.append(argument)
            }
        }
        if names.isEmpty { names = Benchmark.allCases.map(\.rawValue) }
    }

    private static func sizes(_ list: String) throws(OptionsError) -> [Int] {
        let sizes = list.split(separator: ",").compactMap { Int($0) }
            .filter { $0 > 0 && $0 <= 1000 }
        guard !sizes.isEmpty else { throw .missingValue("--flows") }
        return sizes
    }

    var benchmarks: [Benchmark] { names.compactMap(Benchmark.init(rawValue:)) }
}

enum OptionsError: Error, CustomStringConvertible {
    case unknown(String)
    case missingValue(String)

    var description: String {
        switch self {
        case .unknown(let argument): "unknown benchmark or option: \(argument)"
        case .missingValue(let option): "\(option) wants a value"
        }
    }
}
