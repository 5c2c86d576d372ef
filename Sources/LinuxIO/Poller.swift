// How an engine sleeps: until a socket is readable, a time has passed, or another thread wakes it.

internal import CLinux
internal import Glibc

/// Waits for several descriptors at once. Used by one thread; its `waker` by any.
@safe
public struct Poller: ~Copyable {
    /// Ends a wait from another thread, or the next one if none is under way.
    public let waker: Waker
    private let items: UnsafeMutablePointer<pollfd>
    private let count: Int

    /// Waits for these descriptors to become readable; they must stay open while it is used.
    public init(descriptors: [Int32]) throws(IOError) {
        waker = try Waker()
        count = descriptors.count + 1
        unsafe items = .allocate(capacity: count)
        for (index, descriptor) in (descriptors + [waker.descriptor]).enumerated() {
            unsafe items[index] = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        }
    }

    deinit { unsafe items.deallocate() }

    /// Sleeps until a descriptor is readable or the waker is used, at most the time given; nil
    /// waits without end, 0 only looks. True if it was not the time that ended it.
    public mutating func wait(timeoutMicroseconds: Int?) -> Bool {
        let nanoseconds = timeoutMicroseconds.map { Int64(max($0, 0)) * 1000 } ?? -1
        let ready = unsafe clinux_poll(items, Int32(count), nanoseconds)
        guard ready > 0 else { return false }
        if unsafe items[count - 1].revents != 0 { clinux_event_clear(waker.descriptor) }
        return true
    }

    /// Whether the last wait found the descriptor at this place of `init`'s list readable.
    public func isReadable(at index: Int) -> Bool {
        precondition((0..<count - 1).contains(index))
        return unsafe items[index].revents != 0
    }
}

/// Wakes one poller, from any thread. Uses of it before the poller looks are one.
public final class Waker: Sendable {
    let descriptor: Int32

    init() throws(IOError) {
        descriptor = clinux_eventfd()
        if descriptor < 0 { throw IOError(descriptor, operation: "make an event descriptor") }
    }

    deinit { close(descriptor) }

    public func wake() { clinux_event_signal(descriptor) }
}
