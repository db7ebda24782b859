import Limits
import Rules
import Testing

struct LabelledFileTests {
    private func read(_ text: String, limits: Limits.Spam = Limits.Spam()) throws(LabelledFileError) -> [LabelledText] {
        try LabelledFile(Array(text.utf8), limits: limits).texts
    }

    @Test func linesAreTexts() throws {
        #expect(
            try read("spam\tbuy now\r\nham\thello\tthere\n\nham\tbye") == [
                LabelledText("buy now", isSpam: true), LabelledText("hello\tthere", isSpam: false),
                LabelledText("bye", isSpam: false),
            ]
        )
    }

    @Test func everyBadLineIsToldWithItsNumber() {
        let bytes = Array("ham\tfine\nno tab\nSPAM\tx\nham\t \nspam\t".utf8) + [0xFF] + Array("\nspam\tgood".utf8)
        let error = #expect(throws: LabelledFileError.self) { try LabelledFile(bytes) }
        #expect(error?.faults.map(\.line) == [2, 3, 4, 5])
        #expect(
            error?.description == """
                line 2: no tab; a line is 'spam' or 'ham', a tab, and the text
                line 3: the label before the tab is neither 'spam' nor 'ham'
                line 4: no text behind the tab
                line 5: the text is not UTF-8
                """
        )
    }

    @Test func faultsAreBounded() {
        let error = #expect(throws: LabelledFileError.self) { try read(String(repeating: "bad\n", count: 1_000)) }
        #expect(error?.faults.count == Limits.Spam().labelledFaults && error?.count == 1_000)
        #expect(error?.description.hasSuffix("and 950 lines more") == true)
    }

    @Test func sizesAreBounded() {
        var limits = Limits.Spam()
        limits.labelledTexts = 1
        #expect(throws: LabelledFileError.self) { try read("ham\ta\nham\tb", limits: limits) }
        limits.labelledLineBytes = 3
        #expect(throws: LabelledFileError.self) { try read("ham\taaaa", limits: limits) }
        limits.labelledBytes = 3
        #expect(throws: LabelledFileError.self) { try read("ham\ta", limits: limits) }
        #expect(throws: LabelledFileError.self) { try read("\n\n") }
    }
}
