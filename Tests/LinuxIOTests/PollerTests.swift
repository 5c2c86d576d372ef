// Sleeping and waking, and the machine's clock and randomness.

import Foundation
import LinuxIO
import Testing
import Wire

struct PollerTests {
    @Test func `a wait without events lasts its time, in microseconds`() throws {
        var poller = try Poller(descriptors: [])
        let before = MonotonicClock.now()
        #expect(poller.wait(timeoutMicroseconds: 20_000) == false)
        let nanoseconds = MonotonicClock.now() - before
        #expect(nanoseconds >= 20_000_000)
        #expect(nanoseconds < 60_000_000_000)
        #expect(poller.wait(timeoutMicroseconds: 0) == false)
    }

    @Test func `another thread's wake ends a wait, once`() throws {
        var poller = try Poller(descriptors: [])
        let waker = poller.waker
        let woken = DispatchSemaphore(value: 0)
        // A thread of its own: the tests' shared ones may all be busy.
        Thread.detachNewThread {
            waker.wake()
            waker.wake()
            woken.signal()
        }
        #expect(poller.wait(timeoutMicroseconds: 60_000_000) == true)
        woken.wait()
        // The two wakes may have come before and after the first look; a third look finds none.
        _ = poller.wait(timeoutMicroseconds: 0)
        #expect(poller.wait(timeoutMicroseconds: 0) == false)
    }

    @Test func `it tells which descriptor is readable`() throws {
        let quiet = try UDPPort(address: loopback(70), port: Port(0))
        var busy = try UDPPort(address: loopback(70), port: Port(0))
        var pool = FramePool(count: 4)
        var poller = try Poller(descriptors: [quiet.fileDescriptor, busy.fileDescriptor])
        #expect(poller.wait(timeoutMicroseconds: 0) == false)
        let packet = makePacket(1, length: 40, to: loopback(70), port: busy.port, pool: &pool)
        busy.send([packet], pool: &pool)
        #expect(poller.wait(timeoutMicroseconds: 1_000_000) == true)
        #expect(poller.isReadable(at: 0) == false)
        #expect(poller.isReadable(at: 1) == true)
    }

    @Test func `random numbers differ`() {
        let drawn = Set((0..<100).map { _ in RandomSource.uint64() })
        #expect(drawn.count == 100)
    }
}
