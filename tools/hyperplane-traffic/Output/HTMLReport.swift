// The report for people, as one page that needs nothing else.

import Traffic

struct HTMLReport {
    private let report: RunReport
    init(_ report: RunReport) { self.report = report }
    var text: String { "<pre>" + Summary(report).text + "</pre>" }
}
