import Testing
import Wire

/// Frames: each has one owner, and no access leaves its frame.
struct FramePoolTests {
    @Test func `every frame is given out once`() {
        var pool = FramePool(count: 5, frameBytes: 256, headroomBytes: 64)
        var taken: Set<UInt32> = []
        while let frame = pool.take() { taken.insert(frame) }
        #expect(taken == [0, 1, 2, 3, 4])
        #expect(pool.freeCount == 0)
        pool.give(3)
        #expect(pool.take() == 3)
        #expect(pool.take() == nil)
    }

    @Test func `frames don't overlap`() throws {
        var pool = FramePool(count: 3, frameBytes: 256, headroomBytes: 64)
        #expect(pool.capacityBytes == 192)
        for frame in UInt32(0)..<3 {
            var bytes = pool.mutableBytes(frame, start: 0, count: 256)
            for offset in 0..<256 { bytes.store(UInt8(frame + 1), at: offset) }
        }
        for frame in UInt32(0)..<3 {
            let bytes = pool.bytes(frame, start: 0, count: 256)
            #expect((0..<256).allSatisfy { bytes.uint8(at: $0) == UInt8(frame + 1) })
        }
    }

    @Test func `a packet's bytes are those of its part of the frame`() {
        var pool = FramePool(count: 2, frameBytes: 256, headroomBytes: 64)
        let packet = Packet(
            frame: 1, start: 64, length: 4, remote: .v4(IPv4Address(127, 0, 0, 1)))
        var bytes = pool.mutableBytes(of: packet)
        bytes.store(bigEndian: 0x0102_0304 as UInt32, at: 0)
        #expect(pool.bytes(of: packet).byteCount == 4)
        #expect(pool.bytes(1, start: 66, count: 2).bigEndianUInt16(at: 0) == 0x0304)
    }

    @Test func `a packet in a batch takes 32 bytes`() {
        #expect(MemoryLayout<Packet>.stride == 32)
    }

    @Test func `an access outside a frame traps`() async {
        await #expect(processExitsWith: .failure) {
            let pool = FramePool(count: 2, frameBytes: 256, headroomBytes: 64)
            _ = pool.bytes(0, start: 250, count: 7)
        }
        await #expect(processExitsWith: .failure) {
            let pool = FramePool(count: 2, frameBytes: 256, headroomBytes: 64)
            _ = pool.bytes(2, start: 0, count: 1)
        }
    }
}
