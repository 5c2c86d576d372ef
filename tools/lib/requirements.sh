# Which rules of RFCs the code and the tests name: a rule is "RFC number §section", with REQ-number
# where the RFC numbers its requirements. Prints those that have only one of the two; status 0.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rules() {
    grep -rhoE 'RFC [0-9]+ §[0-9A-Z]+(\.[0-9]+)*( REQ-[0-9]+)?' --include='*.swift' "$@" \
        2> /dev/null | sort -u
}

code="$(rules Sources tools)"
tests="$(rules Tests)"
echo "in code without a test:"
comm -23 <(echo "$code") <(echo "$tests") | sed '/^$/d; s/^/  /'
echo "in tests without code:"
comm -13 <(echo "$code") <(echo "$tests") | sed '/^$/d; s/^/  /'
echo "in both: $(comm -12 <(echo "$code") <(echo "$tests") | sed '/^$/d' | wc -l)"
