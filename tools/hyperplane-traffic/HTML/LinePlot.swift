// A line plot as SVG text.

/// One line of a plot.
struct Series {
    var name: String
    var points: [(x: Double, y: Double)]
}

/// Lines over a common x axis. Colours are the page's classes `s0`, `s1`, ...
struct LinePlot {
    var title: String
    var x: Axis
    var y: Axis
    var xLabel: (Double) -> String
    var yLabel: (Double) -> String
    var xTitle: String
    var series: [Series]

    private static let width = 640.0
    private static let height = 260.0
    private static let left = 70.0
    private static let top = 16.0
    private static let right = 16.0
    private static let bottom = 44.0

    var svg: String {
        """
        <figure><figcaption>\(HTML.escape(title))</figcaption>
        <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
        aria-label="\(HTML.escape(title))">
        \(grid)\(lines)</svg>
        \(legend)</figure>
        """
    }

    private func across(_ value: Double) -> Double {
        Self.left + x.position(value) * (Self.width - Self.left - Self.right)
    }

    private func down(_ value: Double) -> Double {
        Self.height - Self.bottom - y.position(value) * (Self.height - Self.top - Self.bottom)
    }

    private func number(_ value: Double) -> String { Figures.fixed(value, 1) }

    private var grid: String {
        var text = ""
        for tick in y.ticks {
            let level = number(down(tick))
            text += """
                <line class="grid" x1="\(number(Self.left))" x2="\(number(Self.width - Self.right))" \
                y1="\(level)" y2="\(level)"/><text class="tick" text-anchor="end" \
                x="\(number(Self.left - 8))" y="\(number(down(tick) + 4))">\
                \(HTML.escape(yLabel(tick)))</text>

                """
        }
        let base = Self.height - Self.bottom
        for tick in x.ticks {
            text += """
                <text class="tick" text-anchor="middle" x="\(number(across(tick)))" \
                y="\(number(base + 18))">\(HTML.escape(xLabel(tick)))</text>

                """
        }
        return text + """
            <text class="tick" text-anchor="middle" \
            x="\(number((Self.left + Self.width - Self.right) / 2))" \
            y="\(number(Self.height - 6))">\(HTML.escape(xTitle))</text>

            """
    }

    private var lines: String {
        series.enumerated().map { index, series in
            let points = series.points.map { "\(number(across($0.x))),\(number(down($0.y)))" }
            return
                "<polyline class=\"line s\(index)\" points=\"\(points.joined(separator: " "))\"/>\n"
        }.joined()
    }

    private var legend: String {
        guard series.count > 1 else { return "" }
        let items = series.enumerated().map { index, series in
            "<span class=\"key k\(index)\"></span>\(HTML.escape(series.name))"
        }
        return "<p class=\"legend\">" + items.joined(separator: " &nbsp; ") + "</p>"
    }
}

enum HTML {
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
