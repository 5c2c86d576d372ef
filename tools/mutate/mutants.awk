# Reads the tags (`tools/dev requirements --tags`) and then the sources that they stand in, and
# prints what to disable for each tagged place: file, first and last line, the text that takes their
# place, the requirements, what was done. With 0 for the last line nothing is, and what was done says
# why. One change a place, the first that fits of
#     if A {              if false, A {
#     guard A else {      guard true else {
#     guard let a = A     guard false, let a = A
#     A ? B : C           false && (A) ? B : C
#     A && B              A || B
#     A == B              A != B                    and the other comparisons
#     a.b(c), a = b       (nothing)                 a statement in a line of its own
#     5000                0                         a number of two digits or more
# in the statement after the tag, or, if a declaration follows, in the lines of its body.

BEGIN { FS = "\t" }
FNR == 1 { file++ }
file == 1 {
    if ($1 != "code" || $4 == 0) next
    if (!(($3, $4) in ids)) { places[count++] = $3 SUBSEP $4; ids[$3, $4] = $2 }
    else ids[$3, $4] = ids[$3, $4] "; " $2
    next
}
{ text[FILENAME, FNR] = $0; lines[FILENAME] = FNR }

END {
    # Tags in several lines of one comment have one place.
    for (n = 0; n < count; n++) {
        split(places[n], place, SUBSEP)
        for (line = place[2] + 1; isComment(text[place[1], line]); line++)
            if ((place[1], line) in ids) {
                ids[place[1], line] = ids[places[n]] "; " ids[place[1], line]
                ids[places[n]] = ""
                break
            }
    }
    for (n = 0; n < count; n++) {
        split(places[n], place, SUBSEP)
        if (ids[places[n]] != "") propose(place[1], place[2] + 0, ids[places[n]])
    }
}

function indent(line) { match(line, /^ */); return RLENGTH }
function isComment(line) { return line ~ /^ *\/\// }
# The code that follows a comment; several tags may lead to the same.
function propose(path, at, tags,    line, last, found) {
    for (line = at; isComment(text[path, line]) && line < lines[path]; line++) ;
    if (text[path, line] ~ /^$|^ *(public |internal )?import /) return skip(path, at, tags, "head of a file")
    last = line + 2
    if (isDeclaration(text[path, line])) last = bodyEnd(path, line)
    if ((path, line) in done) return skip(path, at, tags, "same code as another")
    for (found = line; found <= last; found++) {
        if (isComment(text[path, found])) continue
        if (found > line && text[path, found] ~ /^ *(\}|case |default)/) {
            if (!isDeclaration(text[path, line])) break
        }
        if (change(path, found)) {
            if ((path, found) in used) return skip(path, at, tags, "same code as another")
            used[path, found] = 1
            printf "%s\t%d\t%d\t%s\t%s\t%s\n", path, found, lastChanged, changed, tags, how
            done[path, line] = 1
            return
        }
    }
    skip(path, line, tags, "no branch")
}
function skip(path, line, tags, why) { printf "%s\t%d\t0\t\t%s\t%s\n", path, line, tags, why }
function isDeclaration(line) {
    return line ~ /^ *(@[A-Za-z(_]+\)? ?)*((public|private|fileprivate|package|static|mutating) )*(func|init|var|let|struct|subscript)[ (?]/ || line ~ /^ *@/
}
# Where the declaration of this line ends: at the brace that stands under it.
function bodyEnd(path, line,    depth) {
    depth = indent(text[path, line])
    for (; line < lines[path]; line++) {
        if (text[path, line] ~ /\{.*\}$/ && indent(text[path, line]) == depth) return line
        if (text[path, line] ~ /^ *\}/ && indent(text[path, line]) == depth) return line
        if (text[path, line] == "") return line
    }
    return line
}

# The condition before ` ? ` begins where parentheses are even, after what can't be part of it.
function falseCondition(code,    at, start, condition, opened, closed) {
    at = index(code, " ? ")
    for (start = at - 1; start > 1; start--) {
        if (substr(code, start - 1, 1) !~ /[ (]/) continue
        if (substr(code, start - 1, 1) == " " \
            && substr(code, 1, start - 1) !~ /([^=!<>]=|return|\{|,|:|^ *) $/) continue
        condition = substr(code, start, at - start)
        opened = gsub(/\(/, "(", condition); closed = gsub(/\)/, ")", condition)
        if (opened != closed) continue
        how = "?:"
        changed = substr(code, 1, start - 1) "false && (" condition ")" substr(code, at)
        return 1
    }
    return 0
}

function change(path, line,    code, end) {
    code = text[path, line]; lastChanged = line
    if (code ~ /^ *(@|func |public |private |static |mutating )/ && code !~ /[{=]/) return 0
    if (code ~ /^ *(\} else )?if .*\{$/) { how = "if"; sub(/if /, "if false, ", code) }
    else if (code ~ /^ *guard( |$)/) {
        for (end = line; end < line + 6 && text[path, end] !~ /(^| )else \{/; end++) ;
        if (text[path, end] !~ /(^| )else \{/) return 0
        for (; lastChanged < end; code = code " " text[path, ++lastChanged]) ;
        how = "guard"
        if (code ~ /(let|var|case|try) /) sub(/guard /, "guard false, ", code)
        else sub(/guard.*[ ]else \{/, "guard true else {", code)
    } else if (code ~ /[^ ] \? .* : /) return falseCondition(code)
    else if (code ~ /^ *(\? |precondition\(|assert\()/) return 0
    else if (code ~ / && /) { how = "&&"; sub(/ && /, " || ", code) }
    else if (code ~ / (==|!=|<=|>=|<|>) / && code !~ /->|func /) {
        match(code, / (==|!=|<=|>=|<|>) /)
        operator = substr(code, RSTART + 1, RLENGTH - 2)
        other = operator == "==" ? "!=" : operator == "!=" ? "==" : operator == "<=" ? ">" \
            : operator == ">=" ? "<" : operator == "<" ? ">=" : "<="
        how = operator
        code = substr(code, 1, RSTART) other substr(code, RSTART + RLENGTH - 1)
    } else if (code ~ /^ *[a-z][A-Za-z0-9_.]*(\[[^]]*\](\.[a-zA-Z.]+)?)? (=|\+=|-=|&\+=) [^{]*$/ && code !~ /[(,=]$/ && text[path, line + 1] !~ /^ *[?.]/) {
        how = "statement"; code = ""
    } else if (code ~ /^ *[a-zA-Z_.]+\(.*\)$/ && code !~ /^ *(return|throw|case|let|var|if|for|super)/ && text[path, line - 1] ~ /[;{})]$/) {
        how = "statement"; code = ""
    } else if (match(code, /[ ({][0-9][0-9_]+/) && code !~ /at: [0-9]/) {
        how = "number"; code = substr(code, 1, RSTART) "0" substr(code, RSTART + RLENGTH)
    } else return 0
    changed = code
    return 1
}
