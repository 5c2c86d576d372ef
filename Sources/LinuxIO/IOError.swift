// Why a socket, a file or a waiter could not be made. Each case says what the user should do; what
// happens to single packets later is a counter, never an error.

internal import Glibc
public import Wire

/// A refusal of the operating system at start, or when a capture is written.
public enum IOError: Error, Hashable, Sendable {
    /// Another process, or an earlier one that still runs, is bound to the address and port.
    case addressInUse(IPAddress, Port)
    /// No interface of this machine has the address.
    case addressNotAvailable(IPAddress)
    /// The operation needs a right that the process lacks.
    case permissionDenied(operation: String)
    /// The process, or the machine, has no free file descriptor left.
    case noDescriptors(operation: String)
    /// The kernel doesn't know the option: it is too old.
    case unsupported(operation: String)
    /// A file can't be created: its folder is missing.
    case noSuchFolder(path: String)
    /// What the kernel refuses for a reason without a case of its own, with its error number.
    case refused(operation: String, errorNumber: Int32)

    /// The error for a negated errno. `operation` completes "can't …".
    init(_ result: Int32, operation: String) {
        switch -result {
        case EACCES, EPERM: self = .permissionDenied(operation: operation)
        case EMFILE, ENFILE: self = .noDescriptors(operation: operation)
        case ENOPROTOOPT, EOPNOTSUPP, ENOSYS: self = .unsupported(operation: operation)
        case let number: self = .refused(operation: operation, errorNumber: number)
        }
    }

    /// The error for a refused binding.
    init(_ result: Int32, binding address: IPAddress, _ port: Port) {
        switch -result {
        case EADDRINUSE: self = .addressInUse(address, port)
        case EADDRNOTAVAIL: self = .addressNotAvailable(address)
        default: self.init(result, operation: "bind UDP \(address) port \(port.rawValue)")
        }
    }
}

extension IOError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .addressInUse(let address, let port):
            """
            UDP port \(port.rawValue) of \(address) is in use: stop the process that has it \
            (`ss -ulpn 'sport = :\(port.rawValue)'` names it) or choose another address
            """
        case .addressNotAvailable(let address):
            """
            this machine does not have the address \(address): choose one that `ip address` \
            shows (all of 127.0.0.0/8 works on Linux), or add it to an interface
            """
        case .permissionDenied(let operation):
            """
            not allowed to \(operation): choose a port above 1023 and a path that you may \
            write to, or run with more rights
            """
        case .noDescriptors(let operation):
            "can't \(operation): no file descriptor is free; raise the limit (`ulimit -n 65536`)"
        case .unsupported(let operation):
            "can't \(operation): the kernel is too old for it; Linux 5.4 or newer is needed"
        case .noSuchFolder(let path):
            "can't create \(path): create its folder first, or choose another path"
        case .refused(let operation, let number):
            "can't \(operation): \(unsafe String(cString: strerror(number))) (error \(number))"
        }
    }
}
