# Reads requirements.txt and then sources, and finds the tags in their comments: `RFC 4787 §9
# REQ-12 (a)`, with `§` alone for a further section of the same RFC, and `(b)` for a further letter
# of the same requirement. A tag belongs to the declaration that follows its comment, or else to the
# one that it stands in. The comment that opens a file of tests only tells what the file is about.
# The generator's cases count beside tests, not instead of them.
#
# mode=table prints docs/requirements.md, mode=tags a line for each tag (kind, id, file, line, type,
# declaration). What is wrong goes to the file `faults`, a line each.

BEGIN { count = 0 }
function fault(text) { print text > faults; broken = 1 }
function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }

# --- requirements.txt ---

FILENAME == list && /^[ \t]*(#|$)/ { next }
FILENAME == list && /^== / {
    part[count] = substr($0, 4)
    next
}
FILENAME == list {
    if (split($0, field, /[ \t]+\|[ \t]+/) != 5) fault(list ":" FNR ": not five columns")
    id = trim(field[1])
    if (id in number) fault(list ":" FNR ": " id " stands there twice")
    if (index(" meets partly deviates apart later unmet ", " " field[3] " ") == 0)
        fault(list ":" FNR ": fit \"" field[3] "\"")
    if (field[5] == "") fault(list ":" FNR ": " id " says nothing of what is done")
    number[id] = count
    ids[count] = id; level[count] = field[2]; fit[count] = field[3]
    asked[count] = field[4]; done[count] = trim(field[5])
    # A whole section, and a requirement without its letter, may be spoken of.
    spoken = id
    while (sub(/[. ][^. ]+$/, "", spoken)) known[spoken] = 1
    known[id] = 1
    count++
    next
}

# --- sources ---

FNR == 1 {
    kind = FILENAME ~ /^(Tests|tools)\// ? "test" : "code"
    # The generator's cases are played against real nodes, and show what they do there.
    if (FILENAME ~ /^Sources\/Traffic\//) kind = "case"
    isScript = FILENAME !~ /\.(swift|c|h)$/
    begun = 0; waiting = 0; inAttribute = 0; depth = 0; type = ""
}
{ isComment = isScript ? /^[ \t]*#/ : /^[ \t]*\/\// }
isComment {
    if (!(isScript && FNR == 1)) read(FNR)
    next
}
{ rfc = "" }
/^[ \t]*$/ { settle("", 0); next }
{
    begun = 1
    match($0, /^[ \t]*/)
    indent = RLENGTH
    name = declared(substr($0, indent + 1))
    # An attribute may take several lines, up to what it is of.
    if (waiting && name == "" && (inAttribute || $0 ~ /^[ \t]*@/)) { inAttribute = 1; next }
    inAttribute = 0
    if (name != "") note(indent, name)
    settle(name, indent)
}

# Takes the tags out of one line of a comment.
function read(line,    text, isSection) {
    text = $0
    while (match(text, /RFC [0-9]+|§[0-9A-Z][0-9A-Z.]*|(REQ|MAY)-[0-9]+|\([a-zA-Z][a-zA-Z ]*\)|[^ ,]/)) {
        token = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        if (token ~ /^RFC/) { finish(line); rfc = token; ref = token; section = ""; req = "" }
        else if (token ~ /^§/ && rfc != "") {
            if (ref != rfc) finish(line)
            sub(/\.$/, "", token)
            section = rfc " " token; req = ""; ref = section
        } else if (token ~ /^(REQ|MAY)-/ && section != "" && ref != "") {
            if (req != "") finish(line)
            req = section " " token; ref = req
        } else if (token ~ /^\(/ && ref != "") {
            base = req != "" ? req : (section != "" ? section : rfc)
            if (ref != base && (base " " token) in number) finish(line)
            if (token ~ /^\([a-z]\)$/ || (base " " token) in number) ref = base " " token
            else finish(line)
        } else finish(line)
    }
    # REQ-12 may stand at the beginning of the next line.
    held = ref; heldLine = line
}
# A reference ends. One without a section is a tag only if the list has it so.
function finish(line) {
    if (ref ~ /§/ || ref in number) {
        if (!(ref in known)) fault(FILENAME ":" line ": " ref " is not in " list)
        else if (ref in number) { waits[waiting] = ref; waitsLine[waiting++] = line }
    }
    ref = ""
}

# The name that a line of code declares, or "".
function declared(text,    word) {
    if (isScript) return match(text, /^[a-z_0-9]+\(\) [{(]/) ? substr(text, 1, index(text, "(") - 1) : ""
    while (sub(/^@[A-Za-z_]+(\([^)]*\))?[ ]+/, "", text) || sub(/^(public|private|fileprivate|internal|package|static|mutating|final|nonisolated|override|indirect|consuming|borrowing|unsafe|inline)(\([a-z]+\))? /, "", text)) ;
    if (text ~ /^(init|deinit|subscript)[^A-Za-z0-9]/) { match(text, /^[a-z]+/); return substr(text, 1, RLENGTH) }
    if (kind == "code" && FILENAME !~ /\.swift$/ && match(text, /^[a-z_0-9 *]+\(/)) {
        text = substr(text, 1, RLENGTH - 1); sub(/.*[ *]/, "", text); return text
    }
    if (text !~ /^(func|var|let|struct|enum|extension|class|actor|protocol|case|typealias) /) return ""
    word = text; sub(/ .*/, "", word); sub(/^[a-z]+ /, "", text)
    isType = word ~ /^(struct|enum|extension|class|actor|protocol)$/
    # Locals, and the cases of a switch, are nobody's place.
    if (word ~ /^(var|let|case)$/ && inFunction()) return ""
    if (substr(text, 1, 1) == "`") { text = substr(text, 2); sub(/`.*/, "", text); return text }
    if (word == "case" && text !~ /^[a-z]/) return ""
    match(text, /^[A-Za-z0-9_.]+/)
    return RLENGTH > 0 ? substr(text, 1, RLENGTH) : text
}
function inFunction() {
    while (depth > 0 && at[depth] >= indent) depth--
    return depth > 0 && !ofType[depth]
}
function note(indent, name) {
    while (depth > 0 && at[depth] >= indent) depth--
    depth++
    at[depth] = indent; named[depth] = name; ofType[depth] = isType
    if (isType && indent == 0) type = name
    isType = 0
}

# Gives the tags that wait to a declaration.
function settle(name, indent,    i, where) {
    if (ref != "") finish(heldLine)
    if (!waiting) return
    where = name
    if (where == "") {
        while (depth > 0 && at[depth] >= indent && indent > 0) depth--
        where = depth > 0 && indent > 0 ? named[depth] : ""
    }
    for (i = 0; i < waiting; i++)
        if (begun || kind == "code") add(waits[i], waitsLine[i], begun ? where : "")
    waiting = 0
}
function add(id, line, where,    key) {
    if (mode == "tags") printf "%s\t%s\t%s\t%d\t%s\t%s\n", kind, id, FILENAME, line, type, where
    key = kind SUBSEP id SUBSEP FILENAME SUBSEP where
    if (key in seen) return
    seen[key] = 1
    places[kind, id] = joined(places[kind, id], "[" title(FILENAME, where) "](../" FILENAME ")")
}
function joined(one, other) { return one == "" ? other : (other == "" ? one : one "<br>" other) }
function title(file, where) {
    sub(/.*\//, "", file); sub(/\.swift$/, "", file)
    if (where == "" || where == file) return file
    return file ": " where
}

# --- what was found ---

END {
    for (n = 0; n < count; n++) {
        id = ids[n]; code = places["code", id]; test = places["test", id]
        tally[fit[n]]++
        if (fit[n] == "unmet") fault(id " is not met: " done[n])
        if (fit[n] ~ /meets|partly/) {
            if (code == "") fault(id " has no code")
            if (test == "") fault(id " has no test")
        }
    }
    if (mode == "table") table()
    exit broken
}
function table() {
    print "# Requirements\n"
    print "What standards ask of this system, what it does, the code that does it and the test that shows it."
    print "Generated by `tools/dev requirements` from `tools/requirements/requirements.txt` and the tags in"
    print "comments of code and tests; don't edit it. *meets*: as it stands. *partly*: but for what is said."
    print "*deviates*: on purpose. *apart*: does not apply. *later*: not offered yet. *unmet*: to be done.\n"
    printf "%d requirements: %d met, %d partly, %d deviations, %d apart, %d later, %d unmet.\n", count,
        tally["meets"], tally["partly"], tally["deviates"], tally["apart"], tally["later"], tally["unmet"]
    for (n = 0; n < count; n++) {
        if (n in part) {
            printf "\n## %s\n\n", part[n]
            print "| requirement | level | fit | asked | done | code | test |"
            print "|---|---|---|---|---|---|---|"
        }
        printf "| %s | %s | %s | %s | %s | %s | %s |\n", ids[n], level[n], fit[n], asked[n], done[n],
            places["code", ids[n]], joined(places["test", ids[n]], places["case", ids[n]])
    }
}
