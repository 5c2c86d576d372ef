// What is drawn follows the laws that it should.

import Testing
import Traffic
import Wire

@Suite struct DrawTests {
    @Test(arguments: [0.0, 0.9, 1.2])
    func `ranks follow Zipf's law`(exponent: Double) {
        let count = 50
        let draws = 400_000
        let table = ZipfTable(count: count, exponent: exponent)
        var random = SplitMix64(seed: 1)
        var counts = Array(repeating: 0, count: count)
        for _ in 0..<draws { counts[table.rank(random.next())] += 1 }
        let weights = (1...count).map { Power.of(Double($0), -exponent) }
        let sum = weights.reduce(0, +)
        for rank in 0..<count {
            let expected = weights[rank] / sum * Double(draws)
            // Six standard deviations of a count.
            #expect(abs(Double(counts[rank]) - expected) < 6 * expected.squareRoot() + 1)
        }
    }

    @Test func `the extremes of a draw are ranks`() {
        let table = ZipfTable(count: 3, exponent: 1)
        #expect(table.rank(0) == 0)
        #expect(table.rank(.max) == 2)
    }

    @Test func `logarithm and power agree with known values`() {
        #expect(abs(Power.naturalLogarithm(2) - 0.693147180559945) < 1e-12)
        #expect(abs(Power.naturalLogarithm(1e-9) + 20.72326583694641) < 1e-10)
        #expect(abs(Power.exponential(1) - 2.718281828459045) < 1e-12)
        #expect(abs(Power.of(10, -1.5) - 0.0316227766016838) < 1e-13)
        #expect(Power.of(7, 0) == 1)
    }

    @Test(arguments: [0, 1, 17, 31])
    func `an instance uses each of its ports once before any twice`(instance: Int) {
        let shuffle = PortShuffle(seed: 99)
        var seen: Set<Port> = []
        for ordinal in 0..<64_512 {
            let port = shuffle.port(ordinal, instance: instance)
            #expect(port.rawValue >= 1024)
            seen.insert(port)
        }
        #expect(seen.count == 64_512)
    }
}
