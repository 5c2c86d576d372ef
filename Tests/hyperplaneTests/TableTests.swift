// Tables and details as people see them, in a pipe, on a wide and on a narrow terminal.

import Testing
import hyperplane

@Suite struct TableTests {
    private func flows() -> Table {
        var table = Table([Column("name"), .number("bytes"), Column("note", shrinks: true)])
        table.append(["main", Cell(12), "short"])
        table.append(["a-longer-name", Cell(4096), Cell(nil)])
        return table
    }

    @Test func `columns are aligned, numbers to the right, and lines end without spaces`() {
        #expect(
            flows().lines() == [
                "NAME           BYTES  NOTE",
                "main              12  short",
                "a-longer-name   4096  -",
            ])
    }

    @Test func `an absent and an empty value are a dash`() {
        #expect(Cell(nil).text == "-")
        #expect(Cell("").text == "-")
    }

    @Test func `a table without rows is its header`() {
        #expect(Table([Column("name"), Column("id")]).lines() == ["NAME  ID"])
    }

    @Test func `only the columns that may shrink give way on a narrow terminal`() {
        var table = Table([Column("id"), Column("reason", shrinks: true)])
        table.append(["nat-00123456789abcdef", "because of the maintenance of Friday"])
        #expect(
            table.lines(width: 40) == [
                "ID                     REASON",
                "nat-00123456789abcdef  because of the m…",
            ])
        let least = table.lines(width: 10)[1]
        #expect(least == "nat-00123456789abcdef  because of …")
    }

    @Test func `nothing is cut where there is no terminal`() {
        var table = Table([Column("reason", shrinks: true)])
        let long = String(repeating: "x", count: 500)
        table.append([Cell(long)])
        #expect(table.lines(width: nil)[1] == long)
    }

    @Test func `what a name smuggles in never reaches the terminal`() {
        var table = Table([Column("name")])
        table.append([Cell("a\u{1B}[31mb\nc\u{202E}d")])
        #expect(table.lines()[1] == "a\\u{1B}[31mb\\nc\\u{202E}d")
    }

    @Test func `colours stand around the value, not around the padding`() {
        var table = Table([Column("state"), Column("name")])
        table.append([.state("healthy"), "x"])
        table.append([.state("unreachable"), "y"])
        #expect(
            table.lines(coloured: true) == [
                "STATE        NAME",
                "\u{1B}[32mhealthy\u{1B}[0m      x",
                "\u{1B}[31munreachable\u{1B}[0m  y",
            ])
    }

    @Test func `details are aligned, and lists stand below each other`() {
        var details = Details()
        details.add("Name", "main")
        details.addIfPresent("Because", nil)
        details.add("EIPs", ["203.0.113.1", "203.0.113.2"])
        details.add("Nodes", [Cell]())
        #expect(
            details.lines() == [
                "Name   main", "EIPs   203.0.113.1", "       203.0.113.2", "Nodes  -",
            ])
    }
}
