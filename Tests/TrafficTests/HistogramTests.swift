// Percentiles against the exact ones, and the ends of the range.

import Testing
import Traffic

@Suite struct HistogramTests {
    @Test func `percentiles are within one percent of the exact ones`() {
        var random = SplitMix64(seed: 5)
        var histogram = Histogram()
        var values: [UInt64] = []
        for _ in 0..<20_000 {
            // From a few nanoseconds to minutes.
            let value = random.next() >> (24 + random.next() % 38)
            values.append(value)
            histogram.record(value)
        }
        values.sort()
        for quantile in [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(0, Int((quantile * Double(values.count)).rounded(.up)) - 1)]
            let found = histogram.value(at: quantile)
            #expect(found >= exact)
            #expect(Double(found) <= Double(exact) * 1.01 + 1)
        }
        #expect(histogram.maximum == values.last)
        #expect(histogram.count == 20_000)
    }

    @Test func `an empty histogram is all zeros`() {
        let histogram = Histogram()
        #expect(histogram.value(at: 0.5) == 0 && histogram.maximum == 0 && histogram.mean == 0)
    }

    @Test func `one value is every percentile`() {
        var histogram = Histogram()
        histogram.record(123_456)
        #expect(histogram.value(at: 0) == 123_456)
        #expect(histogram.value(at: 1) == 123_456)
    }

    @Test func `a value beyond the range counts as the longest`() {
        var histogram = Histogram()
        histogram.record(.max)
        histogram.record(0)
        #expect(histogram.count == 2)
        #expect(histogram.value(at: 1) == histogram.maximum)
        #expect(histogram.value(at: 0.5) == 0)
    }

    @Test func `a sum of histograms holds the values of both`() {
        var left = Histogram()
        var right = Histogram()
        for value in 1...100 as ClosedRange<UInt64> { left.record(value) }
        for value in 101...200 as ClosedRange<UInt64> { right.record(value) }
        left.add(right)
        #expect(left.count == 200)
        #expect(left.value(at: 0.5) == 100)
        left.clear()
        #expect(left.count == 0 && left.value(at: 1) == 0)
    }
}
